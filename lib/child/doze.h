/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the holder and the guard do for a caller that stops itself. Only raw calls.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

struct doze {
	pid_t parent; /* who stops itself, or is about to */
	pid_t command;
	int parent_pidfd;
	int command_pidfd;
	int wake_fd; /* something to read there, or its end: the caller is awake */
	uint64_t usec;
};

/*
 * Until the caller says at wake_fd that it is awake, or dies: as long as it is stopped and the
 * command is not, or the time is over, it is sent SIGCONT.
 */
void doze(const struct doze *d);
