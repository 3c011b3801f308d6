/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run with best effort where no cgroup can be made, as in a container whose cgroupfs is
 * read-only: the command runs in the cgroup that the caller is in. No limit is in force but the
 * time, and a group there is only as far as parents tell: the command and the processes below it.
 */
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "child/block-signals.h"
#include "child/spawn.h"
#include "limit/limit.h"
#include "value/error.h"

/* ---- the processes below the command ---- */

void run_here_signal(struct cg2_run *run, int sig)
{
	run_here_look(run);
	if (run->state == RUN_STARTED)
		syscall(SYS_pidfd_send_signal, run->pidfd, sig, NULL, 0);
	family_signal(&run->family, sig);
}

bool run_here_is_empty(struct cg2_run *run)
{
	return run_here_look(run) == 0;
}

/* ---- what is not in force ---- */

static void warn_of_limit(struct cg2_run *run, enum cg2_limit limit)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *value = NULL, *text = NULL;
	const struct cg2_limit_info *info = cg2_limit_get_info(limit);

	if (limit == CG2_LIMIT_WALL_TIME)
		return;
	run->unverified |= UINT64_C(1) << limit;
	/* Of what was not asked for, such as no swap beside memory, nobody needs a word. */
	if (run->limits->implied & UINT64_C(1) << limit)
		return;
	cg2_limits_to_string(run->limits, limit, &value);
	error_setf(&err, CG2_OP_VERIFY, EOPNOTSUPP, info->file ? info->file : info->option, value,
		   "no cgroup can be made here");
	error_limit(&err, limit);
	cg2_error_format(&err, &text);
	ctx_log(run->ctx, CG2_LOG_WARNING, &err, "%s", text ? text : "out of memory");
}

/* One line for what else needs a cgroup and was asked for. */
static void warn_of_wishes(struct cg2_run *run)
{
	const bool ends_left = run->leftovers != CG2_LEFTOVERS_LEAVE && !run->is_adopting;
	const struct {
		bool is_wanted;
		const char *what;
	} wishes[] = {
		{ run->wish.properties.n > 0, "the properties" },
		{ run->n_thresholds > 0, "the thresholds" },
		{ ends_left, "the end of what is left" },
		{ run->processes.is_wanted, "the table of processes" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++)
		if (wishes[i].is_wanted)
			ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
				"%s: not to be had where no cgroup can be made", wishes[i].what);
	run->n_thresholds = 0;
	if (ends_left)
		run->leftovers = CG2_LEFTOVERS_LEAVE;
	run->processes.is_wanted = false;
}

void run_here_begin(struct cg2_run *run, const struct cg2_error *why)
{
	_cleanup_free_ char *text = NULL;

	run->is_adopting = run->is_adopting && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
	cg2_error_format(why, &text);
	ctx_log(run->ctx, CG2_LOG_WARNING, why,
		"the command runs in the cgroup of its caller, since a cgroup of its own is not "
		"possible: %s", text ? text : "out of memory");
	for (unsigned int i = 0; i < N_LIMITS; i++)
		if (limits_has(run->limits, (enum cg2_limit)i))
			warn_of_limit(run, (enum cg2_limit)i);
	warn_of_wishes(run);
	run->backend = &run_backend_here;
}

/* ---- the memory of the cgroup that it runs in, as a container's ---- */

static uint64_t count_oom_kills(struct cg2_run *run)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;

	if (cg2_group_open_pid(run->ctx, 0, &group, NULL) < 0)
		return UNKNOWN;
	return group_peek_flat(group, "memory.events", "oom_kill");
}

/* Whose process that was nobody tells an ordinary user. */
static void look_for_oom_kills(struct cg2_run *run)
{
	const uint64_t before = run->oom_kills_before;
	uint64_t after;

	if (!is_known(before) || (run->exit_code == CLD_EXITED && run->exit_status == 0))
		return;
	after = count_oom_kills(run);
	if (!is_known(after) || after <= before)
		return;
	run->n_oom_kills_around = after - before;
	ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
		"%" PRIu64 " process%s killed for want of memory meanwhile in the caller's cgroup: "
		"probably of this command, by the limit of this container",
		after - before, after - before == 1 ? " was" : "es were");
}

/* ---- the backend ---- */

static int here_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	return 0;
}

static int here_spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	sigset_t saved;
	int r;

	run->oom_kills_before = count_oom_kills(run);
	block_signals(&saved);
	r = spawn_into(&run->plan, -1, &run->pid, &run->pidfd, reterr);
	/* It is there for a caller that stops itself: who ends the command is the watcher. */
	if (r == 0 && guard_begin_for(&run->guard, -1, NULL) == 0 &&
	    guard_await(&run->guard, NULL) < 0)
		guard_stop(&run->guard);
	restore_signals(&saved);
	if (r == 0)
		run_here_watch(run);
	return r;
}

static int here_enter(struct cg2_run *run, struct cg2_error *reterr)
{
	return run_check_no_time(run, reterr);
}

static int here_doze(struct cg2_run *run, uint64_t usec)
{
	return guard_doze(&run->guard, run->pid, run->pidfd, usec);
}

static void here_awake(struct cg2_run *run)
{
	guard_awake(&run->guard);
}

static void here_over(struct cg2_run *run)
{
	struct keep_time time;

	look_for_oom_kills(run);
	if (run_begin_to_keep(run, &time))
		run_note_keeper(run, run_here_keep(run, &time));
	guard_dismiss(&run->guard);
}

static void here_release(struct cg2_run *run)
{
	run_here_unwatch(run);
	guard_stop(&run->guard);
}

static void here_abandon(struct cg2_run *run)
{
	if (run->pid > 0) {
		if (run->pidfd >= 0)
			run_here_signal(run, SIGKILL);
		while (run->exit_code == 0 && waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
			;
		run->pid = 0;
	}
	here_release(run);
}

static pid_t here_get_helper(struct cg2_run *run)
{
	return run->guard.process.pid;
}

const struct run_backend run_backend_here = {
	.prepare = here_prepare,
	.spawn = here_spawn,
	.enter = here_enter,
	.doze = here_doze,
	.awake = here_awake,
	.over = here_over,
	.release = here_release,
	.abandon = here_abandon,
	.get_helper = here_get_helper,
};
