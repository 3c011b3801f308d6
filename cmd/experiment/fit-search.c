/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/fit-search.h"

#include <string.h>

#define EVIDENCE_RUNS 3
#define SLOW_REPEATS 2
#define FLAKY_MAX 2
#define GALLOP_FIRST 4
#define GALLOP_MAX 16

const char *fit_why_to_string(enum fit_why why)
{
	static const char *const names[] = {
		[FIT_OK] = "ok",
		[FIT_LIMIT] = "limit",
		[FIT_SLOW] = "slow",
		[FIT_SLOW_ALONE] = "slow",
		[FIT_UNEXPLAINED] = "unexplained",
		[FIT_FOREIGN] = "foreign",
	};

	return names[why];
}

const char *fit_end_to_string(enum fit_end end)
{
	static const char *const names[] = {
		[FIT_GOING_ON] = "signal",
		[FIT_FOUND] = "found",
		[FIT_BASELINE_FAILED] = "baseline_failed",
		[FIT_UNEXPLAINED_END] = "unexplained",
		[FIT_NOT_MONOTONIC] = "not_monotonic",
		[FIT_HIGH_FAILS] = "high_fails",
		[FIT_TOGETHER_FAILS] = "together_fails",
		[FIT_FOREIGN_END] = "foreign",
		[FIT_BUDGET] = "budget",
		[FIT_SIGNAL] = "signal",
	};

	return names[end];
}

/* ---- the grid ---- */

/* How far it is from a point to the next: so many in each octave, but no less than a unit. */
static uint64_t grid_step(const struct fit_config *config, uint64_t value)
{
	uint64_t octave = 1;

	while (octave <= value / 2)
		octave *= 2;
	return MAX(octave / config->steps, config->unit);
}

uint64_t fit_grid_up(const struct fit_config *config, uint64_t value)
{
	const uint64_t step = grid_step(config, value);

	return MAX(value + step - 1, step) / step * step;
}

uint64_t fit_grid_move(const struct fit_config *config, uint64_t value, long n)
{
	for (; n > 0; n--)
		value += grid_step(config, value);
	for (; n < 0 && value > config->unit; n++)
		value -= grid_step(config, value - 1);
	return value;
}

static uint64_t clamp(const struct fit_search *s, uint64_t value)
{
	return MIN(MAX(value, s->config.low), s->config.high);
}

/* A point between what failed and what passed; 0: there is none. */
static uint64_t middle(const struct fit_search *s)
{
	const uint64_t below = s->lo ? s->lo : s->config.low - 1;
	uint64_t value = fit_grid_up(&s->config, below + (s->hi - below) / 2);

	if (value >= s->hi)
		value = fit_grid_move(&s->config, s->hi, -1);
	/* The lowest may be off the grid. */
	value = MAX(value, s->config.low);
	return value > below && value < s->hi ? value : 0;
}

/* ---- what was seen ---- */

const struct fit_tally *fit_search_tally(const struct fit_search *s, uint64_t value)
{
	static const struct fit_tally none;

	for (size_t i = 0; i < s->n_tallies; i++)
		if (s->tallies[i].value == value)
			return &s->tallies[i];
	return &none;
}

static void count(struct fit_search *s, uint64_t value, bool passed)
{
	size_t i = 0;

	while (i < s->n_tallies && s->tallies[i].value != value)
		i++;
	if (i == s->n_tallies)
		s->tallies[s->n_tallies++] = (struct fit_tally){ .value = value };
	s->tallies[i].passed += passed;
	s->tallies[i].failed += !passed;
}

/* ---- the next probe ---- */

static void begin_phase(struct fit_search *s, enum fit_phase phase)
{
	s->phase = phase;
}

/* Each returns the value to try, 0: the phase is over and another one has begun. */
static uint64_t next_gallop(struct fit_search *s)
{
	uint64_t value = s->config.guess;

	if (s->direction != 0 || value == 0) {
		const long n = (long)MIN(s->step, (uint64_t)GALLOP_MAX);

		if (s->direction == 0)
			s->direction = -1;
		value = s->direction < 0 ? fit_grid_move(&s->config, s->hi, -n)
					 : fit_grid_move(&s->config, s->lo, n);
		s->step *= 2;
	}
	value = clamp(s, fit_grid_up(&s->config, value));
	if (value > s->lo && value < s->hi)
		return value;
	begin_phase(s, FIT_PHASE_BISECT);
	return 0;
}

static uint64_t next_bisect(struct fit_search *s)
{
	const uint64_t value = middle(s);

	if (value == 0) {
		s->step = 1;
		begin_phase(s, FIT_PHASE_CONFIRM);
	}
	return value;
}

static bool is_confirmed(const struct fit_search *s)
{
	return fit_search_tally(s, s->hi)->passed >= s->config.n_confirm;
}

static uint64_t next_confirm(struct fit_search *s)
{
	uint64_t value;

	if (!is_confirmed(s))
		return s->hi;
	/* The last step was longer than two: what is in the middle may do. */
	value = s->step > 4 && s->confirmed == 0 ? middle(s) : 0;
	s->confirmed = s->hi;
	if (value)
		s->hi = value;
	begin_phase(s, value ? FIT_PHASE_MIDDLE : FIT_PHASE_EVIDENCE);
	return value;
}

static uint64_t next_middle(struct fit_search *s)
{
	if (!is_confirmed(s))
		return s->hi;
	s->confirmed = s->hi;
	begin_phase(s, FIT_PHASE_EVIDENCE);
	return 0;
}

static uint64_t next_evidence(struct fit_search *s)
{
	const struct fit_tally *tally = fit_search_tally(s, s->lo);

	if (s->lo > 0 && tally->passed + tally->failed < EVIDENCE_RUNS)
		return s->lo;
	begin_phase(s, FIT_PHASE_SPOT);
	return 0;
}

/* The next step, and half way to the peak. */
static uint64_t next_spot(struct fit_search *s)
{
	while (s->n_spots < 2) {
		uint64_t value = s->n_spots == 0
					 ? fit_grid_move(&s->config, s->hi, 1)
					 : fit_grid_up(&s->config, s->hi + (s->top - s->hi) / 2);

		if (s->top > s->hi && value > s->hi && value <= s->config.high)
			return value;
		s->n_spots++;
	}
	s->end = FIT_FOUND;
	return 0;
}

static uint64_t next_value(struct fit_search *s)
{
	switch (s->phase) {
	case FIT_PHASE_HIGH:
		return s->hi;
	case FIT_PHASE_GALLOP:
		return next_gallop(s);
	case FIT_PHASE_BISECT:
		return next_bisect(s);
	case FIT_PHASE_CONFIRM:
		return next_confirm(s);
	case FIT_PHASE_MIDDLE:
		return next_middle(s);
	case FIT_PHASE_EVIDENCE:
		return next_evidence(s);
	case FIT_PHASE_SPOT:
		return next_spot(s);
	}
	return 0;
}

void fit_search_begin(struct fit_search *s, const struct fit_config *config)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->is_certain = true;
	s->step = GALLOP_FIRST;
	s->hi = clamp(s, fit_grid_up(config, config->start));
}

/* What is known to pass; the limit is left out where nothing is. */
static uint64_t control_value(const struct fit_search *s)
{
	return fit_search_tally(s, s->hi)->passed > 0 && s->hi != s->value ? s->hi : UINT64_MAX;
}

bool fit_search_next(struct fit_search *s, struct fit_probe *ret)
{
	const bool is_repeated = s->n_slow + s->n_unexplained + s->n_foreign > 0;

	if (!is_repeated && !s->is_control)
		for (s->value = 0; s->end == FIT_GOING_ON && s->value == 0;)
			s->value = next_value(s);
	if (s->end == FIT_GOING_ON && s->n_runs >= s->config.n_runs_max)
		s->end = FIT_BUDGET;
	if (s->end != FIT_GOING_ON)
		return false;
	*ret = (struct fit_probe){ s->is_control ? control_value(s) : s->value, s->is_control };
	return true;
}

/* ---- what follows from it ---- */

static void tell_high(struct fit_search *s, bool passed)
{
	if (passed) {
		s->top = s->hi;
		begin_phase(s, FIT_PHASE_GALLOP);
		return;
	}
	s->lo = s->hi;
	if (s->hi >= s->config.high)
		s->end = FIT_HIGH_FAILS;
	s->hi = clamp(s, 2 * s->hi);
}

static void tell_gallop(struct fit_search *s, bool passed)
{
	const int direction = passed ? -1 : 1;

	if (passed)
		s->hi = s->value;
	else
		s->lo = s->value;
	if (s->direction != 0 && s->direction != direction)
		begin_phase(s, FIT_PHASE_BISECT);
	s->direction = direction;
}

static void tell_bisect(struct fit_search *s, bool passed)
{
	if (passed)
		s->hi = s->value;
	else
		s->lo = s->value;
}

/* One failure is enough: up, and further each time. */
static void climb(struct fit_search *s)
{
	s->lo = s->value;
	if (s->value >= s->config.high) {
		s->end = FIT_HIGH_FAILS;
		return;
	}
	s->hi = clamp(s, fit_grid_move(&s->config, s->value, (long)MIN(s->step, UINT64_C(64))));
	s->step *= 2;
}

static void tell_spot(struct fit_search *s, bool passed)
{
	s->n_spots++;
	if (passed)
		return;
	if (s->spot_failed) {
		s->end = FIT_NOT_MONOTONIC;
		return;
	}
	s->spot_failed = true;
	s->n_spots = 0;
	s->step = 1;
	climb(s);
	begin_phase(s, FIT_PHASE_CONFIRM);
}

/* What counts, after all doubts. */
static void settle(struct fit_search *s, bool passed)
{
	s->n_slow = s->n_unexplained = s->n_foreign = 0;
	count(s, s->value, passed);
	switch (s->phase) {
	case FIT_PHASE_HIGH:
		tell_high(s, passed);
		break;
	case FIT_PHASE_GALLOP:
		tell_gallop(s, passed);
		break;
	case FIT_PHASE_BISECT:
		tell_bisect(s, passed);
		break;
	case FIT_PHASE_CONFIRM:
		if (!passed)
			climb(s);
		break;
	case FIT_PHASE_MIDDLE:
		if (passed)
			break;
		s->lo = s->hi;
		s->hi = s->confirmed;
		begin_phase(s, FIT_PHASE_EVIDENCE);
		break;
	case FIT_PHASE_EVIDENCE:
		break;
	case FIT_PHASE_SPOT:
		tell_spot(s, passed);
		break;
	}
}

/* It still passes where it did: then the failure is this limit's, or chance. */
static void tell_control(struct fit_search *s, enum fit_why why)
{
	s->is_control = false;
	if (why != FIT_OK)
		s->end = FIT_UNEXPLAINED_END;
}

static void tell_unexplained(struct fit_search *s)
{
	s->n_unexplained++;
	if (s->n_unexplained == 2 && !s->config.takes_any) {
		s->end = FIT_UNEXPLAINED_END;
	} else if (s->n_unexplained == 3) {
		s->is_certain = false;
		settle(s, false);
	} else {
		s->is_control = true;
	}
}

void fit_search_tell(struct fit_search *s, enum fit_why why)
{
	s->n_runs++;
	if (s->is_control) {
		tell_control(s, why);
		return;
	}
	switch (why) {
	case FIT_OK:
		if (s->n_unexplained > 0 && ++s->n_flaky >= FLAKY_MAX)
			s->end = FIT_UNEXPLAINED_END;
		else
			settle(s, true);
		break;
	case FIT_LIMIT:
	case FIT_SLOW:
		settle(s, false);
		break;
	case FIT_SLOW_ALONE:
		if (s->n_slow++ >= SLOW_REPEATS)
			settle(s, false);
		break;
	case FIT_UNEXPLAINED:
		tell_unexplained(s);
		break;
	case FIT_FOREIGN:
		if (s->n_foreign++ > 0)
			s->end = FIT_FOREIGN_END;
		break;
	}
}
