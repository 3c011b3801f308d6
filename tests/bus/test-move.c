/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving processes: by the file where it is ours, through the manager where it is not, and what
 * is said when neither can, or when the process ends meanwhile.
 */
#include "stage.h"

#include "manage/move.h"

#define PID 4000

struct move {
	struct stage *s;
	struct cg2_group *group;
	struct move_target to;
	struct held proc;
};

/* To UNIT's cgroup; /run is what a manager is told of the place below it. */
static void move_begin(struct move *m, void **state)
{
	*m = (struct move){ .s = *state, .proc = { .pid = PID } };
	put_outside(m->s, PID, 1);
	m->group = open_group(m->s->ctx, m->s->scope);
	m->to = (struct move_target){ .group = m->group, .unit = UNIT,
				      .manager = CG2_MANAGER_USER, .below = "/run" };
	assert_int_equal(held_open(m->s->ctx, &m->proc), 0);
}

static int move(struct move *m)
{
	int r = move_process(&m->to, &m->proc, &m->s->err);

	move_end(&m->to);
	assert_true(m->proc.is_moved == (r == 0));
	return r;
}

static void move_done(struct move *m)
{
	close_fd(m->proc.fd);
	cg2_group_unref(m->group);
}

/* Ends in that result, having asked the manager (or not) for exactly one move. */
static void check_move(void **state, const struct fake_step *steps, int code, const char *reason)
{
	struct move m;

	move_begin(&m, state);
	stage_play(m.s, steps);
	assert_int_equal(move(&m), code);
	if (reason)
		check_in("detail", m.s->err.detail, reason);
	check_text("calls", stage_notes(m.s), "AttachProcessesToUnit " UNIT " /run 4000\n");
	check_file(m.s, "cgroup.procs", "");
	move_done(&m);
}

static void what_is_ours_is_written(void **state)
{
	struct move m;

	move_begin(&m, state);
	put(m.s, "cgroup.procs", "", true);
	/* Nobody moves the fixture's process: it is there from the start. */
	be_root_again();
	put_file("", in_proc(m.s, PID, "cgroup"), home_of(m.s, ""));
	be_ordinary();
	assert_int_equal(move(&m), 0);
	check_file(m.s, "cgroup.procs", "4000");
	move_done(&m);
}

static void what_is_not_ours_is_asked_of_the_manager(void **state)
{
	struct stage *s = *state;

	check_move(state, PLAY(CALL, PUT(in_proc(s, PID, "cgroup"), home_of(s, "/run")), ANSWER), 0,
		   NULL);
}

/* A cgroup that has children with controllers can hold no processes: a leaf of it has them. */
static void a_leaf_takes_it_where_there_are_runs_inside(void **state)
{
	struct move m;

	move_begin(&m, state);
	put(m.s, "cgroup.procs", "", true);
	put(m.s, "cgscope-main/cgroup.procs", "", true);
	be_root_again();
	put_file("", in_proc(m.s, PID, "cgroup"), home_of(m.s, "/cgscope-main"));
	be_ordinary();
	assert_int_equal(move(&m), 0);
	check_file(m.s, "cgroup.procs", "");
	check_file(m.s, "cgscope-main/cgroup.procs", "4000");
	move_done(&m);
}

static void the_manager_hears_of_the_leaf(void **state)
{
	struct move m;

	move_begin(&m, state);
	put(m.s, "cgscope-main/cgroup.procs", "", false);
	stage_play(m.s, PLAY(CALL, PUT(in_proc(m.s, PID, "cgroup"),
				       home_of(m.s, "/run/cgscope-main")), ANSWER));
	assert_int_equal(move(&m), 0);
	check_text("calls", stage_notes(m.s),
		   "AttachProcessesToUnit " UNIT " /run/cgscope-main 4000\n");
	move_done(&m);
}

static void one_that_ends_meanwhile_is_not_moved(void **state)
{
	struct stage *s = *state;

	check_move(state, PLAY(CALL, DROP(in_proc(s, PID, "")), ANSWER), -ESRCH, NULL);
}

/* The manager has moved the number, and it is another process's now. */
static void one_that_has_its_number_is_not_taken_for_it(void **state)
{
	struct stage *s = *state;

	check_move(state, PLAY(CALL, DROP(in_proc(s, PID, "")),
			       PUT(in_proc(s, PID, "stat"), "4000 (new) S 1 1 5 0 -1 0 0\n"),
			       PUT(in_proc(s, PID, "cgroup"), home_of(s, "/run")), ANSWER),
		   -ESRCH, NULL);
}

static void one_that_has_ended_is_not_asked_for(void **state)
{
	struct move m;

	move_begin(&m, state);
	put(m.s, "cgroup.procs", "", true);
	be_root_again();
	drop_process(m.s->scratch.root, PID);
	put_outside(m.s, PID, 1);
	assert_int_equal(move(&m), -ESRCH);
	check_file(m.s, "cgroup.procs", "");
	move_done(&m);
}

static void one_that_is_moved_again_is_told(void **state)
{
	check_move(state, PLAY(CALL, ANSWER), -EBUSY, "somebody else moved it");
}

static void a_manager_that_refuses_is_heard(void **state)
{
	check_move(state, PLAY(CALL, ERROR(SYSTEMD("NoSuchUnit"), "Unit not loaded.")), -ENOENT,
		   NULL);
}

static void a_process_that_may_not_be_moved_names_the_cgroup(void **state)
{
	struct stage *s = *state;

	check_move(state, PLAY(CALL, ERROR(DBUS("AccessDenied"), "no")), -EACCES,
		   "its cgroup.procs is not yours");
	check_text("path", s->err.path, s->scope);
	check_text("value", s->err.value, "4000 (make)");
	check_in("hint", s->err.hint, "nearest one above both");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_ours_is_written),
		TEST(what_is_not_ours_is_asked_of_the_manager),
		TEST(a_leaf_takes_it_where_there_are_runs_inside),
		TEST(the_manager_hears_of_the_leaf),
		TEST(one_that_ends_meanwhile_is_not_moved),
		TEST(one_that_has_its_number_is_not_taken_for_it),
		TEST(one_that_has_ended_is_not_asked_for),
		TEST(one_that_is_moved_again_is_told),
		TEST(a_manager_that_refuses_is_heard),
		TEST(a_process_that_may_not_be_moved_names_the_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
