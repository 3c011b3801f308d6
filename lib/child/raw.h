/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls for the library's own processes, the holder and the guard: safe after fork(2) and in
 * shared memory, nothing is allocated.
 */
#pragma once

#include <poll.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * poll(2) without the C library's wrapper, which keeps a note of cancellation in the thread's
 * memory: that is the caller's. msec: -1 for no time limit.
 */
int raw_poll(struct pollfd *fds, size_t n, int msec);

/*
 * fork(2) into a process that no signal ends before its time: not the terminal's, whose process
 * group it starts in, not a manager's SIGTERM to a unit.
 */
pid_t raw_fork(void);

/*
 * Gives back what was the caller's: streams, files but those n in keep (-1: none), the terminal,
 * the directory.
 */
void raw_withdraw(const int keep[], size_t n);

/* One write to a file that is there. */
void raw_write(int dirfd, const char *file, const char *text);
