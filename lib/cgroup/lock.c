/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cgroup/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* How often it is asked for again; the kernel knows no wait for a lock that ends by itself. */
#define STEP_MSEC 1

static int open_first(int group_fd, const char *otherwise)
{
	int fd = openat(group_fd, "cgroup.kill", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		fd = openat(group_fd, otherwise, O_WRONLY | O_CLOEXEC);
	return fd;
}

int lock_for_life(int group_fd)
{
	_cleanup_close_ int fd = open_first(group_fd, "cgroup.procs");
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fd < 0 || fcntl(fd, F_OFD_SETLK, &whole) < 0)
		return -errno;
	return take_fd(&fd);
}

int lock_for_change(int group_fd, int operation, uint64_t timeout_usec)
{
	_cleanup_close_ int fd = open_first(group_fd, "cgroup.subtree_control");
	const uint64_t end_usec = end_after(timeout_usec);

	if (fd < 0)
		return -errno;
	while (flock(fd, operation | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (now_usec() >= end_usec)
			return -ETIMEDOUT;
		poll(NULL, 0, STEP_MSEC);
	}
	return take_fd(&fd);
}

int lock_end(int fd)
{
	struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (fd < 0)
		return -1;
	flock(fd, LOCK_UN);
	fcntl(fd, F_OFD_SETLK, &whole);
	return close_fd(fd);
}
