/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard: a process of the library's that ends a nested run's cgroup when the caller dies.
 * It shares the caller's memory and descriptors, as a thread would, and so costs little more
 * than one; but it is a process of its own, which the caller's end by SIGKILL leaves alive.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "cgroup/group.h"
#include "libcg2.h"

struct guard {
	pid_t pid; /* 0: none */
	bool is_dismissed;
	int parent_pidfd;
	int command_pidfd;
	pid_t command;
	uint64_t doze_usec;
	struct cg2_group *group;
	char *stack;
};

/* Starts it. All signals of the calling thread are to be blocked. group stays the caller's. */
int guard_start(struct guard *w, struct cg2_group *group,
		  struct cg2_error *reterr) _must_check_;

/*
 * The caller is about to stop itself together with the command: the guard sends it SIGCONT
 * when the command ends or goes on, or after usec (CG2_MAX: no time).
 */
int guard_doze(struct guard *w, pid_t command, int command_pidfd, uint64_t usec);

/* Tells it to go, without waiting: nothing that it could end is left. */
void guard_dismiss(struct guard *w);

/* The same, and reaps it. */
void guard_stop(struct guard *w);
