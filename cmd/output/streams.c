/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller may start cgscope with standard streams closed ("cgscope ls >&-"). The next
 * file that is opened would get such a number, and a message meant for stderr could end
 * up in a cgroup file. The usual cure, /dev/null in their place, would be seen by the
 * command, which then finds a stream open that would have been closed without cgscope.
 *
 * So the number is taken by a descriptor that is close-on-exec, and as good as closed
 * until then: O_PATH can be neither read nor written. The command gets its streams closed
 * as they were, and what cgscope itself prints into one fails with EBADF, as it should.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"

static bool are_all;

/* Since Linux 6.2 the size of that directory is the number of descriptors; before, it is 0. */
static bool has_descriptors(size_t n)
{
	struct stat st;

	return stat("/proc/self/fd", &st) == 0 && (size_t)st.st_size == n;
}

int streams_guard(void)
{
	struct pollfd all[] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };
	bool is_open = poll(all, ARRAY_SIZE(all), 0) >= 0;

	/* One call for what nearly always is so. */
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		is_open = is_open && !(all[i].revents & POLLNVAL);
	if (is_open) {
		are_all = has_descriptors(ARRAY_SIZE(all));
		return 0;
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* open() takes the lowest free number, and those below are taken. */
		if (fcntl(fd, F_GETFD) < 0 && open("/", O_PATH | O_CLOEXEC) < 0)
			return -errno;
	}
	return 0;
}

bool streams_are_all(void)
{
	return are_all;
}

int streams_close_stdout(int status)
{
	int failed;

	errno = 0;
	failed = fflush(stdout) != 0;

	/* Some file systems tell only here that there was no room. */
	failed |= close(STDOUT_FILENO) < 0;
	failed |= ferror(stdout);
	if (!failed)
		return status;
	message_failure("cannot write to the standard output: %s",
			strerror(errno ? errno : EIO));
	return STATUS_FAILED;
}
