/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run with best effort where no cgroup can be made, as in a container whose cgroupfs is
 * read-only: the command runs in the cgroup that the caller is in. No limit is in force but the
 * time, and a group there is only as far as parents tell: the command and the processes below it.
 */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/ctx.h"
#include "child/spawn.h"
#include "limit/limit.h"
#include "process/procfs.h"
#include "value/error.h"

/* More processes than a time limit reaches. */
#define HELD_MAX 1024

/* ---- the processes below the command ---- */

/* A process and its parent, as /proc has them at one moment. */
struct relative {
	pid_t pid;
	pid_t parent;
	bool is_ours;
};

static pid_t read_parent(struct cg2_ctx *ctx, pid_t pid)
{
	char status[PROCFS_BUF_SIZE];
	uint64_t parent;

	if (procfs_read(ctx, pid, "status", status, sizeof(status)) < 0 ||
	    procfs_status_number(status, "PPid", &parent) < 0)
		return 0;
	return (pid_t)parent;
}

/* Everybody. ret: free with free(). */
static size_t list_processes(struct cg2_ctx *ctx, struct relative **ret)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, "proc");
	struct relative *list = NULL;
	size_t n = 0, n_max = 0;
	pid_t pid;

	while (dir && (pid = procfs_next_pid(dir)) > 0) {
		if (n == n_max) {
			struct relative *grown = reallocarray(list, n_max + 256, sizeof(*list));

			if (!grown)
				break;
			list = grown;
			n_max += 256;
		}
		list[n++] = (struct relative){ .pid = pid, .parent = read_parent(ctx, pid) };
	}
	*ret = list;
	return n;
}

/* Marks whoever is below the process top. Whether there was any that was not marked before. */
static bool mark_children(struct relative *list, size_t n, pid_t top)
{
	bool is_new = false;

	for (size_t i = 0; i < n; i++) {
		bool is_child = list[i].parent == top;

		for (size_t k = 0; k < n && !is_child; k++)
			is_child = list[k].is_ours && list[k].pid == list[i].parent;
		is_new |= is_child && !list[i].is_ours;
		list[i].is_ours |= is_child;
	}
	return is_new;
}

/* The number is that of the same process as long as that has the same parent. */
static void hold(struct cg2_run *run, const struct relative *process)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	struct run_held *held = &run->held;
	_cleanup_close_ int fd = -1;

	for (size_t i = 0; i < held->n; i++)
		if (held->pids[i] == process->pid)
			return;
	if (held->n == HELD_MAX)
		return;
	fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (fd < 0 || read_parent(run->ctx, process->pid) != process->parent)
		return;
	event.data.fd = fd;
	if (run->epoll_fd >= 0 && epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return;
	held->pids[held->n] = process->pid;
	held->fds[held->n++] = take_fd(&fd);
}

static void hold_descendants(struct cg2_run *run)
{
	_cleanup_free_ struct relative *list = NULL;
	size_t n;

	if (!run->held.fds)
		run->held.fds = calloc(HELD_MAX, sizeof(*run->held.fds));
	if (!run->held.pids)
		run->held.pids = calloc(HELD_MAX, sizeof(*run->held.pids));
	if (!run->held.fds || !run->held.pids)
		return;
	n = list_processes(run->ctx, &list);
	while (mark_children(list, n, run->pid))
		;
	for (size_t i = 0; i < n; i++)
		if (list[i].is_ours)
			hold(run, &list[i]);
}

void run_here_signal(struct cg2_run *run, int sig)
{
	/* The children of one that was reaped are nobody's any more. */
	if (run->state == RUN_STARTED) {
		hold_descendants(run);
		syscall(SYS_pidfd_send_signal, run->pidfd, sig, NULL, 0);
	}
	for (size_t i = 0; i < run->held.n; i++)
		syscall(SYS_pidfd_send_signal, run->held.fds[i], sig, NULL, 0);
}

bool run_here_is_empty(struct cg2_run *run)
{
	for (size_t i = 0; i < run->held.n; i++) {
		struct pollfd fd = { .fd = run->held.fds[i], .events = POLLIN };

		if (poll(&fd, 1, 0) == 0)
			return false;
	}
	return true;
}

void run_here_close(struct cg2_run *run)
{
	for (size_t i = 0; i < run->held.n; i++)
		close_fd(run->held.fds[i]);
	free(run->held.fds);
	free(run->held.pids);
	run->held = (struct run_held){ .n = 0 };
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
	const struct {
		bool is_wanted;
		const char *what;
	} wishes[] = {
		{ run->wish.properties.n > 0, "the properties" },
		{ run->n_thresholds > 0, "the thresholds" },
		{ run->leftovers != CG2_LEFTOVERS_LEAVE, "the end of what is left" },
		{ run->processes.is_wanted, "the table of processes" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(wishes); i++)
		if (wishes[i].is_wanted)
			ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
				"%s: not to be had where no cgroup can be made", wishes[i].what);
	run->n_thresholds = 0;
	run->leftovers = CG2_LEFTOVERS_LEAVE;
	run->processes.is_wanted = false;
}

void run_here_begin(struct cg2_run *run, const struct cg2_error *why)
{
	_cleanup_free_ char *text = NULL;

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

/* ---- the backend ---- */

static int here_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	return 0;
}

static int here_spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	sigset_t all, saved;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	r = spawn_into(&run->plan, -1, &run->pid, &run->pidfd, reterr);
	/* Without one the command outlives a supervisor that is killed, and nothing else. */
	if (r == 0 && guard_begin_for(&run->guard, run->pidfd, NULL) == 0 &&
	    guard_await(&run->guard, NULL) < 0)
		guard_stop(&run->guard);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
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
	guard_dismiss(&run->guard);
}

static void here_release(struct cg2_run *run)
{
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
	guard_stop(&run->guard);
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
