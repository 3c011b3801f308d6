/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A nested run in a scope that the caller is not in, from a place such as a login session that
 * leads nowhere else: the manager moves a process of ours into the scope, and from there the way to
 * the run's cgroup is free. It is a holder, as scopes have one, and goes again when the command
 * has begun; the guard stays.
 */
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "manage/move.h"
#include "systemd/deadline.h"
#include "value/error.h"

/*
 * A cgroup in the scope that can take a process: beside the command of a scope of ours, where its
 * own holder is; else the leaf that the processes of a cgroup with children are in.
 */
static int open_waiting_room(struct cg2_run *run, struct cg2_group **ret_group,
			     struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *scope = NULL;
	int r;

	r = cg2_scope_open_group(run->inside, &scope, reterr);
	if (r < 0 || group_open_child(scope, MARK_LEAF_HOLD, ret_group, NULL) == 0)
		return r;
	r = cg2_group_create(run->place.base, MARK_LEAF_MAIN, ret_group, reterr);
	if (r != -EEXIST)
		return r;
	cg2_error_clear(reterr);
	return group_open_child(run->place.base, MARK_LEAF_MAIN, ret_group, reterr);
}

static int move_into(struct cg2_run *run, struct cg2_group *group, pid_t pid,
		     struct cg2_error *reterr)
{
	struct move_target to;
	int r;

	move_target_in(run->inside, group, &to);
	r = move_own_process(&to, pid, reterr);
	move_end(&to);
	return r;
}

/* The manager may still do what it was asked for. */
static bool is_pending(int r)
{
	return r == -ETIMEDOUT || r == -ECONNRESET;
}

static int send_holder(struct cg2_run *run, const char *home, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *room = NULL;
	int r;

	r = open_waiting_room(run, &room, reterr);
	if (r == 0)
		r = holder_start(&run->holder, run->ctx, &run->plan, home, reterr);
	if (r < 0)
		return r;
	r = holder_expect_move(&run->holder, ANSWER_TIMEOUT_USEC);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	r = move_into(run, room, run->holder.pid, reterr);
	if (r < 0 && !is_pending(r) && holder_expect_nothing(&run->holder) < 0)
		return r;
	return r;
}

int run_spawn_inside(struct cg2_run *run, struct cg2_error *reterr)
{
	const int kill_fds[2] = { cg2_group_get_fd(run->group), -1 };
	_cleanup_free_ char *home = NULL;
	int r;

	r = group_path_of_pid(run->ctx, 0, &home, reterr);
	if (r < 0)
		return r;
	if (pipe2(run->exec_pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, run->file, NULL);
	run->plan.error_fd = run->exec_pipe[1];
	r = send_holder(run, home, reterr);
	if (r == 0)
		r = holder_spawn(&run->holder, kill_fds[0], kill_fds, &run->pid, reterr);
	run->exec_pipe[1] = close_fd(run->exec_pipe[1]);
	if (r == 0)
		r = exec_read_failure(run->exec_pipe[0], &run->plan, reterr);
	run->exec_pipe[0] = close_fd(run->exec_pipe[0]);
	if (is_pending(r))
		holder_leave(&run->holder, r);
	else
		holder_release(&run->holder);
	return r;
}

int run_enter_inside(struct cg2_run *run, struct cg2_error *reterr)
{
	return move_into(run, run->group, getpid(), reterr);
}
