/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a target: its cgroup is not there any more.
 */
#include "watch/watch-internal.h"

void watch_target_gone(struct cg2_watch *watch, struct watch_target *target)
{
	if (target->is_gone)
		return;
	watch_processes_take_last(watch);
	if (target->is_populated) {
		watch_target_explain_empty(watch, target);
		watch_target_tell(watch, target, CG2_EVENT_EMPTY);
	}
	watch_target_tell(watch, target, CG2_EVENT_GONE);
	target->is_gone = watch->has_gone_targets = true;
	if (target->on_gone)
		target->on_gone(watch, target);
}
