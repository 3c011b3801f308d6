/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keeper's process. Unlike the others here it lives on its own, and may take memory: after
 * fork(3) of the C library malloc(3) works.
 */
#include "child/keeper.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "child/block-signals.h"
#include "child/raw.h"

/* How long killed processes may take to be gone. */
#define KILL_USEC (10 * USEC_PER_SEC)

static bool await_empty(int events_fd, uint64_t end_usec)
{
	while (!group_is_empty_by(events_fd)) {
		struct pollfd fd = { .fd = events_fd, .events = POLLPRI };

		if (usec_until(end_usec) == 0)
			return false;
		raw_poll(&fd, 1, msec_until(end_usec));
	}
	return true;
}

static void end_group(struct cg2_group *group, int events_fd, const struct keep_time *time)
{
	if (time->signal != SIGKILL) {
		group_signal(group, time->signal, NULL, NULL);
		/* A stopped process would not notice. */
		if (time->signal != SIGCONT)
			group_signal(group, SIGCONT, NULL, NULL);
		if (await_empty(events_fd, end_after(time->grace_usec)))
			return;
	}
	group_kill_all(group);
	await_empty(events_fd, end_after(KILL_USEC));
}

void keeper_withdraw(struct cg2_ctx *ctx, const int keep[], size_t n)
{
	raw_withdraw(keep, n);
	ctx->log_fn = NULL;
	raw_rename("cg-keep");
}

void keeper_become(struct cg2_group *group, const struct keep_time *time)
{
	const int keep[] = { group->fd, group->ctx->root_fd, group->ctx->hierarchy.mount_fd };
	int events_fd;

	keeper_withdraw(group->ctx, keep, ARRAY_SIZE(keep));
	/* Whose descriptor is closed. */
	group->parent = NULL;
	events_fd = fsio_open(group->fd, "cgroup.events");
	if (events_fd >= 0 && !await_empty(events_fd, time->end_usec))
		end_group(group, events_fd, time);
	/* Of a scope the manager would do that; what a nested one has below it, the next run. */
	_exit(cg2_group_remove(group, NULL) < 0);
}

int keeper_fork(keeper_fn fn, void *userdata, pid_t *ret_pid)
{
	pid_t pid = blocked_fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		fn(userdata);
		_exit(0);
	}
	*ret_pid = pid;
	return 0;
}

int keeper_leave(keeper_fn fn, void *userdata)
{
	pid_t pid = blocked_fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			fn(userdata);
		_exit(pid < 0 ? errno : 0);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

struct keeping {
	struct cg2_group *group;
	const struct keep_time *time;
};

static void keep(void *userdata)
{
	const struct keeping *keeping = userdata;

	keeper_become(keeping->group, keeping->time);
}

int keeper_start(struct cg2_group *group, const struct keep_time *time)
{
	return keeper_leave(keep, &(struct keeping){ group, time });
}
