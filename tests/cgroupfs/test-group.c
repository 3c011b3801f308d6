/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Groups: which directory a path is, and what comes back from the files in it.
 */
#include "tree.h"

#include "cgroup/ctx.h"
#include "cgroup/group.h"

/* ------------------------------------------------------------------------------------
 * Opening
 */

static void check_open(const char *tree, const char *path, const char *file,
		       const char *text)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = open_group(ctx, path);
	_cleanup_free_ char *buf = NULL;
	size_t len;

	assert_string_equal(cg2_group_get_path(group), path);
	assert_true(cg2_group_get_fd(group) >= 0);
	assert_int_equal(cg2_group_read(group, file, &buf, &len, NULL), 0);
	assert_string_equal(buf, text);
	assert_int_equal(len, strlen(text));
}

static void check_no_open(const char *tree, const char *path, int code,
			  const char *detail)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_group *group = NULL;

	assert_int_equal(cg2_group_open(ctx, path, &group, &err), -code);
	assert_null(group);
	assert_int_equal(err.op, CG2_OP_OPEN);
	check_text("path", err.path, path);
	check_text("detail", err.detail, detail);
	assert_int_equal(cg2_group_open(ctx, path, &group, NULL), -code);
}

#define OUTSIDE "this cgroup is outside of what is mounted here"

static void paths_are_those_of_proc(void **state)
{
	check_open("bookworm", USER_SCOPE, "memory.max", "67108864\n");
	check_open("bookworm", "/", "cgroup.controllers",
		   "cpuset cpu io memory hugetlb pids rdma misc\n");
	check_open("bookworm", "/user.slice/", "memory.max", "max\n");
	check_open("blanks", "/part of\\it/a b.scope", "memory.max", "4096\n");
	check_open("blanks", "/part of\\it", "cgroup.controllers", "memory pids\n");
	check_open("hybrid-v2-controllers", "/x.service", "cgroup.controllers",
		   "cpu memory pids\n");
}

static void part_of_the_tree_is_below_its_mount(void **state)
{
	check_open("container-part", "/docker/4b1d", "cgroup.procs", "1\n");
	check_open("container-part", "/docker/4b1d/", "cgroup.procs", "1\n");
	check_open("container-part", "/docker/4b1d/init.scope", "cgroup.procs", "7\n");
	check_no_open("container-part", "/", ENOENT, OUTSIDE);
	check_no_open("container-part", "/docker", ENOENT, OUTSIDE);
	check_no_open("container-part", "/docker/4b1dc0de", ENOENT, OUTSIDE);
	check_no_open("container-part", "/docker/4b1d/gone", ENOENT, NULL);
	check_no_open("container-part", "/init.scope", ENOENT, OUTSIDE);
}

static void what_the_namespace_hides_is_not_guessed(void **state)
{
	/* Out of the hierarchy, by whatever way. */
	check_no_open("trixie", "/system.slice/../../../etc", ENOENT, OUTSIDE);
	check_no_open("trixie", "system.slice//..", ENOENT, OUTSIDE);
	check_no_open("container", "/..", ENOENT, OUTSIDE);
	check_no_open("container", "/../other.service", ENOENT, OUTSIDE);
	check_no_open("container-above", "/", ENOENT, OUTSIDE);
	check_no_open("container-above", "/other.service", ENOENT, OUTSIDE);
	check_no_open("container-above", "/..", ENOENT, OUTSIDE);
}

static void missing_cgroup_is_an_error(void **state)
{
	check_no_open("bookworm", "/gone.slice", ENOENT, NULL);
	check_no_open("bookworm", USER_SCOPE "/gone", ENOENT, NULL);
	check_no_open("bookworm", "/cgroup.controllers", ENOTDIR, NULL);
}

static void group_outlives_its_context(void **state)
{
	struct cg2_ctx *ctx = open_tree("trixie");
	struct cg2_group *group = open_group(ctx, SERVICE);
	uint64_t value;

	cg2_ctx_unref(ctx);
	assert_ptr_equal(cg2_group_ref(group), group);
	assert_null(cg2_group_unref(group));
	assert_int_equal(cg2_group_read_value(group, "pids.max", &value, NULL), 0);
	assert_int_equal(value, 50);
	assert_null(cg2_group_unref(group));
	assert_null(cg2_group_unref(NULL));
	assert_null(cg2_group_ref(NULL));
}

static void check_parents(const char *tree, const char *path, const char *const *parents)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = open_group(ctx, path);

	for (;; parents++) {
		struct cg2_group *parent;

		assert_int_equal(group_open_parent(group, &parent, NULL), 0);
		cg2_group_unref(group);
		group = parent;
		check_text(path, parent ? cg2_group_get_path(parent) : NULL, *parents);
		if (!parent)
			return;
	}
}

static void parents_go_up_to_what_is_mounted(void **state)
{
	/* clang-format off */
	static const char *const user[] = {
		"/user.slice/user-1000.slice/user@1000.service",
		"/user.slice/user-1000.slice", "/user.slice", "/", NULL,
	};
	/* clang-format on */
	static const char *const part[] = { "/docker/4b1d", NULL };
	static const char *const root[] = { NULL };

	check_parents("bookworm", APP_SLICE, user);
	check_parents("container-part", "/docker/4b1d/init.scope", part);
	check_parents("container-part", "/docker/4b1d", root);
	check_parents("bookworm", "/", root);
	check_parents("container", "/", root);
}

/* ------------------------------------------------------------------------------------
 * Processes
 */

static void check_pid(const char *tree, pid_t pid, const char *path)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_group_open_pid(ctx, pid, &group, &err) < 0)
		fail_msg("%s: %s", tree, err.detail ? err.detail : strerror(err.code));
	assert_string_equal(cg2_group_get_path(group), path);
}

static void check_no_pid(const char *tree, pid_t pid, int code, const char *path,
			 const char *detail)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree(tree);
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_group *group = NULL;

	assert_int_equal(cg2_group_open_pid(ctx, pid, &group, &err), -code);
	assert_null(group);
	check_text("path", err.path, path);
	check_text("detail", err.detail, detail);
}

static void process_is_found_in_its_cgroup(void **state)
{
	check_pid("bookworm", 0, USER_SCOPE);
	check_pid("trixie", 0, USER_SCOPE);
	check_pid("blanks", 0, "/part of\\it/a b.scope");
	check_pid("container-part", 7, "/docker/4b1d/init.scope");
	check_pid("hybrid-v2-controllers", 0, "/x.service");
	check_pid("container", 0, "/");
}

static void process_elsewhere_is_an_error(void **state)
{
	check_no_pid("container-part", 9, ENOENT, "/system.slice", OUTSIDE);
	check_no_pid("container-part", 8, ENOENT, "/docker/4b1dc0de", OUTSIDE);
	check_no_pid("container-above", 7, ENOENT, "/../../other.service", OUTSIDE);
}

/* As in a container with the cgroupfs of its host: the search finds where paths begin. */
static void root_of_the_namespace_is_found_by_its_process(void **state)
{
	static const struct {
		pid_t pid;
		const char *path;
	} processes[] = { { 0, "/a.slice/b.scope" }, { 7, "/other.service" } };
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct scratch scratch;
	char pids[64];

	ctx = open_copy("container-above", &scratch);
	snprintf(pids, sizeof(pids), "0\n%d\n", (int)getpid());
	put_file(scratch.root, MOUNT "/a.slice/a.scope/cgroup.procs", "0\n1\n");
	put_file(scratch.root, MOUNT "/a.slice/b.scope/cgroup.procs", pids);
	for (size_t i = 0; i < ARRAY_SIZE(processes); i++) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;

		assert_int_equal(cg2_group_open_pid(ctx, processes[i].pid, &group, NULL), 0);
		assert_string_equal(cg2_group_get_path(group), processes[i].path);
	}
	scratch_remove(&scratch);
}

static void paths_of_a_namespace_are_resolved(void **state)
{
	static const struct {
		const char *path, *resolved;
	} rows[] = {
		{ "/", "/a/b" },	  { "/x", "/a/b/x" },	     { "/../x", "/a/x" },
		{ "/../../x/y", "/x/y" }, { "/../..", "/" },	     { "/../../../x", "/../x" },
		{ "/..x", "/a/b/..x" },	  { "/../b (deleted)", "/a/b (deleted)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *path = NULL;

		assert_int_equal(namespace_resolve("/a/b", rows[i].path, &path), 0);
		check_text(rows[i].path, path, rows[i].resolved);
	}
}

static void process_that_is_none_is_an_error(void **state)
{
	check_no_pid("bookworm", 4194304, ESRCH, "/proc/4194304/cgroup",
		     "no process 4194304");
	check_no_pid("bookworm", INT32_MAX, ESRCH, "/proc/2147483647/cgroup",
		     "no process 2147483647");
	check_no_pid("blanks", 9, EOPNOTSUPP, "/proc/9/cgroup",
		     "the process is in no cgroup v2");
}

/* A chroot without it: whose process it is cannot be told. */
static void no_proc_is_no_missing_process(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct cg2_group *group = NULL;
	struct scratch scratch;

	ctx = open_copy("trixie", &scratch);
	remove_file(scratch.root, "proc/self/cgroup");
	for (pid_t pid = 0; pid < 8; pid += 7) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

		assert_int_equal(cg2_group_open_pid(ctx, pid, &group, &err), -ENOENT);
		check_text("detail", err.detail, "/proc is not mounted");
		check_text("hint", err.hint, "as root: mount -t proc none /proc");
	}
	scratch_remove(&scratch);
}

/* Its cgroup is gone, however much another one looks like it. */
static void deleted_cgroup_does_not_open(void **state)
{
	check_no_pid("blanks", 7, ENOENT, "/part of\\it/a b.scope (deleted)", NULL);
	/* A name may end like that as well. */
	check_pid("blanks", 8, "/part of\\it/odd (deleted)");
	check_open("blanks", "/part of\\it/odd (deleted)", "memory.max", "8192\n");
}

/* ------------------------------------------------------------------------------------
 * Reading
 */

static void values_are_read(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("bookworm");
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = open_group(ctx, USER_SCOPE);
	uint64_t value;

	assert_int_equal(cg2_group_read_value(group, "memory.max", &value, NULL), 0);
	assert_int_equal(value, 64 << 20);
	assert_int_equal(cg2_group_read_value(group, "memory.high", &value, NULL), 0);
	assert_int_equal(value, CG2_MAX);
	assert_int_equal(
		cg2_group_read_flat(group, "cpu.stat", "nr_bursts", &value, NULL), 0);
	assert_int_equal(value, 0);
	assert_int_equal(
		cg2_group_read_flat(group, "cgroup.events", "populated", &value, NULL),
		0);
	assert_int_equal(value, 1);
	assert_int_equal(cg2_group_is_populated(group, NULL), 1);
	assert_int_equal(cg2_group_read_controllers(group, &value, NULL), 0);
	assert_int_equal(value, 1 << 0 | 1 << 3 | 1 << 4);
}

static void check_length(struct cg2_group *group, const char *root, size_t n)
{
	_cleanup_free_ char *text = malloc(n + 1), *buf = NULL;
	size_t len;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = i % 5 == 4 ? '\n' : (char)('0' + i % 10);
	text[n] = '\0';
	put_bytes(root, MOUNT "/user.slice/cgroup.procs", text, n);
	assert_int_equal(cg2_group_read(group, "cgroup.procs", &buf, &len, NULL), 0);
	assert_int_equal(len, n);
	assert_memory_equal(buf, text, n + 1);
}

static void files_have_any_length(void **state)
{
	static const size_t lengths[] = {
		0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 100000, 1 << 20,
	};
	struct scratch scratch;
	struct cg2_ctx *ctx = open_copy("bookworm", &scratch);
	struct cg2_group *group = open_group(ctx, "/user.slice");

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++)
		check_length(group, scratch.root, lengths[i]);
	cg2_group_unref(group);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

static void long_value_is_no_value(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	uint64_t value = UNTOUCHED;
	struct scratch scratch;
	struct cg2_ctx *ctx = open_copy("bookworm", &scratch);
	struct cg2_group *group = open_group(ctx, "/user.slice");
	char text[4097];

	memset(text, '0', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	put_file(scratch.root, MOUNT "/user.slice/memory.max", text);
	assert_int_equal(cg2_group_read_value(group, "memory.max", &value, &err), -E2BIG);
	cg2_error_clear(&err);
	put_file(scratch.root, MOUNT "/user.slice/memory.max", "a word\n");
	assert_int_equal(cg2_group_read_value(group, "memory.max", &value, &err),
			 -EBADMSG);
	assert_int_equal(err.op, CG2_OP_READ);
	check_text("path", err.path, "/user.slice/memory.max");
	assert_int_equal(value, UNTOUCHED);
	cg2_group_unref(group);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

static void check_read_failure(struct cg2_group *group, const char *file, int code,
			       const char *hint)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = group_join(group, file);
	char *buf = NULL;
	size_t len = 77;

	assert_int_equal(cg2_group_read(group, file, &buf, &len, &err), -code);
	assert_null(buf);
	assert_int_equal(len, 77);
	assert_int_equal(err.op, CG2_OP_READ);
	check_text("path", err.path, path);
	check_text(file, err.hint, hint);
	assert_int_equal(cg2_group_read(group, file, &buf, &len, NULL), -code);
}

static void missing_file_has_a_reason(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("bookworm");
	_cleanup_(cg2_group_unrefp) struct cg2_group *scope = open_group(ctx, USER_SCOPE);
	_cleanup_(cg2_group_unrefp) struct cg2_group *service = open_group(ctx, SERVICE);

	check_read_failure(scope, "memory.new", ENOENT, "this kernel has no memory.new");
	check_read_failure(scope, "io.max", ENOENT,
			   "the io controller is not enabled for this cgroup");
	check_read_failure(scope, "cpuset.cpus", ENOENT,
			   "the cpuset controller is not enabled for this cgroup");
	check_read_failure(service, "io.latency", ENOENT,
			   "this kernel has no io.latency");
	check_read_failure(scope, "cgroup.new", ENOENT, NULL);
	check_read_failure(scope, "no-such-controller-has-a-name-of-that-length.x",
			   ENOENT, NULL);
	check_read_failure(scope, "", ENOENT, NULL);
}

/* The file is there; what it does not have is the key. */
static void missing_key_is_not_a_missing_file(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("bookworm");
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = open_group(ctx, USER_SCOPE);
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	uint64_t value = UNTOUCHED;

	assert_int_equal(
		cg2_group_read_flat(group, "cpu.stat", "nice_usec", &value, &err),
		-ENOENT);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(err.op, CG2_OP_READ);
	check_text("path", err.path, USER_SCOPE "/cpu.stat");
	check_text("detail", err.detail, "it has no line nice_usec");
	check_text("hint", err.hint, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_those_of_proc),
		cmocka_unit_test(part_of_the_tree_is_below_its_mount),
		cmocka_unit_test(what_the_namespace_hides_is_not_guessed),
		cmocka_unit_test(missing_cgroup_is_an_error),
		cmocka_unit_test(group_outlives_its_context),
		cmocka_unit_test(parents_go_up_to_what_is_mounted),
		cmocka_unit_test(process_is_found_in_its_cgroup),
		cmocka_unit_test(process_elsewhere_is_an_error),
		cmocka_unit_test(root_of_the_namespace_is_found_by_its_process),
		cmocka_unit_test(paths_of_a_namespace_are_resolved),
		cmocka_unit_test(process_that_is_none_is_an_error),
		cmocka_unit_test(no_proc_is_no_missing_process),
		cmocka_unit_test(deleted_cgroup_does_not_open),
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(files_have_any_length),
		cmocka_unit_test(long_value_is_no_value),
		cmocka_unit_test(missing_file_has_a_reason),
		cmocka_unit_test(missing_key_is_not_a_missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
