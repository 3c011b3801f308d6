/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ending and freezing scopes: others' units are the manager's to stop, ours end by the kernel's
 * means, and a signal goes to no process but the scope's.
 */
#include "stage.h"

#include <sys/wait.h>

#include "base/clock.h"
#include "scope/scope.h"

#define LONG_USEC (20 * USEC_PER_SEC)
#define SHORT_USEC (200 * USEC_PER_MSEC)

struct stop {
	struct stage *s;
	struct cg2_scope *scopes[2];
};

static void begin(struct stop *t, void **state, enum mark_kind kind)
{
	*t = (struct stop){ .s = *state };
	t->scopes[0] = scope_new(t->s->ctx, t->s->scope);
	assert_non_null(t->scopes[0]);
	t->scopes[0]->mark.kind = kind;
	t->scopes[0]->owner = geteuid();
}

/* How many failed, with the one's error in s->err. */
static int done(struct stop *t, int r)
{
	if (r > 0)
		cg2_error_move(&t->s->err, &t->scopes[0]->error);
	cg2_scope_unref(t->scopes[0]);
	return r;
}

/* What is there when a scope has come to its end: nothing. */
#define ITS_END(s)                                                                       \
	PUT(in_scope(s, "cgroup.events"), "populated 0\nfrozen 0\n"),                    \
		DROP(in_scope(s, ""))

/* By which signal it ended within that time; 0: by none. */
static int end_of(pid_t pid, uint64_t usec)
{
	uint64_t end_usec = now_usec() + usec;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (now_usec() < end_usec) {
			usleep(1000);
			continue;
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return 0;
	}
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

/* ---- others' ---- */

static void anothers_scope_is_stopped_by_its_manager(void **state)
{
	struct stop t;

	begin(&t, state, MARK_NONE);
	stage_play(t.s, PLAY(CALL, REPLY, ITS_END(t.s)));
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGTERM, LONG_USEC, LONG_USEC)), 0);
	check_text("calls", stage_notes(t.s), "StopUnit " UNIT " replace\n");
}

static void one_that_does_not_end_in_time_gets_sigkill(void **state)
{
	struct stop t;

	begin(&t, state, MARK_NONE);
	stage_play(t.s, PLAY(CALL, REPLY, CALL, ANSWER, ITS_END(t.s)));
	put(t.s, "cgroup.kill", "", false);
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGTERM, SHORT_USEC, LONG_USEC)), 0);
	check_text("calls", stage_notes(t.s),
		   "StopUnit " UNIT " replace\nKillUnit " UNIT " all 9\n");
}

static void a_manager_that_refuses_is_heard(void **state)
{
	struct stop t;

	begin(&t, state, MARK_NONE);
	stage_play(t.s, PLAY(CALL, ERROR(DBUS("AccessDenied"), "Not yours.")));
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGTERM, LONG_USEC, LONG_USEC)), 1);
	assert_int_equal(t.s->err.code, EACCES);
	check_text("message", t.s->err.bus_message, "Not yours.");
	check_text("calls", stage_notes(t.s), "StopUnit " UNIT " replace\n");
}

static void a_signal_and_the_freezer_go_through_the_manager(void **state)
{
	struct stop t;

	begin(&t, state, MARK_NONE);
	stage_play(t.s, PLAY(CALL, ANSWER));
	assert_int_equal(cg2_scopes_signal(t.scopes, SIGUSR1), 0);
	check_text("calls", stage_notes(t.s), "KillUnit " UNIT " all 10\n");
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "cgroup.events"), "populated 1\nfrozen 1\n"),
			     ANSWER));
	assert_int_equal(done(&t, cg2_scopes_freeze(t.scopes, true, LONG_USEC)), 0);
	check_text("calls", stage_notes(t.s), "FreezeUnit " UNIT "\n");
}

static void another_users_manager_is_not_asked(void **state)
{
	struct stop t;

	begin(&t, state, MARK_NONE);
	t.scopes[0]->manager_uid = 4711;
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGTERM, LONG_USEC, LONG_USEC)), 1);
	assert_int_equal(t.s->err.code, EPERM);
	check_in("detail", t.s->err.detail, "another user's manager");
}

/* StopUnit takes no signal: the unit has its own. */
static void another_signal_is_not_taken_for_the_units_own(void **state)
{
	struct stop t;

	/* Nobody plays: who asks gets no connection. */
	begin(&t, state, MARK_NONE);
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGINT, LONG_USEC, LONG_USEC)), 1);
	assert_int_equal(t.s->err.code, EOPNOTSUPP);
	check_in("detail", t.s->err.detail, "not by SIGINT");
	check_in("hint", t.s->err.hint, "send SIGINT to its processes");
}

/* ---- ours ---- */

static void our_own_is_killed_without_the_manager(void **state)
{
	struct stop t;

	/* Nobody plays: who asks gets no connection. */
	begin(&t, state, MARK_EXEC);
	put(t.s, "cgroup.kill", "", true);
	put(t.s, "cgroup.events", "populated 0\n", false);
	assert_int_equal(cg2_scopes_kill(t.scopes, SHORT_USEC), 0);
	check_file(t.s, "cgroup.kill", "1");
	done(&t, 0);
}

/*
 * cgroup.procs is a list of numbers. One that was in it and is another process's by now does not
 * get the signal, whatever that process is.
 */
static void a_signal_hits_members_only(void **state)
{
	struct stop t;
	pid_t member = idle_child(), stranger = idle_child();

	begin(&t, state, MARK_EXEC);
	put_outside(t.s, member, 1);
	put_outside(t.s, stranger, 1);
	be_root_again();
	put_file("", in_proc(t.s, member, "cgroup"), home_of(t.s, "/below"));
	put_file("", in_proc(t.s, stranger, "cgroup"), home_of(t.s, "-not"));
	put(t.s, "cgroup.procs", text(t.s, "%d\n%d\n", stranger, member), false);
	assert_int_equal(cg2_scopes_signal(t.scopes, SIGTERM), 0);
	assert_int_equal(end_of(member, LONG_USEC), SIGTERM);
	assert_int_equal(end_of(stranger, SHORT_USEC / 10), 0);
	done(&t, 0);
}

/* A process that the fixture has in the scope. */
static void put_member(struct stop *t, pid_t pid)
{
	put_outside(t->s, pid, 1);
	be_root_again();
	put_file("", in_proc(t->s, pid, "cgroup"), home_of(t->s, ""));
	be_ordinary();
}

static void who_does_not_get_a_signal_is_told_of(void **state)
{
	struct stop t;
	pid_t member = idle_child();

	begin(&t, state, MARK_EXEC);
	put_member(&t, member);
	/* That is how the kernel lists what is in another pid namespace. */
	put(t.s, "cgroup.procs", text(t.s, "0\n%d\n0\n", member), false);
	assert_int_equal(done(&t, cg2_scopes_signal(t.scopes, SIGUSR1)), 1);
	assert_int_equal(end_of(member, LONG_USEC), SIGUSR1);
	assert_int_equal(t.s->err.op, CG2_OP_SIGNAL);
	assert_int_equal(t.s->err.code, EPERM);
	check_text("detail", t.s->err.detail, "2 processes did not get SIGUSR1, the first of "
					      "them: it is in another pid namespace");
}

/* A process of a user that is nobody else's. */
static pid_t child_of_another_user(uid_t uid)
{
	int fds[2];
	pid_t pid;
	char c;

	be_root_again();
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (setresuid(uid, uid, uid) < 0)
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fds[0]);
		close(fds[1]);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 0);
	close(fds[0]);
	be_ordinary();
	return pid;
}

static void anothers_process_is_named_with_its_user(void **state)
{
	struct stop t;
	pid_t child;

	if (getuid() != 0)
		skip();
	child = child_of_another_user(4711);
	begin(&t, state, MARK_EXEC);
	put_member(&t, child);
	be_root_again();
	put_file("", in_proc(t.s, child, "status"), "Name:\tmake\nUid:\t4711\t0\t0\t0\n");
	put(t.s, "cgroup.procs", text(t.s, "%d\n", child), false);
	assert_int_equal(done(&t, cg2_scopes_signal(t.scopes, SIGUSR1)), 1);
	be_root_again();
	assert_int_equal(end_of(child, SHORT_USEC / 10), 0);
	assert_int_equal(t.s->err.code, EPERM);
	check_text("detail", t.s->err.detail,
		   text(t.s, "1 process did not get SIGUSR1: %d (make) belongs to uid 4711",
			child));
	check_in("hint", t.s->err.hint, "cgscope kill " UNIT " ends all");
}

static void processes_that_cannot_be_listed_are_no_success(void **state)
{
	struct stop t;
	pid_t member = idle_child();

	begin(&t, state, MARK_EXEC);
	put_member(&t, member);
	put(t.s, "cgroup.procs", text(t.s, "%d\n", member), false);
	put(t.s, "below/cgroup.procs", "", false);
	be_root_again();
	put_mode("", in_scope(t.s, "below/cgroup.procs"), 0);
	be_ordinary();
	assert_int_equal(done(&t, cg2_scopes_signal(t.scopes, SIGUSR1)), 1);
	assert_int_equal(end_of(member, LONG_USEC), SIGUSR1);
	assert_int_equal(t.s->err.code, EACCES);
}

/* To a stop it makes no difference, as long as cgroup.kill reaches all. */
static void what_did_not_get_sigterm_gets_sigkill(void **state)
{
	struct stop t;

	begin(&t, state, MARK_EXEC);
	put(t.s, "cgroup.procs", "0\n", false);
	put(t.s, "cgroup.kill", "", true);
	assert_int_equal(done(&t, cg2_scopes_stop(t.scopes, SIGTERM, SHORT_USEC, SHORT_USEC)), 1);
	check_file(t.s, "cgroup.kill", "1");
	check_in("detail", t.s->err.detail, "it got SIGKILL, and processes are still there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(anothers_scope_is_stopped_by_its_manager),
		TEST(one_that_does_not_end_in_time_gets_sigkill),
		TEST(a_manager_that_refuses_is_heard),
		TEST(a_signal_and_the_freezer_go_through_the_manager),
		TEST(another_users_manager_is_not_asked),
		TEST(another_signal_is_not_taken_for_the_units_own),
		TEST(our_own_is_killed_without_the_manager),
		TEST(a_signal_hits_members_only),
		TEST(who_does_not_get_a_signal_is_told_of),
		TEST(anothers_process_is_named_with_its_user),
		TEST(processes_that_cannot_be_listed_are_no_success),
		TEST(what_did_not_get_sigterm_gets_sigkill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
