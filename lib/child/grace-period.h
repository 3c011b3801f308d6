/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A manager that moves a process between cgroups waits for a grace period of the whole machine, up
 * to 16 ms, unless a move was just before. So one is begun beside all that is done until the
 * manager is asked: by a process that moves itself to where it is, which has no other effect.
 */
#pragma once

#include "cgroup/group.h"

struct grace_period {
	pid_t pid; /* 0: none */
	struct cg2_group *home;
	char *stack;
};

/* home: the caller's cgroup. Where it can't be seen or is not his to write to, nothing is done. */
void grace_period_begin(struct grace_period *g, struct cg2_group *home);

/* Waits for the process; to be called after a move that had to wait, too. */
void grace_period_end(struct grace_period *g);
