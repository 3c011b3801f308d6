/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures as they are: one of each kind, drawn from figures that are made up, against files. Where
 * a change is meant, PICTURES_UPDATE=1 in the environment writes them anew, to be looked at.
 */
#include "unit.h"

#include "cmd/experiment/compare-plot.h"
#include "cmd/experiment/fit.h"
#include "cmd/output/spark.h"
#include "cmd/picture/timeline.h"

static void expect_picture(const char *name, const char *svg)
{
	_cleanup_free_ char *wanted = calloc(1, 200 * KIB);
	char path[4096];
	FILE *f;

	assert_non_null(wanted);
	snprintf(path, sizeof(path), PICTURES "/%s", name);
	if (getenv("PICTURES_UPDATE")) {
		f = fopen(path, "we");
		assert_non_null(f);
		fputs(svg, f);
		fclose(f);
		return;
	}
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(wanted, 1, 200 * KIB - 1, f) > 0);
	fclose(f);
	assert_string_equal(svg, wanted);
}

/* Memory grows until it is at its limit, and then a process is killed. */
static void test_a_timeline(void **state _unused_)
{
	static const struct timeline_mark marks[] = {
		{ 900000, TIMELINE_MEMORY_MAX, 12 },
		{ 950000, TIMELINE_MEMORY_MAX, 40 },
		{ 1000000, TIMELINE_OOM_KILL, 1 },
		{ 600000, TIMELINE_TASKS_REFUSED, 3 },
	};
	_cleanup_free_ char *svg = NULL;
	struct series series;
	struct timeline timeline = {
		.series = &series, .title = "./build: out of memory", .command = "./build -j <4>",
		.wall_usec = 1000000, .memory_max = 64 * MIB, .memory_high = UINT64_MAX,
		.memory_peak = 64 * MIB, .tasks_max = 8, .tasks_peak = 8, .cpu_max = 15000,
		.marks = marks, .n_marks = ARRAY_SIZE(marks),
		.notes = { "memory.max reached 52 times" }, .n_notes = 1,
	};

	assert_int_equal(series_init(&series, 50000), 0);
	for (uint64_t i = 0; i <= 20; i++)
		series_add(&series, i * 50000,
			   (uint64_t[SERIES_FIGURE_COUNT]){
				   MIN(i * 4, UINT64_C(64)) * MIB, i * 3 * MIB, i * MIB / 2,
				   1 + i % 8, i ? 12000 + i * 100 : UINT64_MAX, i * 200 });
	assert_int_equal(timeline_to_svg(&timeline, &svg), 0);
	expect_picture("timeline.svg", svg);
	series_clear(&series);
}

static struct compared_limit mem_limits[] = {
	{ (char *)"memory.max", (char *)"bytes", (char *)"256M", 256 * MIB },
	{ (char *)"memory.max", (char *)"bytes", (char *)"64M", 64 * MIB },
	{ (char *)"memory.max", (char *)"bytes", (char *)"32M", 32 * MIB },
};

/* Four limits, the lowest of which is too low in half of the runs. */
static void test_a_comparison(void **state _unused_)
{
	struct compared_set sets[] = {
		{ (char *)"no limit", NULL, 0 },
		{ (char *)"--mem 256M", &mem_limits[0], 1 },
		{ (char *)"--mem 64M", &mem_limits[1], 1 },
		{ (char *)"--mem 32M", &mem_limits[2], 1 },
	};
	char *command[] = { (char *)"./build", NULL };
	struct comparison c = { .command = command, .host = (char *)"host",
				.kernel = (char *)"6.12", .seed = 0x7f, .n_rounds = 8,
				.tolerance_permyriad = 500, .sets = sets,
				.n_sets = ARRAY_SIZE(sets), .is_complete = true };
	_cleanup_(judgement_clear) struct judgement j = { .sets = NULL };
	_cleanup_free_ char *svg = NULL;

	for (size_t round = 1; round <= 8; round++)
		for (size_t set = 0; set < c.n_sets; set++) {
			struct trial *trial = comparison_add_trial(&c);

			assert_non_null(trial);
			trial->round = round;
			trial->set = set;
			trial->verdict = set == 3 && round % 2 ? CG2_VERDICT_OOM : CG2_VERDICT_OK;
			trial->values[METRIC_WALL] = 1000000 + set * set * 150000 + round * 10000;
		}
	assert_int_equal(judgement_make(&c, &j), 0);
	assert_int_equal(comparison_to_svg(&c, &j, NULL, &svg), 0);
	expect_picture("comparison.svg", svg);
	free(c.trials);
}

static void test_a_fit(void **state _unused_)
{
	const struct fit_plan plan = { .n_confirm = 10, .n_baseline = 3 };
	struct fit_found found = { .resource = FIT_MEMORY, .value = 84 * MIB, .advice = 104 * MIB };
	char *command[] = { (char *)"./build", NULL };
	struct fit_result result = { .plan = &plan, .command = command, .found = &found,
				     .n_found = 1, .n_trials = 24, .end = FIT_FOUND };
	_cleanup_free_ char *svg = NULL;

	found.search.lo = 82 * MIB;
	found.search.hi = 84 * MIB;
	found.search.n_tallies = 5;
	memcpy(found.search.tallies,
	       (const struct fit_tally[]){ { 72 * MIB, 0, 1 }, { 82 * MIB, 0, 3 },
					   { 84 * MIB, 10, 0 }, { 96 * MIB, 1, 0 },
					   { 216 * MIB, 1, 0 } },
	       5 * sizeof(struct fit_tally));
	assert_int_equal(fit_to_svg(&result, &svg), 0);
	expect_picture("fit.svg", svg);
}

static void test_sparks(void **state _unused_)
{
	static const struct {
		uint64_t values[4], full;
		const char *text;
	} cases[] = {
		{ { 0, 1, 4, 8 }, 8, "▁▂▅█" },
		{ { 0, 1, 4, 8 }, 0, "▁▂▅█" },
		/* Full is what is at its limit, or above. */
		{ { 7, 799, 800, 900 }, 800, "▁▇██" },
		{ { UINT64_MAX, 0, UINT64_MAX, 3 }, 0, " ▁ █" },
		{ { 0, 0, 0, 0 }, 0, "▁▁▁▁" },
	};
	uint64_t many[SPARK_COLUMNS_MAX + 9] = { 9 };
	char text[SPARK_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		spark_put(cases[i].values, 4, cases[i].full, text);
		assert_string_equal(text, cases[i].text);
	}
	spark_put(many, ARRAY_SIZE(many), 0, text);
	assert_int_equal(strlen(text), SPARK_COLUMNS_MAX * SPARK_BLOCK);
}

/* A peak of one sample is in its column, and a gap is what was before it. */
static void test_columns_of_time(void **state _unused_)
{
	uint64_t values[SERIES_FIGURE_COUNT] = { 1 }, columns[5];
	struct series series;

	assert_int_equal(series_init(&series, 1000), 0);
	series_add(&series, 0, values);
	values[SERIES_MEMORY_BYTES] = 9;
	series_add(&series, 1100, values);
	values[SERIES_MEMORY_BYTES] = 2;
	series_add(&series, 1900, values);
	values[SERIES_MEMORY_BYTES] = 0;
	series_add(&series, 5000, values);
	series_resample(&series, SERIES_MEMORY_BYTES, 5000, columns, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(columns[i], ((const uint64_t[]){ 1, 9, 9, 9, 0 })[i]);
	series_clear(&series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_timeline),
		cmocka_unit_test(test_a_comparison),
		cmocka_unit_test(test_a_fit),
		cmocka_unit_test(test_sparks),
		cmocka_unit_test(test_columns_of_time),
	};

	return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
