/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cgscope's own descriptors are close-on-exec, which none that it was started with can be: that
 * tells them apart at any time.
 */
#include "cmd/run/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "cmd/output/streams.h"

/* Where there is no /proc, or no descriptor for reading it. */
#define LOOK_AT 1024

/* nothing: what took the place of an earlier one, -1: there was none. */
static void leave(int fd, int keep, int *nothing)
{
	if (fd == STDERR_FILENO || fd == keep)
		return;
	if (*nothing >= 0 && fd < STDERR_FILENO && dup3(*nothing, fd, O_CLOEXEC) >= 0)
		return;
	close(fd);
	/* The lowest that is free: all below it are taken. */
	if (fd < STDERR_FILENO)
		*nothing = open("/", O_PATH | O_CLOEXEC);
}

static bool is_of_caller(int fd)
{
	const int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

static void leave_any(int fd, int keep, int *nothing)
{
	if (is_of_caller(fd))
		leave(fd, keep, nothing);
}

/* Closing one of them does not disturb the reading: each has a place by its number. */
static bool leave_all_in(const char *path, int keep, int *nothing)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (!dir)
		return false;
	while ((entry = readdir(dir))) {
		struct scan s = scan_of_string(entry->d_name);
		uint64_t fd;

		if (scan_u64(&s, &fd) == 0 && scan_done(&s) && fd <= INT32_MAX)
			leave_any((int)fd, keep, nothing);
	}
	closedir(dir);
	return true;
}

void descriptors_leave(int keep)
{
	/* In the places of standard input and output. */
	int nothing = -1;

	if (streams_are_all()) {
		leave(STDIN_FILENO, keep, &nothing);
		leave(STDOUT_FILENO, keep, &nothing);
	} else if (!leave_all_in("/proc/self/fd", keep, &nothing)) {
		for (int fd = 0; fd < LOOK_AT; fd++)
			leave_any(fd, keep, &nothing);
	}
}
