/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What counters say about each thing that can hurt a run or a watched cgroup: pure, and asked by
 * the verdict as by a watch.
 */
#pragma once

#include "verdict/verdict.h"

/* Something that hurt the run, or might have. */
struct cause {
	bool is_found;
	bool is_certain;
	bool is_below;	 /* a cgroup's that the command made below level 0 */
	bool is_counted; /* count is of this run's, not of its neighbours' too */
	bool has_gap; /* a counter that would have told more is unknown, at gap_level */
	size_t gap_level;
	size_t level;	  /* SIZE_MAX: no cgroup's, or of one that can't be seen */
	const char *file; /* static */
	uint64_t limit;	  /* CG2_MAX: unknown */
	uint64_t count;	  /* how often; UNKNOWN */
	uint64_t use;	  /* of RLIMIT_NPROC and the like */
};

struct evidence {
	const struct verdict_input *in;
	struct cause stop;
	struct cause oomd;
	struct cause oom;
	struct cause tasks;
	uint64_t oom_killed;  /* UNKNOWN */
	uint64_t refused;     /* UNKNOWN */
	bool is_group_killed; /* memory.oom.group */
	bool has_lost;	      /* counters of the run's own that were there at its start */
};

/* A counter of a level, for the functions below. */
#define COUNTER(field) offsetof(struct verdict_level, field)

static inline bool is_own(const struct verdict_input *in, size_t level)
{
	return level < in->n_levels && in->after[level].is_own;
}

/* Ended otherwise than with 0, or never ran. */
bool has_failed(const struct verdict_input *in);

/*
 * By how much a counter grew; unknown if it is not known twice, or if any counter of the
 * level went backwards: then the cgroup is another one of the same name.
 */
uint64_t counter_delta(const struct verdict_input *in, size_t level, size_t counter);

/* Were there such counters before or after? */
bool has_counter(const struct verdict_input *in, size_t level, size_t counter);

/* The lower of a limit's two values, CG2_MAX if neither is one. */
uint64_t level_limit(const struct verdict_input *in, size_t level, size_t limit);

/* The lowest limit of the run's own levels. */
uint64_t own_limit(const struct verdict_input *in, size_t limit);

/*
 * The lowest level whose limit was hit, from a counter that includes the levels below, unless a
 * mount option makes it local, and its local twin. Certain: the run's own, or the only one and
 * no counter missing.
 */
struct cause lowest_hit(const struct verdict_input *in, size_t total, size_t local, bool includes);

/* Fills e->tasks and e->refused. */
void find_refused_forks(struct evidence *e);
