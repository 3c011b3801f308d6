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
		assert_true(asprintf(&detail, "the kernel has %s there",
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

static void check_verify(struct work *work, enum cg2_limit limit, const char *text,
			 const char *file, const char *content, int result)
{
	int r;

	set(work, limit, text);
	put(work, file, content);
	r = verify(work, limit, NULL);
	if (r != result)
		fail_msg("'%s' against '%s' is %d, not %d", text, content, r, result);
}

static void bytes_are_rounded_to_pages(void **state)
{
#define MEMORY(text, content, result)                                                    \
	check_verify(*state, CG2_LIMIT_MEMORY_MAX, text, "memory.max", content, result)
	MEMORY("1048576", "1048576\n", 0);
	MEMORY("1048577", "1048576\n", 0);
	MEMORY("1052671", "1048576\n", 0);
	MEMORY("1052672", "1052672\n", 0);
	MEMORY("1052671", "1052672\n", -EBADE);
	MEMORY("1048577", "1048577\n", -EBADE);
	MEMORY("max", "max\n", 0);
	MEMORY("max", "9223372036854771712\n", -EBADE);
	/* The page counter's end. */
	MEMORY("9223372036854767616", "9223372036854767616\n", 0);
	MEMORY("9223372036854771712", "max\n", 0);
	MEMORY("9223372036854775807", "max\n", 0);
	MEMORY("18446744073709551614", "max\n", 0);
	page_bytes = 65536;
	MEMORY("1M", "1048576\n", 0);
	MEMORY("1052672", "1048576\n", 0);
	MEMORY("1114111", "1048576\n", 0);
	MEMORY("1114112", "1114112\n", 0);
	MEMORY("9223372036854710272", "max\n", 0);
	page_bytes = 4096;
#undef MEMORY
}

static void content_that_is_no_value_is_a_mismatch(void **state)
{
	/* clang-format off */
	static const char *const contents[] = {
		"", "\n", "a\n", "5 5\n", "-1\n", "max max\n",
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(contents); i++) {
		check_verify(*state, CG2_LIMIT_TASKS_MAX, "5", "pids.max", contents[i],
			     -EBADE);
		check_verify(*state, CG2_LIMIT_TASKS_MAX, "max", "pids.max", contents[i],
			     -EBADE);
		check_verify(*state, CG2_LIMIT_CPU_MAX, "50%", "cpu.max", contents[i],
			     -EBADE);
	}
}

static void cpu_may_have_another_period(void **state)
{
#define CPU(text, content, result)                                                       \
	check_verify(*state, CG2_LIMIT_CPU_MAX, text, "cpu.max", content, result)
	CPU("50%", "50000 100000\n", 0);
	CPU("50%", "500000 1000000\n", 0);
	CPU("50%", "5000 10000\n", 0);
	CPU("33.33%", "3333 10000\n", 0);
	CPU("0.1%", "1000 1000000\n", 0);
	CPU("max", "max 100000\n", 0);
	CPU("max", "max 5000\n", 0);
	CPU("50%", "max 100000\n", -EBADE);
	CPU("max", "50000 100000\n", -EBADE);
	CPU("50%", "50010 100000\n", -EBADE);
	CPU("50%", "49980 100000\n", -EBADE);
	CPU("50%", "50000\n", -EBADE);
	/* Rounded down by whoever wrote it. */
	CPU("50%", "49999 100000\n", 0);
#undef CPU
}

static void weights_have_files_of_their_own(void **state)
{
#define IO(text, content, result)                                                        \
	check_verify(*state, CG2_LIMIT_IO_WEIGHT, text, "io.weight", content, result)
	IO("200", "default 200\n8:0 100\n", 0);
	IO("100", "default 200\n8:0 100\n", -EBADE);
	IO("200", "200\n", -EBADE);
#undef IO
	check_verify(*state, CG2_LIMIT_CPU_WEIGHT, "idle", "cpu.idle", "1\n", 0);
	check_verify(*state, CG2_LIMIT_CPU_WEIGHT, "idle", "cpu.idle", "0\n", -EBADE);
}

static void lists_may_be_written_otherwise(void **state)
{
#define CPUS(text, content, result)                                                      \
	check_verify(*state, CG2_LIMIT_CPUSET_CPUS, text, "cpuset.cpus", content, result)
	CPUS("0-1", "0-1\n", 0);
	CPUS("0-1", "0,1\n", 0);
	CPUS("1", "1", 0);
	CPUS("0", "0-1\n", -EBADE);
	CPUS("0-1", "0\n", -EBADE);
	CPUS("0-1", "\n", -EBADE);
	CPUS("0-1", "", -EBADE);
	CPUS("0", "0-\n", -EBADE);
#undef CPUS
}

static void nothing_there_is_said(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	set(*state, CG2_LIMIT_CPUSET_CPUS, "0-1");
	put(*state, "cpuset.cpus", "\n");
	assert_int_equal(verify(*state, CG2_LIMIT_CPUSET_CPUS, &err), -EBADE);
	check_text("detail", err.detail, "the kernel has nothing there");
	check_text("value", err.value, "0-1");
}

static void check_io(struct work *work, const uint64_t *value, const char *content,
		     int result)
{
	unsigned int mask = 0;

	for (unsigned int k = 0; k < N_IO_KEYS; k++)
		mask |= value[k] ? 1U << k : 0;
	set_io(work->limits, mask, value);
	put(work, "io.max", content);
	if (verify(work, CG2_LIMIT_IO_MAX, NULL) != result)
		fail_msg("'%s' is not %d", content, result);
}

static void disks_may_have_no_line(void **state)
{
	static const uint64_t read[N_IO_KEYS] = { [IO_RBPS] = 5 * MIB };
	static const uint64_t both[N_IO_KEYS] = { [IO_WBPS] = 10, [IO_RIOPS] = CG2_MAX };
	static const uint64_t none[N_IO_KEYS] = { [IO_RBPS] = CG2_MAX };

	check_io(*state, read, "254:0 rbps=5242880 wbps=max riops=max wiops=max\n", 0);
	check_io(*state, read,
		 "8:0 rbps=5 wbps=max riops=max wiops=max\n"
		 "254:0 rbps=5242880 wbps=7 riops=max wiops=max\n",
		 0);
	check_io(*state, read, "254:0 rbps=5242881 wbps=max riops=max wiops=max\n",
		 -EBADE);
	check_io(*state, read, "254:0 rbps=max wbps=5242880 riops=max wiops=max\n",
		 -EBADE);
	check_io(*state, read, "254:16 rbps=5242880 wbps=max riops=max wiops=max\n",
		 -EBADE);
	check_io(*state, read, "", -EBADE);
	check_io(*state, both, "254:0 rbps=max wbps=10 riops=max wiops=max\n", 0);
	check_io(*state, both, "254:0 rbps=max wbps=10 riops=5 wiops=max\n", -EBADE);
	check_io(*state, none, "", 0);
	check_io(*state, none, "254:16 rbps=5 wbps=max riops=max wiops=max\n", 0);
	check_io(*state, none, "254:0 rbps=5 wbps=max riops=max wiops=max\n", -EBADE);
}

static void every_disk_counts(void **state)
{
	struct work *work = *state;

	work->limits->io = calloc(2, sizeof(*work->limits->io));
	assert_non_null(work->limits->io);
	work->limits->n_io = 2;
	work->limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
	work->limits->io[0] = (struct io_limit){ 8, 0, 1, { 100, 0, 0, 0 } };
	work->limits->io[1] = (struct io_limit){ 8, 16, 1, { 200, 0, 0, 0 } };
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
		TEST(lists_may_be_written_otherwise),
		TEST(nothing_there_is_said),
		TEST(disks_may_have_no_line),
		TEST(every_disk_counts),
		TEST(share_of_the_holder_is_part_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
