/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the unit around the caller is delegated, asked of the caller's own manager: what it
 * answers decides, and one that is silent does not hold up the run for longer than was given.
 */
#include "stage.h"

#include <sys/xattr.h>

#include "base/clock.h"
#include "place/place.h"

#define SHORT_USEC (300 * USEC_PER_MSEC)
#define LONG_USEC (30 * USEC_PER_SEC)

/* The caller is in UNIT, or below. */
static int decide_in(struct stage *s, const char *below, uint64_t timeout_usec,
		     struct place *place)
{
	const struct place_wish wish = { .end_usec = end_after(timeout_usec) };

	be_root_again();
	put_file(s->scratch.root, "proc/self/cgroup", home_of(s, below));
	be_ordinary();
	return place_decide(s->ctx, &wish, place, &s->err);
}

/* The caller is in UNIT, whose manager has that play. */
static int decide(struct stage *s, const struct fake_step *steps, uint64_t timeout_usec,
		  struct place *place)
{
	stage_play(s, steps);
	return decide_in(s, "", timeout_usec, place);
}

static void silent_manager_is_not_waited_for_longer_than_given(void **state)
{
	struct stage *s = *state;
	uint64_t start_usec = now_usec();
	struct place place;

	assert_int_equal(decide(s, PLAY(MUTE), SHORT_USEC, &place), 0);
	assert_int_equal(place.backend, CG2_BACKEND_SYSTEMD);
	check_text("reason", place.reason, UNIT " is not delegated");
	/* That it could not be asked is no answer. */
	assert_int_equal(getxattr(in_scope(s, ""), "user.cgscope.delegate", NULL, 0), -1);
	if (now_usec() - start_usec > FAKE_LIFE_MS / 2 * USEC_PER_MSEC)
		fail_msg("a manager that is silent was waited for");
	place_clear(&place);
	stage_notes(s);
}

static void unit_that_is_not_delegated_is_left_to_its_manager(void **state)
{
	static const struct fake_unit unit = { .name = UNIT, .active_state = "active" };
	struct stage *s = *state;
	struct place place;

	assert_int_equal(decide(s, PLAY(IS(&unit)), LONG_USEC, &place), 0);
	assert_int_equal(place.backend, CG2_BACKEND_SYSTEMD);
	place_clear(&place);
	stage_notes(s);
}

static void delegated_unit_takes_the_run(void **state)
{
	static const struct fake_unit unit = { .name = UNIT, .active_state = "active",
					       .is_delegated = true };
	struct stage *s = *state;
	struct place place;

	assert_int_equal(decide(s, PLAY(IS(&unit)), LONG_USEC, &place), 0);
	assert_int_equal(place.backend, CG2_BACKEND_NESTED);
	check_text("reason", place.reason, UNIT " is delegated");
	assert_int_equal(place.n_above, 0);
	place_clear(&place);
	stage_notes(s);
}

/* Who makes runs of his own there has marked it; nobody needs to be asked. */
static void mark_scope(struct stage *s)
{
	static const char mark[] = "1 run 1";

	be_root_again();
	if (getuid() != 0 || setxattr(in_scope(s, ""), "user.cgscope", mark, strlen(mark), 0) < 0)
		skip();
}

static void a_mark_of_his_own_is_believed(void **state)
{
	struct stage *s = *state;
	struct place place;

	mark_scope(s);
	assert_int_equal(decide_in(s, "", LONG_USEC, &place), 0);
	assert_int_equal(place.backend, CG2_BACKEND_NESTED);
	place_clear(&place);
}

/* Who owns a cgroup writes its marks, and can freeze and kill what is in it. */
static void marks_of_another_user_are_not_believed(void **state)
{
	static const char *const owned[] = { "", "part" };
	struct stage *s = *state;
	struct place place;

	mark_scope(s);
	put_file("", in_scope(s, "part/cgroup.procs"), "");
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++) {
		be_root_again();
		assert_int_equal(chown(in_scope(s, ""), 0, (gid_t)-1), 0);
		assert_int_equal(chown(in_scope(s, owned[i]), NOBODY - 1, (gid_t)-1), 0);
		assert_int_equal(decide_in(s, "/part", LONG_USEC, &place), 0);
		assert_int_equal(place.backend, CG2_BACKEND_SYSTEMD);
		check_text("reason", place.reason, UNIT " belongs to another user (uid 65533)");
		place_clear(&place);
	}
}

/* Whether the caller, that deep in UNIT, may leave it. */
static int check_job(struct stage *s, const char *below)
{
	struct place place;
	int r;

	be_root_again();
	cg2_error_clear(&s->err);
	assert_int_equal(decide_in(s, below, LONG_USEC, &place), 0);
	r = place_check_job(&place, &s->err);
	place_clear(&place);
	return r;
}

static void a_run_does_not_leave_its_job(void **state)
{
	struct stage *s = *state;

	be_root_again();
	put_file("", in_scope(s, "job_7/step_0/cgroup.procs"), "");
	assert_int_equal(check_job(s, "/job_7/step_0"), 0);
	be_root_again();
	if (setxattr(in_scope(s, ""), "user.delegate", "1", 1, 0) < 0)
		skip();
	assert_int_equal(check_job(s, "/job_7/step_0"), -EPERM);
	check_text("detail", s->err.detail,
		   "it is a job's in " UNIT ", and the run would leave it");
	assert_int_equal(s->err.advice, CG2_ADVICE_BEST_EFFORT);
	/* A service's own processes, and what runs of ours are in. */
	assert_int_equal(check_job(s, "/job_7"), 0);
	mark_scope(s);
	assert_int_equal(check_job(s, "/job_7/step_0"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silent_manager_is_not_waited_for_longer_than_given),
		TEST(unit_that_is_not_delegated_is_left_to_its_manager),
		TEST(delegated_unit_takes_the_run),
		TEST(a_mark_of_his_own_is_believed),
		TEST(marks_of_another_user_are_not_believed),
		TEST(a_run_does_not_leave_its_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
