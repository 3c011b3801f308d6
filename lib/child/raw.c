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
#include "base/macro.h"

/* What the most have may be open as long as nobody has raised that limit. */
#define CLOSE_MAX 1023

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

/* Containers have forbidden close_range(2) as a call that they did not know. */
static void close_all(unsigned int first, unsigned int last)
{
	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	for (unsigned int fd = first; fd <= MIN(last, (unsigned int)CLOSE_MAX); fd++)
		close((int)fd);
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
			close_all(next, lowest - 1);
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
