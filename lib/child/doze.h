/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the holder and the guard do for a caller that stopped itself. Safe after fork(2) and in
 * shared memory: nothing is allocated.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

/*
 * Sleeps until the command is not stopped any more or the time is over, then wakes the parent.
 * Something to read at wake_fd, or the parent's end there, ends it too.
 */
void doze(pid_t command, int command_pidfd, int parent_pidfd, int wake_fd, uint64_t usec);
