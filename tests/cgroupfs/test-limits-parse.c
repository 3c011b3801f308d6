/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits as users write them, on a machine with 2 CPUs and 8 GiB of memory whose files
 * are the dump of a Debian 12.
 */
#include "tree.h"

#include <sys/sysmacros.h>

#include "limit/limit.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

/* ---- the machine; linked with --wrap=sysconf ---- */

static long n_cpus = 2;
static long n_pages = 2097152;

long __real_sysconf(int name);
long __wrap_sysconf(int name);

long __wrap_sysconf(int name)
{
	switch (name) {
	case _SC_NPROCESSORS_ONLN:
		return n_cpus;
	case _SC_PHYS_PAGES:
		return n_pages;
	case _SC_PAGESIZE:
		return 4096;
	default:
		return __real_sysconf(name);
	}
}

static int make_limits(void **state)
{
	struct cg2_ctx *ctx = open_tree("bookworm");
	struct cg2_limits *limits;

	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	cg2_ctx_unref(ctx);
	*state = limits;
	n_cpus = 2;
	n_pages = 2097152;
	return 0;
}

static int end_limits(void **state)
{
	cg2_limits_unref(*state);
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Numbers
 */

struct good_word {
	enum cg2_limit limit;
	const char *text;
	uint64_t value;
	const char *canonical; /* NULL: text */
};

static const struct good_word good_numbers[] = {
	{ CG2_LIMIT_MEMORY_MAX, "64M", 64 * MIB, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "1M", MIB, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "25%", 16 * MIB, "16M" }, /* of the 64M of its scope */
	{ CG2_LIMIT_MEMORY_MAX, "max", CG2_MAX, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "infinity", CG2_MAX, "max" },
	{ CG2_LIMIT_MEMORY_HIGH, "1.5GiB", GIB + 512 * MIB, "1.5G" },
	{ CG2_LIMIT_MEMORY_HIGH, "12.5%", 8 * MIB, "8M" },
	{ CG2_LIMIT_MEMORY_LOW, "4K", 4096, NULL },
	{ CG2_LIMIT_MEMORY_MIN, "100%", 64 * MIB, "64M" },
	{ CG2_LIMIT_SWAP_MAX, "0", 0, NULL },
	{ CG2_LIMIT_SWAP_MAX, "1", 1, NULL },
	{ CG2_LIMIT_SWAP_MAX, "max", CG2_MAX, NULL },
	{ CG2_LIMIT_CPU_MAX, "150%", 15000, NULL },
	{ CG2_LIMIT_CPU_MAX, "1.5", 15000, "150%" },
	{ CG2_LIMIT_CPU_MAX, "2", 20000, "200%" },
	{ CG2_LIMIT_CPU_MAX, "1", 10000, "100%" },
	{ CG2_LIMIT_CPU_MAX, "33.33%", 3333, NULL },
	{ CG2_LIMIT_CPU_MAX, "0.1%", 10, NULL },
	{ CG2_LIMIT_CPU_MAX, "max", CG2_MAX, NULL },
	{ CG2_LIMIT_CPU_WEIGHT, "1", 1, NULL },
	{ CG2_LIMIT_CPU_WEIGHT, "10000", 10000, NULL },
	{ CG2_LIMIT_CPU_WEIGHT, "idle", CG2_WEIGHT_IDLE, NULL },
	{ CG2_LIMIT_IO_WEIGHT, "1", 1, NULL },
	{ CG2_LIMIT_IO_WEIGHT, "10000", 10000, NULL },
	{ CG2_LIMIT_TASKS_MAX, "1", 1, NULL },
	{ CG2_LIMIT_TASKS_MAX, "4194304", 4194304, NULL },
	{ CG2_LIMIT_TASKS_MAX, "max", CG2_MAX, NULL },
	{ CG2_LIMIT_TASKS_MAX, "infinity", CG2_MAX, "max" },
	/* Of threads-max, which is less than pid_max. */
	{ CG2_LIMIT_TASKS_MAX, "100%", 23148, "23148" },
	{ CG2_LIMIT_TASKS_MAX, "50%", 11574, "11574" },
	{ CG2_LIMIT_TASKS_MAX, "0.01%", 2, "2" },
	{ CG2_LIMIT_OOM_GROUP, "kill", 1, NULL },
	{ CG2_LIMIT_OOM_GROUP, "continue", 0, NULL },
	{ CG2_LIMIT_WALL_TIME, "5", 5 * USEC_PER_SEC, "5s" },
	{ CG2_LIMIT_WALL_TIME, "1h30min", 5400 * USEC_PER_SEC, "90min" },
	{ CG2_LIMIT_WALL_TIME, "max", CG2_MAX, NULL },
	{ CG2_LIMIT_CPU_TIME, "200ms", 200000, NULL },
	{ CG2_LIMIT_CPU_TIME, "1us", 1, NULL },
};

/* In a container or a scope that has less than the machine. */
static void a_percentage_is_of_the_ram_that_binds(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scratch scratch;
	uint64_t value;

	(void)state;
	ctx = open_copy("trixie", &scratch);
	put_file(scratch.root, MOUNT USER_SCOPE "/memory.max", "max\n");
	put_file(scratch.root, MOUNT APP_SLICE "/memory.max", "536870912\n");
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_MEMORY_MAX, "50%", NULL), 0);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_MEMORY_MAX, &value), 1);
	assert_int_equal(value, 256 * MIB);
	put_file(scratch.root, MOUNT APP_SLICE "/memory.max", "max\n");
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_MEMORY_MAX, "100%", NULL), 0);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_MEMORY_MAX, &value), 1);
	assert_int_equal(value, limits_ram_bytes());
	scratch_remove(&scratch);
}

static void check_good(struct cg2_limits *limits, const struct good_word *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *text = NULL;
	uint64_t value = UNTOUCHED;
	int r = cg2_limits_parse(limits, word->limit, word->text, &err);

	if (r < 0)
		fail_msg("%s: result %d: %s", word->text, r,
			 err.detail ? err.detail : "");
	check_case(word->text, cg2_limits_get(limits, word->limit, &value) == 1);
	if (value != word->value)
		fail_msg("%s: value %" PRIu64, word->text, value);
	check_case(word->text, cg2_limits_to_string(limits, word->limit, &text) == 1);
	check_text(word->text, text, word->canonical ? word->canonical : word->text);
}

static void numbers_are_understood(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(good_numbers); i++)
		check_good(*state, &good_numbers[i]);
}

struct bad_word {
	enum cg2_limit limit;
	const char *text;
	int code;
	const char *detail; /* NULL: any */
};

#define CPU_WEIGHT_DETAIL "write a weight from 1 to 10000, or idle"
#define IO_WEIGHT_DETAIL "write a weight from 1 to 10000"
#define TASKS_DETAIL "write a number of tasks, a percentage or max"

static const struct bad_word bad_numbers[] = {
	{ CG2_LIMIT_MEMORY_MAX, "", EINVAL, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "512MB", EINVAL, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "-1", EINVAL, NULL },
	{ CG2_LIMIT_MEMORY_MAX, "64", ERANGE, "must be at least 1M" },
	{ CG2_LIMIT_MEMORY_MAX, "1023K", ERANGE, "must be at least 1M" },
	{ CG2_LIMIT_MEMORY_MAX, "0", ERANGE, "must be at least 1M" },
	{ CG2_LIMIT_MEMORY_MAX, "0%", ERANGE, "must be at least 1M" },
	{ CG2_LIMIT_MEMORY_MAX, "99999999T", ERANGE, NULL },
	{ CG2_LIMIT_MEMORY_HIGH, "0", ERANGE, "must be at least 1M" },
	{ CG2_LIMIT_MEMORY_LOW, "4095", ERANGE, "must be at least 4K" },
	{ CG2_LIMIT_MEMORY_MIN, "0", ERANGE, "must be at least 4K" },
	{ CG2_LIMIT_SWAP_MAX, "none", EINVAL, NULL },
	{ CG2_LIMIT_CPU_MAX, "50", ERANGE, "this machine has 2 CPUs; write 50%" },
	{ CG2_LIMIT_CPU_MAX, "100", ERANGE, "this machine has 2 CPUs; write 100%" },
	{ CG2_LIMIT_CPU_MAX, "101", ERANGE, "this machine has 2 CPUs" },
	{ CG2_LIMIT_CPU_MAX, "201%", ERANGE, "this machine has 2 CPUs" },
	{ CG2_LIMIT_CPU_MAX, "200.01%", ERANGE, "this machine has 2 CPUs" },
	{ CG2_LIMIT_CPU_MAX, "2.5", ERANGE, "this machine has 2 CPUs" },
	{ CG2_LIMIT_CPU_MAX, "0", ERANGE, NULL },
	{ CG2_LIMIT_CPU_MAX, "0.09%", ERANGE, "must be at least 0.1%" },
	{ CG2_LIMIT_CPU_MAX, "half", EINVAL, NULL },
	{ CG2_LIMIT_CPU_MAX, "99999999999999999999", ERANGE, NULL },
	{ CG2_LIMIT_CPU_WEIGHT, "0", EINVAL, CPU_WEIGHT_DETAIL },
	{ CG2_LIMIT_CPU_WEIGHT, "10001", EINVAL, CPU_WEIGHT_DETAIL },
	{ CG2_LIMIT_CPU_WEIGHT, "max", EINVAL, CPU_WEIGHT_DETAIL },
	{ CG2_LIMIT_CPU_WEIGHT, "", EINVAL, CPU_WEIGHT_DETAIL },
	{ CG2_LIMIT_IO_WEIGHT, "idle", EINVAL, IO_WEIGHT_DETAIL },
	{ CG2_LIMIT_IO_WEIGHT, "0", EINVAL, IO_WEIGHT_DETAIL },
	{ CG2_LIMIT_IO_WEIGHT, "99999999999999999999", EINVAL, IO_WEIGHT_DETAIL },
	{ CG2_LIMIT_TASKS_MAX, "0", ERANGE, "must be from 1 to 4194304" },
	{ CG2_LIMIT_TASKS_MAX, "4194305", ERANGE, "must be from 1 to 4194304" },
	{ CG2_LIMIT_TASKS_MAX, "0%", ERANGE, "must be from 1 to 4194304" },
	{ CG2_LIMIT_TASKS_MAX, "100.01%", ERANGE,
	  "at most 100%, of this machine's 23148 tasks" },
	{ CG2_LIMIT_TASKS_MAX, "1.5", EINVAL, TASKS_DETAIL },
	{ CG2_LIMIT_TASKS_MAX, "", EINVAL, TASKS_DETAIL },
	{ CG2_LIMIT_TASKS_MAX, "1K", EINVAL, TASKS_DETAIL },
	{ CG2_LIMIT_TASKS_MAX, "99999999999999999999", ERANGE, TASKS_DETAIL },
	{ CG2_LIMIT_TASKS_MAX, "%", EINVAL, NULL },
	{ CG2_LIMIT_OOM_GROUP, "yes", EINVAL, "write continue or kill" },
	{ CG2_LIMIT_OOM_GROUP, "", EINVAL, "write continue or kill" },
	{ CG2_LIMIT_WALL_TIME, "0", ERANGE, "must be more than 0" },
	{ CG2_LIMIT_WALL_TIME, "5 s", EINVAL, NULL },
	{ CG2_LIMIT_CPU_TIME, "0s", ERANGE, "must be more than 0" },
	{ CG2_LIMIT_CPU_TIME, "-5", EINVAL, NULL },
	{ CG2_LIMIT_CPUSET_CPUS, "", EINVAL, "write a list such as 0-3,8" },
	{ CG2_LIMIT_CPUSET_CPUS, "2", ERANGE, "this machine has the CPUs 0-1" },
	{ CG2_LIMIT_CPUSET_CPUS, "0-8", ERANGE, "this machine has the CPUs 0-1" },
	{ CG2_LIMIT_CPUSET_CPUS, "8192", ERANGE, NULL },
	{ CG2_LIMIT_CPUSET_CPUS, "1-0", EINVAL, NULL },
	{ CG2_LIMIT_CPUSET_CPUS, "0-", EINVAL, NULL },
	{ CG2_LIMIT_CPUSET_CPUS, "all", EINVAL, NULL },
	{ CG2_LIMIT_CPUSET_MEMS, "1", ERANGE, "this machine has the memory nodes 0" },
	{ CG2_LIMIT_CPUSET_MEMS, "", EINVAL, "write a list such as 0-3,8" },
};

static void check_bad(struct cg2_limits *limits, const struct bad_word *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	uint64_t before = limits->set;
	int r = cg2_limits_parse(limits, word->limit, word->text, &err);

	if (r != -word->code)
		fail_msg("'%s': result %d, not %d", word->text, r, -word->code);
	check_case(word->text, err.code == word->code);
	check_case(word->text, err.op == CG2_OP_PARSE);
	check_case(word->text, err.detail);
	check_text(word->text, err.value, word->text);
	if (word->detail)
		check_text(word->text, err.detail, word->detail);
	check_case(word->text, limits->set == before);
	check_case(word->text,
		   cg2_limits_parse(limits, word->limit, word->text, NULL) == r);
}

static void nonsense_is_refused_with_a_reason(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_numbers); i++)
		check_bad(*state, &bad_numbers[i]);
}

static void refused_word_leaves_the_limit_as_it_was(void **state)
{
	struct cg2_limits *limits = *state;
	_cleanup_free_ char *text = NULL;
	uint64_t value;

	check_good(limits,
		   &(struct good_word){ CG2_LIMIT_MEMORY_MAX, "5M", 5 * MIB, NULL });
	check_bad(limits,
		  &(struct bad_word){ CG2_LIMIT_MEMORY_MAX, "5MB", EINVAL, NULL });
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_MEMORY_MAX, &value), 1);
	assert_int_equal(value, 5 * MIB);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_CPUSET_CPUS, "1", NULL), 0);
	check_bad(limits, &(struct bad_word){ CG2_LIMIT_CPUSET_CPUS, "7", ERANGE, NULL });
	assert_int_equal(cg2_limits_to_string(limits, CG2_LIMIT_CPUSET_CPUS, &text), 1);
	assert_string_equal(text, "1");
}

static void one_cpu_is_singular(void **state)
{
	n_cpus = 1;
	check_bad(*state, &(struct bad_word){ CG2_LIMIT_CPU_MAX, "2", ERANGE,
					      "this machine has 1 CPU; write 2%" });
	check_bad(*state, &(struct bad_word){ CG2_LIMIT_CPU_MAX, "200%", ERANGE,
					      "this machine has 1 CPU" });
}

static void machine_that_does_not_tell_is_not_guessed(void **state)
{
	n_cpus = -1;
	check_good(*state,
		   &(struct good_word){ CG2_LIMIT_CPU_MAX, "50", 500000, "5000%" });
	n_pages = -1;
	check_bad(*state,
		  &(struct bad_word){ CG2_LIMIT_MEMORY_MAX, "50%", EINVAL, NULL });
}

static void limit_that_is_none_is_refused(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	uint64_t value;
	char *text;

	assert_int_equal(cg2_limits_parse(*state, (enum cg2_limit)N_LIMITS, "1", &err),
			 -EINVAL);
	check_text("detail", err.detail, "there is no such limit");
	assert_int_equal(cg2_limits_set(*state, (enum cg2_limit)N_LIMITS, 1), -EINVAL);
	assert_int_equal(cg2_limits_get(*state, (enum cg2_limit)N_LIMITS, &value),
			 -EINVAL);
	assert_int_equal(cg2_limits_to_string(*state, (enum cg2_limit)N_LIMITS, &text),
			 -EINVAL);
}

/* ------------------------------------------------------------------------------------
 * Lists
 */

static void check_list(struct cg2_limits *limits, enum cg2_limit limit, const char *text,
		       const char *canonical)
{
	_cleanup_free_ char *made = NULL;

	assert_int_equal(cg2_limits_parse(limits, limit, text, NULL), 0);
	assert_int_equal(cg2_limits_to_string(limits, limit, &made), 1);
	check_text(text, made, canonical);
}

static void lists_name_what_is_online(void **state)
{
	check_list(*state, CG2_LIMIT_CPUSET_CPUS, "0", "0");
	check_list(*state, CG2_LIMIT_CPUSET_CPUS, "1,0", "0-1");
	check_list(*state, CG2_LIMIT_CPUSET_CPUS, "0-1,1", "0-1");
	check_list(*state, CG2_LIMIT_CPUSET_MEMS, "0", "0");
}

static void big_machine_has_many(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	struct scratch scratch;
	struct cg2_ctx *ctx = open_copy("bookworm", &scratch);

	put_file(scratch.root, "sys/devices/system/cpu/online", "0-3,8-191,4000\n");
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	check_list(limits, CG2_LIMIT_CPUSET_CPUS, "191,4000,8-9", "8-9,191,4000");
	check_bad(limits,
		  &(struct bad_word){ CG2_LIMIT_CPUSET_CPUS, "3-8", ERANGE,
				      "this machine has the CPUs 0-3,8-191,4000" });
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

/* ------------------------------------------------------------------------------------
 * Disks: stat(2) asks this machine, whatever the fixture
 */

static void io_words_have_a_form(void **state)
{
	static const char form[] = "write PATH:KEY=N, as in /dev/sda:wbps=10M";
	static const char *const words[] = {
		"", "x", ":", "/dev/sda", "/dev/sda:", ":rbps=5M", "rbps=5M",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		check_bad(*state,
			  &(struct bad_word){ CG2_LIMIT_IO_MAX, words[i], EINVAL, form });
}

static void check_bad_io(struct cg2_limits *limits, const char *text, int code,
			 const char *value, const char *detail)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_IO_MAX, text, &err), -code);
	check_text(text, err.value, value);
	if (detail)
		check_text(text, err.detail, detail);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_IO_MAX, text, NULL), -code);
	check_case(text, !limits_has(limits, CG2_LIMIT_IO_MAX));
	check_case(text, limits->n_io == 0);
}

static void bad_io_is_refused_with_a_reason(void **state)
{
	static const char keys[] = "write rbps=SIZE, wbps=SIZE, riops=N or wiops=N";
	static const char operations[] = "write a number of operations a second, or max";
	static const char no_disk[] =
		"is on no block device; name the disk itself, as in /dev/sda";
	static const struct {
		const char *text;
		int code;
		const char *value, *detail;
	} cases[] = {
		{ "/:foo=5", EINVAL, "foo=5", keys },
		{ "/:rbps", EINVAL, "rbps", keys },
		{ "/:rbp=5M", EINVAL, "rbp=5M", keys },
		{ "/:=5M", EINVAL, "=5M", keys },
		{ "/:rbps=5M,junk", EINVAL, "junk", keys },
		{ "/:rbps=", EINVAL, "", NULL },
		{ "/:rbps=5MB", EINVAL, "5MB", NULL },
		{ "/:rbps=50%", EINVAL, "50%", NULL },
		{ "/:riops=1.5", EINVAL, "riops=1.5", operations },
		{ "/:wiops=10M", EINVAL, "wiops=10M", operations },
		{ "/:rbps=1", ERANGE, "rbps=1", "must be 2 or more" },
		{ "/:wiops=0", ERANGE, "wiops=0", "must be 2 or more" },
		{ "/no/such/disk:rbps=5M", ENOENT, "/no/such/disk", NULL },
		{ "/proc:rbps=5M", ENODEV, "/proc", no_disk },
		{ "/proc/self/status/x:rbps=5M", ENOTDIR, "/proc/self/status/x", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_bad_io(*state, cases[i].text, cases[i].code, cases[i].value,
			     cases[i].detail);
}

/* Something that is on a disk, or a disk's device file. Where there is none, the test ends. */
static const char *need_disk(dev_t *ret_dev)
{
	/* clang-format off */
	static const char *const candidates[] = {
		"/", "/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0", "/home",
		"/tmp", "/usr", "/etc/hosts",
	};
	/* clang-format on */

	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++) {
		struct stat st;

		if (stat(candidates[i], &st) < 0)
			continue;
		*ret_dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
		if (major(*ret_dev) != 0)
			return candidates[i];
	}
	skip();
	return NULL;
}

static void check_io(struct cg2_limits *limits, const char *disk, const char *pairs,
		     const char *expected)
{
	_cleanup_free_ char *word = NULL, *text = NULL;

	assert_true(asprintf(&word, "%s:%s", disk, pairs) > 0);
	if (cg2_limits_parse(limits, CG2_LIMIT_IO_MAX, word, NULL) < 0)
		fail_msg("%s is refused", word);
	assert_int_equal(cg2_limits_to_string(limits, CG2_LIMIT_IO_MAX, &text), 1);
	check_text(word, text, expected);
}

/* In a tree that tells nothing of the disk. */
static void limits_of_a_disk_add_up(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	struct scratch scratch;
	struct cg2_ctx *ctx;
	char expected[128];
	dev_t dev;
	const char *disk = need_disk(&dev);

	scratch_make(&scratch);
	ctx = open_root(scratch.root);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	snprintf(expected, sizeof(expected), "%u:%u rbps=5242880", major(dev),
		 minor(dev));
	check_io(limits, disk, "rbps=5M", expected);
	snprintf(expected, sizeof(expected), "%u:%u rbps=5242880 riops=max wiops=20",
		 major(dev), minor(dev));
	check_io(limits, disk, "wiops=20,riops=max", expected);
	snprintf(expected, sizeof(expected), "%u:%u rbps=max wbps=2 riops=max wiops=30",
		 major(dev), minor(dev));
	check_io(limits, disk, "wiops=30,wbps=2,rbps=infinity", expected);
	assert_int_equal(limits->n_io, 1);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

/* "8:1", in a tree where that is a partition of 8:0. */
static void partition_stands_for_its_disk(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_free_ char *link = NULL;
	struct scratch scratch;
	struct cg2_ctx *ctx;
	dev_t dev;
	const char *disk = need_disk(&dev);

	scratch_make(&scratch);
	put_file(scratch.root, "sys/block/sda/dev", "8:123\n");
	put_file(scratch.root, "sys/block/sda/sda1/partition", "1\n");
	put_file(scratch.root, "sys/dev/block/x", "");
	assert_true(asprintf(&link, "%s/sys/dev/block/%u:%u", scratch.root, major(dev),
			     minor(dev)) > 0);
	assert_int_equal(symlink("../../block/sda/sda1", link), 0);
	ctx = open_root(scratch.root);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	check_io(limits, disk, "rbps=5M", "8:123 rbps=5242880");
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

/* /sys/dev/block/DEVICE, which stands for what is in /sys/block. */
static void link_device(struct scratch *scratch, dev_t dev, const char *block)
{
	_cleanup_free_ char *link = NULL, *to = NULL;

	put_file(scratch->root, "sys/dev/block/x", "");
	assert_true(asprintf(&link, "%s/sys/dev/block/%u:%u", scratch->root, major(dev),
			     minor(dev)) > 0);
	assert_true(asprintf(&to, "../../block/%s", block) > 0);
	assert_int_equal(symlink(to, link), 0);
}

/* LUKS on a partition, and more of it on the same disk, and then on another one. */
static void what_is_made_of_a_disk_stands_for_it(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	struct scratch scratch;
	struct cg2_ctx *ctx;
	char expected[64];
	dev_t dev;
	const char *disk = need_disk(&dev);

	scratch_make(&scratch);
	link_device(&scratch, dev, "dm-0");
	link_device(&scratch, makedev(8, 1001), "sda/sda1");
	link_device(&scratch, makedev(8, 1002), "sda/sda2");
	link_device(&scratch, makedev(8, 1000), "sda");
	put_file(scratch.root, "sys/block/sda/dev", "8:1000\n");
	put_file(scratch.root, "sys/block/sda/sda1/partition", "1\n");
	put_file(scratch.root, "sys/block/sda/sda2/partition", "2\n");
	put_file(scratch.root, "sys/block/dm-0/slaves/sda1/dev", "8:1001\n");
	ctx = open_root(scratch.root);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	check_io(limits, disk, "rbps=5M", "sda (8:1000) rbps=5242880");
	put_file(scratch.root, "sys/block/dm-0/slaves/sda2/dev", "8:1002\n");
	check_io(limits, disk, "rbps=6M", "sda (8:1000) rbps=6291456");
	put_file(scratch.root, "sys/block/dm-0/slaves/sdb/dev", "8:1016\n");
	snprintf(expected, sizeof(expected), "sda (8:1000) rbps=6291456, dm-0 (%u:%u) rbps=4096",
		 major(dev), minor(dev));
	check_io(limits, disk, "rbps=4K", expected);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

/* Colons in paths, as /dev/disk/by-path has them. */
static void last_colon_ends_the_path(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	struct scratch scratch;
	struct cg2_ctx *ctx;
	char path[128], link[128], expected[64];
	dev_t dev;
	const char *disk = need_disk(&dev);

	scratch_make(&scratch);
	snprintf(path, sizeof(path), "%s/pci-0000:00:1", scratch.root);
	snprintf(link, sizeof(link), "%s", disk);
	assert_int_equal(symlink(link, path), 0);
	snprintf(expected, sizeof(expected), "%u:%u rbps=4096", major(dev), minor(dev));
	ctx = open_root(scratch.root);
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	check_io(limits, path, "rbps=4K", expected);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

static void disk_without_a_limit_is_refused(void **state)
{
	struct cg2_limits *limits = *state;
	char word[64];
	dev_t dev;
	const char *disk = need_disk(&dev);

	snprintf(word, sizeof(word), "%s:,", disk);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_IO_MAX, word, NULL), -EINVAL);
	assert_false(limits_has(limits, CG2_LIMIT_IO_MAX));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_limits, end_limits)
	const struct CMUnitTest tests[] = {
		TEST(numbers_are_understood),
		TEST(nonsense_is_refused_with_a_reason),
		TEST(refused_word_leaves_the_limit_as_it_was),
		TEST(one_cpu_is_singular),
		TEST(machine_that_does_not_tell_is_not_guessed),
		TEST(limit_that_is_none_is_refused),
		TEST(lists_name_what_is_online),
		TEST(big_machine_has_many),
		TEST(io_words_have_a_form),
		TEST(bad_io_is_refused_with_a_reason),
		TEST(limits_of_a_disk_add_up),
		TEST(partition_stands_for_its_disk),
		TEST(what_is_made_of_a_disk_stands_for_it),
		TEST(last_colon_ends_the_path),
		TEST(disk_without_a_limit_is_refused),
		cmocka_unit_test(a_percentage_is_of_the_ram_that_binds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
