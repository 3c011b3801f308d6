/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A comparison as data: what was run, and what each run came to. It is made by runs (compare.c) or
 * read back from JSON (comparison-load-json.c), and all that is shown of it is a function of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/experiment/order.h"
#include "cmd/experiment/stats.h"
#include "libcg2.h"

/* What is counted of a run. A value that is not known is CG2_MAX. */
enum metric {
	METRIC_WALL,
	METRIC_CPU,
	METRIC_PEAK,
	METRIC_ANON,
	METRIC_TASKS,
	METRIC_THROTTLED,
	METRIC_MEMORY_STALL,
	METRIC_IO_STALL,
	METRIC_COUNT,
};

struct metric_info {
	const char *key;	/* of a set in the JSON, and the column in the CSV */
	const char *record_key; /* its path in a run's record */
	enum cg2_figure figure;
};
extern const struct metric_info metrics[METRIC_COUNT];

struct trial {
	size_t round, position, set;
	bool is_warmup;
	uint64_t other_cpu_permyriad; /* of all CPUs, used by others meanwhile; CG2_MAX: unknown */
	enum cg2_verdict verdict;
	char *reason; /* NULL: nothing to say */
	uint64_t values[METRIC_COUNT];
	char *record; /* JSON */
};

struct compared_limit {
	char *name; /* "memory.max" */
	char *unit; /* "bytes" */
	char *text; /* "64M" */
	uint64_t value; /* CG2_MAX: it is no number */
};

struct compared_set {
	char *name;
	struct compared_limit *limits;
	size_t n_limits;
};

struct comparison {
	char **command; /* ended by NULL */
	char *host, *kernel;
	uint64_t started_usec;
	enum order_kind order;
	uint64_t seed;
	size_t n_rounds, n_warmup_rounds;
	size_t reference; /* its index */
	uint64_t tolerance_permyriad;
	struct compared_set *sets;
	size_t n_sets;
	struct trial *trials;
	size_t n_trials;
	bool is_complete;
};

void comparison_clear(struct comparison *c);

/* One more at the end, with nothing known of it; NULL: no memory. */
struct trial *comparison_add_trial(struct comparison *c);

/* "random", "fixed", "grouped" */
const char *order_to_string(enum order_kind order);

/* ---- what it says ---- */

struct judged_set {
	size_t n_runs, n_passed;
	size_t verdicts[CG2_VERDICT_OK + 1];
	struct stats_summary figures[METRIC_COUNT]; /* of the runs that passed */
	struct stats_ratio ratios[METRIC_PEAK + 1]; /* to the reference: wall, CPU time, peak */
};

struct judgement {
	struct judged_set *sets; /* as many as the comparison has */
	double alpha;		 /* how often a set's interval may miss, at most */
	size_t n_times_needed;	 /* of each of two sets */
	uint64_t other_cpu_permyriad; /* the median; CG2_MAX: unknown */
};

/* -ENOMEM; to be cleared in any case. */
int judgement_make(const struct comparison *c, struct judgement *ret) _must_check_;
void judgement_clear(struct judgement *j);

/* Ratios in permyriad, as they are told: rounded. */
uint64_t ratio_permyriad(double ratio);
