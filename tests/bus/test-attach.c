/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scope around processes that run already: what the manager is asked for, and what is made of
 * its answers and of processes that end meanwhile.
 */
#include "stage.h"

#include <sys/wait.h>
#include <sys/xattr.h>

struct attach {
	struct stage *s;
	struct cg2_attach *a;
	int pids[2];
	char log[200];
};

static void on_log(void *userdata, enum cg2_log_level level, const char *line,
		   const struct cg2_error *err)
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

/* How the processes stand in the call, behind one of the library's own. */
static const char *asked_for(struct attach *t, bool both)
{
	return both ? text(t->s, " %d %d\n", t->pids[0], t->pids[1])
		    : text(t->s, " %d\n", t->pids[0]);
}

static const char *moved_later(struct attach *t, size_t i)
{
	return text(t->s, "AttachProcessesToUnit " UNIT "  %d\n", t->pids[i]);
}

/* Whom the call names. */
#define ALL_MOVED(t) MOVE((t)->s->scratch.root, home_of((t)->s, ""))
#define MOVED(t, i) PUT(in_proc((t)->s, (t)->pids[i], "cgroup"), home_of((t)->s, ""))
#define ENDED(t, i) DROP(in_proc((t)->s, (t)->pids[i], ""))
#define GONE ERROR("System.Error.ESRCH", "No such process")
#define OLDER \
	ERROR(DBUS("PropertyReadOnly"), "Cannot set property PIDFDs, or unknown property.")

static void all_are_moved_by_one_call(void **state)
{
	struct attach t;
	const char *notes;
	pid_t pid;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t), REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 0);
	notes = stage_notes(t.s);
	check_in("calls", notes, UNIT " fail\n");
	check_in("calls", notes, "PIDFDs ah ");
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

/* A number may be another one's by the time of the job: the job is of ours alone. */
static void older_managers_are_told_of_them_one_by_one(void **state)
{
	struct attach t;
	const char *notes, *second;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, OLDER, CALL, ALL_MOVED(&t), REPLY, REMOVED(NULL, "done"), CALL,
			     MOVED(&t, 0), ANSWER, CALL, MOVED(&t, 1), ANSWER));
	assert_int_equal(start(&t), 0);
	notes = stage_notes(t.s);
	second = strstr(notes, "PIDs au ");
	assert_non_null(second);
	assert_null(strstr(second, asked_for(&t, true)));
	check_in("calls", second, moved_later(&t, 0));
	check_in("calls", second, moved_later(&t, 1));
	done(&t);
}

/* The call is refused for one that has ended; then it is made for the others. */
static void one_that_ends_meanwhile_is_left_out(void **state)
{
	struct attach t;
	const char *notes;
	pid_t pid;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ENDED(&t, 1), GONE, CALL, ALL_MOVED(&t), REPLY,
			     REMOVED(NULL, "done")));
	/* It is told of, and is counted. */
	assert_int_equal(start(&t), 1);
	notes = stage_notes(t.s);
	check_in("calls", notes, asked_for(&t, true));
	check_in("calls", notes, asked_for(&t, false));
	assert_int_equal(cg2_attach_get_process(t.a, 0, &pid), 1);
	assert_int_equal(pid, t.pids[0]);
	assert_int_equal(cg2_attach_get_process(t.a, 1, &pid), 0);
	done(&t);
}

/* The unit keeps its name as long as those are in it that were moved; they make room first. */
static void a_job_that_fails_for_one_is_tried_for_the_others(void **state)
{
	struct attach t;
	const char *notes, *other, *again;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ENDED(&t, 1), REPLY, REMOVED(NULL, "failed"), CALL, REPLY,
			     REMOVED(NULL, "done"), CALL, ALL_MOVED(&t), REPLY,
			     REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 1);
	notes = stage_notes(t.s);
	other = strstr(notes, "cgscope-");
	assert_non_null(other);
	again = strstr(other, UNIT " fail\n");
	assert_non_null(again);
	check_in("again", again, asked_for(&t, false));
	check_in("again", again, "Description s " UNIT "\n");
	check_text("unit", cg2_attach_get_unit(t.a), UNIT);
	done(&t);
}

/* While it is asked for the others one more may end. */
static void the_others_are_asked_for_until_none_is_left(void **state)
{
	struct attach t;
	const char *notes;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ENDED(&t, 1), GONE, CALL, ENDED(&t, 0), GONE));
	assert_int_equal(start(&t), -ESRCH);
	check_text("detail", t.s->err.detail, "all of them have just ended");
	notes = stage_notes(t.s);
	check_in("calls", notes, asked_for(&t, true));
	check_in("calls", notes, asked_for(&t, false));
	done(&t);
}

static void a_job_that_fails_for_all_leaves_nothing(void **state)
{
	struct attach t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, REPLY, REMOVED(NULL, "failed")));
	assert_int_equal(start(&t), -EIO);
	assert_null(cg2_attach_get_group(t.a));
	stage_notes(t.s);
	done(&t);
}

/* The manager cannot remove it with the holder in it, and has forgotten it then. */
static void a_unit_that_failed_is_cleared(void **state)
{
	static const char *const files[] = { "cgroup.procs", "cgroup.events",
					     "cgroup.controllers" };
	struct attach t;
	const char *app;

	begin(&t, state);
	be_root_again();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(unlink(in_scope(t.s, files[i])), 0);
	app = text(t.s, "%s/..", in_scope(t.s, ""));
	if (getuid() == 0)
		assert_int_equal(chown(app, NOBODY, NOBODY), 0);
	be_ordinary();
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t), ENDED(&t, 0), ENDED(&t, 1), REPLY,
			     REMOVED(NULL, "failed"), CALL, ANSWER));
	assert_int_equal(start(&t), -ESRCH);
	check_in("detail", t.s->err.detail, "ended");
	assert_int_equal(access(in_scope(t.s, ""), F_OK), -1);
	check_in("calls", stage_notes(t.s), "ResetFailedUnit " UNIT "\n");
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

/* One that ended, and whose number another one has got. */
#define REPLACED(t, i, stat) \
	ENDED(t, i), PUT(in_proc((t)->s, (t)->pids[i], "stat"), stat), MOVED(t, i)

/*
 * A manager that takes numbers alone may move another process. That is not taken for the one that
 * was meant, is told, and is left in peace.
 */
static void another_one_that_was_moved_is_told_of(void **state)
{
	struct attach t;
	const char *stats[2];
	pid_t pid;

	for (unsigned int from = 0; from < 2; from++) {
		begin(&t, state);
		for (size_t i = 0; i < 2; i++)
			stats[i] = text(t.s, "%d (new) S 1 1 5 0 -1 0 0\n", t.pids[i]);
		cg2_ctx_set_log(t.s->ctx, on_log, &t, CG2_LOG_WARNING);
		if (from == 0)
			stage_play(t.s, PLAY(CALL, OLDER, CALL, ALL_MOVED(&t), REPLY,
					     REMOVED(NULL, "done"), CALL, MOVED(&t, 0), ANSWER,
					     CALL, REPLACED(&t, 1, stats[1]), ANSWER));
		else
			stage_play(t.s, PLAY(CALL, OLDER, CALL, ALL_MOVED(&t), REPLY,
					     REMOVED(NULL, "done"), CALL,
					     REPLACED(&t, 0, stats[0]), ANSWER, CALL,
					     REPLACED(&t, 1, stats[1]), ANSWER));
		assert_int_equal(start(&t), from == 0 ? 1 : -ESRCH);
		check_in("log", t.log, "another one that got its number is in the scope");
		assert_int_equal(cg2_attach_get_process(t.a, 1 - from, &pid), 0);
		stage_notes(t.s);
		done(&t);
		if (from == 0) {
			stage_end(state);
			stage_start(state);
		}
	}
}

/* Somebody else may be faster, or the manager may have left one out. */
static void who_is_outside_follows(void **state)
{
	struct attach t;
	const char *notes;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t),
			     PUT(in_proc(t.s, t.pids[0], "cgroup"), "0::/elsewhere\n"), REPLY,
			     REMOVED(NULL, "done"), CALL, MOVED(&t, 0), ANSWER));
	assert_int_equal(start(&t), 0);
	notes = stage_notes(t.s);
	check_in("calls", notes, moved_later(&t, 0));
	assert_null(strstr(notes, moved_later(&t, 1)));
	done(&t);
}

/* The scope ends with the library's own process. */
static void where_none_can_be_moved_nothing_is_left(void **state)
{
	struct attach t;

	begin(&t, state);
	cg2_ctx_set_log(t.s->ctx, on_log, &t, CG2_LOG_WARNING);
	stage_play(t.s, PLAY(CALL, OLDER, CALL, ALL_MOVED(&t), REPLY, REMOVED(NULL, "done"), CALL,
			     ERROR(DBUS("AccessDenied"), "no"), CALL,
			     ERROR(DBUS("AccessDenied"), "no")));
	assert_int_equal(start(&t), -ESRCH);
	check_text("detail", t.s->err.detail, "none could be moved");
	check_in("log", t.log, "not yours to write");
	stage_notes(t.s);
	done(&t);
}

/* The kernel passes 253 descriptors with a message; who is left out follows. */
static void one_call_takes_as_many_as_it_can(void **state)
{
	enum { N = 300 };
	struct attach t;
	const char *line, *end;
	pid_t pids[N];
	size_t n = 0;

	begin(&t, state);
	be_root_again();
	for (size_t i = 0; i < N; i++) {
		pids[i] = child(t.s);
		be_root_again();
		put_file("", in_proc(t.s, pids[i], "cgroup"), home_of(t.s, ""));
	}
	be_ordinary();
	for (size_t i = 0; i < N; i++)
		assert_int_equal(cg2_attach_add(t.a, pids[i], NULL), 0);
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t), REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 0);
	line = strstr(stage_notes(t.s), "PIDFDs ah ");
	assert_non_null(line);
	for (end = line + strcspn(line, "\n"); line < end; line++)
		n += *line == ' ';
	assert_true(n >= 200 && n <= 254);
	done(&t);
	for (size_t i = 0; i < N; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

#define CHILD 4001

/* A nested run's command has its own limits; its supervisor is a child like any other. */
static void a_child_in_a_scope_of_ours_stays_there(void **state)
{
	struct attach t;
	const char *inner, *dir;

	begin(&t, state);
	inner = text(t.s, "%.*sinner.scope", (int)(strlen(t.s->scope) - strlen(UNIT)), t.s->scope);
	dir = text(t.s, "%s/" MOUNT "%s", t.s->scratch.root, inner);
	be_root_again();
	put_file("", text(t.s, "%s/run/cgroup.procs", dir), "");
	if (setxattr(dir, "user.cgscope", "1 run 5", 7, 0) < 0)
		skip();
	if (getuid() == 0)
		assert_int_equal(chown(dir, NOBODY, NOBODY), 0);
	put_outside(t.s, CHILD, t.pids[0]);
	be_root_again();
	put_file("", in_proc(t.s, CHILD, "cgroup"), text(t.s, "0::%s/run\n", inner));
	be_ordinary();
	cg2_ctx_set_log(t.s->ctx, on_log, &t, CG2_LOG_WARNING);
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t), REPLY, REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 0);
	check_text("log", t.log, "process 4001 (make) stays in inner.scope, whose limits go on");
	stage_notes(t.s);
	done(&t);
}

/* One that was there before refuses all; one that comes when the scope is there does not. */
static void a_late_child_of_another_user_is_told_of(void **state)
{
	struct attach t;
	const char *stat;

	if (getuid() != 0)
		skip();
	begin(&t, state);
	stat = text(t.s, "%d (sudo) S %d 1 5 0 -1 0 0\n", CHILD, t.pids[0]);
	cg2_ctx_set_log(t.s->ctx, on_log, &t, CG2_LOG_WARNING);
	stage_play(t.s, PLAY(CALL, ALL_MOVED(&t), PUT(in_proc(t.s, CHILD, "stat"), stat), REPLY,
			     REMOVED(NULL, "done")));
	assert_int_equal(start(&t), 1);
	check_in("log", t.log, "it belongs to another user");
	check_text("cgroup", cg2_group_get_path(cg2_attach_get_group(t.a)), t.s->scope);
	stage_notes(t.s);
	done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_are_moved_by_one_call),
		TEST(older_managers_are_told_of_them_one_by_one),
		TEST(one_that_ends_meanwhile_is_left_out),
		TEST(a_job_that_fails_for_one_is_tried_for_the_others),
		TEST(the_others_are_asked_for_until_none_is_left),
		TEST(a_job_that_fails_for_all_leaves_nothing),
		TEST(a_unit_that_failed_is_cleared),
		TEST(all_that_ended_are_not_asked_for),
		TEST(another_one_that_was_moved_is_told_of),
		TEST(who_is_outside_follows),
		TEST(where_none_can_be_moved_nothing_is_left),
		TEST(one_call_takes_as_many_as_it_can),
		TEST(a_child_in_a_scope_of_ours_stays_there),
		TEST(a_late_child_of_another_user_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
