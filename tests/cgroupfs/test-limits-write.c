/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits written to the files of a cgroup.
 */
#include "work.h"

/* ------------------------------------------------------------------------------------
 * Writing
 */

static void check_written(struct work *work, enum cg2_limit limit, const char *file,
			  const char *expected)
{
	_cleanup_free_ char *path = file_path(work, file), *text = NULL;

	/* Each write to a file of the kernel replaces what was there. */
	put(work, file, "");
	assert_int_equal(limits_write(work->limits, limit, work->group, NULL), 0);
	text = get_file(work->scratch.root, path);
	check_text(file, text, expected);
}

static void values_are_written_as_the_kernel_reads_them(void **state)
{
	static const struct {
		enum cg2_limit limit;
		const char *text, *file, *expected;
	} cases[] = {
		{ CG2_LIMIT_MEMORY_MAX, "64M", "memory.max", "67108864" },
		{ CG2_LIMIT_MEMORY_MAX, "max", "memory.max", "max" },
		{ CG2_LIMIT_MEMORY_MAX, "18446744073709551614", "memory.max",
		  "18446744073709551614" },
		{ CG2_LIMIT_MEMORY_HIGH, "1.5M", "memory.high", "1572864" },
		{ CG2_LIMIT_MEMORY_LOW, "4K", "memory.low", "4096" },
		{ CG2_LIMIT_MEMORY_MIN, "max", "memory.min", "max" },
		{ CG2_LIMIT_SWAP_MAX, "0", "memory.swap.max", "0" },
		{ CG2_LIMIT_CPU_MAX, "50%", "cpu.max", "50000 100000" },
		{ CG2_LIMIT_CPU_MAX, "33.33%", "cpu.max", "33330 100000" },
		{ CG2_LIMIT_CPU_MAX, "max", "cpu.max", "max" },
		/* The kernel takes no quota under 1 ms. */
		{ CG2_LIMIT_CPU_MAX, "1%", "cpu.max", "1000 100000" },
		{ CG2_LIMIT_CPU_MAX, "0.5%", "cpu.max", "1000 200000" },
		{ CG2_LIMIT_CPU_MAX, "0.1%", "cpu.max", "1000 1000000" },
		{ CG2_LIMIT_CPU_WEIGHT, "50", "cpu.weight", "50" },
		{ CG2_LIMIT_CPU_WEIGHT, "idle", "cpu.idle", "1" },
		{ CG2_LIMIT_TASKS_MAX, "4194304", "pids.max", "4194304" },
		{ CG2_LIMIT_TASKS_MAX, "max", "pids.max", "max" },
		{ CG2_LIMIT_IO_WEIGHT, "200", "io.weight", "200" },
		{ CG2_LIMIT_CPUSET_CPUS, "1,0", "cpuset.cpus", "0-1" },
		{ CG2_LIMIT_CPUSET_MEMS, "0", "cpuset.mems", "0" },
		{ CG2_LIMIT_OOM_GROUP, "kill", "memory.oom.group", "1" },
		{ CG2_LIMIT_OOM_GROUP, "continue", "memory.oom.group", "0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set(*state, cases[i].limit, cases[i].text);
		check_written(*state, cases[i].limit, cases[i].file, cases[i].expected);
	}
}

/* As systemd has it in the scope around. */
static void a_quota_is_of_the_period_that_was_given(void **state)
{
	static const struct {
		const char *text;
		uint64_t period_usec;
		const char *expected;
	} cases[] = {
		{ "20%", 10000, "2000 10000" },
		{ "150%", 1000000, "1500000 1000000" },
		{ "20%", 1000, "1000 5000" },
		{ "0.3%", 20000, "1000 333333" },
		{ "123.45%", 1000, "1234 1000" },
		{ "max", 10000, "max" },
	};
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set(work, CG2_LIMIT_CPU_MAX, cases[i].text);
		work->limits->cpu_period_usec = cases[i].period_usec;
		check_written(work, CG2_LIMIT_CPU_MAX, "cpu.max", cases[i].expected);
	}
}

static void a_weight_is_written_for_bfq_too(void **state)
{
	struct work *work = *state;

	put(work, "io.bfq.weight", "");
	set(work, CG2_LIMIT_IO_WEIGHT, "200");
	check_written(work, CG2_LIMIT_IO_WEIGHT, "io.weight", "200");
	check_written(work, CG2_LIMIT_IO_WEIGHT, "io.bfq.weight", "109");
	drop(work, "io.weight");
	check_written(work, CG2_LIMIT_IO_WEIGHT, "io.bfq.weight", "109");
}

static void big_lists_are_written_whole(void **state)
{
	struct work *work = *state;

	set_list(work->limits, CG2_LIMIT_CPUSET_CPUS, "0-3,8,10-11,8191");
	check_written(work, CG2_LIMIT_CPUSET_CPUS, "cpuset.cpus", "0-3,8,10-11,8191");
}

static void disk_is_one_line(void **state)
{
	static const uint64_t some[N_IO_KEYS] = {
		[IO_WBPS] = 5 * MIB, [IO_WIOPS] = CG2_MAX
	};
	static const uint64_t all[N_IO_KEYS] = { 1000, CG2_MAX - 1, CG2_MAX,
						 CG2_MAX - 1 };
	struct work *work = *state;

	set_io(work->limits, 1 << IO_WBPS | 1 << IO_WIOPS, some);
	check_written(work, CG2_LIMIT_IO_MAX, "io.max", "254:0 wbps=5242880 wiops=max");
	set_io(work->limits, 0xf, all);
	work->limits->io->major = UINT32_MAX;
	work->limits->io->minor = UINT32_MAX;
	check_written(
		work, CG2_LIMIT_IO_MAX, "io.max",
		"4294967295:4294967295 rbps=1000 wbps=18446744073709551614 riops=max "
		"wiops=18446744073709551614");
}

/* What was written is what verifying finds, where the kernel prints what it takes. */
static void what_is_written_is_in_force(void **state)
{
	struct work *work = *state;

	set_all(work);
	set(work, CG2_LIMIT_MEMORY_MAX, "100M");
	set(work, CG2_LIMIT_CPU_MAX, "0.3%");
	set(work, CG2_LIMIT_CPU_WEIGHT, "idle");
	set(work, CG2_LIMIT_CPUSET_CPUS, "0-1");
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		const struct cg2_limit_info *info = cg2_limit_get_info(i);

		if (!info->file || i == CG2_LIMIT_IO_WEIGHT)
			continue;
		put(work, info->file, "");
		put(work, "cpu.idle", "");
		assert_int_equal(
			limits_write(work->limits, (enum cg2_limit)i, work->group, NULL),
			0);
		check_case(info->option, verify(work, (enum cg2_limit)i, NULL) == 0);
	}
}

static void failure_to_write_is_one_of_the_group(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;

	work_open(work, USER_SCOPE);
	set(work, CG2_LIMIT_IO_WEIGHT, "50");
	assert_int_equal(
		limits_write(work->limits, CG2_LIMIT_IO_WEIGHT, work->group, &err),
		-ENOENT);
	assert_int_equal(err.op, CG2_OP_WRITE);
	check_text("path", err.path, USER_SCOPE "/io.weight");
	check_text("hint", err.hint, "the io controller is not enabled for this cgroup");
	cg2_error_clear(&err);
	set(work, CG2_LIMIT_TASKS_MAX, "5");
	put_mode(work->scratch.root, MOUNT USER_SCOPE "/pids.max", 0444);
	be_ordinary();
	assert_int_equal(
		limits_write(work->limits, CG2_LIMIT_TASKS_MAX, work->group, &err),
		-EACCES);
	be_root_again();
	check_text("value", err.value, "5");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(values_are_written_as_the_kernel_reads_them),
		TEST(a_quota_is_of_the_period_that_was_given),
		TEST(a_weight_is_written_for_bfq_too),
		TEST(big_lists_are_written_whole),
		TEST(disk_is_one_line),
		TEST(what_is_written_is_in_force),
		TEST(failure_to_write_is_one_of_the_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
