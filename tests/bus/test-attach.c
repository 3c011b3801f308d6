/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scope around processes that run already: what the manager is asked for, and what is made of
 * its answers and of processes that end meanwhile.
 */
#include "stage.h"

#include <sys/wait.h>

#include "scope.h"

struct attach {
	struct stage *s;
	struct cg2_attach *a;
	int pids[2];
	char log[200];
};

static void on_log(void *userdata, enum cg2_log_level level, const char *line, const char *hint)
{
	struct attach *t = userdata;

	snprintf(t->log, sizeof(t->log), "%s", line);
}

/* A process that is there, and that the fixture shows somewhere else. */
static int child(struct stage *s)
{
	pid_t pid = idle_child();

	put_outside(s, pid, 1);
	return pid;
}

static void begin(struct attach *t, void **state)
{
	*t = (struct attach){ .s = *state };
	be_root_again();
	for (size_t i = 0; i < 2; i++)
		t->pids[i] = child(t->s);
	be_ordinary();
	assert_int_equal(cg2_attach_new(t->s->ctx, NULL, &t->a), 0);
	assert_int_equal(cg2_attach_set_unit(t->a, UNIT, NULL), 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(cg2_attach_add(t->a, t->pids[i], NULL), 0);
}

static int start(struct attach *t)
{
	return cg2_attach_start(t->a, &t->s->err);
}

static void done(struct attach *t)
{
	be_root_again();
	cg2_attach_unref(t->a);
	for (size_t i = 0; i < 2; i++) {
		kill(t->pids[i], SIGKILL);
		waitpid(t->pids[i], NULL, 0);
	}
}

/* How the processes stand in the call. */
static const char *asked_for(struct attach *t, bool both)
{
	const char *key = scope_takes_pidfds() ? "PIDFDs ah" : "PIDs au";

	return both ? text(t->s, "%s %d %d\n", key, t->pids[0], t->pids[1])
		    : text(t->s, "%s %d\n", key, t->pids[0]);
}

#define MOVED(t, i) PUT(in_proc((t)->s, (t)->pids[i], "cgroup"), home_of((t)->s, ""))

static void all_are_moved_by_one_call(void **state)
{
	struct attach t;
	const char *notes;
	pid_t pid;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, MOVED(&t, 0), MOVED(&t, 1), REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 0);
	notes = stage_notes(t.s);
	check_in("calls", notes, UNIT " fail\n");
	check_in("calls", notes, asked_for(&t, true));
	check_in("calls", notes, "DelegateControllers as ");
	check_in("calls", notes, "Documentation as man:cgscope(1)\n");
	check_text("unit", cg2_attach_get_unit(t.a), UNIT);
	check_text("cgroup", cg2_group_get_path(cg2_attach_get_group(t.a)), t.s->scope);
	assert_int_equal(cg2_attach_get_process(t.a, 1, &pid), 1);
	assert_int_equal(pid, t.pids[1]);
	assert_int_equal(cg2_attach_get_process(t.a, 2, &pid), 0);
	done(&t);
}

/* A manager refuses all for one that has ended; then it is asked for the others. */
static void one_that_ends_meanwhile_is_left_out(void **state)
{
	struct attach t;
	const char *notes;
	pid_t pid;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, DROP(in_proc(t.s, t.pids[1], "")), REPLY,
			     REMOVED(NULL, "failed"), CALL, ANSWER, CALL, MOVED(&t, 0), REPLY,
			     REMOVED(NULL, "done")));
	/* It is told of, and is counted. */
	assert_int_equal(start(&t), 1);
	notes = stage_notes(t.s);
	check_in("calls", notes, asked_for(&t, true));
	check_in("calls", notes, "ResetFailedUnit " UNIT "\n");
	check_in("calls", notes, asked_for(&t, false));
	assert_int_equal(cg2_attach_get_process(t.a, 0, &pid), 1);
	assert_int_equal(pid, t.pids[0]);
	assert_int_equal(cg2_attach_get_process(t.a, 1, &pid), 0);
	done(&t);
}

/* One of 255 and later sees it before there is a job. */
static void a_call_that_is_refused_for_one_is_made_for_the_others(void **state)
{
	struct attach t;
	const char *notes;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, DROP(in_proc(t.s, t.pids[1], "")),
			     ERROR("System.Error.ESRCH", "No such process"), CALL, MOVED(&t, 0),
			     REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 1);
	notes = stage_notes(t.s);
	check_in("calls", notes, asked_for(&t, true));
	check_in("calls", notes, asked_for(&t, false));
	assert_null(strstr(notes, "ResetFailedUnit"));
	done(&t);
}

static void a_job_that_fails_for_all_leaves_nothing(void **state)
{
	struct attach t;
	const char *notes;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, REPLY, REMOVED(NULL, "failed"), CALL, ANSWER));
	assert_int_equal(start(&t), -EIO);
	notes = stage_notes(t.s);
	check_in("calls", notes, "ResetFailedUnit " UNIT "\n");
	assert_null(cg2_attach_get_group(t.a));
	done(&t);
}

static void all_that_ended_are_not_asked_for(void **state)
{
	struct attach t;

	begin(&t, state);
	for (size_t i = 0; i < 2; i++) {
		be_root_again();
		drop_process(t.s->scratch.root, t.pids[i]);
		put_outside(t.s, t.pids[i], 1);
	}
	stage_play(t.s, PLAY(CALL));
	assert_int_equal(start(&t), -ESRCH);
	check_in("detail", t.s->err.detail, "ended");
	check_text("calls", stage_notes(t.s), "");
	done(&t);
}

/*
 * A manager that takes numbers alone may move another process. That is not taken for the one that
 * was meant, is told, and is left in peace.
 */
static void another_one_that_was_moved_is_told_of(void **state)
{
	struct attach t;
	const char *stat;
	pid_t pid;

	begin(&t, state);
	stat = text(t.s, "%d (new) S 1 1 5 0 -1 0 0\n", t.pids[1]);
	cg2_ctx_set_log(t.s->ctx, on_log, &t, CG2_LOG_WARNING);
	stage_play(t.s, PLAY(CALL, MOVED(&t, 0), DROP(in_proc(t.s, t.pids[1], "")),
			     PUT(in_proc(t.s, t.pids[1], "stat"), stat), MOVED(&t, 1), REPLY,
			     REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 1);
	check_in("log", t.log, "another one that got its number is in the scope");
	assert_int_equal(cg2_attach_get_process(t.a, 1, &pid), 0);
	stage_notes(t.s);
	done(&t);
	stage_end(state);
	stage_start(state);
	begin(&t, state);
	stat = text(t.s, "%d (new) S 1 1 5 0 -1 0 0\n", t.pids[0]);
	stage_play(t.s, PLAY(CALL, DROP(in_proc(t.s, t.pids[0], "")),
			     PUT(in_proc(t.s, t.pids[0], "stat"), stat), MOVED(&t, 0), REPLY,
			     REMOVED(NULL, "done")));
	assert_int_equal(start(&t), -ESRCH);
	check_in("detail", t.s->err.detail, "another one there that got its number");
	check_in("calls", stage_notes(t.s), asked_for(&t, true));
	done(&t);
}

/* Of two that attach the same one, the later moves it away from the earlier. */
static void who_is_overtaken_says_so(void **state)
{
	struct attach t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), -ESRCH);
	check_in("detail", t.s->err.detail, "somebody else has moved them");
	stage_notes(t.s);
	done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_moved_by_one_call),
		TEST(one_that_ends_meanwhile_is_left_out),
		TEST(a_call_that_is_refused_for_one_is_made_for_the_others),
		TEST(a_job_that_fails_for_all_leaves_nothing),
		TEST(all_that_ended_are_not_asked_for),
		TEST(another_one_that_was_moved_is_told_of),
		TEST(who_is_overtaken_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
