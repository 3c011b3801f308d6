/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A time limit is the whole group's: of what the command has left behind too, when nobody who waits
 * for it is there any more.
 */
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"

/* What is left of the group, or below the command without one. */
static uint64_t count_left(struct cg2_run *run)
{
	uint64_t n;

	if (!run->group)
		return run->is_adopting ? run_here_look(run) : 0;
	return cg2_group_count_processes(run->group, &n, NULL) < 0 ? 0 : n;
}

int run_describe_keeping(struct cg2_run *run, char **ret_text)
{
	_cleanup_free_ char *left = NULL;
	uint64_t n, usec;
	int r;

	if (run->wall_end_usec == CG2_MAX || run->leftovers != CG2_LEFTOVERS_LEAVE)
		return 0;
	n = count_left(run);
	if (n == 0)
		return 0;
	usec = usec_until(run->wall_end_usec);
	r = cg2_duration_to_string(usec - usec % USEC_PER_MSEC, &left);
	if (r < 0)
		return r;
	*ret_text = text_format("%" PRIu64 " process%s left, which the time limit ends in %s", n,
				n == 1 ? " is" : "es are", left);
	return *ret_text ? 1 : -ENOMEM;
}

bool run_begin_to_keep(struct cg2_run *run, struct keep_time *ret_time)
{
	_cleanup_free_ char *text = NULL;
	int r = run_describe_keeping(run, &text);

	if (r == 0)
		return false;
	if (r > 0)
		ctx_log(run->ctx, CG2_LOG_INFO, NULL, "%s", text);
	*ret_time = (struct keep_time){ .end_usec = run->wall_end_usec,
					.grace_usec = run->grace_usec,
					.signal = run->signal };
	return true;
}

void run_note_keeper(struct cg2_run *run, int r)
{
	if (r < 0)
		ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
			"nobody keeps the time limit of what is left%s%s: %s",
			run->group ? " in " : "", run->group ? run->group->path : "",
			strerror(-r));
}
