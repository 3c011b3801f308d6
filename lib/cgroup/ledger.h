/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What happened in nested runs, by their own limits. The kernel's counters of a cgroup include
 * those of the cgroups below it, also of such as are gone; so each nested run, when it ends, notes
 * its part on the cgroup of the run around it, and that one subtracts it from its own.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct ledger {
	uint64_t runs;
	uint64_t oom;            /* memory.events: oom */
	uint64_t oom_kill;       /* of those that such an OOM killed */
	uint64_t oom_group_kill;
	uint64_t refused;        /* forks, by limits of nested runs */
	/*
	 * Forks in nested runs that limits around them refused: kernels before 6.11 count them in
	 * the forking cgroup alone.
	 */
	uint64_t refused_above;
};

/*
 * The extended attribute of the cgroup; all zero if it has none that can be believed: the cgroup
 * must be the caller's.
 */
void ledger_read(struct cg2_group *group, struct ledger *ret_ledger);

/* Adds a part. To be called with the lock by which writers take turns. */
void ledger_add(struct cg2_group *group, const struct ledger *part);
