/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that are to be moved: which are refused and why, who is whose child, and that a number
 * which another process has got is never taken for the one that had it.
 */
#include <sys/file.h>
#include <sys/wait.h>

#include "process.h"

#include "process/held.h"

#define KERNEL_THREAD 0x00200040
#define EXITING 0x0040000c

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct held_list procs;
	struct cg2_error err;
};

static int start(void **state)
{
	struct work *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	scratch_make(&w->scratch);
	w->ctx = open_root(w->scratch.root);
	w->procs.ctx = w->ctx;
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct work *w = *state;

	be_root_again();
	held_list_clear(&w->procs);
	cg2_error_clear(&w->err);
	cg2_ctx_unref(w->ctx);
	scratch_remove(&w->scratch);
	free(w);
	return 0;
}

static const struct held_wish plainly = { .is_forced = false, .is_locked = false };

static int add(struct work *w, int pid)
{
	cg2_error_clear(&w->err);
	return held_list_add(&w->procs, pid, &plainly, &w->err);
}

static void put(struct work *w, int pid, int ppid)
{
	put_process(w->scratch.root, &(struct made_up){ .pid = pid, .ppid = ppid, .session = 5 });
}

/* Another process gets the number of one that has ended. */
static void reuse(struct work *w, int pid)
{
	drop_process(w->scratch.root, pid);
	put(w, pid, 1);
}

/* The process belongs to whom be_ordinary() makes the test; only root can give it away. */
static void give_away(struct work *w, int pid)
{
	_cleanup_free_ char *path = process_path(w->scratch.root, pid, "");

	if (getuid() != 0)
		skip();
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

/* ---- refusals ---- */

#define LOGIN "/user.slice/user-1000.slice/session-7.scope"

static void put_login(struct work *w)
{
	put_file(w->scratch.root, "run/systemd/sessions/7",
		 "# This is private data. Do not parse.\nUID=1000\nLEADER=20\nAUDIT=7\n");
}

static void what_cannot_be_moved_is_refused(void **state)
{
	static const struct {
		struct made_up p;
		int code;
		const char *reason;
	} cases[] = {
		{ { .pid = 10, .ppid = 1, .session = 5 }, 0, NULL },
		{ { .pid = 11, .ppid = 1, .session = 5, .state = 'T' }, 0, NULL },
		{ { .pid = 1, .session = 5 }, -EINVAL, "the system manager" },
		{ { .pid = 12, .ppid = 2, .flags = KERNEL_THREAD }, -EINVAL,
		  "a kernel thread" },
		{ { .pid = 13, .ppid = 1, .session = 5, .state = 'Z' }, -ESRCH,
		  "its parent has not reaped it" },
		{ { .pid = 14, .ppid = 1, .session = 5, .state = 'X' }, -ESRCH, "it has ended" },
		{ { .pid = 18, .ppid = 1, .session = 5, .state = 'R', .flags = EXITING }, -ESRCH,
		  "it has ended" },
		/* A daemon, the shell of a terminal; what logind knows a login by. */
		{ { .pid = 15, .ppid = 1, .session = 15 }, 0, NULL },
		{ { .pid = 19, .ppid = 1, .session = 19, .cgroup = LOGIN }, 0, NULL },
		{ { .pid = 20, .ppid = 1, .session = 20, .cgroup = LOGIN }, -EBUSY,
		  "leader of login session 7" },
		{ { .pid = 21, .ppid = 1, .session = 21,
		    .cgroup = "/user.slice/session-9.scope" }, 0, NULL },
		{ { .pid = 22, .ppid = 1, .session = 22,
		    .cgroup = "/user.slice/session-.scope" }, 0, NULL },
		/* A name may hold anything. */
		{ { .pid = 16, .ppid = 1, .session = 5, .name = "a) Z 1 16 16 (" }, 0, NULL },
		{ { .pid = 17, .ppid = 1, .session = 17, .name = ") Z 1 5 5 0" }, 0, NULL },
		{ { .pid = 23, .ppid = 1, .session = 5, .process = 10 }, -EINVAL,
		  "a thread of process 10" },
	};
	struct work *w = *state;
	size_t n;

	put_login(w);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char label[32];

		snprintf(label, sizeof(label), "process %d", cases[i].p.pid);
		put_process(w->scratch.root, &cases[i].p);
		n = w->procs.n;
		check_case(label, add(w, cases[i].p.pid) == cases[i].code);
		/* What is refused is not kept. */
		check_case(label, w->procs.n == n + (cases[i].code == 0));
		if (cases[i].reason)
			check_in(label, w->err.detail, cases[i].reason);
	}
}

static void ourselves_and_nobody(void **state)
{
	struct work *w = *state;

	put(w, getpid(), 1);
	assert_int_equal(add(w, getpid()), -EINVAL);
	check_in("detail", w->err.detail, "itself");
	assert_int_equal(add(w, 4000), -ESRCH);
	check_in("detail", w->err.detail, "no such process");
	check_text("value", w->err.value, "4000");
	assert_int_equal(w->procs.n, 0);
}

static void another_users_process_is_refused(void **state)
{
	struct work *w = *state;

	if (getuid() != 0)
		skip();
	put(w, 10, 1);
	be_ordinary();
	assert_int_equal(add(w, 10), -EPERM);
	check_in("detail", w->err.detail, "another user");
	check_text("value", w->err.value, "10 (make)");
}

static void force_takes_leaders_and_nothing_else(void **state)
{
	const struct held_wish forced = { .is_forced = true };
	struct work *w = *state;

	put_login(w);
	put_process(w->scratch.root, &(struct made_up){ .pid = 20, .cgroup = LOGIN });
	put_process(w->scratch.root, &(struct made_up){ .pid = 11, .flags = KERNEL_THREAD });
	assert_int_equal(held_list_add(&w->procs, 20, &forced, NULL), 0);
	assert_int_equal(held_list_add(&w->procs, 11, &forced, NULL), -EINVAL);
}

static void one_at_a_time_has_the_lock(void **state)
{
	const struct held_wish locked = { .is_locked = true };
	struct work *w = *state;
	struct held_list other = { .ctx = w->ctx };

	put(w, 10, 1);
	assert_int_equal(held_list_add(&w->procs, 10, &locked, NULL), 0);
	assert_int_equal(held_list_add(&other, 10, &locked, &w->err), -EBUSY);
	check_in("detail", w->err.detail, "another cgscope is moving it");
	held_list_clear(&w->procs);
	held_list_clear(&other);
	assert_int_equal(held_list_add(&other, 10, &locked, NULL), 0);
	held_list_clear(&other);
}

/* Anybody may open the directory of a process, and have it locked. */
static void locks_of_others_do_not_count(void **state)
{
	const struct held_wish locked = { .is_locked = true };
	struct work *w = *state;
	_cleanup_free_ char *path = process_path(w->scratch.root, 10, "");
	int fd;

	put(w, 10, 1);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(held_list_add(&w->procs, 10, &locked, &w->err), 0);
	close_fd(fd);
}

/* ---- numbers ---- */

static void a_process_is_held_once(void **state)
{
	struct work *w = *state;

	put(w, 10, 1);
	assert_int_equal(add(w, 10), 0);
	assert_int_equal(add(w, 10), 0);
	assert_int_equal(w->procs.n, 1);
	/* This is another one. */
	reuse(w, 10);
	assert_int_equal(add(w, 10), 0);
	assert_int_equal(w->procs.n, 2);
	assert_false(held_is_alive(&w->procs.list[0]));
	assert_true(held_is_alive(&w->procs.list[1]));
}

static void a_number_that_was_taken_over_tells_nothing(void **state)
{
	struct work *w = *state;
	char *path = NULL, label[96];

	put(w, 10, 1);
	assert_int_equal(add(w, 10), 0);
	reuse(w, 10);
	assert_false(held_is_alive(&w->procs.list[0]));
	assert_int_equal(held_read_cgroup(w->ctx, &w->procs.list[0], &path), -ESRCH);
	assert_null(path);
	held_label(&w->procs.list[0], label, sizeof(label));
	check_text("label", label, "10");
}

/* Where the mount begins above the root of the namespace, /proc has other paths. */
static void a_cgroup_is_told_as_it_is_mounted(void **state)
{
	static const char *const paths[][2] = { { "/inner", "/a.slice/b.scope/inner" },
						{ "/../../other.service", "/other.service" } };
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	struct held_list procs = { .n = 0 };
	struct scratch scratch;
	char pids[32];

	procs.ctx = ctx = open_copy("container-above", &scratch);
	snprintf(pids, sizeof(pids), "%d\n", (int)getpid());
	put_file(scratch.root, MOUNT "/a.slice/b.scope/cgroup.procs", pids);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *path = NULL;
		const struct made_up p = { .pid = 20 + (int)i, .ppid = 1, .cgroup = paths[i][0] };

		put_process(scratch.root, &p);
		assert_int_equal(held_list_add(&procs, p.pid, &plainly, NULL), 0);
		assert_int_equal(held_read_cgroup(ctx, &procs.list[i], &path), 0);
		check_text("path", path, paths[i][1]);
	}
	held_list_clear(&procs);
	scratch_remove(&scratch);
}

static void no_pidfd_of_another_process(void **state)
{
	struct work *w = *state;
	pid_t pid = idle_child();
	int fd;

	put(w, pid, 1);
	assert_int_equal(add(w, pid), 0);
	fd = held_open_pidfd(&w->procs.list[0]);
	assert_true(fd >= 0);
	close_fd(fd);
	/* The number is in use, and by somebody else. */
	reuse(w, pid);
	assert_int_equal(held_open_pidfd(&w->procs.list[0]), -ESRCH);
	/* Nobody has it. */
	assert_int_equal(add(w, pid), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(held_open_pidfd(&w->procs.list[1]), -ESRCH);
}

/* ---- children ---- */

static bool has(const struct work *w, int pid)
{
	for (size_t i = 0; i < w->procs.n; i++)
		if (w->procs.list[i].pid == pid)
			return true;
	return false;
}

static void children_of_children_belong_to_it(void **state)
{
	static const int family[][2] = { { 10, 1 },  { 13, 12 }, { 12, 11 },
					 { 11, 10 }, { 20, 1 },	 { 21, 20 } };
	struct work *w = *state;

	for (size_t i = 0; i < ARRAY_SIZE(family); i++)
		put(w, family[i][0], family[i][1]);
	put_process(w->scratch.root, &(struct made_up){ .pid = 14, .ppid = 10, .state = 'Z' });
	put_process(w->scratch.root, &(struct made_up){ .pid = 15, .ppid = 11, .session = 15 });
	put(w, getpid(), 10);
	assert_int_equal(add(w, 10), 0);
	assert_int_equal(held_list_add_children(&w->procs, false, NULL), 4);
	assert_int_equal(w->procs.n, 5);
	for (int pid = 10; pid <= 13; pid++)
		assert_true(has(w, pid));
	/* A leader that its parent brings along may come. */
	assert_true(has(w, 15));
	assert_true(w->procs.list[0].is_named);
	assert_false(w->procs.list[1].is_named);
	/* They are known, until there is a new one. */
	assert_int_equal(held_list_add_children(&w->procs, false, NULL), 0);
	put(w, 16, 13);
	assert_int_equal(held_list_add_children(&w->procs, false, NULL), 1);
	assert_true(has(w, 16));
}

static void a_child_of_another_user_is_refused(void **state)
{
	struct work *w = *state;

	put(w, 10, 1);
	put(w, 11, 10);
	give_away(w, 10);
	be_ordinary();
	assert_int_equal(add(w, 10), 0);
	assert_int_equal(held_list_add_children(&w->procs, false, &w->err), -EPERM);
	check_text("value", w->err.value, "11 (make)");
	assert_int_equal(w->err.advice, CG2_ADVICE_LEAVE_CHILDREN);
}

static void children_of_who_got_the_number_are_not_its_own(void **state)
{
	struct work *w = *state;

	put(w, 10, 1);
	assert_int_equal(add(w, 10), 0);
	reuse(w, 10);
	put(w, 11, 10);
	assert_int_equal(held_list_add_children(&w->procs, false, &w->err), 0);
	assert_int_equal(w->procs.n, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_be_moved_is_refused),
		TEST(ourselves_and_nobody),
		TEST(another_users_process_is_refused),
		TEST(force_takes_leaders_and_nothing_else),
		TEST(one_at_a_time_has_the_lock),
		TEST(locks_of_others_do_not_count),
		TEST(a_process_is_held_once),
		TEST(a_number_that_was_taken_over_tells_nothing),
		TEST(a_cgroup_is_told_as_it_is_mounted),
		TEST(no_pidfd_of_another_process),
		TEST(children_of_children_belong_to_it),
		TEST(a_child_of_another_user_is_refused),
		TEST(children_of_who_got_the_number_are_not_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
