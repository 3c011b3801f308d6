/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run with systemd: the scope, the cgroups in it, and the holder. Whatever fails, nothing
 * stays: the holder ends, and systemd removes the scope that has become empty.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "child/grace-period.h"
#include "scope/transient.h"
#include "value/error.h"
#include "value/unknown.h"

/* The command's cgroup, and the scope around it. */
#define N_OWN_LEVELS 2

/* The manager's own time limit is there for the case that ours fails. */
#define SAFETY_USEC (10 * USEC_PER_SEC)

/* When the manager itself ends the scope, in case that nobody else does. */
static uint64_t safety_net(struct cg2_run *run)
{
	uint64_t usec = CG2_MAX;

	if (cg2_limits_get(run->limits, CG2_LIMIT_WALL_TIME, &usec) <= 0 || usec == CG2_MAX)
		return CG2_MAX;
	if (run->grace_usec > CG2_MAX - SAFETY_USEC ||
	    usec > CG2_MAX - SAFETY_USEC - run->grace_usec)
		return CG2_MAX;
	return usec + run->grace_usec + SAFETY_USEC;
}

static void fill_request(struct cg2_run *run, bool is_self, struct scope_request *q)
{
	uint64_t value = 0;

	q->use_pidfd = scope_takes_pidfds();
	q->limits = run->limits;
	q->stop_usec = CG2_MAX;
	if (!is_self) {
		q->pid = run->holder.pid;
		q->extra = allowance_of_holder;
		q->runtime_max_usec = safety_net(run);
		return;
	}
	/* Nobody supervises: the manager's own means take over. */
	q->pid = getpid();
	q->runtime_max_usec = CG2_MAX;
	if (cg2_limits_get(run->limits, CG2_LIMIT_WALL_TIME, &value) > 0) {
		q->runtime_max_usec = value;
		q->stop_usec = run->grace_usec;
		q->kill_signal = run->signal;
	}
	q->is_oom_kill = cg2_limits_get(run->limits, CG2_LIMIT_OOM_GROUP, &value) > 0 && value;
}

static int expect_move(struct cg2_run *run, struct cg2_error *reterr)
{
	uint64_t usec = MIN(usec_until(run->answer_end_usec), CG2_MAX - HOLDER_MOVE_MARGIN_USEC);
	int r = holder_expect_move(&run->holder, usec + HOLDER_MOVE_MARGIN_USEC);

	return r < 0 ? error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL) : 0;
}

/* ret_is_pending: what was asked for may still be done. */
static int start_scope(struct cg2_run *run, struct bus *bus, bool is_self, bool *ret_is_pending,
		       struct cg2_error *reterr)
{
	struct scope_request request = { 0 };
	int r;

	*ret_is_pending = false;
	r = bus_begin(bus, reterr);
	if (r == 0)
		r = bus_wait_ready(bus, run->answer_end_usec, reterr);
	/* As late as possible: until here the holder may end with us at once. */
	if (r == 0 && !is_self)
		r = expect_move(run, reterr);
	if (r == 0) {
		fill_request(run, is_self, &request);
		r = scope_wish_start(&run->wish, run->ctx, bus,
				     run->file ? run->file : program_invocation_name, &request,
				     &run->answer_end_usec, reterr);
	}
	bus_close(bus);
	*ret_is_pending = request.is_pending;
	return r;
}

/* What is below a user's manager does not live as long as what a shell leaves. */
static bool ends_with_logout(struct cg2_run *run)
{
	return bus_manager(run->manager) == CG2_MANAGER_USER && !bus_user_lingers(run->ctx);
}

/* Who ignores the hangup of a terminal, as by nohup(1), means to outlive a logout. */
static void tell_of_hangup(struct cg2_run *run, const char *home)
{
	const struct cg2_error advice = { .hint = (char *)"to keep it: loginctl enable-linger" };
	struct sigaction hangup;

	/* What the manager has started ends with it anyway. */
	if (sigaction(SIGHUP, NULL, &hangup) < 0 || hangup.sa_handler != SIG_IGN ||
	    strstr(home, "/user@") || !ends_with_logout(run))
		return;
	ctx_log(run->ctx, CG2_LOG_NOTICE, &advice,
		"SIGHUP is ignored, but the user manager ends %s after the last logout",
		run->wish.unit);
}

/* ---- supervised ---- */

/* Every controller that the limits need, and those whose counters tell what happened. */
static int enable_controllers(struct cg2_run *run, struct cg2_error *reterr)
{
	uint64_t wanted = limits_controllers(run->limits), have;
	int r;

	wanted |= controller_bit("memory") | controller_bit("pids");
	r = cg2_group_read_controllers(run->scope, &have, reterr);
	if (r < 0)
		return r;
	/* A limit whose controller is missing is found when it is read back. */
	return cg2_group_enable_controllers(run->scope, wanted & have, reterr);
}

/* The manager has made the scope, and nobody here can make a cgroup in it. */
static int explain_leaves(int r, struct cg2_error *reterr)
{
	if (r != -EROFS)
		return r;
	error_hint(reterr, "cgroupfs is read-only here: give the service ProtectControlGroups=no, "
			   "which makes cgroups in its scope possible");
	error_advice(reterr, CG2_ADVICE_SELF);
	return r;
}

static int make_leaves(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *hold = NULL;
	int r;

	r = cg2_group_create(run->scope, MARK_LEAF_HOLD, &hold, reterr);
	if (r == 0)
		r = cg2_group_move(hold, run->holder.pid, reterr);
	if (r == 0)
		r = enable_controllers(run, reterr);
	if (r == 0)
		r = cg2_group_create(run->scope, MARK_LEAF_RUN, &run->group, reterr);
	/* Who finds the mark finds the leaves. */
	if (r == 0)
		mark_write(run->scope, MARK_RUN);
	return explain_leaves(r, reterr);
}

/*
 * After a silent manager, or a connection that was lost, the holder is left to it: the request may
 * still be in its queue. After any other failure there is nothing to wait for.
 */
static int start_holders_scope(struct cg2_run *run, struct bus *bus, struct cg2_error *reterr)
{
	bool is_pending;
	int r;

	r = start_scope(run, bus, false, &is_pending, reterr);
	if (r < 0 && is_pending) {
		holder_leave(&run->holder, r);
		return r;
	}
	if (r == 0) {
		r = scope_open_group(run->ctx, run->wish.unit, run->holder.pid, &run->scope,
				     reterr);
		/* One that is alive has come elsewhere: the unit is somebody else's. */
		if (r < 0 && holder_has_ended(&run->holder))
			scope_discard(run->ctx, run->manager, run->wish.unit);
	}
	if (r < 0 && holder_expect_nothing(&run->holder) < 0)
		return r;
	return r;
}

/* The path of the caller's cgroup, which may be one that can't be opened. Free with free(). */
static int find_home(struct cg2_run *run, char **ret_home, struct cg2_error *reterr)
{
	if (!run->place.home)
		return group_path_of_pid(run->ctx, 0, ret_home, reterr);
	*ret_home = strdup(run->place.home->path);
	return *ret_home ? 0 : error_set(reterr, CG2_OP_READ, ENOMEM, NULL, NULL);
}

/*
 * What can be known before anything is made, while the manager wakes up. ret_home: the caller's
 * cgroup; free with free().
 */
static int look_before(struct cg2_run *run, struct bus *bus, struct grace_period *grace,
		       char **ret_home, struct cg2_error *reterr)
{
	int r;

	r = run_check_privileged(run, reterr);
	if (r == 0)
		r = bus_reach(run->ctx, run->manager, bus, reterr);
	if (r == 0)
		r = find_home(run, ret_home, reterr);
	if (r < 0)
		return r;
	grace_period_begin(grace, run->place.home);
	return run_take_bounds(run, *ret_home, reterr);
}

static int scope_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_(grace_period_end) struct grace_period grace = { .pid = 0 };
	_cleanup_(bus_close) struct bus bus = { .bus = NULL };
	_cleanup_free_ char *home = NULL;
	int r;

	if (pipe2(run->exec_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, run->file, NULL);
	run->plan.error_fd = run->exec_pipe[1];
	r = look_before(run, &bus, &grace, &home, reterr);
	if (r == 0)
		r = holder_start(&run->holder, run->ctx, &run->plan, home, reterr);
	if (r == 0)
		r = start_holders_scope(run, &bus, reterr);
	if (r == 0)
		tell_of_hangup(run, home);
	if (r == 0)
		r = make_leaves(run, reterr);
	if (r == 0)
		r = run_apply_limits(run, reterr);
	if (r == 0)
		chain_begin(&run->chain, run->group, N_OWN_LEVELS);
	return r;
}

static int scope_spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	const int kill_fds[2] = { cg2_group_get_fd(run->scope), cg2_group_get_fd(run->group) };
	int r;

	r = holder_spawn(&run->holder, cg2_group_get_fd(run->group), kill_fds, &run->pid,
			 reterr);
	run->exec_pipe[1] = close_fd(run->exec_pipe[1]);
	if (r == 0)
		r = exec_read_failure(run->exec_pipe[0], &run->plan, reterr);
	run->exec_pipe[0] = close_fd(run->exec_pipe[0]);
	return r;
}

static int scope_doze(struct cg2_run *run, uint64_t usec)
{
	return holder_doze(&run->holder, usec);
}

static void scope_awake(struct cg2_run *run)
{
	holder_awake(&run->holder);
}

static void scope_over(struct cg2_run *run)
{
	/* The holder stays: the counters are still to be read. */
}

static void tell_of_logout(struct cg2_run *run)
{
	const struct cg2_error advice = { .hint = (char *)"to keep them: loginctl enable-linger" };
	uint64_t n;

	if (run->leftovers != CG2_LEFTOVERS_LEAVE ||
	    cg2_group_count_processes(run->group, &n, NULL) < 0 || n == 0 || !ends_with_logout(run))
		return;
	ctx_log(run->ctx, CG2_LOG_NOTICE, &advice,
		"%" PRIu64 " process%s left in %s, which the user manager ends after the last "
		"logout",
		n, n == 1 ? " is" : "es are", run->wish.unit);
}

static void scope_release(struct cg2_run *run)
{
	struct keep_time time;
	int r = 0;

	tell_of_logout(run);
	if (run_begin_to_keep(run, &time)) {
		r = holder_keep(&run->holder, &time);
		run_note_keeper(run, r);
	}
	/* Waits for one that nothing else was asked of. */
	holder_release(&run->holder);
}

/*
 * The holder's end takes the scope along. One that was killed between making the command and
 * telling of it does not, and there is a child to reap whose number is in its cgroup only.
 */
static void scope_abandon(struct cg2_run *run)
{
	const bool is_alone = run->scope && holder_has_ended(&run->holder);

	if (run->group) {
		const uint64_t pid = group_peek_value(run->group, "cgroup.procs");

		if (run->pid == 0 && is_known(pid))
			run->pid = (pid_t)pid;
		group_kill_all(run->group);
	}
	holder_abort(&run->holder);
	/* A holder that ended on its way in leaves a scope that nobody sees become empty. */
	if (is_alone)
		scope_discard(run->ctx, run->manager, run->wish.unit);
}

static pid_t scope_get_helper(struct cg2_run *run)
{
	return run->holder.pid;
}

/* ---- the caller itself ---- */

#define MOVE_POLL_MSEC 10

/*
 * A manager that cannot be heard any more may still move the caller. Who ended before that would
 * leave a scope that nobody sees become empty.
 */
static void await_lost_move(struct cg2_run *run, const char *home)
{
	const uint64_t end_usec = end_after(HOLDER_LOST_USEC);
	bool is_at_home = true;

	while (is_at_home && usec_until(end_usec) > 0) {
		_cleanup_free_ char *path = NULL;

		poll(NULL, 0, MOVE_POLL_MSEC);
		is_at_home = group_path_of_pid(run->ctx, 0, &path, NULL) < 0 ||
			     strcmp(path, home) == 0;
	}
}

static int scope_enter(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_(grace_period_end) struct grace_period grace = { .pid = 0 };
	_cleanup_(bus_close) struct bus bus = { .bus = NULL };
	_cleanup_free_ char *home = NULL;
	bool is_pending = false;
	int r;

	r = look_before(run, &bus, &grace, &home, reterr);
	if (r == 0)
		r = start_scope(run, &bus, true, &is_pending, reterr);
	if (r < 0 && is_pending && r != -ETIMEDOUT)
		await_lost_move(run, home);
	if (r == 0)
		r = scope_open_group(run->ctx, run->wish.unit, 0, &run->scope, reterr);
	if (r == 0)
		tell_of_hangup(run, home);
	if (r == 0)
		mark_write(run->scope, MARK_EXEC);
	return r < 0 ? r : run_apply_limits(run, reterr);
}

const struct run_backend run_backend_scope = {
	.prepare = scope_prepare,
	.spawn = scope_spawn,
	.enter = scope_enter,
	.doze = scope_doze,
	.awake = scope_awake,
	.over = scope_over,
	.release = scope_release,
	.abandon = scope_abandon,
	.get_helper = scope_get_helper,
};
