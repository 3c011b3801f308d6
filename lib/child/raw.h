/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls for the library's own processes, the holder and the guard: safe after fork(2) and in
 * shared memory, nothing is allocated.
 */
#pragma once

#include <poll.h>
#include <stddef.h>

/*
 * poll(2) without the C library's wrapper, which keeps a note of cancellation in the thread's
 * memory: that is the caller's. msec: -1 for no time limit.
 */
int raw_poll(struct pollfd *fds, size_t n, int msec);

/* One write to a file that is there. */
void raw_write(int dirfd, const char *file, const char *text);
