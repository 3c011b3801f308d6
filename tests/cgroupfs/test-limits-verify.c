/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading limits back: what counts as being in force, whoever wrote it and however the
 * kernel prints it.
 */
#include "work.h"

/* ---- the machine; linked with --wrap=sysconf ---- */

static long page_bytes = 4096;

long __real_sysconf(int name);
long __wrap_sysconf(int name);

long __wrap_sysconf(int name)
{
	return name == _SC_PAGESIZE ? page_bytes : __real_sysconf(name);
}

/* ------------------------------------------------------------------------------------
 * A real service, made by a real systemd
 */

static void check_service(struct work *work, const char *tree)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = open_group(ctx, SERVICE);

	for (unsigned int i = 0; i < N_LIMITS; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

		if (!limits_has(work->limits, (enum cg2_limit)i))
			continue;
		if (limits_verify(work->limits, (enum cg2_limit)i, &nothing_extra, group,
				  &err))
			fail_msg("%s: %s: %s", tree, cg2_limit_get_info(i)->option,
				 err.detail);
	}
}

static void limits_that_systemd_set_are_in_force(void **state)
{
	set_all(*state);
	check_service(*state, "bookworm");
	check_service(*state, "trixie");
}

static void others_are_not(void **state)
{
	static const struct {
		enum cg2_limit limit;
		const char *text, *file, *detail;
	} words[] = {
		{ CG2_LIMIT_MEMORY_MAX, "65M", "memory.max", "67108864" },
		{ CG2_LIMIT_MEMORY_MAX, "max", "memory.max", "67108864" },
		{ CG2_LIMIT_MEMORY_HIGH, "64M", "memory.high", "50331648" },
		{ CG2_LIMIT_MEMORY_LOW, "1M", "memory.low", "2097152" },
		{ CG2_LIMIT_MEMORY_MIN, "2M", "memory.min", "1048576" },
		{ CG2_LIMIT_SWAP_MAX, "max", "memory.swap.max", "0" },
		{ CG2_LIMIT_CPU_MAX, "34%", "cpu.max", "33330 100000" },
		{ CG2_LIMIT_CPU_MAX, "max", "cpu.max", "33330 100000" },
		{ CG2_LIMIT_CPU_WEIGHT, "100", "cpu.weight", "50" },
		{ CG2_LIMIT_CPU_WEIGHT, "idle", "cpu.idle", "0" },
		{ CG2_LIMIT_TASKS_MAX, "51", "pids.max", "50" },
		{ CG2_LIMIT_IO_WEIGHT, "100", "io.weight", "default 200" },
		{ CG2_LIMIT_CPUSET_CPUS, "0-1", "cpuset.cpus", "0" },
		{ CG2_LIMIT_OOM_GROUP, "continue", "memory.oom.group", "1" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		_cleanup_free_ char *detail = NULL, *path = NULL;

		set(*state, words[i].limit, words[i].text);
		check_case(words[i].text, verify(*state, words[i].limit, &err) == -EBADE);
		check_case(words[i].text, err.op == CG2_OP_VERIFY);
		assert_true(asprintf(&path, SERVICE "/%s", words[i].file) > 0);
		assert_true(asprintf(&detail, "the kernel reports %s",
				     words[i].detail) > 0);
		check_text("path", err.path, path);
		check_text("value", err.value, words[i].text);
		check_text("detail", err.detail, detail);
		check_case(words[i].text, verify(*state, words[i].limit, NULL) == -EBADE);
	}
}

/* ------------------------------------------------------------------------------------
 * What the kernel makes of a value
 */

/* A wish, and whether it is in force where the file reads so. */
struct reading {
	const char *text;
	const char *content;
	bool is_in_force;
};

static void check_reading(struct work *work, enum cg2_limit limit, const char *file,
			  const struct reading *reading)
{
	int expected = reading->is_in_force ? 0 : -EBADE, r;

	set(work, limit, reading->text);
	put(work, file, reading->content);
	r = verify(work, limit, NULL);
	if (r != expected)
		fail_msg("'%s' against '%s' is %d, not %d", reading->text,
			 reading->content, r, expected);
}

static void check_readings(struct work *work, enum cg2_limit limit, const char *file,
			   const struct reading *readings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_reading(work, limit, file, &readings[i]);
}

static void bytes_are_rounded_to_pages(void **state)
{
	static const struct reading small_pages[] = {
		{ "1048576", "1048576\n", true },
		{ "1048577", "1048576\n", true },
		{ "1052671", "1048576\n", true },
		{ "1052672", "1052672\n", true },
		{ "1052671", "1052672\n", false },
		{ "1048577", "1048577\n", false },
		{ "max", "max\n", true },
		{ "max", "9223372036854771712\n", false },
		/* The page counter's end. */
		{ "9223372036854767616", "9223372036854767616\n", true },
		{ "9223372036854771712", "max\n", true },
		{ "9223372036854775807", "max\n", true },
		{ "18446744073709551614", "max\n", true },
	};
	static const struct reading large_pages[] = {
		{ "1M", "1048576\n", true },
		{ "1052672", "1048576\n", true },
		{ "1114111", "1048576\n", true },
		{ "1114112", "1114112\n", true },
		{ "9223372036854710272", "max\n", true },
	};

	check_readings(*state, CG2_LIMIT_MEMORY_MAX, "memory.max", small_pages,
		       ARRAY_SIZE(small_pages));
	page_bytes = 65536;
	check_readings(*state, CG2_LIMIT_MEMORY_MAX, "memory.max", large_pages,
		       ARRAY_SIZE(large_pages));
	page_bytes = 4096;
}

static void content_that_is_no_value_is_a_mismatch(void **state)
{
	/* clang-format off */
	static const char *const contents[] = {
		"", "\n", "a\n", "5 5\n", "-1\n", "max max\n",
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		const struct reading number = { "5", contents[i], false };
		const struct reading none = { "max", contents[i], false };
		const struct reading cpus = { "50%", contents[i], false };

		check_reading(*state, CG2_LIMIT_TASKS_MAX, "pids.max", &number);
		check_reading(*state, CG2_LIMIT_TASKS_MAX, "pids.max", &none);
		check_reading(*state, CG2_LIMIT_CPU_MAX, "cpu.max", &cpus);
	}
}

static void cpu_may_have_another_period(void **state)
{
	static const struct reading readings[] = {
		{ "50%", "50000 100000\n", true },
		{ "50%", "500000 1000000\n", true },
		{ "50%", "5000 10000\n", true },
		{ "33.33%", "3333 10000\n", true },
		{ "0.1%", "1000 1000000\n", true },
		{ "123.45%", "1234 1000\n", true },
		{ "123.45%", "1232 1000\n", false },
		{ "max", "max 100000\n", true },
		{ "max", "max 5000\n", true },
		{ "50%", "max 100000\n", false },
		{ "max", "50000 100000\n", false },
		{ "50%", "50010 100000\n", false },
		{ "50%", "49980 100000\n", false },
		{ "50%", "50000\n", false },
		/* Rounded down by whoever wrote it. */
		{ "50%", "49999 100000\n", true },
	};

	check_readings(*state, CG2_LIMIT_CPU_MAX, "cpu.max", readings,
		       ARRAY_SIZE(readings));
}

static void weights_have_files_of_their_own(void **state)
{
	static const struct reading io[] = {
		{ "200", "default 200\n8:0 100\n", true },
		{ "100", "default 200\n8:0 100\n", false },
		{ "200", "200\n", false },
	};
	static const struct reading idle[] = {
		{ "idle", "1\n", true },
		{ "idle", "0\n", false },
	};

	check_readings(*state, CG2_LIMIT_IO_WEIGHT, "io.weight", io,
		       ARRAY_SIZE(io));
	check_readings(*state, CG2_LIMIT_CPU_WEIGHT, "cpu.idle", idle,
		       ARRAY_SIZE(idle));
}

/* 100 is 100 on both scales, and 10000 is 1000. */
static void bfq_has_a_file_and_a_scale_of_its_own(void **state)
{
	static const struct reading readings[] = {
		{ "50", "default 50\n", true },     { "200", "default 109\n", true },
		{ "10000", "default 1000\n", true }, { "200", "default 200\n", false },
		{ "50", "default 100\n", false },   { "50", "\n", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(readings); i++) {
		char weight[32];

		snprintf(weight, sizeof(weight), "default %s\n", readings[i].text);
		put(*state, "io.weight", weight);
		check_reading(*state, CG2_LIMIT_IO_WEIGHT, "io.bfq.weight", &readings[i]);
		/* A kernel without iocost. */
		drop(*state, "io.weight");
		check_reading(*state, CG2_LIMIT_IO_WEIGHT, "io.bfq.weight", &readings[i]);
	}
}

static void lists_may_be_written_otherwise(void **state)
{
	static const struct reading readings[] = {
		{ "0-1", "0-1\n", true }, { "0-1", "0,1\n", true }, { "1", "1", true },
		{ "0", "0-1\n", false },	 { "0-1", "0\n", false },  { "0-1", "\n", false },
		{ "0-1", "", false },	 { "0", "0-\n", false },
	};

	check_readings(*state, CG2_LIMIT_CPUSET_CPUS, "cpuset.cpus", readings,
		       ARRAY_SIZE(readings));
}

static void nothing_there_is_said(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	set(*state, CG2_LIMIT_CPUSET_CPUS, "0-1");
	put(*state, "cpuset.cpus", "\n");
	assert_int_equal(verify(*state, CG2_LIMIT_CPUSET_CPUS, &err), -EBADE);
	check_text("detail", err.detail, "the kernel reports nothing");
	check_text("value", err.value, "0-1");
}

static void disks_may_have_no_line(void **state)
{
	static const uint64_t read[N_IO_KEYS] = { [IO_RBPS] = 5 * MIB };
	static const uint64_t both[N_IO_KEYS] = { [IO_WBPS] = 10, [IO_RIOPS] = CG2_MAX };
	static const uint64_t none[N_IO_KEYS] = { [IO_RBPS] = CG2_MAX };
	static const struct {
		const uint64_t *value;
		const char *content;
		bool is_in_force;
	} cases[] = {
		{ read, "254:0 rbps=5242880 wbps=max riops=max wiops=max\n", true },
		{ read,
		  "8:0 rbps=5 wbps=max riops=max wiops=max\n"
		  "254:0 rbps=5242880 wbps=7 riops=max wiops=max\n",
		  true },
		{ read, "254:0 rbps=5242881 wbps=max riops=max wiops=max\n", false },
		{ read, "254:0 rbps=max wbps=5242880 riops=max wiops=max\n", false },
		{ read, "254:16 rbps=5242880 wbps=max riops=max wiops=max\n", false },
		{ read, "", false },
		{ both, "254:0 rbps=max wbps=10 riops=max wiops=max\n", true },
		{ both, "254:0 rbps=max wbps=10 riops=5 wiops=max\n", false },
		{ none, "", true },
		{ none, "254:16 rbps=5 wbps=max riops=max wiops=max\n", true },
		{ none, "254:0 rbps=5 wbps=max riops=max wiops=max\n", false },
	};
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned int mask = 0;

		for (unsigned int k = 0; k < N_IO_KEYS; k++)
			mask |= cases[i].value[k] ? 1U << k : 0;
		set_io(work->limits, mask, cases[i].value);
		put(work, "io.max", cases[i].content);
		if (verify(work, CG2_LIMIT_IO_MAX, NULL) !=
		    (cases[i].is_in_force ? 0 : -EBADE))
			fail_msg("case %zu: '%s'", i, cases[i].content);
	}
}

static void every_disk_counts(void **state)
{
	struct work *work = *state;

	work->limits->io = calloc(2, sizeof(*work->limits->io));
	assert_non_null(work->limits->io);
	work->limits->n_io = 2;
	work->limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
	work->limits->io[0] = (struct io_limit){ .major = 8, .mask = 1, .value = { 100 } };
	work->limits->io[1] = (struct io_limit){ .major = 8, .minor = 16, .mask = 1,
						 .value = { 200 } };
	put(work, "io.max", "8:0 rbps=100 wbps=max\n8:16 rbps=200 wbps=max\n");
	assert_int_equal(verify(work, CG2_LIMIT_IO_MAX, NULL), 0);
	put(work, "io.max", "8:0 rbps=100 wbps=max\n");
	assert_int_equal(verify(work, CG2_LIMIT_IO_MAX, NULL), -EBADE);
}

static void share_of_the_holder_is_part_of_it(void **state)
{
	static const struct allowance extra = { .bytes = MIB, .tasks = 1 };
	struct work *work = *state;
	static const struct {
		enum cg2_limit limit;
		const char *text, *file, *content;
	} cases[] = {
		{ CG2_LIMIT_MEMORY_MAX, "64M", "memory.max", "68157440\n" },
		{ CG2_LIMIT_MEMORY_MAX, "max", "memory.max", "max\n" },
		{ CG2_LIMIT_MEMORY_HIGH, "1M", "memory.high", "2097152\n" },
		{ CG2_LIMIT_TASKS_MAX, "5", "pids.max", "6\n" },
		{ CG2_LIMIT_TASKS_MAX, "max", "pids.max", "max\n" },
		/* These have none. */
		{ CG2_LIMIT_MEMORY_LOW, "64M", "memory.low", "67108864\n" },
		{ CG2_LIMIT_MEMORY_MIN, "64M", "memory.min", "67108864\n" },
		{ CG2_LIMIT_SWAP_MAX, "64M", "memory.swap.max", "67108864\n" },
		{ CG2_LIMIT_CPU_MAX, "50%", "cpu.max", "50000 100000\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		set(work, cases[i].limit, cases[i].text);
		put(work, cases[i].file, cases[i].content);
		check_case(cases[i].file, limits_verify(work->limits, cases[i].limit,
							&extra, work->group, NULL) == 0);
	}
	put(work, "pids.max", "5\n");
	set(work, CG2_LIMIT_TASKS_MAX, "5");
	assert_int_equal(limits_verify(work->limits, CG2_LIMIT_TASKS_MAX, &extra,
				       work->group, NULL),
			 -EBADE);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(limits_that_systemd_set_are_in_force),
		TEST(others_are_not),
		TEST(bytes_are_rounded_to_pages),
		TEST(content_that_is_no_value_is_a_mismatch),
		TEST(cpu_may_have_another_period),
		TEST(weights_have_files_of_their_own),
		TEST(bfq_has_a_file_and_a_scale_of_its_own),
		TEST(lists_may_be_written_otherwise),
		TEST(nothing_there_is_said),
		TEST(disks_may_have_no_line),
		TEST(every_disk_counts),
		TEST(share_of_the_holder_is_part_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
