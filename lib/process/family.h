/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes below one, where no cgroup holds them together: as far as parents tell, and whom
 * the caller was given as a child because his own parent had ended (PR_SET_CHILD_SUBREAPER).
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct family {
	struct cg2_ctx *ctx;
	pid_t top;        /* whose processes they are; 0: it has ended */
	bool is_adopting; /* children of the caller that are none of its helpers belong to it */
	int epoll_fd;     /* is told of each one's end; -1: nobody wants to know */
	pid_t *pids;
	int *fds; /* pidfds */
	size_t n;
};

#define FAMILY_NONE { .epoll_fd = -1 }

/* Finds those that are new, and holds them. Returns how many. */
size_t family_look(struct family *family);

/* How many of those that were found are alive. */
size_t family_count(const struct family *family);

void family_signal(const struct family *family, int sig);

void family_close(struct family *family);
