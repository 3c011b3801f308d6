/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who refused a fork? pids.events has two meanings:
 *
 * Since kernel 6.11 the cgroup whose pids.max refused counts it, and its ancestors with
 * it; pids.events.local is that cgroup alone. So the level is known; but an ancestor's
 * counter does not tell whose fork it was, and that stays "probably".
 *
 * Before (and with the mount option pids_localevents) the cgroup of the forking task
 * counts it, whoever refused. So it is known to be ours, and the level follows from which
 * limits were reached: certain only if all others were not.
 *
 * A fork is charged from the bottom up. pids.peak of the levels below the refusing one
 * counts the attempt, that of the refusing one does not.
 */
#include <signal.h>

#include "verdict/verdict-cause.h"

#define PIDS_MAX offsetof(struct verdict_level, pids_max)

static bool is_counted_by_limit(const struct verdict_input *in)
{
	for (size_t i = 0; i < in->n_levels && !in->machine.is_events_local; i++)
		if (is_known(in->after[i].pids_local))
			return true;
	return false;
}

/* The tasks of the run, as far up as a counter of its own goes; SIZE_MAX: none. */
static size_t own_tasks_level(const struct verdict_input *in)
{
	for (size_t i = 0; is_own(in, i); i++)
		if (is_known(in->after[i].pids_peak))
			return i;
	return SIZE_MAX;
}

/* A run of a single task never tried to fork where pids.max could have refused it. */
static bool has_never_forked(const struct verdict_input *in)
{
	size_t level = own_tasks_level(in);

	return level != SIZE_MAX && in->after[level].pids_peak <= 1;
}

/* ------------------------------------------------------------------------------------
 * Since kernel 6.11
 */

static uint64_t add_known(uint64_t sum, uint64_t value)
{
	return is_known(value) ? (is_known(sum) ? sum + value : value) : sum;
}

/* The refusals of all levels: each is in the local counter of one. */
static uint64_t count_refused(const struct verdict_input *in)
{
	uint64_t sum = UNKNOWN;

	for (size_t i = 0; i < in->n_levels; i++) {
		uint64_t n = counter_delta(in, i, COUNTER(pids_local));
		uint64_t total = counter_delta(in, i, COUNTER(pids_events));

		if (!is_own(in, i) && has_never_forked(in))
			break;
		sum = add_known(sum, i == 0 && is_known(total) ? total : n);
	}
	return sum;
}

static void find_by_limit(struct evidence *e)
{
	struct cause hit = lowest_hit(e->in, COUNTER(pids_events), COUNTER(pids_local), true);

	e->refused = hit.has_gap ? UNKNOWN : count_refused(e->in);
	if (!hit.is_found)
		return;
	hit.is_counted = is_own(e->in, hit.level);
	if (!hit.is_counted && has_never_forked(e->in))
		return;
	hit.is_certain = hit.is_certain && hit.is_counted;
	e->tasks = hit;
}

/* ------------------------------------------------------------------------------------
 * Before
 */

/* How near to its limit a level came. */
enum fullness {
	FULL_NEVER, /* or it has no limit */
	FULL_MAYBE,
	FULL_SURELY,
};

/* Most tasks a level can have had: it never had more than any of its ancestors. */
static uint64_t highest_peak(const struct verdict_input *in, size_t level)
{
	uint64_t peak = UNKNOWN;

	for (size_t i = level; i < in->n_levels; i++)
		peak = MIN(peak, in->after[i].pids_peak);
	return peak;
}

/* Was it full before the run already? Then its peak tells nothing about the run. */
static bool was_full(const struct verdict_input *in, size_t level, uint64_t limit)
{
	uint64_t peak = in->before[level].pids_peak;

	return !in->after[level].is_own && (!is_known(peak) || peak >= limit);
}

static enum fullness fullness_of(const struct verdict_input *in, size_t level)
{
	uint64_t limit = level_limit(in, level, PIDS_MAX);
	uint64_t current = in->after[level].pids_current;
	uint64_t peak = highest_peak(in, level);

	if (limit == CG2_MAX)
		return FULL_NEVER;
	if (is_known(current) && current >= limit)
		return FULL_SURELY;
	if (!is_known(peak))
		return FULL_MAYBE;
	if (peak >= limit)
		return was_full(in, level, limit) ? FULL_MAYBE : FULL_SURELY;
	/* The kernel keeps the peak without a lock: it may have missed one. */
	return peak + 1 == limit ? FULL_MAYBE : FULL_NEVER;
}

static uint64_t headroom(const struct verdict_input *in, size_t level)
{
	uint64_t limit = level_limit(in, level, PIDS_MAX);
	uint64_t current = in->after[level].pids_current;

	if (limit == CG2_MAX || !is_known(current))
		return limit;
	return limit - MIN(limit, current);
}

/* Is a better candidate than b: the kernel asks the lower level first. */
static bool is_likelier(const struct verdict_input *in, size_t a, size_t b)
{
	enum fullness full_a = fullness_of(in, a);
	enum fullness full_b = fullness_of(in, b);

	if (full_a != full_b)
		return full_a > full_b;
	return full_a == FULL_MAYBE && headroom(in, a) < headroom(in, b);
}

/* The level that refused, of those that may have; certain if there is no other. */
static struct cause likeliest_level(const struct verdict_input *in)
{
	struct cause best = { .is_found = true, .level = SIZE_MAX, .limit = CG2_MAX };
	size_t n_own = 0, n_other = 0;

	for (size_t i = 0; i < in->n_levels; i++) {
		if (fullness_of(in, i) == FULL_NEVER)
			continue;
		if (is_own(in, i))
			n_own++;
		else
			n_other++;
		if (best.level == SIZE_MAX || is_likelier(in, i, best.level))
			best.level = i;
	}
	if (best.level == SIZE_MAX)
		return best;
	best.is_certain = !in->machine.is_namespaced &&
			  (is_own(in, best.level) ? n_other == 0 : n_own + n_other == 1);
	return best;
}

/* A level that should have a limit, since one below it has, and that can't be read. */
static size_t unread_limit(const struct verdict_input *in)
{
	bool is_expected = false;

	for (size_t i = 0; i < in->n_levels; i++) {
		if (is_expected && !is_known(in->after[i].pids_max))
			return i;
		is_expected = is_expected || is_known(in->after[i].pids_max);
	}
	return SIZE_MAX;
}

static void find_by_forker(struct evidence *e)
{
	const struct verdict_input *in = e->in;
	size_t i = 0, gap = unread_limit(in);
	struct cause hit;

	/* Without the controller a level's tasks are counted further up. */
	while (i < in->n_levels && !has_counter(in, i, COUNTER(pids_events)))
		i++;
	if (i == in->n_levels)
		return;
	e->refused = counter_delta(in, i, COUNTER(pids_events));
	if (!is_known(e->refused) || e->refused == 0)
		return;
	hit = likeliest_level(in);
	hit.count = e->refused;
	hit.is_counted = is_own(in, i);
	hit.has_gap = gap != SIZE_MAX;
	hit.gap_level = gap;
	hit.is_certain = hit.is_certain && hit.is_counted && !hit.has_gap;
	e->tasks = hit;
}

/* ------------------------------------------------------------------------------------
 * Limits of the user and of the machine
 */

/* Of PID numbers this many are given out only once. */
#define RESERVED_PIDS 300

/* Tasks of others come and go between the failure and the look. */
#define SLACK 8

/*
 * The most that was in use: what is in use now, and what the run had at its peak and has
 * no more. Exact if the others stayed as they are.
 */
static uint64_t highest_use(const struct verdict_input *in, uint64_t now)
{
	size_t level = own_tasks_level(in);
	uint64_t peak, current;

	if (!is_known(now) || level == SIZE_MAX)
		return now;
	peak = in->after[level].pids_peak;
	current = in->after[level].pids_current;
	return is_known(current) && peak > current ? now + (peak - current) : now;
}

/* A failed fork makes a program give up or crash; it does not send it these. */
static bool is_killed_from_outside(const struct verdict_input *in)
{
	static const int sent[] = { SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE };

	for (size_t i = 0; in->exit_code != CLD_EXITED && i < ARRAY_SIZE(sent); i++)
		if (in->exit_status == sent[i])
			return true;
	return false;
}

/* In the order in which the kernel asks them. */
static void find_by_machine(struct evidence *e)
{
	const struct verdict_machine *m = &e->in->machine;
	const struct {
		const char *file;
		uint64_t limit;
		uint64_t now;
		uint64_t slack;
	} limits[] = {
		{ "RLIMIT_NPROC", m->nproc_limit, m->nproc_current, 1 },
		{ "kernel.threads-max", m->threads_max, m->threads, SLACK },
		{ "kernel.pid_max", m->pid_max, m->threads, RESERVED_PIDS + SLACK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		uint64_t use = highest_use(e->in, limits[i].now);

		if (!is_limit(limits[i].limit) || !is_known(use) ||
		    use < limits[i].limit - MIN(limits[i].limit, limits[i].slack))
			continue;
		e->tasks = (struct cause){
			.is_found = true,
			.level = SIZE_MAX,
			.file = limits[i].file,
			.limit = limits[i].limit,
			.count = UNKNOWN,
			.use = MIN(use, limits[i].limit),
		};
		return;
	}
}

void find_refused_forks(struct evidence *e)
{
	const struct verdict_input *in = e->in;

	if (is_counted_by_limit(in))
		find_by_limit(e);
	else
		find_by_forker(e);
	if (e->tasks.is_found) {
		e->tasks.file = "pids.max";
		e->tasks.limit = e->tasks.level == SIZE_MAX || e->tasks.is_below
					 ? CG2_MAX
					 : level_limit(in, e->tasks.level, PIDS_MAX);
		return;
	}
	if (!has_failed(in) || in->exit_code == 0 || is_killed_from_outside(in))
		return;
	find_by_machine(e);
	if (e->tasks.is_found) {
		e->tasks.has_gap = !is_known(e->refused);
		e->tasks.gap_level = SIZE_MAX;
		e->refused = UNKNOWN;
	}
}
