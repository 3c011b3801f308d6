/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hooks, with a real shell: what they get, in which order they run, and what becomes of those
 * that hang, fail, flood their output or leave processes behind.
 */
#include "tests/scratch.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cmd/monitor/hook.h"

#define TIMEOUT_USEC (30 * USEC_PER_SEC)

static struct hooks *new_hooks(const char *command, uint64_t timeout_usec)
{
	struct hook_setting setting = { .command = command };
	struct hooks *hooks;

	sigemptyset(&setting.ignored);
	getrlimit(RLIMIT_NOFILE, &setting.nofile);
	sigemptyset(&setting.mask);
	assert_int_equal(hooks_new(&setting, timeout_usec, &hooks), 0);
	return hooks;
}

static void add(struct hooks *hooks, const char *target, const char *json)
{
	const struct hook_event event = {
		.json = json,
		.json_len = strlen(json),
		.values = { [HOOK_EVENT] = "refused", [HOOK_TARGET] = target,
			    [HOOK_CGROUP] = "/a b", [HOOK_VALUE] = "3" },
	};

	hooks_add(hooks, &event);
}

static void turn(struct hooks *hooks)
{
	struct pollfd fd = { .fd = hooks_get_fd(hooks), .events = POLLIN };

	poll(&fd, 1, msec_until(hooks_get_deadline(hooks)));
	hooks_dispatch(hooks);
}

static struct hook_counts finish(struct hooks *hooks)
{
	struct hook_counts counts;

	while (!hooks_is_idle(hooks))
		turn(hooks);
	hooks_get_counts(hooks, &counts);
	hooks_free(hooks);
	return counts;
}

#define assert_content(name, expected)                                                   \
	do {                                                                             \
		_cleanup_free_ char *text_ = get_file(".", name);                        \
		check_text(name, text_, expected);                                       \
	} while (0)

static int enter_scratch(void **state)
{
	struct scratch *scratch = calloc(1, sizeof(*scratch));

	assert_non_null(scratch);
	scratch_make(scratch);
	*state = scratch;
	return chdir(scratch->root);
}

static int leave_scratch(void **state)
{
	int r = chdir("/");

	scratch_remove(*state);
	free(*state);
	return r;
}

/* ---- what they get ---- */

static void event_is_input_and_variables(void **state _unused_)
{
	struct hooks *hooks = new_hooks(
		/* Without what machines of the tests are chosen by. */
		"cat >json; env | grep ^CGSCOPE_ | grep -v ^CGSCOPE_VM_ | sort >variables",
		TIMEOUT_USEC);
	struct hook_counts counts;

	setenv("CGSCOPE_TARGET", "somebody else's", 1);
	add(hooks, "x.service", "{\"a\":1}\n");
	counts = finish(hooks);
	assert_int_equal(counts.succeeded, 1);
	assert_int_equal(counts.failed, 0);
	assert_content("json", "{\"a\":1}\n");
	assert_content("variables", "CGSCOPE_CAUSE=\nCGSCOPE_CGROUP=/a b\nCGSCOPE_EVENT=refused\n"
				    "CGSCOPE_LIMIT=\nCGSCOPE_REASON=\n"
				    "CGSCOPE_TARGET=x.service\nCGSCOPE_VALUE=3\n");
}

static void what_systemd_tells_us_is_not_passed_on(void **state _unused_)
{
	struct hooks *hooks = new_hooks("env | grep -E 'NOTIFY|WATCHDOG' >variables", TIMEOUT_USEC);

	setenv("NOTIFY_SOCKET", "/nowhere", 1);
	setenv("WATCHDOG_USEC", "1", 1);
	add(hooks, "x", "{}");
	assert_int_equal(finish(hooks).failed, 1);
	assert_content("variables", "");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
}

static void limits_and_signals_are_as_they_were(void **state _unused_)
{
	struct rlimit old, raised;
	struct hooks *hooks = new_hooks(
		"ulimit -n >nofile; sed -n 's/^SigBlk:.//p' /proc/self/status >blocked; "
		"sed -n 's/^SigIgn:.//p' /proc/self/status >ignored", TIMEOUT_USEC);
	_cleanup_free_ char *expected = NULL, *ignored = NULL;
	uint64_t mask;
	sigset_t set, saved;

	getrlimit(RLIMIT_NOFILE, &old);
	assert_true(asprintf(&expected, "%llu\n", (unsigned long long)old.rlim_cur) > 0);
	raised = old;
	raised.rlim_cur = old.rlim_cur / 2;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &raised), 0);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &saved);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	add(hooks, "x", "{}");
	assert_int_equal(finish(hooks).succeeded, 1);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	setrlimit(RLIMIT_NOFILE, &old);
	assert_content("nofile", expected);
	assert_content("blocked", "0000000000000000\n");
	ignored = get_file(".", "ignored");
	mask = strtoull(ignored, NULL, 16);
	assert_false(mask & (UINT64_C(1) << (SIGPIPE - 1) | UINT64_C(1) << (SIGXFSZ - 1)));
}

static void input_need_not_be_read(void **state _unused_)
{
	struct hooks *hooks = new_hooks("true", TIMEOUT_USEC);
	_cleanup_free_ char *json = long_word('x', "\n");

	add(hooks, "x", json);
	assert_int_equal(finish(hooks).succeeded, 1);
}

/* ---- the order ---- */

static void never_two_at_once_for_a_target(void **state _unused_)
{
	struct hooks *hooks = new_hooks(
		"mkdir lock || echo twice >>twice; read -r n; sleep 0.02; echo $n >>order; "
		"rmdir lock", TIMEOUT_USEC);

	for (char i = '1'; i <= '5'; i++)
		add(hooks, "x", (char[]){ i, '\n', '\0' });
	assert_int_equal(finish(hooks).succeeded, 5);
	assert_content("twice", NULL);
	assert_content("order", "1\n2\n3\n4\n5\n");
}

/* Each waits for the other. */
static void two_targets_at_once(void **state _unused_)
{
	struct hooks *hooks = new_hooks(
		"touch $CGSCOPE_TARGET; while ! test -e a -a -e b; do sleep 0.01; done",
		TIMEOUT_USEC);

	add(hooks, "a", "{}");
	add(hooks, "b", "{}");
	assert_int_equal(finish(hooks).succeeded, 2);
}

static void what_finds_no_room_is_counted(void **state _unused_)
{
	struct hooks *hooks = new_hooks("while ! test -e go; do sleep 0.01; done", TIMEOUT_USEC);
	struct hook_counts counts;

	for (unsigned int i = 0; i < 1000; i++)
		add(hooks, "x", "{}");
	add(hooks, "another one has room", "{}");
	hooks_get_counts(hooks, &counts);
	assert_int_equal(counts.dropped, 1000 - 100 - 1);
	for (unsigned int i = 0; i < 10000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%u", i);
		add(hooks, name, "{}");
	}
	put_file(".", "go", "");
	hooks_stop(hooks, UINT64_MAX);
	counts = finish(hooks);
	assert_int_equal(counts.succeeded, 16);
	assert_int_equal(counts.succeeded + counts.dropped, 11001);
}

/* ---- bad ones ---- */

static void failures_are_counted(void **state _unused_)
{
	struct hooks *hooks = new_hooks(
		"case $CGSCOPE_TARGET in exit) exit 3;; kill) kill -9 $$;; *) nonesuch;; esac",
		TIMEOUT_USEC);
	struct hook_counts counts;

	add(hooks, "exit", "{}");
	add(hooks, "kill", "{}");
	add(hooks, "none", "{}");
	counts = finish(hooks);
	assert_int_equal(counts.failed, 3);
	assert_int_equal(counts.succeeded, 0);
}

/* A zombie does not: whoever is its parent now may be slow, or never reap it. */
static bool is_running(const char *pid_file)
{
	_cleanup_free_ char *pid = get_file(".", pid_file), *path = NULL, *stat = NULL;
	const char *state;

	if (!pid || !*pid)
		return false;
	pid[strcspn(pid, "\n")] = '\0';
	assert_true(asprintf(&path, "/proc/%s/stat", pid) > 0);
	stat = get_file("", path);
	state = stat ? strrchr(stat, ')') : NULL;
	return state && state[2] != 'Z';
}

/* Those that leave its session and its process group, too. */
static void time_limit_takes_all_processes(void **state _unused_)
{
	struct hooks *hooks = new_hooks(
		"sleep 1000 & echo $! >a; "
		"setsid sh -c 'sleep 1000 & echo $! >b; exit 0'; "
		"(trap '' TERM HUP INT; echo x >c; exec sleep 1000)", 1 * USEC_PER_SEC);
	struct hook_counts counts;
	uint64_t start = now_usec();

	add(hooks, "x", "{}");
	add(hooks, "x", "{}");
	while (access("c", F_OK) < 0 || !is_running("b"))
		usleep(1000);
	counts = finish(hooks);
	assert_int_equal(counts.timed_out, 2);
	assert_true(now_usec() - start < TIMEOUT_USEC);
	assert_false(is_running("a"));
	assert_false(is_running("b"));
}

static void flood_of_output_is_harmless(void **state _unused_)
{
	struct hooks *hooks = new_hooks("head -c 20000000 /dev/zero | tr '\\0' 'x'; echo end >&2",
					TIMEOUT_USEC);

	add(hooks, "x", "{}");
	assert_int_equal(finish(hooks).succeeded, 1);
}

/* Its output is still open; nobody waits for that. */
static void process_that_is_left_is_not_waited_for(void **state _unused_)
{
	struct hooks *hooks = new_hooks("sleep 1000 & echo $! >pid", TIMEOUT_USEC);
	_cleanup_free_ char *pid = NULL;

	add(hooks, "x", "{}");
	assert_int_equal(finish(hooks).succeeded, 1);
	assert_true(is_running("pid"));
	pid = get_file(".", "pid");
	kill((pid_t)strtol(pid, NULL, 10), SIGKILL);
}

static void nothing_runs_on_after_the_end(void **state _unused_)
{
	struct hooks *hooks = new_hooks("echo $$ >pid; sleep 1000", TIMEOUT_USEC);

	add(hooks, "x", "{}");
	while (!is_running("pid"))
		usleep(1000);
	hooks_free(hooks);
	assert_false(is_running("pid"));
}

static void shortage_of_descriptors_is_a_failure_in_the_end(void **state _unused_)
{
	struct hooks *hooks = new_hooks("true", 0);
	struct rlimit old, none;

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	add(hooks, "x", "{}");
	setrlimit(RLIMIT_NOFILE, &old);
	assert_int_equal(finish(hooks).failed, 1);
}

int main(void)
{
#define HOOK_TEST(name) cmocka_unit_test_setup_teardown(name, enter_scratch, leave_scratch)
	const struct CMUnitTest tests[] = {
		HOOK_TEST(event_is_input_and_variables),
		HOOK_TEST(what_systemd_tells_us_is_not_passed_on),
		HOOK_TEST(limits_and_signals_are_as_they_were),
		HOOK_TEST(input_need_not_be_read),
		HOOK_TEST(never_two_at_once_for_a_target),
		HOOK_TEST(two_targets_at_once),
		HOOK_TEST(what_finds_no_room_is_counted),
		HOOK_TEST(failures_are_counted),
		HOOK_TEST(time_limit_takes_all_processes),
		HOOK_TEST(flood_of_output_is_harmless),
		HOOK_TEST(process_that_is_left_is_not_waited_for),
		HOOK_TEST(nothing_runs_on_after_the_end),
		HOOK_TEST(shortage_of_descriptors_is_a_failure_in_the_end),
	};

	return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
