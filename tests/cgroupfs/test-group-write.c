/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Groups that are changed: writing to their files, making and removing them, and what of
 * it is in the log.
 */
#include "tree.h"

#include <sys/wait.h>

#include "cgroup/group.h"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_group *group; /* USER_SCOPE */
};

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	work->ctx = open_copy("bookworm", &work->scratch);
	work->group = open_group(work->ctx, USER_SCOPE);
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	be_root_again();
	cg2_group_unref(work->group);
	cg2_ctx_unref(work->ctx);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

/* Empties a file: to one of the kernel each write is the whole of it. */
static void blank(struct work *work, const char *file)
{
	_cleanup_free_ char *path = path_of(MOUNT USER_SCOPE, file);

	put_file(work->scratch.root, path, "");
}

static void check_file(struct work *work, const char *file, const char *text)
{
	_cleanup_free_ char *path = path_of(MOUNT USER_SCOPE, file);
	_cleanup_free_ char *there = get_file(work->scratch.root, path);

	check_text(file, there, text);
}

/* ------------------------------------------------------------------------------------
 * Writing
 */

static void value_is_written_as_it_is(void **state)
{
	struct work *work = *state;

	blank(work, "memory.max");
	assert_int_equal(cg2_group_write(work->group, "memory.max", "1048576", NULL), 0);
	check_file(work, "memory.max", "1048576");
}

static void verbs_write_what_the_kernel_wants(void **state)
{
	struct work *work = *state;

	blank(work, "cgroup.procs");
	assert_int_equal(cg2_group_move(work->group, 4194304, NULL), 0);
	check_file(work, "cgroup.procs", "4194304");
	blank(work, "cgroup.procs");
	assert_int_equal(cg2_group_move(work->group, 0, NULL), 0);
	check_file(work, "cgroup.procs", "0");
	blank(work, "cgroup.kill");
	assert_int_equal(cg2_group_kill(work->group, NULL), 0);
	check_file(work, "cgroup.kill", "1");
	blank(work, "cgroup.subtree_control");
	assert_int_equal(cg2_group_enable_controllers(work->group, 0, NULL), 0);
	check_file(work, "cgroup.subtree_control", "");
	assert_int_equal(
		cg2_group_enable_controllers(work->group, 1 << 0 | 1 << 3 | 1 << 4, NULL),
		0);
	check_file(work, "cgroup.subtree_control", "+cpu +memory +pids");
	blank(work, "cgroup.subtree_control");
	assert_int_equal(cg2_group_enable_controllers(work->group, UINT64_MAX, NULL), 0);
	check_file(work, "cgroup.subtree_control",
		   "+cpu +cpuset +io +memory +pids +hugetlb +misc +rdma");
}

static void check_write_failure(struct work *work, const char *file, const char *value,
				int code, const char *hint)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *path = path_of(USER_SCOPE, file);

	assert_int_equal(cg2_group_write(work->group, file, value, &err), -code);
	assert_int_equal(err.op, CG2_OP_WRITE);
	check_text("path", err.path, path);
	check_text("value", err.value, value);
	check_text(file, err.hint, hint);
	assert_int_equal(cg2_group_write(work->group, file, value, NULL), -code);
}

static void missing_file_is_not_made(void **state)
{
	struct work *work = *state;

	check_write_failure(work, "io.max", "8:0 rbps=5", ENOENT,
			    "the io controller is not enabled for this cgroup");
	check_write_failure(work, "memory.new", "5", ENOENT,
			    "this kernel has no memory.new");
	check_file(work, "io.max", NULL);
	check_file(work, "memory.new", NULL);
}

static void file_of_others_is_not_delegated(void **state)
{
	struct work *work = *state;

	put_mode(work->scratch.root, MOUNT USER_SCOPE "/memory.max", 0444);
	put_mode(work->scratch.root, MOUNT USER_SCOPE "/cgroup.procs", 0444);
	be_ordinary();
	check_write_failure(work, "memory.max", "5", EACCES,
			    "this cgroup is not delegated to you");
	check_write_failure(work, "cgroup.procs", "5", EACCES,
			    "this cgroup is not delegated to you");
	be_root_again();
	check_file(work, "memory.max", "67108864\n");
}

static void long_value_is_not_written(void **state)
{
	struct work *work = *state;
	char text[4098];

	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	check_write_failure(work, "memory.max", text, E2BIG, NULL);
	check_file(work, "memory.max", "67108864\n");
	text[4096] = '\0';
	assert_int_equal(cg2_group_write(work->group, "memory.max", text, NULL), 0);
	check_file(work, "memory.max", text);
}

/* ------------------------------------------------------------------------------------
 * Making and removing
 */

static void child_is_made_and_removed(void **state)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *child = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;
	struct cg2_group *again = NULL;

	assert_int_equal(cg2_group_create(work->group, "a b", &child, NULL), 0);
	assert_string_equal(cg2_group_get_path(child), USER_SCOPE "/a b");
	assert_int_equal(cg2_group_create(work->group, "a b", &again, &err), -EEXIST);
	assert_null(again);
	assert_int_equal(err.op, CG2_OP_CREATE);
	check_text("path", err.path, USER_SCOPE "/a b");
	cg2_error_clear(&err);
	assert_int_equal(cg2_group_remove(child, NULL), 0);
	assert_int_equal(cg2_group_remove(child, &err), -ENOENT);
	assert_int_equal(err.op, CG2_OP_REMOVE);
	check_text("path", err.path, USER_SCOPE "/a b");
}

/* One that was made again under its name is another one. */
static void what_is_removed_is_what_was_opened(void **state)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *child = NULL, *again = NULL;
	struct work *work = *state;

	assert_int_equal(cg2_group_create(work->group, "x", &child, NULL), 0);
	assert_int_equal(cg2_group_remove(child, NULL), 0);
	assert_int_equal(cg2_group_create(work->group, "x", &again, NULL), 0);
	assert_int_equal(cg2_group_remove(child, NULL), -ENOENT);
	assert_int_equal(cg2_group_remove(again, NULL), 0);
}

static void the_root_is_not_removed(void **state)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *root = NULL;
	struct work *work = *state;

	root = open_group(work->ctx, "/");
	assert_int_equal(cg2_group_remove(root, NULL), -EBUSY);
}

static void child_of_the_root_has_one_slash(void **state)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *root = NULL, *child = NULL;
	struct work *work = *state;

	root = open_group(work->ctx, "/");
	assert_int_equal(cg2_group_create(root, "x", &child, NULL), 0);
	assert_string_equal(cg2_group_get_path(child), "/x");
	assert_int_equal(cg2_group_remove(child, NULL), 0);
}

static void nothing_is_made_where_one_may_not(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;
	struct cg2_group *child = NULL;

	put_mode(work->scratch.root, MOUNT USER_SCOPE, 0555);
	be_ordinary();
	assert_int_equal(cg2_group_create(work->group, "x", &child, &err), -EACCES);
	be_root_again();
	put_mode(work->scratch.root, MOUNT USER_SCOPE, 0755);
	assert_null(child);
	check_text("path", err.path, USER_SCOPE "/x");
}

/* A cgroup that was removed and made again under its name is another one. */
static void group_is_what_was_opened(void **state)
{
	struct work *work = *state;
	uint64_t value;

	remove_file(work->scratch.root, MOUNT USER_SCOPE);
	put_file(work->scratch.root, MOUNT USER_SCOPE "/memory.max", "1\n");
	assert_int_equal(cg2_group_read_value(work->group, "memory.max", &value, NULL),
			 -ENOENT);
}

/* ------------------------------------------------------------------------------------
 * The log
 */

struct log {
	enum cg2_log_level level;
	unsigned int n;
	char text[200];
};

static void keep(void *userdata, enum cg2_log_level level, const char *text,
		 const struct cg2_error *err)
{
	struct log *log = userdata;

	log->level = level;
	log->n++;
	snprintf(log->text, sizeof(log->text), "%s", text);
}

static void every_access_is_in_the_log(void **state)
{
	struct work *work = *state;
	struct log log = { .n = 0 };
	uint64_t value;

	unsetenv("CG2_DEBUG");
	cg2_ctx_set_log(work->ctx, keep, &log, CG2_LOG_DEBUG);
	cg2_group_read_value(work->group, "pids.max", &value, NULL);
	assert_int_equal(log.n, 1);
	assert_int_equal(log.level, CG2_LOG_DEBUG);
	check_in("the log", log.text, "read " USER_SCOPE "/pids.max: 50");
	cg2_group_write(work->group, "pids.max", "6", NULL);
	check_text("the log", log.text, "write '6' to " USER_SCOPE "/pids.max: done");
	cg2_group_write(work->group, "pids.new", "6", NULL);
	check_in("the log", log.text, "pids.new: No such file or directory");
	assert_int_equal(log.n, 3);
	cg2_ctx_set_log(work->ctx, keep, &log, CG2_LOG_INFO);
	cg2_group_read_value(work->group, "pids.max", &value, NULL);
	assert_int_equal(log.n, 3);
	setenv("CG2_DEBUG", "1", 1);
	cg2_ctx_set_log(work->ctx, keep, &log, CG2_LOG_WARNING);
	unsetenv("CG2_DEBUG");
	cg2_group_read_value(work->group, "pids.max", &value, NULL);
	assert_int_equal(log.n, 4);
}

/* What the group's read, of lib/cgroup, leaves in the log. */
static unsigned int count_messages(struct work *work, const char *debug)
{
	struct log log = { .n = 0 };
	uint64_t value;

	setenv("CG2_DEBUG", debug, 1);
	cg2_ctx_set_log(work->ctx, keep, &log, CG2_LOG_WARNING);
	unsetenv("CG2_DEBUG");
	cg2_group_read_value(work->group, "pids.max", &value, NULL);
	cg2_ctx_set_log(work->ctx, NULL, NULL, CG2_LOG_WARNING);
	return log.n;
}

static void log_is_of_the_parts_that_are_asked_for(void **state)
{
	struct work *work = *state;

	assert_int_equal(count_messages(work, "all"), 1);
	assert_int_equal(count_messages(work, "cgroup"), 1);
	assert_int_equal(count_messages(work, "systemd,cgroup"), 1);
	assert_int_equal(count_messages(work, "cgroup,watch"), 1);
	assert_int_equal(count_messages(work, "systemd,watch"), 0);
	assert_int_equal(count_messages(work, "cgroups"), 0);
	assert_int_equal(count_messages(work, "cgr"), 0);
	assert_int_equal(count_messages(work, ""), 0);
}

/* ------------------------------------------------------------------------------------
 * What is left when the command has ended
 */

static void put(struct work *work, const char *file, const char *text)
{
	_cleanup_free_ char *path = path_of(MOUNT USER_SCOPE, file);

	put_file(work->scratch.root, path, text);
}

static void check_left(struct work *work, uint64_t expected)
{
	uint64_t n = UNTOUCHED;

	assert_int_equal(cg2_group_count_processes(work->group, &n, NULL), 0);
	assert_int_equal(n, expected);
}

static void processes_that_are_left_are_counted(void **state)
{
	struct work *work = *state;

	put(work, "cgroup.events", "populated 1\nfrozen 0\n");
	put(work, "cgroup.procs", "12\n13\n");
	check_left(work, 2);
	put(work, "cgroup.procs", "");
	check_left(work, 1);
	put(work, "cgroup.events", "populated 0\nfrozen 0\n");
	check_left(work, 0);
}

/* The kernel goes on counting it until it has left its CPU for good. */
static void process_that_was_reaped_is_not_left(void **state)
{
	struct work *work = *state;
	pid_t pid;

	put(work, "cgroup.events", "populated 1\nfrozen 0\n");
	put(work, "cgroup.procs", "");
	put(work, "then", "populated 0\nfrozen 0\n");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		_cleanup_free_ char *from = path_of(MOUNT USER_SCOPE, "then");
		_cleanup_free_ char *to = path_of(MOUNT USER_SCOPE, "cgroup.events");

		usleep(50000);
		_exit(chdir(work->scratch.root) < 0 || rename(from, to) < 0);
	}
	check_left(work, 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void what_is_left_in_a_cgroup_that_is_gone_is_unknown(void **state)
{
	struct work *work = *state;
	_cleanup_free_ char *path = path_of(MOUNT USER_SCOPE, "cgroup.events");
	_cleanup_free_ char *whole = path_of(work->scratch.root, path);
	uint64_t n = UNTOUCHED;

	assert_int_equal(remove(whole), 0);
	assert_int_equal(cg2_group_count_processes(work->group, &n, NULL), -ENOENT);
	assert_int_equal(n, UNTOUCHED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(value_is_written_as_it_is),
		TEST(verbs_write_what_the_kernel_wants),
		TEST(missing_file_is_not_made),
		TEST(file_of_others_is_not_delegated),
		TEST(long_value_is_not_written),
		TEST(child_is_made_and_removed),
		TEST(what_is_removed_is_what_was_opened),
		TEST(the_root_is_not_removed),
		TEST(child_of_the_root_has_one_slash),
		TEST(nothing_is_made_where_one_may_not),
		TEST(group_is_what_was_opened),
		TEST(every_access_is_in_the_log),
		TEST(log_is_of_the_parts_that_are_asked_for),
		TEST(processes_that_are_left_are_counted),
		TEST(process_that_was_reaped_is_not_left),
		TEST(what_is_left_in_a_cgroup_that_is_gone_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
