/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard, with real processes and made-up cgroups: it is a process of its own, ends those in the
 * cgroup and nobody else when its caller is killed, and wakes a caller whose command goes on,
 * whenever that happens. So is and does the copy where memory can't be executed.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tree.h"

#include "base/scan.h"
#include "child/end-group.h"
#include "child/guard.h"
#include "child/raw.h"

#define GROUP "base/group"

struct work {
	struct scratch scratch;
	int base_fd, group_fd;
};

static int open_dir(struct work *w, const char *name)
{
	_cleanup_free_ char *path = path_of(w->scratch.root, name);
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* As in a kernel without cgroup.kill, which has nobody in it any more. */
static int start(void **state)
{
	struct work *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	scratch_make(&w->scratch);
	put_file(w->scratch.root, GROUP "/cgroup.events", "populated 0\nfrozen 0\n");
	put_file(w->scratch.root, GROUP "/cgroup.procs", "");
	w->base_fd = open_dir(w, "base");
	w->group_fd = open_dir(w, GROUP);
	*state = w;
	return 0;
}

static int end(void **state)
{
	struct work *w = *state;

	close_fd(w->base_fd);
	close_fd(w->group_fd);
	scratch_remove(&w->scratch);
	free(w);
	return 0;
}

static void put_members(struct work *w, const char *file, const pid_t *pids, size_t n)
{
	char text[200] = "";
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%d\n", (int)pids[i]);
	put_file(w->scratch.root, file, text);
}

static void assert_killed(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void end_child(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_killed(pid);
}

static void members_are_killed_one_by_one(void **state)
{
	struct work *w = *state;
	const pid_t pids[] = { idle_child(), idle_child(), idle_child() }, other = idle_child();

	put_members(w, GROUP "/cgroup.procs", pids, 2);
	put_members(w, GROUP "/below/cgroup.procs", pids + 2, 1);
	end_group(w->group_fd);
	for (size_t i = 0; i < ARRAY_SIZE(pids); i++)
		assert_killed(pids[i]);
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	end_child(other);
}

/* It would kill itself, and whoever else has ended and gives his number to somebody. */
static void numbers_of_nobody_are_left_out(void **state)
{
	struct work *w = *state;
	const pid_t pids[] = { 0, 4194304, idle_child() };

	put_members(w, GROUP "/cgroup.procs", pids, ARRAY_SIZE(pids));
	end_group(w->group_fd);
	assert_killed(pids[2]);
}

static void a_tree_is_removed(void **state)
{
	struct work *w = *state;
	_cleanup_free_ char *top = path_of(w->scratch.root, "base/other");
	_cleanup_free_ char *below = path_of(w->scratch.root, "base/other/a/b/c");

	make_parents(below);
	assert_int_equal(mkdir(below, 0755), 0);
	end_group_remove(w->base_fd, "other");
	assert_int_equal(access(top, F_OK), -1);
}

/* ---- the process ---- */

static void begin(struct work *w, struct guard *g)
{
	sigset_t all, saved;

	*g = (struct guard)GUARD_NONE;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &saved);
	assert_int_equal(guard_begin(g, w->group_fd, "group", false, NULL), 0);
	assert_int_equal(guard_await(g, NULL), 0);
	sigprocmask(SIG_SETMASK, &saved, NULL);
}

static char *of_process(pid_t pid, const char *file)
{
	char path[40];

	snprintf(path, sizeof(path), "proc/%d/%s", (int)pid, file);
	return get_file("/", path);
}

static void await_name(pid_t pid)
{
	for (int i = 0; i < 1000; i++) {
		_cleanup_free_ char *name = of_process(pid, "comm");

		if (name && strcmp(name, GUARD_NAME "\n") == 0)
			return;
		raw_sleep(10);
	}
	fail_msg("the guard never gets its name");
}

/* At most the parent and the cgroup; a copy may be about to close the others. */
static size_t count_descriptors(pid_t pid)
{
	char path[40];
	size_t n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void it_is_a_process_of_its_own(void **state)
{
	struct work *w = *state;
	_cleanup_free_ char *words = NULL, *status = NULL;
	struct guard g;

	begin(w, &g);
	await_name(g.process.pid);
	words = of_process(g.process.pid, "cmdline");
	check_text("its command line", words, GUARD_NAME);
	assert_int_equal(count_descriptors(g.process.pid), 2);
	assert_int_not_equal(getsid(g.process.pid), getsid(0));
	status = of_process(g.process.pid, "status");
	/* Sent one by one, no signal but SIGKILL and SIGSTOP reaches it. */
	check_in("its status", status, "SigBlk:\tfffffffffffbfeff");
	guard_stop(&g);
	guard_close(&g);
	assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

/* Runs fn in a process of its own, which is the caller of a guard. */
static pid_t fork_caller(struct work *w, void (*fn)(struct work *w, int fd), int *ret_fd)
{
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		fn(w, fds[1]);
		_exit(0);
	}
	close(fds[1]);
	*ret_fd = fds[0];
	return pid;
}

/* Its end of file comes too when the process is dead. */
static void await_word(int fd)
{
	char word;

	assert_int_equal(read(fd, &word, 1), 1);
}

static void say_word(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

static _noreturn_ void say_word_and_wait(int fd)
{
	say_word(fd);
	for (;;)
		pause();
}

/* The caller is killed after its word. */
static void check_group_ends(struct work *w, void (*caller_fn)(struct work *w, int fd))
{
	const pid_t member = idle_child();
	pid_t caller;
	int fd;

	put_members(w, GROUP "/cgroup.procs", &member, 1);
	caller = fork_caller(w, caller_fn, &fd);
	await_word(fd);
	end_child(caller);
	assert_killed(member);
	close(fd);
}

static void be_guarded(struct work *w, int fd)
{
	struct guard g;

	begin(w, &g);
	await_name(g.process.pid);
	say_word_and_wait(fd);
}

static void it_ends_the_group_of_a_caller_that_is_killed(void **state)
{
	check_group_ends(*state, be_guarded);
}

static void it_goes_when_it_is_told_to(void **state)
{
	struct work *w = *state;
	const pid_t member = idle_child();
	struct guard g;

	put_members(w, GROUP "/cgroup.procs", &member, 1);
	begin(w, &g);
	guard_dismiss(&g);
	guard_stop(&g);
	guard_close(&g);
	assert_int_equal(waitpid(member, NULL, WNOHANG), 0);
	end_child(member);
}

/* ---- a caller that is stopped ---- */

/* A command of a caller that is guarded. */
static pid_t begin_command(struct work *w, struct guard *g, int *ret_pidfd)
{
	const pid_t command = idle_child();

	*ret_pidfd = (int)syscall(SYS_pidfd_open, command, 0);
	assert_true(*ret_pidfd >= 0);
	begin(w, g);
	return command;
}

/* The command goes on after the guard was told and before the caller stops: a lost SIGCONT. */
static void stop_too_late(struct work *w, int fd)
{
	struct guard g;
	int pidfd;
	const pid_t command = begin_command(w, &g, &pidfd);

	for (int i = 0; i < 3; i++) {
		kill(command, SIGSTOP);
		assert_int_equal(guard_doze(&g, command, pidfd, CG2_MAX), 0);
		kill(command, SIGCONT);
		raw_sleep(50);
		raise(SIGSTOP);
		guard_awake(&g);
		say_word(fd);
	}
	guard_stop(&g);
	guard_close(&g);
	kill(command, SIGKILL);
}

static void no_wakeup_is_lost(void **state)
{
	pid_t caller;
	int fd;

	caller = fork_caller(*state, stop_too_late, &fd);
	for (int i = 0; i < 3; i++)
		await_word(fd);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	close(fd);
}

static void stop_for_a_while(struct work *w, int fd)
{
	struct guard g;
	int pidfd;
	const pid_t command = begin_command(w, &g, &pidfd);

	kill(command, SIGSTOP);
	assert_int_equal(guard_doze(&g, command, pidfd, 50 * USEC_PER_MSEC), 0);
	raise(SIGSTOP);
	guard_awake(&g);
	say_word_and_wait(fd);
}

/* And it guards on. */
static void it_wakes_when_the_time_is_over(void **state)
{
	check_group_ends(*state, stop_for_a_while);
}

/* ---- a copy ---- */

static void forbid(unsigned int call, unsigned int code_of_error)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | code_of_error),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { ARRAY_SIZE(code), code };

	assert_int_equal(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	assert_int_equal(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* As where a limit on tasks is reached: in a process of its own, whose filter goes with it. */
static void fail_to_begin(struct work *w)
{
	struct cg2_error err = CG2_ERROR_INIT;
	const size_t n_open = count_descriptors(getpid());
	const char *heap_end = NULL;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	forbid(SYS_clone, EAGAIN);
	forbid(SYS_clone3, EAGAIN);
	for (int i = 0; i < 64; i++) {
		struct guard g = GUARD_NONE;

		if (guard_begin(&g, w->group_fd, "group", false, &err) != -EAGAIN)
			_exit(1);
		cg2_error_clear(&err);
		/* The first may leave what the C library keeps. */
		if (i == 0)
			heap_end = sbrk(0);
	}
	if (count_descriptors(getpid()) != n_open)
		_exit(2);
	_exit((const char *)sbrk(0) > heap_end + 65536 ? 3 : 0);
}

static void a_failed_clone_leaves_nothing(void **state)
{
	const pid_t pid = fork();
	int status;

	if (pid == 0)
		fail_to_begin(*state);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* As a policy may: no file in memory. */
static void a_copy_is_as_good(void **state)
{
	forbid(SYS_memfd_create, EACCES);
	it_is_a_process_of_its_own(state);
	it_ends_the_group_of_a_caller_that_is_killed(state);
	no_wakeup_is_lost(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(members_are_killed_one_by_one),
		TEST(numbers_of_nobody_are_left_out),
		TEST(a_tree_is_removed),
		TEST(it_is_a_process_of_its_own),
		TEST(it_ends_the_group_of_a_caller_that_is_killed),
		TEST(it_goes_when_it_is_told_to),
		TEST(no_wakeup_is_lost),
		TEST(it_wakes_when_the_time_is_over),
		TEST(a_failed_clone_leaves_nothing),
		/* Last: the filter stays. */
		TEST(a_copy_is_as_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
