/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search of fit against commands that are made up: what it promises holds for all of them,
 * and it is wrong about few.
 */
#include "unit.h"

#include "cmd/experiment/fit-search.h"

#define COMMANDS 10000
#define RUNS_MAX 100

/* What decides whether a run passes. */
enum nature {
	SHARP,	  /* from a limit on it passes, below it never does */
	SPREAD,	  /* each run needs up to 8 % more, by chance */
	WAVERING, /* one run in eight needs a fifth more */
	N_SOUND,  /* those above have an answer */
	FLAKY = N_SOUND, /* one run in five fails, whatever the limit is */
	SILENT,	  /* as sharp, but nothing says why it fails */
	BAND,	  /* it fails between two limits, too */
};

struct command {
	enum nature nature;
	uint64_t needs, band_low, band_high;
	uint64_t random;
};

static double chance(struct command *c)
{
	return (double)(next_random(&c->random) >> 11) / 9007199254740992.0;
}

/* How often a run passes under that limit. */
static double pass_probability(const struct command *c, uint64_t value)
{
	const double over = ((double)value / (double)c->needs - 1) / 0.08;

	switch (c->nature) {
	case SPREAD:
		return over < 0 ? 0 : over > 1 ? 1 : over;
	case WAVERING:
		return value < c->needs ? 0 : value < c->needs + c->needs / 5 ? 0.875 : 1;
	case FLAKY:
		return 0.8;
	case BAND:
		return value >= c->needs && (value < c->band_low || value > c->band_high);
	case SHARP:
	case SILENT:
		break;
	}
	return value >= c->needs;
}

static enum fit_why run_command(struct command *c, uint64_t value)
{
	if (chance(c) < pass_probability(c, value))
		return FIT_OK;
	return c->nature == FLAKY || c->nature == SILENT ? FIT_UNEXPLAINED : FIT_LIMIT;
}

static struct command make_command(uint64_t *state, enum nature nature)
{
	struct command c = { .nature = nature };

	/* From 1 MiB to 16 GiB, each size as likely. */
	c.needs = (MIB << next_random(state) % 14) + next_random(state) % MIB;
	c.needs += next_random(state) % c.needs;
	c.band_low = c.needs + c.needs / 8;
	c.band_high = c.needs + c.needs / 3;
	c.random = next_random(state) | 1;
	return c;
}

/* The peak that was seen, and the anonymous part of it, neither of which says much. */
static struct fit_config make_config(uint64_t *state, const struct command *c)
{
	const uint64_t cache =
		next_random(state) % 3 == 0 ? next_random(state) % (4 * c->needs) : 0;

	return (struct fit_config){
		.low = MIB, .high = UINT64_C(1) << 42, .unit = MIB, .steps = 32,
		.start = c->needs + c->needs / 50 + cache,
		.guess = c->needs / 10 * (5 + next_random(state) % 6),
		.n_confirm = 10, .n_runs_max = RUNS_MAX,
	};
}

static void search(struct fit_search *s, const struct fit_config *config, struct command *c)
{
	struct fit_probe probe;
	size_t n = 0;

	fit_search_begin(s, config);
	while (fit_search_next(s, &probe)) {
		assert_true(++n <= RUNS_MAX);
		assert_true(probe.value == UINT64_MAX ||
			    (probe.value >= config->low && probe.value <= config->high));
		fit_search_tell(s, run_command(c, probe.value));
	}
	assert_int_equal(s->n_runs, n);
	assert_true(s->end != FIT_GOING_ON);
	/* Nothing is an answer that did not pass every time. */
	if (s->end == FIT_FOUND) {
		const struct fit_tally *tally = fit_search_tally(s, s->hi);

		assert_true(tally->passed >= config->n_confirm);
		assert_int_equal(tally->failed, 0);
		assert_true(s->lo < s->hi);
		assert_true(s->lo == 0 || fit_search_tally(s, s->lo)->failed > 0);
	}
}

static void test_ten_thousand_commands(void **state _unused_)
{
	size_t wrong = 0, found = 0, runs = 0, high = 0;
	uint64_t random = 16;

	for (size_t i = 0; i < COMMANDS; i++) {
		struct command c = make_command(&random, (enum nature)(i % N_SOUND));
		const struct fit_config config = make_config(&random, &c);
		struct fit_search *s = malloc(sizeof(*s));

		assert_non_null(s);
		search(s, &config, &c);
		if (s->end == FIT_FOUND) {
			found++;
			wrong += pass_probability(&c, s->hi) < 0.74;
			/* Twice what it needs is no answer either. */
			high += s->hi > 2 * MAX(c.needs, 2 * MIB);
		}
		runs += s->n_runs;
		free(s);
	}
	print_message("%zu of %d found, %zu wrong, %zu far too high, %zu runs on average\n", found,
		      COMMANDS, wrong, high, runs / COMMANDS);
	assert_true(found > COMMANDS * 98 / 100);
	assert_true(wrong < found * 2 / 100);
	assert_true(high < found / 100);
	assert_true(runs / COMMANDS < 35);
}

/* A limit that is known exactly is found exactly, up to a step. */
static void test_sharp_limits_are_found(void **state _unused_)
{
	uint64_t random = 17;

	for (size_t i = 0; i < 1000; i++) {
		struct command c = make_command(&random, SHARP);
		const struct fit_config config = make_config(&random, &c);
		struct fit_search *s = malloc(sizeof(*s));

		assert_non_null(s);
		search(s, &config, &c);
		assert_int_equal(s->end, FIT_FOUND);
		assert_true(s->hi >= c.needs);
		assert_true(s->hi == config.low || fit_grid_move(&config, s->hi, -1) < c.needs);
		assert_true(s->is_certain);
		free(s);
	}
}

static size_t count_ends(enum nature nature, bool takes_any, enum fit_end end)
{
	uint64_t random = 18;
	size_t n = 0;

	for (size_t i = 0; i < 1000; i++) {
		struct command c = make_command(&random, nature);
		struct fit_config config = make_config(&random, &c);
		struct fit_search *s = malloc(sizeof(*s));

		assert_non_null(s);
		config.takes_any = takes_any;
		search(s, &config, &c);
		n += s->end == end;
		assert_true(s->end != FIT_FOUND || !takes_any || !s->is_certain || s->lo == 0);
		free(s);
	}
	return n;
}

static void test_failures_that_nothing_explains(void **state _unused_)
{
	/* Not taken for the limit's, unless that is asked for: then the answer is not certain. */
	assert_true(count_ends(SILENT, false, FIT_UNEXPLAINED_END) > 970);
	assert_true(count_ends(SILENT, true, FIT_FOUND) > 950);
	assert_true(count_ends(FLAKY, false, FIT_UNEXPLAINED_END) > 900);
}

/* A command that fails under higher limits too: found out, or the answer is above them. */
static void test_limits_that_are_not_monotonic(void **state _unused_)
{
	uint64_t random = 19;
	size_t unnoticed = 0;

	for (size_t i = 0; i < 1000; i++) {
		struct command c = make_command(&random, BAND);
		struct fit_config config = make_config(&random, &c);
		struct fit_search *s = malloc(sizeof(*s));

		assert_non_null(s);
		/* The peak is above the band. */
		config.start = 2 * c.needs;
		search(s, &config, &c);
		unnoticed += s->end == FIT_FOUND && s->hi < c.band_low;
		free(s);
	}
	/* Two spot checks see what is near and what is in the middle. */
	assert_true(unnoticed < 700);
}

static const struct fit_config tasks = {
	.low = 1, .high = 4194304, .unit = 1, .steps = 32, .start = 14, .guess = 12,
	.n_confirm = 10, .n_runs_max = 100,
};

static void search_from(struct fit_search *s, const struct fit_config *config, uint64_t needs)
{
	struct command c = { .nature = SHARP, .needs = needs, .random = 1 };

	search(s, config, &c);
}

static void test_whole_numbers(void **state _unused_)
{
	struct fit_search *s = malloc(sizeof(*s));

	assert_non_null(s);
	for (uint64_t needs = 1; needs < 300; needs++) {
		struct fit_config config = tasks;

		config.start = needs;
		config.guess = needs - 1;
		search_from(s, &config, needs);
		assert_int_equal(s->end, FIT_FOUND);
		assert_true(s->hi >= needs && s->hi <= needs + needs / 16);
		assert_true(s->lo < needs);
	}
	free(s);
}

static void test_bounds_of_the_user(void **state _unused_)
{
	struct fit_search *s = malloc(sizeof(*s));
	struct fit_config config = tasks;

	assert_non_null(s);
	config.low = 5;
	search_from(s, &config, 3);
	assert_int_equal(s->end, FIT_FOUND);
	assert_int_equal(s->hi, 5);
	assert_int_equal(s->lo, 0);
	config.high = 10;
	search_from(s, &config, 11);
	assert_int_equal(s->end, FIT_HIGH_FAILS);
	config.n_runs_max = 8;
	search_from(s, &config, 9);
	assert_int_equal(s->end, FIT_BUDGET);
	assert_int_equal(s->n_runs, 8);
	free(s);
}

static void tell_all(struct fit_search *s, const struct fit_config *config,
		     const enum fit_why *whys, size_t n)
{
	struct fit_probe probe;

	fit_search_begin(s, config);
	for (size_t i = 0; i < n; i++) {
		assert_true(fit_search_next(s, &probe));
		fit_search_tell(s, whys[i]);
	}
	while (fit_search_next(s, &probe))
		fit_search_tell(s, FIT_OK);
}

static void test_doubts(void **state _unused_)
{
	static const enum fit_why foreign_twice[] = { FIT_FOREIGN, FIT_FOREIGN };
	static const enum fit_why foreign_once[] = { FIT_FOREIGN, FIT_OK };
	static const enum fit_why slow_thrice[] = { FIT_SLOW_ALONE, FIT_SLOW_ALONE,
						    FIT_SLOW_ALONE };
	static const enum fit_why slow_twice[] = { FIT_SLOW_ALONE, FIT_SLOW_ALONE };
	static const enum fit_why no_control[] = { FIT_OK, FIT_UNEXPLAINED, FIT_UNEXPLAINED };
	struct fit_search *s = malloc(sizeof(*s));

	assert_non_null(s);
	tell_all(s, &tasks, foreign_twice, 2);
	assert_int_equal(s->end, FIT_FOREIGN_END);
	tell_all(s, &tasks, foreign_once, 2);
	assert_int_equal(s->end, FIT_FOUND);
	tell_all(s, &tasks, slow_thrice, 3);
	assert_int_equal(s->end, FIT_FOUND);
	assert_true(s->hi > 14);
	tell_all(s, &tasks, slow_twice, 2);
	assert_int_equal(s->hi, 1);
	tell_all(s, &tasks, no_control, 3);
	assert_int_equal(s->end, FIT_UNEXPLAINED_END);
	free(s);
}

static void test_the_grid(void **state _unused_)
{
	const struct fit_config memory = { .unit = MIB, .steps = 32 };

	assert_true(fit_grid_up(&memory, 1) == MIB);
	assert_true(fit_grid_up(&memory, 80 * MIB) == 80 * MIB);
	assert_true(fit_grid_up(&memory, 80 * MIB + 1) == 82 * MIB);
	assert_true(fit_grid_move(&memory, 64 * MIB, -1) == 63 * MIB);
	assert_true(fit_grid_move(&memory, 64 * MIB, 1) == 66 * MIB);
	assert_true(fit_grid_move(&memory, MIB, -5) == MIB);
	assert_true(fit_grid_move(&memory, 1024 * MIB, 32) == 2048 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_thousand_commands),
		cmocka_unit_test(test_sharp_limits_are_found),
		cmocka_unit_test(test_failures_that_nothing_explains),
		cmocka_unit_test(test_limits_that_are_not_monotonic),
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(test_bounds_of_the_user),
		cmocka_unit_test(test_doubts),
		cmocka_unit_test(test_the_grid),
	};

	return cmocka_run_group_tests_name("fit-search", tests, NULL, NULL);
}
