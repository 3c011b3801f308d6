/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The figures of a cgroup whose files are those of a run, and of kernels that lack some of them
 * or some of their lines.
 */
#include "work.h"

#include "evidence/figures.h"

#define KNOWN(figure) (UINT64_C(1) << (figure))

static const struct {
	const char *file, *content;
} files[] = {
	{ "cpu.stat", "usage_usec 1000\nuser_usec 700\nsystem_usec 300\nnr_periods 12\n"
		      "nr_throttled 2\nthrottled_usec 50\nnr_bursts 0\nburst_usec 0\n" },
	{ "memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n" },
	{ "memory.peak", "1048576\n" },
	{ "memory.swap.peak", "4096\n" },
	{ "pids.peak", "7\n" },
	{ "io.stat", "254:0 rbytes=1000 wbytes=20 rios=3 wios=4 dbytes=0 dios=0\n"
		     "8:16 rbytes=1 wbytes=2 rios=5 wios=6 dbytes=9 dios=9\n" },
	{ "cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=11\n"
			  "full avg10=0.00 avg60=0.00 avg300=0.00 total=12\n" },
	{ "memory.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=13\n"
			     "full avg10=0.00 avg60=0.00 avg300=0.00 total=14\n" },
	{ "io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=15\n"
			 "full avg10=0.00 avg60=0.00 avg300=0.00 total=16\n" },
};

/* Of which file each figure is, and what it is there. */
static const struct {
	enum cg2_figure figure;
	const char *file;
	uint64_t value;
} figures_of_files[] = {
	{ CG2_FIGURE_CPU_USAGE_USEC, "cpu.stat", 1000 },
	{ CG2_FIGURE_CPU_USER_USEC, "cpu.stat", 700 },
	{ CG2_FIGURE_CPU_SYSTEM_USEC, "cpu.stat", 300 },
	{ CG2_FIGURE_CPU_THROTTLED_USEC, "cpu.stat", 50 },
	{ CG2_FIGURE_CPU_PERIODS_COUNT, "cpu.stat", 12 },
	{ CG2_FIGURE_CPU_THROTTLED_COUNT, "cpu.stat", 2 },
	{ CG2_FIGURE_MEMORY_LOW_COUNT, "memory.events", 1 },
	{ CG2_FIGURE_MEMORY_HIGH_COUNT, "memory.events", 2 },
	{ CG2_FIGURE_MEMORY_MAX_COUNT, "memory.events", 3 },
	{ CG2_FIGURE_MEMORY_OOM_COUNT, "memory.events", 4 },
	{ CG2_FIGURE_MEMORY_OOM_KILL_COUNT, "memory.events", 5 },
	{ CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT, "memory.events", 6 },
	{ CG2_FIGURE_MEMORY_PEAK_BYTES, "memory.peak", 1048576 },
	{ CG2_FIGURE_SWAP_PEAK_BYTES, "memory.swap.peak", 4096 },
	{ CG2_FIGURE_TASKS_PEAK_COUNT, "pids.peak", 7 },
	{ CG2_FIGURE_IO_READ_BYTES, "io.stat", 1001 },
	{ CG2_FIGURE_IO_WRITE_BYTES, "io.stat", 22 },
	{ CG2_FIGURE_IO_READ_COUNT, "io.stat", 8 },
	{ CG2_FIGURE_IO_WRITE_COUNT, "io.stat", 10 },
	{ CG2_FIGURE_CPU_SOME_USEC, "cpu.pressure", 11 },
	{ CG2_FIGURE_CPU_FULL_USEC, "cpu.pressure", 12 },
	{ CG2_FIGURE_MEMORY_SOME_USEC, "memory.pressure", 13 },
	{ CG2_FIGURE_MEMORY_FULL_USEC, "memory.pressure", 14 },
	{ CG2_FIGURE_IO_SOME_USEC, "io.pressure", 15 },
	{ CG2_FIGURE_IO_FULL_USEC, "io.pressure", 16 },
};

static int make_files(void **state)
{
	work_make(state);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(*state, files[i].file, files[i].content);
	return 0;
}

/* All figures are there but those of one file. */
static void check_all_but(struct work *work, const char *missing, const char *how)
{
	struct figures f = { 0 };

	figures_read(&f, work->group);
	for (size_t i = 0; i < ARRAY_SIZE(figures_of_files); i++) {
		bool is_known = f.known & KNOWN(figures_of_files[i].figure);

		if (is_known == (strcmp(figures_of_files[i].file, missing) == 0))
			fail_msg("%s %s: figure %zu of %s is %s", missing, how, i,
				 figures_of_files[i].file, is_known ? "known" : "unknown");
		if (is_known)
			assert_int_equal(f.value[figures_of_files[i].figure],
					 figures_of_files[i].value);
	}
	assert_false(f.is_lost);
}

static void every_figure_has_its_file(void **state)
{
	check_all_but(*state, "", "none");
}

static void reading_again_adds_nothing_up(void **state)
{
	struct work *work = *state;
	struct figures f = { 0 };

	figures_read(&f, work->group);
	figures_read(&f, work->group);
	for (size_t i = 0; i < ARRAY_SIZE(figures_of_files); i++)
		assert_int_equal(figures_get(&f, figures_of_files[i].figure, 0),
				 figures_of_files[i].value);
}

static void missing_file_leaves_its_figures_unknown(void **state)
{
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		drop(work, files[i].file);
		check_all_but(work, files[i].file, "missing");
		put(work, files[i].file, files[i].content);
	}
}

/* As of a kernel whose files say something else. */
static void nonsense_leaves_its_figures_unknown(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		/* No line is no device. */
		if (strcmp(files[i].file, "io.stat") == 0)
			continue;
		put(*state, files[i].file, "");
		check_all_but(*state, files[i].file, "empty");
		put(*state, files[i].file, "what is this\n");
		check_all_but(*state, files[i].file, "nonsense");
		put(*state, files[i].file, files[i].content);
	}
}

static void no_device_is_no_traffic(void **state)
{
	struct work *work = *state;
	struct figures f = { 0 };

	put(work, "io.stat", "");
	figures_read(&f, work->group);
	assert_int_equal(figures_get(&f, CG2_FIGURE_IO_READ_BYTES, 1), 0);
	assert_int_equal(figures_get(&f, CG2_FIGURE_IO_WRITE_COUNT, 1), 0);
}

/* Lines that came with a later kernel, or with the controller. */
static void missing_line_leaves_its_figure_unknown(void **state)
{
	static const struct {
		const char *file, *content;
		uint64_t known, unknown;
	} cases[] = {
		{ "cpu.stat", "usage_usec 1000\nuser_usec 700\nsystem_usec 300\n",
		  KNOWN(CG2_FIGURE_CPU_USAGE_USEC) | KNOWN(CG2_FIGURE_CPU_SYSTEM_USEC),
		  KNOWN(CG2_FIGURE_CPU_THROTTLED_USEC) | KNOWN(CG2_FIGURE_CPU_PERIODS_COUNT) },
		{ "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n",
		  KNOWN(CG2_FIGURE_MEMORY_OOM_KILL_COUNT) | KNOWN(CG2_FIGURE_MEMORY_LOW_COUNT),
		  KNOWN(CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT) },
		{ "cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=11\n",
		  KNOWN(CG2_FIGURE_CPU_SOME_USEC), KNOWN(CG2_FIGURE_CPU_FULL_USEC) },
	};
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct figures f = { 0 };

		put(work, cases[i].file, cases[i].content);
		figures_read(&f, work->group);
		assert_int_equal(f.known & cases[i].known, cases[i].known);
		assert_int_equal(f.known & cases[i].unknown, 0);
	}
}

/* The two have one quota; what the outer one holds back cannot be held back below. */
static void throttling_is_that_of_the_level_that_throttled_more(void **state)
{
	struct work *work = *state;
	struct figures f = { 0 };

	figures_set(&f, CG2_FIGURE_CPU_USAGE_USEC, 9);
	figures_set(&f, CG2_FIGURE_CPU_THROTTLED_USEC, 51);
	figures_read_throttling(&f, work->group);
	assert_int_equal(figures_get(&f, CG2_FIGURE_CPU_THROTTLED_USEC, 0), 51);
	figures_set(&f, CG2_FIGURE_CPU_THROTTLED_USEC, 49);
	figures_read_throttling(&f, work->group);
	assert_int_equal(figures_get(&f, CG2_FIGURE_CPU_THROTTLED_USEC, 0), 50);
	assert_int_equal(figures_get(&f, CG2_FIGURE_CPU_PERIODS_COUNT, 0), 12);
	assert_int_equal(figures_get(&f, CG2_FIGURE_CPU_THROTTLED_COUNT, 0), 2);
	assert_int_equal(figures_get(&f, CG2_FIGURE_CPU_USAGE_USEC, 0), 9);
}

static void samples_keep_the_greatest(void **state)
{
	struct work *work = *state;
	struct figures f = { 0 };

	figures_sample(&f, work->group);
	assert_int_equal(f.known, 0);
	put(work, "memory.stat", "anon 10\nfile 300\nkernel 9\n");
	figures_sample(&f, work->group);
	put(work, "memory.stat", "anon 20\nfile 200\nkernel 9\n");
	figures_sample(&f, work->group);
	assert_int_equal(figures_get(&f, CG2_FIGURE_ANON_PEAK_BYTES, 0), 20);
	assert_int_equal(figures_get(&f, CG2_FIGURE_FILE_PEAK_BYTES, 0), 300);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_files, work_end)
	const struct CMUnitTest tests[] = {
		TEST(every_figure_has_its_file),
		TEST(reading_again_adds_nothing_up),
		TEST(missing_file_leaves_its_figures_unknown),
		TEST(nonsense_leaves_its_figures_unknown),
		TEST(no_device_is_no_traffic),
		TEST(missing_line_leaves_its_figure_unknown),
		TEST(throttling_is_that_of_the_level_that_throttled_more),
		TEST(samples_keep_the_greatest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
