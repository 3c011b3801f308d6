/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limits that bind the caller, and would not bind a scope elsewhere in the tree.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* Those that are kept: memory (two), swap, tasks, CPU, the sets of CPUs and memory nodes. */
#define N_BOUNDS 7

struct bound {
	enum cg2_limit limit;
	uint64_t value; /* in the limit's unit; CG2_MAX: none */
	char *list;     /* the same of a set: "0-3,8"; NULL: none */
	char *cgroup;   /* whose it is */
	bool is_default; /* nobody's choice: systemd gives it to every unit */
};

/*
 * The caller's tightest limits of the cgroups from home upwards, except those that a scope of
 * the manager in that slice (NULL: its default one) is below as well. One that such a scope has
 * anyway is left out. bounds_clear() ends what comes back.
 */
void bounds_read(struct cg2_ctx *ctx, const char *home, enum cg2_manager manager,
		 const char *slice, struct bound ret_bounds[N_BOUNDS]);

/* The same for a cgroup that is there: below target. */
void bounds_read_for(struct cg2_ctx *ctx, const char *home, const char *target,
		     struct bound ret_bounds[N_BOUNDS]);
void bounds_clear(struct bound bounds[N_BOUNDS]);

/* Whether it is one at all. */
bool bound_is_there(const struct bound *bound);

/* It is none after all. */
void bound_drop(struct bound *bound);
