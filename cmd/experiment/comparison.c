/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/comparison.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

const struct metric_info metrics[METRIC_COUNT] = {
	[METRIC_WALL] = { "wall_usec", "wall_usec", CG2_FIGURE_WALL_USEC },
	[METRIC_CPU] = { "cpu_usec", "cpu.usage_usec", CG2_FIGURE_CPU_USAGE_USEC },
	[METRIC_PEAK] = { "memory_peak_bytes", "memory.peak_bytes", CG2_FIGURE_MEMORY_PEAK_BYTES },
	[METRIC_ANON] = { "anon_peak_bytes", "memory.anon_peak_bytes", CG2_FIGURE_ANON_PEAK_BYTES },
	[METRIC_TASKS] = { "tasks_peak", "tasks.peak", CG2_FIGURE_TASKS_PEAK_COUNT },
	[METRIC_THROTTLED] = { "throttled_usec", "cpu.throttled_usec",
			       CG2_FIGURE_CPU_THROTTLED_USEC },
	[METRIC_MEMORY_STALL] = { "memory_some_usec", "pressure.memory.some_usec",
				  CG2_FIGURE_MEMORY_SOME_USEC },
	[METRIC_IO_STALL] = { "io_some_usec", "pressure.io.some_usec", CG2_FIGURE_IO_SOME_USEC },
};

const char *order_to_string(enum order_kind order)
{
	static const char *const names[] = { "random", "fixed", "grouped" };

	return names[order];
}

static void clear_set(struct compared_set *set)
{
	for (size_t i = 0; i < set->n_limits; i++) {
		free(set->limits[i].name);
		free(set->limits[i].unit);
		free(set->limits[i].text);
	}
	free(set->limits);
	free(set->name);
}

void comparison_clear(struct comparison *c)
{
	for (size_t i = 0; c->command && c->command[i]; i++)
		free(c->command[i]);
	free(c->command);
	free(c->host);
	free(c->kernel);
	for (size_t i = 0; i < c->n_sets; i++)
		clear_set(&c->sets[i]);
	free(c->sets);
	for (size_t i = 0; i < c->n_trials; i++) {
		free(c->trials[i].reason);
		free(c->trials[i].record);
	}
	free(c->trials);
	*c = (struct comparison){ .command = NULL };
}

struct trial *comparison_add_trial(struct comparison *c)
{
	struct trial *trial;

	/* Grown by doubling. */
	if ((c->n_trials & (c->n_trials - 1)) == 0) {
		struct trial *grown = reallocarray(c->trials, c->n_trials ? 2 * c->n_trials : 1,
						   sizeof(*grown));

		if (!grown)
			return NULL;
		c->trials = grown;
	}
	trial = &c->trials[c->n_trials++];
	*trial = (struct trial){ .other_cpu_permyriad = CG2_MAX };
	for (size_t i = 0; i < METRIC_COUNT; i++)
		trial->values[i] = CG2_MAX;
	return trial;
}

/* ---- what it says ---- */

uint64_t ratio_permyriad(double ratio)
{
	return ratio > 1e9 ? UINT64_C(10000000000000) : (uint64_t)(ratio * 10000 + 0.5);
}

static bool counts(const struct trial *trial, size_t set)
{
	return !trial->is_warmup && trial->set == set;
}

/* The known values of the set's runs that passed. */
static size_t collect(const struct comparison *c, size_t set, enum metric metric, uint64_t *values)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_trials; i++) {
		const struct trial *trial = &c->trials[i];

		if (counts(trial, set) && trial->verdict == CG2_VERDICT_OK &&
		    trial->values[metric] != CG2_MAX)
			values[n++] = trial->values[metric];
	}
	return n;
}

static void count_verdicts(const struct comparison *c, size_t set, struct judged_set *judged)
{
	for (size_t i = 0; i < c->n_trials; i++) {
		const struct trial *trial = &c->trials[i];

		if (!counts(trial, set))
			continue;
		judged->n_runs++;
		judged->verdicts[trial->verdict]++;
		judged->n_passed += trial->verdict == CG2_VERDICT_OK;
	}
}

/* Room for the values of the reference and of another set. */
struct room {
	uint64_t *reference, *other;
};

static int judge_set(const struct comparison *c, const struct judgement *j, size_t set,
		     struct room room)
{
	struct judged_set *judged = &j->sets[set];
	int r = 0;

	count_verdicts(c, set, judged);
	for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
		const size_t n = collect(c, set, metric, room.other);

		stats_summarize(room.other, n, &judged->figures[metric]);
		if (metric > METRIC_PEAK || r < 0)
			continue;
		r = stats_compare(room.reference, collect(c, c->reference, metric, room.reference),
				  room.other, n, j->alpha,
				  (double)c->tolerance_permyriad / 10000, &judged->ratios[metric]);
		if (set == c->reference)
			judged->ratios[metric].outcome = STATS_REFERENCE;
	}
	return r;
}

static uint64_t median_of_others(const struct comparison *c, uint64_t *values)
{
	struct stats_summary summary;
	size_t n = 0;

	for (size_t i = 0; i < c->n_trials; i++)
		if (!c->trials[i].is_warmup && c->trials[i].other_cpu_permyriad != CG2_MAX)
			values[n++] = c->trials[i].other_cpu_permyriad;
	stats_summarize(values, n, &summary);
	return n > 0 ? summary.median : CG2_MAX;
}

int judgement_make(const struct comparison *c, struct judgement *ret)
{
	_cleanup_free_ uint64_t *reference = calloc(c->n_trials + 1, sizeof(*reference));
	_cleanup_free_ uint64_t *other = calloc(c->n_trials + 1, sizeof(*other));
	int r = 0;

	*ret = (struct judgement){
		.sets = calloc(c->n_sets + 1, sizeof(*ret->sets)),
		/* All intervals together miss in 5 % of experiments at most. */
		.alpha = 0.05 / (double)MAX(c->n_sets - 1, (size_t)1),
	};
	if (!reference || !other || !ret->sets)
		return -ENOMEM;
	ret->n_times_needed = stats_times_needed(ret->alpha);
	for (size_t i = 0; r == 0 && i < c->n_sets; i++)
		r = judge_set(c, ret, i, (struct room){ reference, other });
	ret->other_cpu_permyriad = median_of_others(c, other);
	return r;
}

void judgement_clear(struct judgement *j)
{
	free(j->sets);
	*j = (struct judgement){ .sets = NULL };
}
