/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Samples over time, of runs of a millisecond and of a day, and what is drawn of them.
 */
#include "unit.h"

#include "cmd/picture/axis.h"
#include "cmd/picture/series.h"
#include "cmd/picture/timeline.h"

static void add(struct series *series, uint64_t at, uint64_t memory)
{
	uint64_t values[SERIES_FIGURE_COUNT];

	for (size_t i = 0; i < SERIES_FIGURE_COUNT; i++)
		values[i] = UINT64_MAX;
	values[SERIES_MEMORY_BYTES] = memory;
	series_add(series, at, values);
}

/* A peak of one sample is seen however much is merged; first and last stay what they are. */
static void test_a_day_has_its_peak(void **state _unused_)
{
	const size_t n = 24 * 3600 * 10, peak = n / 3;
	struct series series;

	assert_int_equal(series_init(&series, 100000), 0);
	for (size_t i = 0; i < n; i++)
		add(&series, (uint64_t)i * 100000, i == peak ? 1000 * MIB : 10 * MIB + i);
	assert_true(series.n_points <= SERIES_POINTS_MAX);
	assert_true(series.n_points > SERIES_POINTS_MAX / 4);
	assert_true(series_highest(&series, SERIES_MEMORY_BYTES) == 1000 * MIB);
	assert_int_equal(series.points[0].at_usec, 0);
	assert_true(series.points[series.n_points - 1].last[SERIES_MEMORY_BYTES] ==
		    10 * MIB + n - 1);
	for (size_t i = 1; i < series.n_points; i++)
		assert_true(series.points[i].at_usec > series.points[i - 1].at_usec);
	assert_true(series_highest(&series, SERIES_TASKS_COUNT) == UINT64_MAX);
	series_clear(&series);
}

static struct timeline make_timeline(const struct series *series, uint64_t wall_usec)
{
	return (struct timeline){
		.series = series, .title = "./a: </text><script>", .command = "./a & \xff\x01",
		.wall_usec = wall_usec, .memory_max = 64 * MIB, .memory_high = UINT64_MAX,
		.memory_peak = 60 * MIB, .tasks_max = UINT64_MAX, .tasks_peak = UINT64_MAX,
		.cpu_max = UINT64_MAX, .notes = { "memory.max reached 3 times" }, .n_notes = 1,
	};
}

static void test_pictures_are_small_and_harmless(void **state _unused_)
{
	static const size_t counts[] = { 1, 2, 100, 10000 };

	for (size_t k = 0; k < ARRAY_SIZE(counts); k++) {
		_cleanup_free_ char *svg = NULL, *html = NULL, *csv = NULL, *json = NULL;
		struct series series;
		struct timeline timeline;

		assert_int_equal(series_init(&series, 100000), 0);
		for (size_t i = 0; i < counts[k]; i++)
			add(&series, i * 100000 + 1, (i % 60 + 1) * MIB);
		timeline = make_timeline(&series, counts[k] * 100000);
		assert_int_equal(timeline_to_svg(&timeline, &svg), 0);
		assert_int_equal(timeline_to_html(&timeline, &html), 0);
		assert_int_equal(timeline_to_csv(&timeline, &csv), 0);
		assert_int_equal(timeline_to_json(&timeline, &json), 0);
		assert_true(strlen(svg) < 200 * KIB && strlen(html) < 200 * KIB);
		assert_null(strstr(svg, "<script"));
		assert_null(strstr(html, "<script"));
		assert_non_null(strstr(svg, "memory.max 64M"));
		assert_non_null(strstr(svg, "memory.max reached 3 times"));
		assert_null(strstr(svg, ">tasks<"));
		series_clear(&series);
	}
}

static void test_axes(void **state _unused_)
{
	struct axis axis;

	axis_linear(&axis, 0, 100, 83 * MIB, 2, human_bytes);
	assert_true(axis.high >= 83 * MIB && axis.high <= 128 * MIB);
	assert_true(axis_at(&axis, 0) == 0);
	assert_true(axis_at(&axis, axis.high) == 100);
	axis_linear(&axis, 0, 100, 0, 10, human_usec);
	assert_true(axis.high >= 1);
	axis_linear(&axis, 0, 100, UINT64_MAX - 1, 10, human_count);
	assert_true(axis.step > 0 && axis.high >= axis.step);
	axis_logarithmic(&axis, 0, 100, 64, 256, human_count);
	assert_true(axis_at(&axis, 128) > 49.9 && axis_at(&axis, 128) < 50.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_day_has_its_peak),
		cmocka_unit_test(test_pictures_are_small_and_harmless),
		cmocka_unit_test(test_axes),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
