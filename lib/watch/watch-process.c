/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes of a watch's targets: forks, execs and exits among its other events.
 */
#include "watch/watch-internal.h"

#include <errno.h>
#include <sys/epoll.h>

#include "process/process.h"
#include "value/error.h"

/* Of one dispatch: in a storm of forks the other sources have their turn too. */
#define CHANGES_MAX 512

/* More than the queue of events has room for. */
#define CHANGES_LAST_MAX 32768

static void tell_change(struct cg2_watch *watch, struct watch_target *target,
			enum cg2_process_change change, struct cg2_process *process)
{
	static const enum cg2_event_kind kinds[] = {
		[CG2_PROCESS_FORK] = CG2_EVENT_FORK,
		[CG2_PROCESS_EXEC] = CG2_EVENT_EXEC,
		[CG2_PROCESS_EXIT] = CG2_EVENT_EXIT,
	};
	struct cg2_event *event;

	if (!watch_wants(watch, kinds[change]))
		return;
	event = watch_target_event(watch, target, kinds[change]);
	if (!event)
		return;
	/* As it is now: it may have another name before anybody takes the event. */
	event->process = process_copy(process);
	watch_tell(watch, event);
}

static void tell_targets(struct cg2_watch *watch, enum cg2_process_change change,
			 struct cg2_process *process)
{
	struct cg2_group *group = cg2_process_get_group(process);

	for (struct watch_target *target = watch->targets; target; target = target->next)
		if (!target->is_gone && target->levels[0]->group == group)
			tell_change(watch, target, change, process);
}

/* False: there are more than that. */
static bool take_changes(struct cg2_watch *watch, unsigned int max)
{
	enum cg2_process_change change;
	struct cg2_process *process;

	for (unsigned int i = 0; i < max; i++) {
		if (cg2_processes_dispatch(watch->processes, &change, &process, NULL) <= 0)
			return true;
		tell_targets(watch, change, process);
	}
	return false;
}

/* What is left may have been read already: no descriptor tells of it any more. */
void watch_processes_take(struct cg2_watch *watch)
{
	if (!take_changes(watch, CHANGES_MAX))
		watch_set_due(watch, DUE_PROCESSES, 0);
}

static void on_processes(struct cg2_watch *watch, struct watch_source *source)
{
	watch_processes_take(watch);
}

/* A cgroup is removed after the last process in it has ended: the events of that are there. */
void watch_processes_take_last(struct cg2_watch *watch)
{
	if (watch->processes && !take_changes(watch, CHANGES_LAST_MAX))
		watch_set_due(watch, DUE_PROCESSES, 0);
}

CG2_EXPORT int cg2_watch_observe_processes(struct cg2_watch *watch, struct cg2_error *err)
{
	int r;

	if (watch->n_targets > 0 || watch->processes)
		return error_setf(err, CG2_OP_OBSERVE, EBUSY, NULL, NULL,
				  "processes are observed once, from before the first target");
	r = cg2_processes_new(watch->ctx, &watch->processes, err);
	if (r < 0)
		return r;
	watch->processes_source.ready = on_processes;
	r = watch_add_fd(watch, cg2_processes_get_fd(watch->processes), EPOLLIN,
			 &watch->processes_source);
	if (r < 0)
		return error_set(err, CG2_OP_OBSERVE, r, NULL, NULL);
	watch->kinds |= CG2_EVENT_BIT(CG2_EVENT_FORK) | CG2_EVENT_BIT(CG2_EVENT_EXEC) |
			CG2_EVENT_BIT(CG2_EVENT_EXIT);
	return 0;
}

CG2_EXPORT uint64_t cg2_watch_get_unjoined(struct cg2_watch *watch)
{
	return watch->processes ? cg2_processes_get_unjoined(watch->processes) : 0;
}

/* Two targets may be of one cgroup: it is observed once for each, and told to all. */
int watch_processes_add(struct cg2_watch *watch, struct watch_target *target,
			struct cg2_error *reterr)
{
	return watch->processes ? cg2_processes_add_group(watch->processes,
							  target->levels[0]->group, reterr)
				: 0;
}

void watch_processes_remove(struct cg2_watch *watch, struct watch_target *target)
{
	if (watch->processes && target->n_levels > 0)
		cg2_processes_remove_group(watch->processes, target->levels[0]->group);
}
