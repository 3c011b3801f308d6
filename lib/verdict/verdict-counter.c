/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the counters of two snapshots say: by how much each grew, at which level, and which are
 * missing.
 */
#include <signal.h>
#include <string.h>

#include "verdict/verdict-cause.h"

static uint64_t field_of(const struct verdict_level *level, size_t field)
{
	uint64_t value;

	memcpy(&value, (const char *)level + field, sizeof(value));
	return value;
}

/* What never goes down as long as the cgroup lives. */
static const size_t counters[] = {
	COUNTER(oom),	     COUNTER(oom_local),
	COUNTER(oom_kill),   COUNTER(oom_group_kill),
	COUNTER(pids_peak),  COUNTER(pids_events),
	COUNTER(pids_local),
};

static bool is_remade(const struct verdict_level *before,
		      const struct verdict_level *after)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t old = field_of(before, counters[i]);
		uint64_t new = field_of(after, counters[i]);

		if (is_known(old) && is_known(new) && new < old)
			return true;
	}
	return false;
}

uint64_t counter_delta(const struct verdict_input *in, size_t level, size_t counter)
{
	const struct verdict_level *before = &in->before[level];
	const struct verdict_level *after = &in->after[level];
	uint64_t old = field_of(before, counter);
	uint64_t new = field_of(after, counter);

	if (!is_known(old) || !is_known(new) || is_remade(before, after))
		return UNKNOWN;
	/* A mount with other options may count less from then on. */
	return new > old ? new - old : 0;
}

uint64_t level_limit(const struct verdict_input *in, size_t level, size_t limit)
{
	uint64_t old = field_of(&in->before[level], limit);
	uint64_t new = field_of(&in->after[level], limit);
	uint64_t lower = MIN(old, new);

	return is_limit(lower) ? lower : CG2_MAX;
}

uint64_t own_limit(const struct verdict_input *in, size_t limit)
{
	uint64_t lowest = CG2_MAX;

	for (size_t i = 0; is_own(in, i); i++)
		lowest = MIN(lowest, level_limit(in, i, limit));
	return lowest;
}

/*
 * Of level 0 and what is below it, the local counter tells which; an unknown one leaves
 * it to the other. Returns whether there was an event.
 */
static bool is_hit(const struct verdict_input *in, size_t level, size_t total,
		   size_t local, struct cause *hit)
{
	uint64_t n_local = counter_delta(in, level, local);
	uint64_t n_total = counter_delta(in, level, total);

	if (is_known(n_local) && n_local > 0) {
		hit->count = level == 0 && is_known(n_total) ? n_total : n_local;
		return true;
	}
	if (!is_known(n_total) || n_total == 0)
		return false;
	if (!is_known(n_local)) {
		hit->has_gap = true;
		hit->gap_level = level;
	}
	hit->count = n_total;
	hit->is_below = is_known(n_local);
	return level == 0 || !is_known(n_local);
}

bool has_counter(const struct verdict_input *in, size_t level, size_t counter)
{
	return is_known(field_of(&in->before[level], counter)) ||
	       is_known(field_of(&in->after[level], counter));
}

/*
 * A level that should have such a counter, as one below has, and that does not tell. What
 * includes it and did not move tells that it did not either.
 */
static size_t find_gap(const struct verdict_input *in, size_t total, size_t local, bool includes)
{
	bool is_expected = false;
	size_t gap = SIZE_MAX;

	for (size_t i = 0; i < in->n_levels; i++) {
		is_expected = is_expected || has_counter(in, i, local) ||
			      has_counter(in, i, total);
		if (includes && counter_delta(in, i, total) == 0)
			gap = SIZE_MAX;
		else if (gap == SIZE_MAX && is_expected &&
			 !is_known(counter_delta(in, i, local)))
			gap = i;
	}
	return gap;
}

struct cause lowest_hit(const struct verdict_input *in, size_t total, size_t local, bool includes)
{
	struct cause hit = { .level = SIZE_MAX,
			     .limit = CG2_MAX,
			     .count = UNKNOWN };
	size_t gap = find_gap(in, total, local, includes);
	size_t n_hits = 0;

	for (size_t i = 0; i < in->n_levels; i++) {
		struct cause at = hit;

		if (!is_hit(in, i, total, local, &at) || n_hits++ > 0)
			continue;
		hit = at;
		hit.is_found = true;
		hit.level = i;
	}
	if (gap != SIZE_MAX) {
		hit.has_gap = true;
		hit.gap_level = gap;
	}
	if (hit.is_found && is_own(in, hit.level))
		hit.is_certain = !hit.has_gap || hit.gap_level > hit.level;
	else
		hit.is_certain = !hit.has_gap && n_hits <= 1;
	return hit;
}

bool has_failed(const struct verdict_input *in)
{
	return in->exit_code != CLD_EXITED || in->exit_status != 0;
}
