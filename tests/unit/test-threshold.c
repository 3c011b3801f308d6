/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds: words to thresholds and back, and when one is crossed.
 */
#include "unit.h"

#include "watch/threshold.h"

#define MIB (UINT64_C(1) << 20)

static const struct {
	const char *text;
	const char *canonical; /* NULL: the text itself */
	struct cg2_threshold threshold;
} words[] = {
	{ "tasks:80%", NULL, { .kind = CG2_THRESHOLD_TASKS, .is_share = true, .permyriad = 8000 } },
	{ "tasks:100%", NULL,
	  { .kind = CG2_THRESHOLD_TASKS, .is_share = true, .permyriad = 10000 } },
	{ "tasks:200", NULL, { .kind = CG2_THRESHOLD_TASKS, .value = 200 } },
	{ "memory:92.5%", NULL,
	  { .kind = CG2_THRESHOLD_MEMORY, .is_share = true, .permyriad = 9250 } },
	{ "memory:1G", NULL, { .kind = CG2_THRESHOLD_MEMORY, .value = 1024 * MIB } },
	{ "memory:1024K", "memory:1M", { .kind = CG2_THRESHOLD_MEMORY, .value = MIB } },
	{ "pressure:memory:some:10%/2s", NULL,
	  { .kind = CG2_THRESHOLD_PRESSURE,
	    .pressure = CG2_PRESSURE_MEMORY,
	    .is_share = true,
	    .permyriad = 1000,
	    .window_usec = 2 * USEC_PER_SEC } },
	{ "pressure:io:full:40%/10", "pressure:io:full:40%/10s",
	  { .kind = CG2_THRESHOLD_PRESSURE,
	    .pressure = CG2_PRESSURE_IO,
	    .is_full = true,
	    .is_share = true,
	    .permyriad = 4000,
	    .window_usec = 10 * USEC_PER_SEC } },
	{ "pressure:cpu:some:0.5%", "pressure:cpu:some:0.5%/2s",
	  { .kind = CG2_THRESHOLD_PRESSURE,
	    .pressure = CG2_PRESSURE_CPU,
	    .is_share = true,
	    .permyriad = 50,
	    .window_usec = 2 * USEC_PER_SEC } },
};

static void words_become_thresholds_and_back(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct cg2_threshold *expected = &words[i].threshold;
		struct cg2_threshold t = { .size = sizeof(t) };
		_cleanup_free_ char *text = NULL;

		check_case(words[i].text,
			   cg2_threshold_from_string(words[i].text, &t, NULL) == 0);
		check_case(words[i].text, t.size == sizeof(t) && t.kind == expected->kind);
		check_case(words[i].text, t.pressure == expected->pressure);
		check_case(words[i].text, t.is_full == expected->is_full);
		check_case(words[i].text, t.is_share == expected->is_share);
		check_case(words[i].text, t.permyriad == expected->permyriad);
		check_case(words[i].text, t.value == expected->value);
		check_case(words[i].text, t.window_usec == expected->window_usec);
		assert_int_equal(cg2_threshold_to_string(&t, &text), 0);
		assert_string_equal(text,
				    words[i].canonical ? words[i].canonical : words[i].text);
	}
}

static const struct {
	const char *text;
	int result;
} bad_words[] = {
	{ "", -EINVAL },
	{ "tasks", -EINVAL },
	{ "tasks:", -EINVAL },
	{ "tasks:80%%", -EINVAL },
	{ "tasks:-1", -EINVAL },
	{ "tasks:1K", -EINVAL },
	{ "tasks:max", -EINVAL },
	{ "tasks:0", -ERANGE },
	{ "tasks:0%", -ERANGE },
	{ "tasks:101%", -ERANGE },
	{ "tasks:18446744073709551616", -ERANGE },
	{ "cpu:80%", -EINVAL },
	{ "Tasks:80%", -EINVAL },
	{ "memory:512MB", -EINVAL },
	{ "memory:max", -ERANGE },
	{ "memory:0", -ERANGE },
	{ "pressure", -EINVAL },
	{ "pressure:memory", -EINVAL },
	{ "pressure:memory:10%", -EINVAL },
	{ "pressure:swap:some:10%", -EINVAL },
	{ "pressure:memory:any:10%", -EINVAL },
	{ "pressure:memory:some:10", -EINVAL },
	{ "pressure:memory:some:10%/", -EINVAL },
	{ "pressure:memory:some:10%/2x", -EINVAL },
	{ "pressure:memory:some:10%/2s/2s", -EINVAL },
	{ "pressure:memory:some:0%/2s", -ERANGE },
	{ "pressure:memory:some:10%/99ms", -ERANGE },
	{ "pressure:memory:some:10%/11min", -ERANGE },
	{ "pressure:memory:some:10%/max", -ERANGE },
};

static void other_words_are_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_words); i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		struct cg2_threshold t = { .size = sizeof(t), .value = UNTOUCHED };
		int r = cg2_threshold_from_string(bad_words[i].text, &t, &err);

		check_case(bad_words[i].text, r == bad_words[i].result);
		check_case(bad_words[i].text, t.value == UNTOUCHED);
		check_case(bad_words[i].text,
			   err.value && strcmp(err.value, bad_words[i].text) == 0);
		check_case(bad_words[i].text, err.detail && strstr(err.detail, "expected"));
	}
}

/* An older caller has a smaller structure. */
static void what_the_caller_does_not_know_is_left_alone(void **state)
{
	struct cg2_threshold t = { .size = offsetof(struct cg2_threshold, window_usec),
				   .window_usec = UNTOUCHED };

	assert_int_equal(cg2_threshold_from_string("tasks:5", &t, NULL), 0);
	assert_int_equal(t.value, 5);
	assert_true(t.window_usec == UNTOUCHED);
}

/* What such a caller gives: the members that came later are as if nothing was said of them. */
static void a_smaller_structure_is_taken(void **state)
{
	struct cg2_threshold t = { .size = offsetof(struct cg2_threshold, window_usec),
				   .kind = CG2_THRESHOLD_PRESSURE,
				   .pressure = CG2_PRESSURE_IO,
				   .is_share = true,
				   .permyriad = 1000,
				   .window_usec = UNTOUCHED }, taken;
	_cleanup_free_ char *text = NULL;

	assert_int_equal(threshold_take(&t, &taken), 0);
	assert_true(taken.window_usec == 2 * USEC_PER_SEC);
	assert_int_equal(cg2_threshold_to_string(&t, &text), 0);
	assert_string_equal(text, "pressure:io:some:10%/2s");
}

static void a_larger_structure_is_taken_as_far_as_it_is_known(void **state)
{
	struct {
		struct cg2_threshold known;
		uint64_t unknown;
	} larger = { { sizeof(larger), .kind = CG2_THRESHOLD_TASKS, .value = 5 }, 0 };
	_cleanup_free_ char *text = NULL;

	assert_int_equal(cg2_threshold_to_string(&larger.known, &text), 0);
	assert_string_equal(text, "tasks:5");
	larger.unknown = 1;
	assert_int_equal(cg2_threshold_to_string(&larger.known, &text), -E2BIG);
}

static const struct cg2_threshold invalid[] = {
	{ sizeof(size_t) - 1, .kind = CG2_THRESHOLD_TASKS, .value = 5 },
	{ offsetof(struct cg2_threshold, value), .kind = CG2_THRESHOLD_TASKS, .value = 5 },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_PRESSURE + 1, .value = 5 },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_TASKS },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_MEMORY, .value = CG2_MAX },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_TASKS, .is_share = true, .permyriad = 10001 },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_PRESSURE, .permyriad = 5 },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_PRESSURE, .pressure = CG2_PRESSURE_IO + 1,
	  .is_share = true, .permyriad = 5 },
	{ sizeof(invalid[0]), .kind = CG2_THRESHOLD_PRESSURE, .is_share = true, .permyriad = 5,
	  .window_usec = 1 },
};

static void what_no_words_say_is_refused(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(invalid); i++) {
		struct cg2_threshold t = { .size = (size_t)UNTOUCHED };

		assert_int_equal(threshold_take(&invalid[i], &t), -EINVAL);
		assert_true(t.size == (size_t)UNTOUCHED);
	}
}

static const struct {
	uint64_t limit;
	uint64_t permyriad;
	uint64_t point;
} points[] = {
	{ 100, 8000, 80 },
	{ 20, 8000, 16 },
	{ 7, 8000, 6 }, /* 5.6 tasks are 6 */
	{ 1, 100, 1 },
	{ 0, 8000, 0 },
	{ CG2_MAX - 2, 10000, CG2_MAX - 2 },
	{ 64 * MIB, 9000, 60397978 },
};

static void a_share_is_of_the_limit(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		const struct cg2_threshold t = { .is_share = true,
						 .permyriad = points[i].permyriad };

		assert_true(threshold_point(&t, points[i].limit) == points[i].point);
	}
}

/* ---- crossing ---- */

struct step {
	uint64_t value;
	bool is_told;
};

static void walk(const char *name, uint64_t point, const struct step *steps, size_t n)
{
	bool is_over = false;

	for (size_t i = 0; i < n; i++)
		check_case(name,
			   threshold_step(&is_over, point, steps[i].value) == steps[i].is_told);
}

static void a_value_at_the_edge_is_told_once(void **state)
{
	static const struct step steps[] = {
		{ 79, false }, { 80, true },  { 79, false }, { 80, false }, { 73, false },
		{ 81, false }, { 100, false }, { 72, false }, { 79, false }, { 80, true },
		{ 0, false },  { 200, true },
	};

	walk("80", 80, steps, ARRAY_SIZE(steps));
}

static void small_numbers_fall_by_one(void **state)
{
	static const struct step steps[] = {
		{ 0, false }, { 1, true }, { 1, false }, { 0, false }, { 1, true }, { 2, false },
	};

	walk("1", 1, steps, ARRAY_SIZE(steps));
}

/* The limit itself may become another one. */
static void the_point_may_move(void **state)
{
	bool is_over = false;

	assert_true(threshold_step(&is_over, 80, 90));
	assert_false(threshold_step(&is_over, 160, 90));
	assert_true(threshold_step(&is_over, 80, 90));
}

static void the_stall_is_a_share_of_the_window(void **state)
{
	const struct cg2_threshold t = { .permyriad = 1000, .window_usec = 2 * USEC_PER_SEC };

	assert_int_equal(threshold_stall_usec(&t), 200 * USEC_PER_MSEC);
}

static void kinds_have_words(void **state)
{
	for (unsigned int kind = CG2_EVENT_SAMPLE; kind <= CG2_EVENT_EXIT; kind++)
		assert_int_equal(cg2_event_kind_from_string(cg2_event_kind_to_string(kind)),
				 (int)kind);
	assert_string_equal(cg2_event_kind_to_string(CG2_EVENT_OOMD), "oomd");
	assert_null(cg2_event_kind_to_string(CG2_EVENT_EXIT + 1));
	assert_int_equal(cg2_event_kind_from_string("killed"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_thresholds_and_back),
		cmocka_unit_test(other_words_are_refused),
		cmocka_unit_test(what_the_caller_does_not_know_is_left_alone),
		cmocka_unit_test(a_smaller_structure_is_taken),
		cmocka_unit_test(a_larger_structure_is_taken_as_far_as_it_is_known),
		cmocka_unit_test(what_no_words_say_is_refused),
		cmocka_unit_test(a_share_is_of_the_limit),
		cmocka_unit_test(a_value_at_the_edge_is_told_once),
		cmocka_unit_test(small_numbers_fall_by_one),
		cmocka_unit_test(the_point_may_move),
		cmocka_unit_test(the_stall_is_a_share_of_the_window),
		cmocka_unit_test(kinds_have_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
