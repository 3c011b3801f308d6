/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the unit around the caller is delegated, asked of the caller's own manager: what it
 * answers decides, and one that is silent does not hold up the run for longer than was given.
 */
#include "stage.h"

#include "base/clock.h"
#include "place/place.h"

#define SHORT_USEC (300 * USEC_PER_MSEC)
#define LONG_USEC (30 * USEC_PER_SEC)

/* The caller is in UNIT, whose manager has that play. */
static int decide(struct stage *s, const struct fake_step *steps, uint64_t timeout_usec,
		  struct place *place)
{
	const struct place_wish wish = { .end_usec = end_after(timeout_usec) };

	be_root_again();
	put_file(s->scratch.root, "proc/self/cgroup", home_of(s, ""));
	be_ordinary();
	stage_play(s, steps);
	return place_decide(s->ctx, &wish, place, &s->err);
}

static void silent_manager_is_not_waited_for_longer_than_given(void **state)
{
	struct stage *s = *state;
	uint64_t start_usec = now_usec();
	struct place place;

	assert_int_equal(decide(s, PLAY(MUTE), SHORT_USEC, &place), 0);
	assert_int_equal(place.backend, CG2_BACKEND_SYSTEMD);
	check_text("reason", place.reason, UNIT " is not delegated");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silent_manager_is_not_waited_for_longer_than_given),
		TEST(unit_that_is_not_delegated_is_left_to_its_manager),
		TEST(delegated_unit_takes_the_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
