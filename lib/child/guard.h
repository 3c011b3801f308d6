/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard: a process of the library's that ends a nested run's cgroup when the caller dies. It
 * has a memory and a name of its own, so that what kills the caller leaves it alone: an OOM kill
 * takes all that share a memory, a core dump as well, killall(1) all of one name. It holds none of
 * the caller's descriptors.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "child/guard-main.h"
#include "libcg2.h"

/* A process of it. */
struct guard_process {
	pid_t pid; /* 0: none */
	int pidfd;
};

struct guard {
	struct guard_process process;
	bool is_dismissed;
	struct guard_orders orders;
	struct guard_start *start; /* under way; NULL: none is */
	int awake_fd; /* an eventfd that tells a guard that we are awake; -1: none waits for that */
};

#define GUARD_NONE \
	{ .process = { .pidfd = -1 }, .orders = { .parent_pidfd = -1 }, .awake_fd = -1 }

/*
 * Begins to start it for the cgroup of that name, which is open as group_fd. is_given_back: the one
 * around it is left as it was before there were groups in it. All signals of the calling thread are
 * to be blocked. The descriptor and name stay the caller's and must live until guard_stop().
 */
int guard_begin(struct guard *g, int group_fd, const char *name, bool is_given_back,
		struct cg2_error *reterr) _must_check_;

/* The same for a command without a group: only its own process is ended. */
int guard_begin_for(struct guard *g, int command_pidfd, struct cg2_error *reterr) _must_check_;

/* Waits until it is there. */
int guard_await(struct guard *g, struct cg2_error *reterr) _must_check_;

/*
 * The caller is about to stop itself together with the command: the guard sends it SIGCONT
 * when the command ends or goes on, or after usec (CG2_MAX: no time). On failure the guard is there
 * as before, and does not.
 */
int guard_doze(struct guard *g, pid_t command, int command_pidfd, uint64_t usec);

/* The caller goes on. */
void guard_awake(struct guard *g);

/* Tells it to go, without waiting: nothing that it could end is left. */
void guard_dismiss(struct guard *g);

/* The same, and reaps it. */
void guard_stop(struct guard *g);

/* Gives back what is left of one that was stopped, or never began. */
void guard_close(struct guard *g);
