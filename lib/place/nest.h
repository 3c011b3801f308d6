/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cgroups for runs, made without a manager in a cgroup that is ours to change.
 */
#pragma once

#include "base/macro.h"
#include "cgroup/ledger.h"
#include "libcg2.h"
#include "place/place.h"

/*
 * Makes the cgroup name in the place's base, with the files of the controllers (a mask) as far as
 * they are delegated: the processes in base move to a leaf if they are in the way. It is locked
 * until the caller lets the handle go. -EEXIST.
 */
int nest_create(const struct place *place, const char *name, uint64_t controllers,
		struct cg2_group **ret_group, struct cg2_error *reterr) _must_check_;

/*
 * Gives the group, which is right below the place's base, those of the controllers that it has no
 * files of, as far as they are delegated.
 */
int nest_enable(const struct place *place, struct cg2_group *group, uint64_t controllers,
		struct cg2_error *reterr) _must_check_;

/* Removes the cgroups of runs that died, those without a process; not keep. */
void nest_sweep(struct cg2_group *base, struct cg2_group *keep);

/* Whether a supervised run is around it, which wants to know what happened in nested ones. */
bool nest_is_in_run(const struct place *place);

/* Notes it there. */
void nest_note(const struct place *place, const struct ledger *part);

/* Removes a run's cgroup unless processes are left, and gives the root of a namespace back. */
void nest_remove(const struct place *place, struct cg2_group *group);
