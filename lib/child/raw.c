/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that touch nothing of the C library's.
 */
#include "child/raw.h"

#include <fcntl.h>
#include <signal.h>
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

pid_t raw_fork(void)
{
	sigset_t all, saved;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	pid = fork();
	if (pid != 0)
		pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return pid;
}

void raw_withdraw(const int keep[], size_t n)
{
	unsigned int next = 0;

	for (;;) {
		unsigned int lowest = ~0U;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned int)keep[i] >= next &&
			    (unsigned int)keep[i] < lowest)
				lowest = (unsigned int)keep[i];
		if (lowest > next)
			syscall(SYS_close_range, next, lowest - 1, 0);
		if (lowest == ~0U)
			break;
		next = lowest + 1;
	}
	setsid();
	if (chdir("/") < 0)
		return;
}

void raw_write(int dirfd, const char *file, const char *text)
{
	_cleanup_close_ int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}
