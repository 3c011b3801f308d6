/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ending and freezing scopes: others' units are the manager's to stop, ours end by the kernel's
 * means, and a signal goes to no process but the scope's.
 */
#include "stage.h"

#include <sys/wait.h>

#include "scopes.h"

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
	put(t.s, "cgroup.procs", text(t.s, "%d\n0\n%d\n", stranger, member), false);
	assert_int_equal(cg2_scopes_signal(t.scopes, SIGTERM), 0);
	assert_int_equal(end_of(member, LONG_USEC), SIGTERM);
	assert_int_equal(end_of(stranger, SHORT_USEC / 10), 0);
	done(&t, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(anothers_scope_is_stopped_by_its_manager),
		TEST(one_that_does_not_end_in_time_gets_sigkill),
		TEST(a_manager_that_refuses_is_heard),
		TEST(a_signal_and_the_freezer_go_through_the_manager),
		TEST(another_users_manager_is_not_asked),
		TEST(our_own_is_killed_without_the_manager),
		TEST(a_signal_hits_members_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
