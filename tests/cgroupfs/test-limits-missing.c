/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits whose file is not there: why, and who can change it.
 */
#include "work.h"

/* ------------------------------------------------------------------------------------
 * Files that are not there
 */

static void check_missing(struct work *work, enum cg2_limit limit, const char *file,
			  const char *detail, const char *hint)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, "%s/%s", cg2_group_get_path(work->group), file) > 0);
	assert_int_equal(verify(work, limit, &err), -EOPNOTSUPP);
	assert_int_equal(err.op, CG2_OP_VERIFY);
	check_text("path", err.path, path);
	assert_non_null(err.value);
	check_text(file, err.detail, detail);
	if (hint)
		check_in(file, err.hint, hint);
	else
		check_text(file, err.hint, NULL);
	assert_int_equal(verify(work, limit, NULL), -EOPNOTSUPP);
}

#define DROP_IN                                                                          \
	"  mkdir -p /etc/systemd/system/user@.service.d\n"                               \
	"  cd /etc/systemd/system/user@.service.d\n"                                     \
	"  printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' >delegate.conf\n"    \
	"  systemctl daemon-reload && systemctl restart user@"

/* Debian 12 and 13 delegate memory, pids and cpu. */
static void controller_that_users_do_not_have_has_a_drop_in(void **state)
{
	struct work *work = *state;

	work_open(work, USER_SCOPE);
	set(work, CG2_LIMIT_IO_WEIGHT, "50");
	check_missing(work, CG2_LIMIT_IO_WEIGHT, "io.weight",
		      "the io controller is not delegated here", DROP_IN);
	check_missing(work, CG2_LIMIT_IO_WEIGHT, "io.weight",
		      "the io controller is not delegated here",
		      "systemctl restart user@1000.service");
	set(work, CG2_LIMIT_CPUSET_CPUS, "0");
	check_missing(work, CG2_LIMIT_CPUSET_CPUS, "cpuset.cpus",
		      "the cpuset controller is not delegated here", DROP_IN);
	set_io(work->limits, 1, (const uint64_t[N_IO_KEYS]){ 5, 0, 0, 0 });
	check_missing(work, CG2_LIMIT_IO_MAX, "io.max",
		      "the io controller is not delegated here", DROP_IN);
}

static void unit_that_lacks_a_controller_is_named(void **state)
{
	struct work *work = *state;

	put_file(work->scratch.root, MOUNT "/a.slice/a.scope/cgroup.controllers",
		 "memory\n");
	work_open(work, "/a.slice/a.scope");
	set(work, CG2_LIMIT_CPU_MAX, "50%");
	check_missing(work, CG2_LIMIT_CPU_MAX, "cpu.max",
		      "the cpu controller is not delegated here",
		      "a.scope was given other controllers: it needs Delegate=cpu memory");
}

/* The user's manager has it, and a service of the user's has asked for others. */
static void unit_of_a_user_that_lacks_a_controller_is_named(void **state)
{
	struct work *work = *state;

	put_file(work->scratch.root, MOUNT APP_SLICE "/run-1.service/cgroup.controllers",
		 "memory pids\n");
	work_open(work, APP_SLICE "/run-1.service");
	set(work, CG2_LIMIT_CPU_MAX, "50%");
	check_missing(work, CG2_LIMIT_CPU_MAX, "cpu.max",
		      "the cpu controller is not delegated here",
		      "run-1.service was given other controllers: "
		      "it needs Delegate=cpu memory pids");
}

static void controller_that_the_machine_does_not_have_is_said(void **state)
{
	struct work *work = *state;
	static const char detail[] = "this machine has no cpuset controller";

	put_file(work->scratch.root, MOUNT "/cgroup.controllers", "cpu io memory pids\n");
	work->ctx = cg2_ctx_unref(work->ctx);
	work->ctx = open_root(work->scratch.root);
	work_open(work, USER_SCOPE);
	set(work, CG2_LIMIT_CPUSET_CPUS, "0");
	check_missing(work, CG2_LIMIT_CPUSET_CPUS, "cpuset.cpus", detail,
		      "cgroup_disable=");
}

static void file_that_the_kernel_does_not_have_is_said(void **state)
{
	struct work *work = *state;

	remove_file(work->scratch.root, MOUNT SERVICE "/cpu.idle");
	set(work, CG2_LIMIT_CPU_WEIGHT, "idle");
	check_missing(work, CG2_LIMIT_CPU_WEIGHT, "cpu.idle",
		      "this kernel has no cpu.idle", NULL);
	remove_file(work->scratch.root, MOUNT SERVICE "/memory.oom.group");
	set(work, CG2_LIMIT_OOM_GROUP, "kill");
	check_missing(work, CG2_LIMIT_OOM_GROUP, "memory.oom.group",
		      "this kernel has no memory.oom.group", NULL);
}

#define SWAPS "Filename\tType\tSize\tUsed\tPriority\n"

/* A kernel that does not account swap; without swap that makes no difference. */
static void implied_no_swap_needs_no_file_without_swap(void **state)
{
	struct work *work = *state;
	static const char detail[] = "this kernel has no memory.swap.max";

	remove_file(work->scratch.root, MOUNT SERVICE "/memory.swap.max");
	set(work, CG2_LIMIT_MEMORY_MAX, "64M");
	limits_complete(work->limits);
	put_file(work->scratch.root, "proc/swaps", SWAPS);
	assert_int_equal(verify(work, CG2_LIMIT_SWAP_MAX, NULL), 0);
	remove_file(work->scratch.root, "proc/swaps");
	assert_int_equal(verify(work, CG2_LIMIT_SWAP_MAX, NULL), 0);
	put_file(work->scratch.root, "proc/swaps",
		 SWAPS "/dev/vdb\tpartition\t262140\t0\t-2\n");
	check_missing(work, CG2_LIMIT_SWAP_MAX, "memory.swap.max", detail, NULL);
	/* Who asks for it gets it, or hears that he does not. */
	put_file(work->scratch.root, "proc/swaps", SWAPS);
	set(work, CG2_LIMIT_SWAP_MAX, "0");
	check_missing(work, CG2_LIMIT_SWAP_MAX, "memory.swap.max", detail, NULL);
}

static void many_swap_areas_are_swap(void **state)
{
	static const char line[] =
		"/dev/disk/by-id/some-disk-with-a-long-name\tpartition\t1\n";
	const size_t n = 40, len = strlen(line);
	struct work *work = *state;
	char text[sizeof(SWAPS) + 40 * sizeof(line)] = SWAPS;

	for (size_t i = 0; i < n; i++)
		memcpy(text + strlen(SWAPS) + i * len, line, len + 1);
	put_file(work->scratch.root, "proc/swaps", text);
	remove_file(work->scratch.root, MOUNT SERVICE "/memory.swap.max");
	set(work, CG2_LIMIT_MEMORY_MAX, "64M");
	limits_complete(work->limits);
	assert_int_equal(verify(work, CG2_LIMIT_SWAP_MAX, NULL), -EOPNOTSUPP);
}

static void implied_no_swap_is_verified_where_it_can_be(void **state)
{
	struct work *work = *state;

	set(work, CG2_LIMIT_MEMORY_MAX, "64M");
	limits_complete(work->limits);
	put(work, "memory.swap.max", "0\n");
	assert_int_equal(verify(work, CG2_LIMIT_SWAP_MAX, NULL), 0);
	put(work, "memory.swap.max", "max\n");
	assert_int_equal(verify(work, CG2_LIMIT_SWAP_MAX, NULL), -EBADE);
}

static void file_that_may_not_be_read_is_an_error(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;

	set(work, CG2_LIMIT_TASKS_MAX, "50");
	put_mode(work->scratch.root, MOUNT SERVICE "/pids.max", 0);
	be_ordinary();
	assert_int_equal(verify(work, CG2_LIMIT_TASKS_MAX, &err), -EACCES);
	be_root_again();
	assert_int_equal(err.op, CG2_OP_READ);
	check_in("path", err.path, "pids.max");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(controller_that_users_do_not_have_has_a_drop_in),
		TEST(unit_that_lacks_a_controller_is_named),
		TEST(unit_of_a_user_that_lacks_a_controller_is_named),
		TEST(controller_that_the_machine_does_not_have_is_said),
		TEST(file_that_the_kernel_does_not_have_is_said),
		TEST(implied_no_swap_needs_no_file_without_swap),
		TEST(many_swap_areas_are_swap),
		TEST(implied_no_swap_is_verified_where_it_can_be),
		TEST(file_that_may_not_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
