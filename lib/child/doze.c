/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller that stopped itself together with its command is woken by the holder or the guard.
 */
#include "child/doze.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "child/raw.h"
#include "libcg2.h"

/* How often a dozing caller's command is looked at: SIGCONT to it alone is no event. */
#define DOZE_POLL_MSEC 100

/* The third word of /proc/PID/stat, after the name, which may hold anything. */
static bool is_stopped(pid_t pid)
{
	char path[32] = "/proc/", buf[512];
	_cleanup_close_ int fd = -1;
	char digits[12], *p = path + strlen(path);
	const char *state;
	size_t i = 0;
	ssize_t n;

	for (unsigned int rest = (unsigned int)pid; rest || i == 0; rest /= 10)
		digits[i++] = (char)('0' + rest % 10);
	while (i > 0)
		*p++ = digits[--i];
	memcpy(p, "/stat", sizeof("/stat"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	if (n <= 0)
		return false;
	buf[n] = '\0';
	state = strrchr(buf, ')');
	return state && state[1] == ' ' && (state[2] == 'T' || state[2] == 't');
}

void doze(pid_t command, int command_pidfd, int parent_pidfd, int wake_fd, uint64_t usec)
{
	uint64_t step = DOZE_POLL_MSEC * USEC_PER_MSEC;

	for (uint64_t slept = 0; slept < usec; slept += step) {
		struct pollfd fds[] = {
			{ .fd = wake_fd, .events = POLLIN },
			{ .fd = command_pidfd, .events = POLLIN },
		};
		uint64_t left = MIN(step, usec - slept);
		int n = raw_poll(fds, ARRAY_SIZE(fds), (int)(left / USEC_PER_MSEC) + 1);

		if (n > 0 && fds[0].revents)
			return;
		if (n > 0 || !is_stopped(command))
			break;
	}
	syscall(SYS_pidfd_send_signal, parent_pidfd, SIGCONT, NULL, 0);
}
