/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that the kernel takes and that do nothing: I/O weights without anything that
 * looks at them, protections that end on the way up.
 */
#include "tree.h"

#include "limit/limits-effect.h"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_group *group;
	struct cg2_limits *limits; /* what is wished for */
};

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	work->ctx = open_copy("trixie", &work->scratch);
	work->group = open_group(work->ctx, USER_SCOPE);
	assert_int_equal(cg2_limits_new(work->ctx, &work->limits), 0);
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	cg2_limits_unref(work->limits);
	cg2_group_unref(work->group);
	cg2_ctx_unref(work->ctx);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

static void put(struct work *work, const char *path, const char *text)
{
	put_file(work->scratch.root, path, text);
}

static int check(struct work *work, enum cg2_limit limit, struct cg2_error *err)
{
	return limits_effect_check(work->limits, limit, work->group, err);
}

static void most_limits_always_have_one(void **state)
{
	for (unsigned int i = CG2_LIMIT_MEMORY_MAX; i <= CG2_LIMIT_CPU_TIME; i++)
		if (i != CG2_LIMIT_IO_WEIGHT && i != CG2_LIMIT_MEMORY_LOW &&
		    i != CG2_LIMIT_MEMORY_MIN)
			assert_int_equal(check(*state, (enum cg2_limit)i, NULL), 0);
}

/* ------------------------------------------------------------------------------------
 * I/O weights
 */

/* As Debian has it, with "none" or "mq-deadline". */
static void weight_without_a_scheduler_has_none(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, &err), -EOPNOTSUPP);
	assert_int_equal(err.op, CG2_OP_VERIFY);
	check_text("path", err.path, USER_SCOPE "/io.weight");
	check_text("detail", err.detail,
		   "it has no effect: no disk uses bfq or iocost");
	check_in("hint", err.hint, "echo bfq >/sys/block/sda/queue/scheduler");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
}

static void weight_with_bfq_has_one(void **state)
{
	put(*state, "sys/block/vdb/queue/scheduler", "none mq-deadline [bfq]\n");
	/* One that knows no cgroups has no such file. */
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
	put(*state, MOUNT USER_SCOPE "/io.bfq.weight", "default 100\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), 0);
}

static void scheduler_must_be_in_use(void **state)
{
	put(*state, "sys/block/vda/queue/scheduler", "none [mq-deadline] bfq\n");
	put(*state, "sys/block/vdb/queue/scheduler", "[none] bfq\n");
	put(*state, "sys/block/nbd0/size", "0\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
	put(*state, MOUNT USER_SCOPE "/io.bfq.weight", "default 100\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
	put(*state, "sys/block/sdc/queue/scheduler", "[bfq]\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), 0);
}

static void weight_with_iocost_has_one(void **state)
{
	put(*state, MOUNT "/io.cost.qos",
	    "254:0 enable=1 ctrl=auto rpct=0.00 rlat=250000 wpct=0.00 wlat=250000 "
	    "min=1.00 "
	    "max=10000.00\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), 0);
	put(*state, MOUNT "/io.cost.qos", "254:0 enable=0 ctrl=auto\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
	put(*state, MOUNT "/io.cost.qos", "254:0 enable=0\n254:16 enable=1\n");
	assert_int_equal(check(*state, CG2_LIMIT_IO_WEIGHT, NULL), 0);
}

static void machine_without_disks_has_no_weights(void **state)
{
	struct work *work = *state;

	remove_file(work->scratch.root, "sys/block");
	remove_file(work->scratch.root, MOUNT "/io.cost.qos");
	assert_int_equal(check(work, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
	put(work, "sys/block", "no directory");
	assert_int_equal(check(work, CG2_LIMIT_IO_WEIGHT, NULL), -EOPNOTSUPP);
}

/* ------------------------------------------------------------------------------------
 * Protections
 */

static const char *const ancestors[] = {
	"/user.slice",
	"/user.slice/user-1000.slice",
	"/user.slice/user-1000.slice/user@1000.service",
	APP_SLICE,
};

static void protect(struct work *work, const char *ancestor, const char *file,
		    const char *value)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/%s", ancestor, file) > 0);
	put(work, path, value);
}

static void protect_all(struct work *work, const char *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(ancestors); i++)
		protect(work, ancestors[i], file, "1048576\n");
}

static void check_broken(struct work *work, enum cg2_limit limit, const char *ancestor,
			 const char *property)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *detail = NULL, *hint = NULL;

	assert_int_equal(check(work, limit, &err), -EOPNOTSUPP);
	assert_int_equal(err.op, CG2_OP_VERIFY);
	check_in("path", err.path, cg2_limit_get_info(limit)->file);
	assert_true(asprintf(&detail, "it has no effect: %s above it has no such protection",
			     ancestor) > 0);
	check_text("detail", err.detail, detail);
	assert_true(asprintf(&hint, "systemctl set-property %s %s=",
			     strrchr(ancestor, '/') + 1, property) > 0);
	check_in("hint", err.hint, hint);
	assert_int_equal(check(work, limit, NULL), -EOPNOTSUPP);
}

static void protection_needs_every_ancestor(void **state)
{
	check_broken(*state, CG2_LIMIT_MEMORY_LOW, APP_SLICE, "MemoryLow");
	protect_all(*state, "memory.low");
	assert_int_equal(check(*state, CG2_LIMIT_MEMORY_LOW, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ancestors); i++) {
		protect(*state, ancestors[i], "memory.low", "0\n");
		check_broken(*state, CG2_LIMIT_MEMORY_LOW, ancestors[i], "MemoryLow");
		protect(*state, ancestors[i], "memory.low", "max\n");
		assert_int_equal(check(*state, CG2_LIMIT_MEMORY_LOW, NULL), 0);
	}
}

/* 4K above is no protection for 1G. */
static void protection_is_worth_what_the_ancestors_have(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	struct work *work = *state;

	protect_all(work, "memory.low");
	assert_int_equal(cg2_limits_parse(work->limits, CG2_LIMIT_MEMORY_LOW, "1M", NULL), 0);
	assert_int_equal(check(work, CG2_LIMIT_MEMORY_LOW, NULL), 0);
	protect(*state, ancestors[2], "memory.low", "4096\n");
	assert_int_equal(check(*state, CG2_LIMIT_MEMORY_LOW, &err), -EOPNOTSUPP);
	check_in("detail", err.detail, "it has no effect beyond 4K, which /user.slice");
}

static void its_own_value_does_not_count(void **state)
{
	protect(*state, USER_SCOPE, "memory.low", "1048576\n");
	check_broken(*state, CG2_LIMIT_MEMORY_LOW, APP_SLICE, "MemoryLow");
}

static void hard_protection_needs_hard_ones(void **state)
{
	protect_all(*state, "memory.low");
	check_broken(*state, CG2_LIMIT_MEMORY_MIN, APP_SLICE, "MemoryMin");
	protect_all(*state, "memory.min");
	assert_int_equal(check(*state, CG2_LIMIT_MEMORY_MIN, NULL), 0);
}

/* What is never reclaimed is not reclaimed early either. */
static void soft_protection_is_content_with_hard_ones(void **state)
{
	protect_all(*state, "memory.min");
	assert_int_equal(check(*state, CG2_LIMIT_MEMORY_LOW, NULL), 0);
	protect(*state, ancestors[1], "memory.min", "0\n");
	protect(*state, ancestors[1], "memory.low", "4096\n");
	assert_int_equal(check(*state, CG2_LIMIT_MEMORY_LOW, NULL), 0);
	protect(*state, ancestors[1], "memory.low", "0\n");
	check_broken(*state, CG2_LIMIT_MEMORY_LOW, ancestors[1], "MemoryLow");
}

static void child_of_the_root_needs_nobody(void **state)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *slice = NULL, *root = NULL;
	struct work *work = *state;

	slice = open_group(work->ctx, "/user.slice");
	assert_int_equal(limits_effect_check(work->limits, CG2_LIMIT_MEMORY_LOW, slice, NULL), 0);
	root = open_group(work->ctx, "/");
	assert_int_equal(limits_effect_check(work->limits, CG2_LIMIT_MEMORY_LOW, root, NULL), 0);
}

/* In a container the chain ends at what is mounted. */
static void chain_ends_at_the_mount(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("container-part");
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;

	group = open_group(ctx, "/docker/4b1d/init.scope");
	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	assert_int_equal(limits_effect_check(limits, CG2_LIMIT_MEMORY_LOW, group, NULL), 0);
}

/* ------------------------------------------------------------------------------------
 * Sets of CPUs
 */

static void set_that_is_not_allowed_above_has_none(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;

	put(work, MOUNT "/user.slice/cpuset.cpus.effective", "0\n");
	assert_int_equal(cg2_limits_parse(work->limits, CG2_LIMIT_CPUSET_CPUS, "0", NULL), 0);
	assert_int_equal(check(work, CG2_LIMIT_CPUSET_CPUS, NULL), 0);
	assert_int_equal(cg2_limits_parse(work->limits, CG2_LIMIT_CPUSET_CPUS, "0-1", NULL), 0);
	assert_int_equal(check(work, CG2_LIMIT_CPUSET_CPUS, &err), -EOPNOTSUPP);
	check_text("detail", err.detail, "the cgroups above allow only 0");
	check_in("hint", err.hint, "AllowedCPUs=");
	put(work, MOUNT APP_SLICE "/cpuset.cpus.effective", "0-3\n");
	assert_int_equal(check(work, CG2_LIMIT_CPUSET_CPUS, NULL), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(most_limits_always_have_one),
		TEST(weight_without_a_scheduler_has_none),
		TEST(weight_with_bfq_has_one),
		TEST(scheduler_must_be_in_use),
		TEST(weight_with_iocost_has_one),
		TEST(machine_without_disks_has_no_weights),
		TEST(protection_needs_every_ancestor),
		TEST(protection_is_worth_what_the_ancestors_have),
		TEST(its_own_value_does_not_count),
		TEST(hard_protection_needs_hard_ones),
		TEST(soft_protection_is_content_with_hard_ones),
		TEST(child_of_the_root_needs_nobody),
		TEST(chain_ends_at_the_mount),
		TEST(set_that_is_not_allowed_above_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
