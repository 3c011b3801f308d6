/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What explain tells beside causes: a unit's environment against the caller's, and the steps of a
 * start.
 */
#include "recording.h"

#include <sys/wait.h>

#include "explain/explain-internal.h"

/* ---- the environment ---- */

static void put_pairs(struct explain_env *env, const char *const *pairs)
{
	for (; *pairs; pairs += 2)
		assert_int_equal(explain_env_put(env, pairs[0], pairs[1]), 0);
}

struct expected {
	const char *name;
	const char *advice; /* a part of it; NULL: there is none */
	bool is_same;
};

static void expect_differences(const char *const *unit_pairs, const char *const *caller_pairs,
			       enum cg2_manager manager, const struct expected *expected, size_t n)
{
	struct explain_env unit = { .n = 0 }, caller = { .n = 0 };
	struct explain_difference *d;
	size_t n_found;

	put_pairs(&unit, unit_pairs);
	put_pairs(&caller, caller_pairs);
	assert_int_equal(explain_env_compare(&unit, &caller, manager, &d, &n_found), 0);
	assert_int_equal(n_found, n);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(d[i].name, expected[i].name);
		assert_int_equal(d[i].is_same, expected[i].is_same);
		if (!expected[i].advice)
			assert_null(d[i].advice);
		else if (!d[i].advice || !strstr(d[i].advice, expected[i].advice))
			fail_msg("%s: %s", d[i].name, d[i].advice ? d[i].advice : "no advice");
	}
	explain_differences_free(d, n_found);
	explain_env_clear(&unit);
	explain_env_clear(&caller);
}

static void a_service_lacks_what_a_shell_has(void **state _unused_)
{
	static const char *const unit[] = { "search path", "/usr/bin", "PATH", "/usr/bin",
					    "LANG", "C.UTF-8", "groups", "daemon",
					    "umask", "0022", "directory", "/",
					    "terminal", "none", "LimitNOFILE", "1024",
					    "LimitCORE", "0", "LimitNPROC", "infinity", NULL };
	static const char *const caller[] = { "search path", "/tmp:/usr/bin",
					      "PATH", "/tmp:/usr/bin",
					      "LANG", "C.UTF-8", "HOME", "/home/alice",
					      "TERM", "xterm", "XDG_RUNTIME_DIR", "/run/user/1000",
					      "GOPATH", "/go", "SHELL", "/bin/bash",
					      "groups", "daemon docker", "umask", "0077",
					      "directory", "/srv", "terminal", "yes",
					      "LimitNOFILE", "infinity", "LimitCORE", "0",
					      "LimitNPROC", "100", NULL };
	static const struct expected expected[] = {
		{ "search path", "ExecStart=/tmp/...", false },
		{ "PATH", "Environment=PATH=/tmp:/usr/bin", false },
		{ "HOME", "User=NAME", false },
		{ "SHELL", "Environment=SHELL=/bin/bash", false },
		{ "TERM", NULL, false },
		{ "LANG", NULL, true },
		{ "XDG_RUNTIME_DIR", "RuntimeDirectory=NAME", false },
		{ "GOPATH", "Environment=GOPATH=/go", false },
		{ "terminal", "systemd-run -t", false },
		{ "directory", "WorkingDirectory=/srv", false },
		{ "umask", "UMask=0077", false },
		{ "groups", "SupplementaryGroups=docker", false },
		{ "LimitNOFILE", "LimitNOFILE=infinity", false },
		{ "LimitNPROC", NULL, false },
		{ "LimitCORE", NULL, true },
	};

	expect_differences(unit, caller, CG2_MANAGER_SYSTEM, expected, ARRAY_SIZE(expected));
}

static void a_users_unit_lacks_less(void **state _unused_)
{
	static const char *const unit[] = { "PATH", "/usr/bin:/bin", "HOME", "/home/alice",
					    "groups", "alice", "terminal", "none", NULL };
	/* What is not there is not lacking, and /bin is in both. */
	static const char *const caller[] = { "PATH", "/bin:/no/such/dir", "HOME", "/root",
					      "groups", "alice docker", "terminal", "yes", NULL };
	static const struct expected expected[] = {
		{ "PATH", NULL, true },
		{ "HOME", "Environment=HOME=/root", false },
		{ "terminal", "systemd-run --user -t", false },
		{ "groups", "loginctl terminate-user", false },
	};

	expect_differences(unit, caller, CG2_MANAGER_USER, expected, ARRAY_SIZE(expected));
}

static void only_some_names_are_shown(void **state _unused_)
{
	struct explain_env env = { .n = 0 };

	assert_int_equal(explain_env_put_file(&env, "# PATH=/no\n  GOFLAGS = \"-v -x\"\n;x\n"
						    "SECRET=1\nHOME='/h'\r\nLANG=\nno line\n"
						    "GOPROXY=https://u:p@host\nGO=1\nGOx=2"),
			 0);
	assert_string_equal(explain_env_get(&env, "HOME"), "/h");
	assert_string_equal(explain_env_get(&env, "LANG"), "");
	assert_string_equal(explain_env_get(&env, "GOPROXY"), "(set)");
	assert_null(explain_env_get(&env, "SECRET"));
	assert_null(explain_env_get(&env, "PATH"));
	assert_null(explain_env_get(&env, "GO"));
	assert_null(explain_env_get(&env, "GOx"));
	assert_int_equal(explain_env_put_pair(&env, "PATH=/a=b"), 0);
	assert_string_equal(explain_env_get(&env, "PATH"), "/a=b");
	assert_int_equal(explain_env_put(&env, "PATH", NULL), 0);
	assert_null(explain_env_get(&env, "PATH"));
	assert_int_equal(explain_env_put_pair(&env, "PATH"), 0);
	assert_null(explain_env_get(&env, "PATH"));
	explain_env_clear(&env);
}

/* ---- starts ---- */

#define C(path_, from_, to_)                                                                       \
	{                                                                                          \
		.path = (char *)(path_), .start_monotonic_usec = (from_),                          \
		.exit_monotonic_usec = (to_), .code = CLD_EXITED                                   \
	}

static void expect_start(const struct explain_times *times, const struct explain_queue *queue,
			 const char *wanted)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *found = NULL;
	struct explain_start start;

	assert_int_equal(explain_start_make(times, queue, &start), 0);
	assert_non_null(text_open(&text));
	fprintf(text.f, "%s %d", start.result, (int)(start.to - start.from));
	for (size_t i = 0; i < start.n_steps; i++)
		fprintf(text.f, "; %s %s %d-%d%s", start.steps[i].kind, start.steps[i].what,
			(int)(start.steps[i].from - start.from),
			(int)(start.steps[i].to - start.from), start.steps[i].is_open ? "..." : "");
	assert_int_equal(text_close(&text, &found), 0);
	assert_string_equal(found, wanted);
	explain_start_clear(&start);
}

static void steps_of_starts(void **state _unused_)
{
	static const struct unit_command none[] = { { .path = NULL } };
	static const struct unit_command pre[] = { C("/pre", 1010, 1200), C("/old", 10, 20),
						   { .path = NULL } };
	static const struct unit_command program[] = { C("/program", 1210, 0), { .path = NULL } };
	static const struct unit_command two[] = { C("/one", 1010, 1300), C("/two", 1300, 0),
						   { .path = NULL } };
	static const struct unit_command post[] = { C("/post", 1900, 1990), { .path = NULL } };
	const struct explain_queue no_queue = { .since = 0 };
	const struct explain_queue queue = { .since = 400, .behind = (char *)"a.service" };
	struct explain_times times = {
		.condition = 1000, .begun = 1001, .active = 2000, .main = 1210, .handoff = 1250,
		.now = 9000, .state = "active", .type = "notify", .pre_commands = pre,
		.commands = program, .post_commands = post,
	};

	expect_start(&times, &no_queue,
		     "started 1000; command ExecStartPre=/pre 10-200; "
		     "setup systemd's own steps before the program 210-250; "
		     "ready until READY=1 250-900; command ExecStartPost=/post 900-990");
	expect_start(&times, &queue,
		     "started 1600; queue queued behind a.service 0-600; "
		     "command ExecStartPre=/pre 610-800; "
		     "setup systemd's own steps before the program 810-850; "
		     "ready until READY=1 850-1500; command ExecStartPost=/post 1500-1590");
	/* systemd 252 and 255 do not tell when the program was executed. */
	times.handoff = 0;
	times.type = "dbus";
	times.bus_name = "org.example.X";
	times.post_commands = none;
	expect_start(&times, &no_queue,
		     "started 1000; command ExecStartPre=/pre 10-200; "
		     "ready until it had the name org.example.X on the bus 210-1000");
	/* It goes on: what was before it was another start. */
	times.active = 500;
	times.state = "activating";
	times.type = "oneshot";
	times.pre_commands = NULL;
	times.commands = two;
	expect_start(&times, &no_queue,
		     "starting 8000; command ExecStart=/one 10-300; "
		     "command ExecStart=/two 300-8000...");
	times.state = "failed";
	times.inactive = 1400;
	expect_start(&times, &no_queue,
		     "failed 400; command ExecStart=/one 10-300; command ExecStart=/two 300-400");
	/* A restart leaves the state inactive when its wait begins. */
	times = (struct explain_times){ .condition = 101000, .begun = 1000, .active = 101500,
					.state = "active", .type = "simple", .commands = none };
	expect_start(&times, &no_queue,
		     "started 100500; restart RestartSec= before it was started again 0-100000");
}

static void what_has_no_start(void **state _unused_)
{
	const struct explain_times times = { .condition = 5 };
	const struct explain_queue queue = { .since = 0 };
	struct explain_start start;

	assert_int_equal(explain_start_make(&times, &queue, &start), -ENOENT);
}

#define JOB(time, unit, job, result)                                                               \
	"+" time " M\nMESSAGE_ID=x\nUNIT=" unit "\nJOB_ID=" job "\nJOB_TYPE=start\n" result "\n"
#define MANAGER "_PID=1 _UID=0 _TRANSPORT=journal\n\n"
#define DONE "JOB_RESULT=done\n"

static void expect_queue_of(const char *text, enum cg2_manager manager, uint64_t since)
{
	const struct explain_unit about = { .name = "u.service", .manager = manager, .uid = 1000 };
	struct explain_queue queue;
	struct journal_list jobs = { NULL, 0 };
	struct recording r;

	open_text(&r, text);
	for (size_t i = r.entries.n; i > 0; i--)
		assert_int_equal(journal_list_add(&jobs, copy_entry(r.entries.entries[i - 1])), 0);
	assert_int_equal(explain_queue_find(&jobs, &about, 7, &queue), 0);
	assert_int_equal(queue.since, since);
	free(queue.behind);
	journal_list_clear(&jobs);
	close_recording(&r);
}

static void expect_queue(const char *text, uint64_t since)
{
	expect_queue_of(text, CG2_MANAGER_SYSTEM, since);
}

#define USERS                                                                                      \
	"_PID=100 _UID=1000 _TRANSPORT=journal "                                                   \
	"_SYSTEMD_CGROUP=/user.slice/user-1000.slice/user@1000.service/init.scope\n\n"

/* A user's manager that is started again begins with low numbers. */
static void a_queue_is_of_one_manager(void **state _unused_)
{
	expect_queue_of(USERS JOB("10", "a.service", "8", DONE) JOB("30", "u.service", "7", ""),
			CG2_MANAGER_USER, 10);
	expect_queue_of(USERS JOB("10", "a.service", "8", DONE "_PID=99\n")
			JOB("30", "u.service", "7", ""), CG2_MANAGER_USER, 0);
}

/* A job that was made later and run before. */
static void a_queue_is_proved_by_later_jobs(void **state _unused_)
{
	expect_queue(MANAGER JOB("10", "a.service", "8", "") JOB("20", "b.service", "9", DONE)
			     JOB("30", "u.service", "7", ""), 10);
	expect_queue(MANAGER JOB("10", "a.service", "6", "") JOB("20", "b.service", "5", DONE)
			     JOB("30", "u.service", "7", ""), 0);
	/* After it, or by somebody else. */
	expect_queue(MANAGER JOB("30", "u.service", "7", "") JOB("40", "a.service", "8", ""), 0);
	expect_queue("_PID=5 _UID=1000 _TRANSPORT=journal\n\n" JOB("10", "a.service", "8", "")
		     JOB("30", "u.service", "7", ""), 0);
}

/* The journal has the waits of a start that is not the newest, and how long it took. */
static void an_earlier_start_has_its_waits(void **state _unused_)
{
	const struct explain_unit about = { .name = "u.service", .manager = CG2_MANAGER_SYSTEM };
	struct explain_life before = { .job = "3" }, life = { .job = "7" };
	struct explain_earlier earlier;
	struct journal_list jobs = { NULL, 0 };
	struct recording r;

	open_text(&r, MANAGER JOB("1000", "u.service", "3", DONE) JOB("9000", "u.service", "4", "")
			      JOB("10000", "a.service", "8", DONE)
			      JOB("30000", "u.service", "7", "")
			      JOB("70000", "u.service", "7", DONE));
	for (size_t i = r.entries.n; i > 0; i--)
		assert_int_equal(journal_list_add(&jobs, copy_entry(r.entries.entries[i - 1])), 0);
	before.failed = jobs.entries[4];
	before.restart = jobs.entries[3];
	life.starting = jobs.entries[1];
	life.started = jobs.entries[0];
	assert_true(explain_earlier_make(&life, &before, &jobs, &about, &earlier));
	assert_int_equal(earlier.n_steps, 3);
	assert_string_equal(earlier.steps[0].kind, "restart");
	assert_int_equal(earlier.steps[0].to - earlier.steps[0].from, 8000);
	assert_string_equal(earlier.steps[1].what, "queued");
	assert_int_equal(earlier.steps[1].to - earlier.steps[1].from, 20000);
	assert_string_equal(earlier.steps[2].kind, "rest");
	assert_int_equal(earlier.steps[2].to - earlier.steps[2].from, 40000);
	assert_int_equal(earlier.to - earlier.from, 69000);
	explain_earlier_clear(&earlier);
	/* Nothing of its end: nothing is told. */
	life.started = NULL;
	assert_false(explain_earlier_make(&life, NULL, &jobs, &about, &earlier));
	journal_list_clear(&jobs);
	close_recording(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_lacks_what_a_shell_has),
		cmocka_unit_test(a_users_unit_lacks_less),
		cmocka_unit_test(only_some_names_are_shown),
		cmocka_unit_test(steps_of_starts),
		cmocka_unit_test(what_has_no_start),
		cmocka_unit_test(a_queue_is_proved_by_later_jobs),
		cmocka_unit_test(a_queue_is_of_one_manager),
		cmocka_unit_test(an_earlier_start_has_its_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
