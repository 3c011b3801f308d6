/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library's helper processes, the holder and the guard, have in common. All of it is
 * safe after fork(2) and in shared memory: nothing is allocated.
 */
#pragma once

#include <poll.h>
#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

/*
 * Sleeps until the command is not stopped any more or the time is over, then wakes the parent.
 * Something to read at wake_fd, or the parent's end there, ends it too.
 */
void doze(pid_t command, int command_pidfd, int parent_pidfd, int wake_fd, uint64_t usec);

/*
 * poll(2) without the C library's wrapper, which keeps a note of cancellation in the thread's
 * memory: that is the caller's. msec: -1 for no time limit.
 */
int helper_poll(struct pollfd *fds, size_t n, int msec);

/* One write to a file that is there. */
void helper_write(int dirfd, const char *file, const char *text);
