/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that touch nothing of the C library's.
 */
#include "child/raw.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

int raw_poll(struct pollfd *fds, size_t n, int msec)
{
	/* The kernel's, whatever the C library's has been made of. */
	struct {
		long seconds, nanoseconds;
	} timeout = { msec / 1000, (long)(msec % 1000) * 1000000 };

	return (int)syscall(SYS_ppoll, fds, n, msec < 0 ? NULL : &timeout, NULL, 0);
}

void raw_write(int dirfd, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}
