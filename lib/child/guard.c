/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard's process. As long as the caller lives, every call it makes succeeds, so that it
 * never touches the caller's errno.
 */
#include "child/guard.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child/doze.h"
#include "child/raw.h"
#include "value/error.h"

/* malloc(3) aligns it as a stack wants it. */
#define STACK_SIZE 16384

/* How long the killed processes may take to be gone before the cgroup is left to the next run. */
#define EMPTY_ROUNDS 1000

/* Whether any process is left; read with nothing allocated. */
static bool is_populated(int group_fd)
{
	_cleanup_close_ int fd = openat(group_fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	char buf[256];
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf));
	uint64_t populated;

	return n > 0 && cg2_parse_flat(buf, (size_t)n, "populated", &populated) == 0 &&
	       populated != 0;
}

/* Nobody is left who would remove the cgroup. */
static void end_group(const struct guard *w)
{
	raw_write(w->group->fd, "cgroup.kill", "1");
	for (int i = 0; i < EMPTY_ROUNDS && is_populated(w->group->fd); i++)
		raw_poll(NULL, 0, 1);
	if (cg2_group_remove(w->group, NULL) < 0)
		return;
}

static int guard_main(void *arg)
{
	struct guard *w = arg;
	struct pollfd fd = { .fd = w->parent_pidfd, .events = POLLIN };

	/* Whoever kills the caller's process group does not mean this one. */
	setsid();
	if (w->command_pidfd >= 0)
		doze(w->command, w->command_pidfd, w->parent_pidfd, w->parent_pidfd,
		     w->doze_usec);
	while (raw_poll(&fd, 1, -1) < 1)
		;
	end_group(w);
	_exit(0);
}

/* No SIGCHLD at its end: the caller's own waiting is not disturbed. */
static int start(struct guard *w)
{
	if (!w->stack)
		w->stack = malloc(STACK_SIZE);
	if (!w->stack)
		return -ENOMEM;
	w->pid = clone(guard_main, w->stack + STACK_SIZE,
		       CLONE_VM | CLONE_FILES | CLONE_FS, w);
	if (w->pid > 0)
		return 0;
	w->pid = 0;
	return -errno;
}

int guard_start(struct guard *w, struct cg2_group *group, struct cg2_error *reterr)
{
	int r;

	assert(w->pid == 0);
	w->group = group;
	w->command_pidfd = -1;
	w->parent_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	r = w->parent_pidfd < 0 ? -errno : start(w);
	if (r == 0)
		return 0;
	w->parent_pidfd = close_fd(w->parent_pidfd);
	return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
}

void guard_dismiss(struct guard *w)
{
	if (w->pid == 0 || w->is_dismissed)
		return;
	/* It is not reaped yet, so the number is its own. */
	kill(w->pid, SIGKILL);
	w->is_dismissed = true;
}

static void reap(struct guard *w)
{
	while (w->pid > 0 && waitpid(w->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	w->pid = 0;
	w->is_dismissed = false;
}

int guard_doze(struct guard *w, pid_t command, int command_pidfd, uint64_t usec)
{
	sigset_t all, saved;
	int r;

	if (w->pid == 0)
		return -ESRCH;
	guard_dismiss(w);
	reap(w);
	w->command = command;
	w->command_pidfd = command_pidfd;
	w->doze_usec = usec;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	r = start(w);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return r;
}

void guard_stop(struct guard *w)
{
	if (w->pid == 0)
		return;
	guard_dismiss(w);
	reap(w);
	w->parent_pidfd = close_fd(w->parent_pidfd);
	free(w->stack);
	w->stack = NULL;
}
