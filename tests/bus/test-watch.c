/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units that a watch follows: what is told of their failures, of their cgroups over restarts, and
 * over a connection that is lost. What the manager does is a step of its play, which goes on when
 * the test gives the cue.
 */
#include "stage.h"

#include <poll.h>

#include "base/clock.h"
#include "watch/watch-unit-internal.h"

#define A "go-env@a.service"
#define B "go-env@b.service"
#define PATTERN "go-env@*.service"

/* Longer than a failure is kept back for its lines. */
#define QUIET_USEC (300 * USEC_PER_MSEC)
#define LONG_USEC (FAKE_LIFE_MS / 2 * USEC_PER_MSEC)

struct follow {
	struct stage *s;
	struct cg2_watch *watch;
	struct cg2_event *event;
};

/* The n-th life of a service, in the stage's cgroup. */
#define UNIT_IN(t, name_, n, ...)                                                         \
	(&(struct fake_unit){ .name = (name_),                                            \
			      .cgroup = (t)->s->scope,                                    \
			      .n_restarts = (n) ? (n) - 1 : 0,                            \
			      .life = (n),                                                \
			      __VA_ARGS__ })
#define RUNS(t, n) UNIT_IN(t, A, n, .active_state = "active", .result = "success")
#define ENDED(t, n) UNIT_IN(t, A, n, .active_state = "inactive", .result = "success")
#define FAILED(t, n)                                                                      \
	UNIT_IN(t, A, n, .active_state = "failed", .result = "exit-code", .exit_code = 1, \
		.exit_status = 7)
#define BECOMES(unit) IS(unit), CHANGED(A)

static void begin(struct follow *t, void **state)
{
	*t = (struct follow){ .s = *state };
	strcpy(strrchr(t->s->scope, '/') + 1, A);
	put(t->s, "cgroup.events", "populated 1\nfrozen 0\n", false);
	put(t->s, "pids.events", "max 0\n", false);
	put(t->s, "pids.events.local", "max 0\n", false);
	assert_int_equal(cg2_watch_new(t->s->ctx, &t->watch, &t->s->err), 0);
}

static int add(struct follow *t, const char *name)
{
	return cg2_watch_add_unit(t->watch, CG2_MANAGER_USER, name, &t->s->err);
}

static void follow(struct follow *t, const char *name, const struct fake_step *steps)
{
	stage_play(t->s, steps);
	assert_int_equal(add(t, name), 0);
}

/* A pattern that no unit that runs matches yet. */
static void await_unit(struct follow *t, const char *pattern, const struct fake_step *steps)
{
	stage_play(t->s, steps);
	assert_int_equal(add(t, pattern), 1);
}

static void done(struct follow *t)
{
	cg2_event_unref(t->event);
	cg2_watch_unref(t->watch);
	stage_notes(t->s);
}

/* What the play waits for at its next CALL. */
static void cue(struct follow *t)
{
	assert_true(sd_bus_call_method_async(t->watch->buses->bus.bus, NULL,
					     "org.freedesktop.systemd1",
					     "/org/freedesktop/systemd1",
					     "org.freedesktop.systemd1.Manager", "ResetFailedUnit",
					     NULL, NULL, "s", "cue") >= 0);
}

/* The next event, or that there is none for so long. */
static bool next(struct follow *t, uint64_t usec)
{
	struct pollfd p = { .fd = cg2_watch_get_fd(t->watch), .events = POLLIN };
	uint64_t now = now_usec(), end_usec = now + usec;
	int r = 0;

	t->event = cg2_event_unref(t->event);
	while ((r = cg2_watch_dispatch(t->watch, &t->event, &t->s->err)) == 0 && now < end_usec) {
		poll(&p, 1, (int)((end_usec - now) / USEC_PER_MSEC) + 1);
		now = now_usec();
	}
	assert_true(r >= 0);
	return r > 0;
}

static void check_next(struct follow *t, enum cg2_event_kind kind, const char *name)
{
	assert_true(next(t, LONG_USEC));
	check_text("kind", cg2_event_kind_to_string(cg2_event_get_kind(t->event)),
		   cg2_event_kind_to_string(kind));
	check_text("target", cg2_event_get_target(t->event), name);
}

static void check_quiet(struct follow *t)
{
	if (next(t, QUIET_USEC))
		fail_msg("'%s' is told",
			 cg2_event_kind_to_string(cg2_event_get_kind(t->event)));
}

/* Until the watch has as many connections behind it as it takes to be answered again. */
static void check_connected(struct follow *t, bool is_connected)
{
	const struct watch_bus *b = t->watch->buses;
	uint64_t end_usec = now_usec() + LONG_USEC;

	while ((b->bus.bus && b->is_synced) != is_connected) {
		assert_true(now_usec() < end_usec);
		assert_false(next(t, USEC_PER_MSEC));
	}
}

/* The processes of the cgroup have ended. */
static void empty(struct follow *t)
{
	struct watch_file *file =
		&t->watch->targets->levels[0]->files[FILE_CGROUP_EVENTS];

	put(t->s, "cgroup.events", "populated 0\nfrozen 0\n", false);
	file->source.ready(t->watch, &file->source);
	check_next(t, CG2_EVENT_EMPTY, A);
}

/* The cgroup is removed: a file that was open is not to be read any more. */
static void remove_cgroup(struct follow *t)
{
	struct watch_file *file =
		&t->watch->targets->levels[0]->files[FILE_CGROUP_EVENTS];

	file->fd = close_fd(file->fd);
	be_root_again();
	remove_file("", in_scope(t->s, ""));
	be_ordinary();
}

/* A cgroup of the same path, in which forks were refused already. */
#define NEW_CGROUP(t)                                                                     \
	PUT(in_scope((t)->s, "cgroup.events"), "populated 1\nfrozen 0\n"),                \
		PUT(in_scope((t)->s, "pids.events"), "max 3\n"),                          \
		PUT(in_scope((t)->s, "pids.events.local"), "max 3\n")

static void check_new_cgroup(struct follow *t)
{
	uint64_t value = UNTOUCHED;

	check_next(t, CG2_EVENT_REFUSED, A);
	assert_int_equal(cg2_event_get_value(t->event, &value), 1);
	assert_int_equal(value, 3);
	check_text("cgroup", cg2_event_get_cgroup(t->event), t->s->scope);
}

/* ---- failures ---- */

static void a_unit_that_fails_is_told_with_its_result_and_status(void **state)
{
	struct follow t;
	int code, status;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1))));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_text("result", cg2_event_get_result(t.event), "exit-code");
	assert_int_equal(cg2_event_get_exit(t.event, &code, &status), 1);
	assert_int_equal(code, 1);
	assert_int_equal(status, 7);
	check_text("cgroup", cg2_event_get_cgroup(t.event), t.s->scope);
	done(&t);
}

static void the_same_failure_is_told_once(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1)), CHANGED(A), CALL, CHANGED(A)));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	cue(&t);
	check_quiet(&t);
	done(&t);
}

static void lives_that_fail_alike_are_told_each(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1)), BECOMES(RUNS(&t, 2)),
		    BECOMES(FAILED(&t, 2)), CALL, BECOMES(FAILED(&t, 3))));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_next(&t, CG2_EVENT_FAILED, A);
	/* So quickly that its start is not told. */
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_quiet(&t);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

static void what_failed_before_is_no_event(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(FAILED(&t, 1)), CALL, CHANGED(A)));
	cue(&t);
	check_quiet(&t);
	done(&t);
}

/* ---- which unit, and where it is ---- */

static void a_unit_that_restarts_is_followed_to_its_new_cgroup(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, DROP(in_scope(t.s, "")), NEW_CGROUP(&t),
		    BECOMES(RUNS(&t, 2))));
	empty(&t);
	cue(&t);
	check_next(&t, CG2_EVENT_GONE, A);
	check_new_cgroup(&t);
	check_quiet(&t);
	done(&t);
}

static void a_unit_that_goes_is_gone_and_may_come_back(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(ENDED(&t, 1)), NEWS(A, "UnitRemoved"), CALL,
		    NEW_CGROUP(&t), NEWS(A, "UnitNew"), BECOMES(RUNS(&t, 2))));
	empty(&t);
	remove_cgroup(&t);
	cue(&t);
	check_next(&t, CG2_EVENT_GONE, A);
	check_quiet(&t);
	assert_int_equal(cg2_watch_has_targets(t.watch), 1);
	cue(&t);
	check_new_cgroup(&t);
	done(&t);
}

static void a_pattern_takes_a_unit_that_comes_later(void **state)
{
	struct follow t;

	begin(&t, state);
	await_unit(&t, PATTERN,
		   PLAY(CALL, NEW_CGROUP(&t), IS(RUNS(&t, 1)), NEWS(A, "UnitNew"), CALL,
			BECOMES(FAILED(&t, 1)), NEWS(A, "UnitRemoved")));
	assert_null(t.watch->targets);
	cue(&t);
	check_new_cgroup(&t);
	/* Its failure is told even if the manager forgets it at once. */
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_quiet(&t);
	assert_null(t.watch->buses->units);
	done(&t);
}

static void a_pattern_leaves_other_units_alone(void **state)
{
	struct follow t;

	begin(&t, state);
	await_unit(&t, "go-env@b*",
		   PLAY(IS(RUNS(&t, 1)), CALL, NEWS(A, "UnitNew"), BECOMES(FAILED(&t, 1))));
	cue(&t);
	check_quiet(&t);
	assert_null(t.watch->buses->units);
	done(&t);
}

static void a_reload_is_looked_at(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, IS(FAILED(&t, 1)), RELOADED));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	done(&t);
}

static void a_unit_that_does_not_exist_is_refused_in_words(void **state)
{
	struct follow t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL));
	assert_int_equal(add(&t, "nowhere.service"), -ENOENT);
	check_text("path", t.s->err.path, "nowhere.service");
	check_in("detail", t.s->err.detail, "no such unit");
	assert_int_equal(cg2_watch_has_targets(t.watch), 0);
	done(&t);
}

/* ---- the connection lost ---- */

static void nothing_is_told_twice_over_a_lost_connection(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1)), CALL, HANG_UP, ACCEPT));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	cue(&t);
	check_connected(&t, false);
	check_connected(&t, true);
	check_quiet(&t);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

static void what_failed_without_a_connection_is_told(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, HANG_UP, IS(FAILED(&t, 1)), ACCEPT));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_quiet(&t);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

/* Of how a life ended that a later one has followed nobody can be asked. */
static void lives_that_ended_unseen_are_counted(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, HANG_UP, IS(FAILED(&t, 4)), ACCEPT));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_quiet(&t);
	assert_int_equal(cg2_watch_get_lost(t.watch), 3);
	done(&t);
}

static void a_life_whose_end_was_told_is_not_lost(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1)), CALL, HANG_UP,
		    IS(RUNS(&t, 4)), ACCEPT));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	cue(&t);
	check_connected(&t, false);
	check_connected(&t, true);
	assert_int_equal(cg2_watch_get_lost(t.watch), 2);
	done(&t);
}

static void a_life_that_was_over_is_not_lost(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(ENDED(&t, 1)), CALL, HANG_UP,
		    IS(RUNS(&t, 2)), ACCEPT));
	cue(&t);
	cue(&t);
	check_connected(&t, false);
	check_connected(&t, true);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

static void a_first_life_without_a_connection_loses_nothing(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(ENDED(&t, 0)), CALL, HANG_UP, IS(RUNS(&t, 1)), ACCEPT));
	cue(&t);
	check_connected(&t, false);
	check_connected(&t, true);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

/* The first one is not told yet when the answer tells of the second. */
static void lives_that_fail_alike_over_a_lost_connection_are_told_each(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), CALL, BECOMES(FAILED(&t, 1)), HANG_UP, IS(FAILED(&t, 2)),
		    ACCEPT));
	cue(&t);
	check_next(&t, CG2_EVENT_FAILED, A);
	check_next(&t, CG2_EVENT_FAILED, A);
	assert_int_equal(cg2_watch_get_lost(t.watch), 0);
	done(&t);
}

static void a_unit_forgotten_without_a_connection_is_counted_and_dropped(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, PATTERN, PLAY(IS(RUNS(&t, 1)), CALL, HANG_UP, IS(ENDED(&t, 1)), ACCEPT));
	cue(&t);
	check_connected(&t, false);
	check_connected(&t, true);
	check_quiet(&t);
	assert_null(t.watch->buses->units);
	assert_int_equal(cg2_watch_get_lost(t.watch), 1);
	done(&t);
}

static void a_unit_that_is_added_without_a_connection_makes_one(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A,
	       PLAY(IS(RUNS(&t, 1)), IS(UNIT_IN(&t, B, 1, .active_state = "failed")), CALL,
		    HANG_UP, IS(FAILED(&t, 1)), ACCEPT));
	cue(&t);
	check_connected(&t, false);
	assert_int_equal(add(&t, B), 0);
	check_next(&t, CG2_EVENT_FAILED, A);
	done(&t);
}

/* Who is to be added may be tried again; the others are followed as before. */
static void a_connection_that_is_lost_while_a_unit_is_added_comes_back(void **state)
{
	struct follow t;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, HANG_UP, IS(FAILED(&t, 1)), ACCEPT));
	cue(&t);
	assert_int_equal(add(&t, B), -ECONNRESET);
	check_in("detail", t.s->err.detail, "closed the connection");
	cg2_error_clear(&t.s->err);
	check_next(&t, CG2_EVENT_FAILED, A);
	done(&t);
}

static void a_silent_manager_does_not_block(void **state)
{
	struct follow t;
	uint64_t start_usec;

	begin(&t, state);
	follow(&t, A, PLAY(IS(RUNS(&t, 1)), CALL, HANG_UP, ACCEPT, MUTE));
	cue(&t);
	check_connected(&t, false);
	start_usec = now_usec();
	check_quiet(&t);
	assert_true(now_usec() - start_usec < LONG_USEC);
	/* It has asked, and what the kernel tells is told. */
	assert_non_null(t.watch->buses->bus.bus);
	assert_false(t.watch->buses->is_synced);
	empty(&t);
	done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_unit_that_fails_is_told_with_its_result_and_status),
		TEST(the_same_failure_is_told_once),
		TEST(lives_that_fail_alike_are_told_each),
		TEST(what_failed_before_is_no_event),
		TEST(a_unit_that_restarts_is_followed_to_its_new_cgroup),
		TEST(a_unit_that_goes_is_gone_and_may_come_back),
		TEST(a_pattern_takes_a_unit_that_comes_later),
		TEST(a_pattern_leaves_other_units_alone),
		TEST(a_reload_is_looked_at),
		TEST(a_unit_that_does_not_exist_is_refused_in_words),
		TEST(nothing_is_told_twice_over_a_lost_connection),
		TEST(what_failed_without_a_connection_is_told),
		TEST(lives_that_ended_unseen_are_counted),
		TEST(a_life_whose_end_was_told_is_not_lost),
		TEST(a_life_that_was_over_is_not_lost),
		TEST(a_first_life_without_a_connection_loses_nothing),
		TEST(lives_that_fail_alike_over_a_lost_connection_are_told_each),
		TEST(a_unit_forgotten_without_a_connection_is_counted_and_dropped),
		TEST(a_unit_that_is_added_without_a_connection_makes_one),
		TEST(a_connection_that_is_lost_while_a_unit_is_added_comes_back),
		TEST(a_silent_manager_does_not_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
