/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the parts of the verdict: what the counters say about each thing that can hurt
 * a run, found by verdict.c and verdict-tasks.c, put into words by verdict-text.c and
 * verdict-start.c.
 */
#pragma once

#include <stdio.h>

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
	uint64_t count;	  /* how often; VERDICT_UNKNOWN */
	uint64_t use;	  /* of RLIMIT_NPROC and the like */
};

struct evidence {
	const struct verdict_input *in;
	struct cause stop;
	struct cause oomd;
	struct cause oom;
	struct cause tasks;
	uint64_t oom_killed;  /* VERDICT_UNKNOWN */
	uint64_t refused;     /* VERDICT_UNKNOWN */
	bool is_group_killed; /* memory.oom.group */
	bool has_lost;	      /* counters of the run's own that were there at its start */
};

/* A counter of a level, for the functions below. */
#define COUNTER(field) offsetof(struct verdict_level, field)

static inline bool is_known(uint64_t value)
{
	return value != VERDICT_UNKNOWN;
}

/* A limit that there is and that is known. */
static inline bool is_limit(uint64_t value)
{
	return value < VERDICT_UNKNOWN;
}

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
 * The lowest level whose limit was hit, from a counter that includes the levels below and
 * its local twin. Certain: the run's own, or the only one and no counter missing.
 */
struct cause lowest_hit(const struct verdict_input *in, size_t total, size_t local);

/* Fills e->tasks and e->refused. */
void find_refused_forks(struct evidence *e);

/* verdict-words.c. The last part of a path, and whether it is a unit's name. */
const char *last_part_of(const char *path);
bool is_unit_name(const char *name);

/* A unit by its name, another cgroup by its path. */
void put_cgroup_name(FILE *f, const char *path);

/* The same of a level; the run's own are "this scope". */
void put_level(FILE *f, const struct verdict_input *in, size_t level);

/* Whether a file has a size, and a limit in its unit: "512M". */
bool is_size_file(const char *file);
void put_amount(FILE *f, const char *file, uint64_t amount);

/* Most of the time was spent over a limit that slows down. */
bool is_slowed_by_memory(const struct verdict_brakes *b);
bool is_slowed_by_cpu(const struct verdict_brakes *b);

/* What the table has of each verdict: a reason and a hint in words, and the hint as data. */
typedef void (*put_fn)(FILE *f, const struct evidence *e);
typedef void (*advise_fn)(const struct evidence *e, struct cg2_advice *advice);

/* verdict-start.c, verdict-stop.c: why a command never ran; what the threshold was. */
void reason_refused(FILE *f, const struct evidence *e);
void reason_exec(FILE *f, const struct evidence *e);
void hint_refused(FILE *f, const struct evidence *e);
void reason_pressure(FILE *f, const struct evidence *e);

/* verdict-text.c */
void reason_wall_time(FILE *f, const struct evidence *e);
void reason_cpu_time(FILE *f, const struct evidence *e);
void reason_oomd(FILE *f, const struct evidence *e);
void reason_oom(FILE *f, const struct evidence *e);
void reason_tasks(FILE *f, const struct evidence *e);
void reason_signal(FILE *f, const struct evidence *e);
void reason_failed(FILE *f, const struct evidence *e);
void reason_ok(FILE *f, const struct evidence *e);

/* verdict-hint.c */
void hint_wall_time(FILE *f, const struct evidence *e);
void hint_pressure(FILE *f, const struct evidence *e);
void hint_oomd(FILE *f, const struct evidence *e);
void hint_oom(FILE *f, const struct evidence *e);
void hint_tasks(FILE *f, const struct evidence *e);
void hint_signal(FILE *f, const struct evidence *e);
void hint_ok(FILE *f, const struct evidence *e);
void advise_refused(const struct evidence *e, struct cg2_advice *advice);
void advise_wall_time(const struct evidence *e, struct cg2_advice *advice);
void advise_pressure(const struct evidence *e, struct cg2_advice *advice);
void advise_oom(const struct evidence *e, struct cg2_advice *advice);
void advise_tasks(const struct evidence *e, struct cg2_advice *advice);
