/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel does not tell how many tasks it has counted. A fork that it refuses, or does not, for
 * a limit that a process of our own has set itself tells whether there are as many.
 */
#include "child/task-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child/block-signals.h"

/* 1: a process more is allowed under that limit, 0: it is not; -errno. */
static int may_fork(uint64_t limit, rlim_t hard)
{
	const struct rlimit rlimit = { .rlim_cur = limit, .rlim_max = hard };
	pid_t pid;

	if (setrlimit(RLIMIT_NPROC, &rlimit) < 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0)
		return errno == EAGAIN ? 0 : -errno;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 1;
}

/* The least limit from low to high that allows a process more, as that counts too; high if none. */
static int64_t search(uint64_t low, uint64_t high)
{
	struct rlimit own;
	int r;

	if (getrlimit(RLIMIT_NPROC, &own) < 0)
		return -errno;
	/* Beyond the hard one nothing can be tried. */
	high = MIN(high, own.rlim_max == RLIM_INFINITY ? high : own.rlim_max + 1);
	if (low >= high)
		return (int64_t)high;
	/* As a rule all can be seen. */
	r = may_fork(low, own.rlim_max);
	if (r != 0)
		return r < 0 ? r : (int64_t)low;
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		r = may_fork(middle, own.rlim_max);
		if (r < 0)
			return r;
		if (r > 0)
			high = middle;
		else
			low = middle;
	}
	return (int64_t)high;
}

int task_probe(uint64_t visible, uint64_t limit, uint64_t *ret_n)
{
	/* The process that asks, and the one that it makes. */
	const uint64_t own = 2;
	int64_t found = -EIO;
	int fds[2];
	pid_t pid;

	if (visible >= limit || limit > INT32_MAX) {
		*ret_n = visible;
		return 0;
	}
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	pid = blocked_fork();
	if (pid == 0) {
		found = search(visible + own, limit + own);
		_exit(write(fds[1], &found, sizeof(found)) < 0);
	}
	close_fd(fds[1]);
	if (pid < 0)
		found = -errno;
	else if (read(fds[0], &found, sizeof(found)) < 0)
		found = -errno;
	close_fd(fds[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (found < 0)
		return (int)found;
	*ret_n = (uint64_t)found - own;
	return 0;
}
