/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other limits for what runs: a unit's through its manager, others by their files, and what is read
 * back decides.
 */
#include <sys/xattr.h>

#include "stage.h"

#include "base/clock.h"
#include "scope/scope.h"

struct set {
	struct stage *s;
	struct cg2_scope *scope;
	struct cg2_limits *limits;
	char changes[200]; /* "FILE: BEFORE -> AFTER;" each */
	char log[200];
};

static void on_change(void *userdata, const struct cg2_change *change)
{
	struct set *t = userdata;
	size_t len = strlen(t->changes);

	snprintf(t->changes + len, sizeof(t->changes) - len, "%s: %s -> %s;",
		 change->file ? change->file : change->property, change->before, change->after);
}

static void on_log(void *userdata, enum cg2_log_level level, const char *line,
		   const struct cg2_error *err)
{
	struct set *t = userdata;

	snprintf(t->log, sizeof(t->log), "%s", line);
}

static void limit(struct set *t, enum cg2_limit limit, const char *word)
{
	assert_int_equal(cg2_limits_parse(t->limits, limit, word, NULL), 0);
}

static void begin(struct set *t, void **state)
{
	*t = (struct set){ .s = *state };
	put(t->s, "pids.max", "50\n", false);
	put(t->s, "pids.current", "1\n", false);
	t->scope = scope_new(t->s->ctx, t->s->scope);
	assert_non_null(t->scope);
	assert_int_equal(cg2_limits_new(t->s->ctx, &t->limits), 0);
	limit(t, CG2_LIMIT_TASKS_MAX, "60");
	cg2_ctx_set_log(t->s->ctx, on_log, t, CG2_LOG_WARNING);
}

static int set(struct set *t, bool is_persistent, uint64_t reclaim_usec)
{
	return cg2_scope_set(t->scope, t->limits, is_persistent, reclaim_usec, on_change, t,
			     &t->s->err);
}

static void done(struct set *t)
{
	cg2_scope_unref(t->scope);
	cg2_limits_unref(t->limits);
}

static void a_unit_is_changed_by_its_manager(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "pids.max"), "60\n"), ANSWER));
	assert_int_equal(set(&t, false, 0), 0);
	check_text("calls", stage_notes(t.s), "SetUnitProperties " UNIT " 1 TasksMax 60\n");
	check_text("changes", t.changes, "pids.max: 50 -> 60;");
	check_text("log", t.log, "");
	done(&t);
}

static void properties_are_told_of_like_limits(void **state)
{
	struct set t;

	begin(&t, state);
	put(t.s, "cpu.max", "50000 100000\n", false);
	assert_int_equal(cg2_scope_add_property(t.scope, "CPUQuotaPeriodSec=50ms", NULL), 0);
	assert_int_equal(cg2_scope_add_property(t.scope, "KillMode=process", NULL), 0);
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "pids.max"), "60\n"),
			     PUT(in_scope(t.s, "cpu.max"), "25000 50000\n"), ANSWER));
	assert_int_equal(set(&t, false, 0), 0);
	check_text("changes", t.changes,
		   "pids.max: 50 -> 60;cpu.max: 50000 100000 -> 25000 50000;"
		   "KillMode:  -> process;");
	check_in("calls", stage_notes(t.s), "KillMode process\n");
	done(&t);
}

static void what_was_not_taken_is_a_failure(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ANSWER));
	assert_int_equal(set(&t, false, 0), -EBADE);
	check_text("path", t.s->err.path, text(t.s, "%s/pids.max", t.s->scope));
	check_text("changes", t.changes, "");
	stage_notes(t.s);
	done(&t);
}

/* Nothing is told to a manager that has not got the controller: it would keep it in mind. */
static void what_cannot_be_enforced_is_not_asked_for(void **state)
{
	struct set t;

	begin(&t, state);
	put(t.s, "../../cgroup.controllers", "memory pids\n", false);
	limit(&t, CG2_LIMIT_CPU_MAX, "50%");
	assert_int_equal(set(&t, false, 0), -EOPNOTSUPP);
	check_text("value", t.s->err.value, "50%");
	check_text("changes", t.changes, "");
	done(&t);
}

static void a_refusal_is_told(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ERROR(DBUS("AccessDenied"), "Not yours.")));
	assert_int_equal(set(&t, false, 0), -EACCES);
	check_text("message", t.s->err.bus_message, "Not yours.");
	check_text("changes", t.changes, "");
	stage_notes(t.s);
	done(&t);
}

/* Its unit is in that manager: to ask another one is no way. */
static void a_missing_right_has_no_other_manager(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ERROR(DBUS("InteractiveAuthorizationRequired"), "No.")));
	assert_int_equal(set(&t, false, 0), -EACCES);
	check_text("hint", t.s->err.hint, "run it with sudo");
	assert_int_equal(t.s->err.advice, CG2_ADVICE_NONE);
	stage_notes(t.s);
	done(&t);
}

static void a_manager_that_hangs_up_is_told(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, HANG_UP));
	assert_int_equal(set(&t, false, 0), -ECONNRESET);
	check_text("path", t.s->err.path, UNIT);
	check_text("detail", t.s->err.detail, "the manager closed the connection");
	check_text("changes", t.changes, "");
	stage_notes(t.s);
	done(&t);
}

static void what_is_for_new_units_only_is_explained(void **state)
{
	struct set t;

	begin(&t, state);
	stage_play(t.s, PLAY(CALL, ERROR(DBUS("PropertyReadOnly"), "Cannot set KillMode.")));
	assert_int_equal(set(&t, false, 0), -EINVAL);
	check_in("detail", t.s->err.detail, "a running unit");
	check_text("message", t.s->err.bus_message, "Cannot set KillMode.");
	assert_null(t.s->err.hint);
	stage_notes(t.s);
	done(&t);
}

static void only_what_has_a_file_of_its_own_lasts(void **state)
{
	struct set t;

	begin(&t, state);
	assert_int_equal(set(&t, true, 0), -EOPNOTSUPP);
	cg2_error_clear(&t.s->err);
	/* The same cgroup, as if it were a service's. */
	free(t.scope->name);
	t.scope->name = strdup("live.service");
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "pids.max"), "60\n"), ANSWER));
	assert_int_equal(set(&t, true, 0), 0);
	check_text("calls", stage_notes(t.s), "SetUnitProperties live.service 0 TasksMax 60\n");
	done(&t);
}

static void a_cgroup_that_is_no_unit_is_written(void **state)
{
	struct set t;

	begin(&t, state);
	t.scope->is_unit = false;
	put(t.s, "pids.max", "50\n", true);
	assert_int_equal(set(&t, false, 0), 0);
	check_file(t.s, "pids.max", "60\n");
	check_text("changes", t.changes, "pids.max: 50 -> 60;");
	done(&t);
}

/* The command's own cgroup too, and with what the holder around it needs above that. */
static void both_cgroups_of_a_run_are_changed(void **state)
{
	struct set t;

	begin(&t, state);
	t.scope->mark.kind = MARK_RUN;
	put(t.s, "cgroup.subtree_control", "", true);
	put(t.s, "run/cgroup.procs", "", true);
	put(t.s, "run/cgroup.controllers", "cpu memory pids\n", true);
	put(t.s, "run/pids.max", "50\n", true);
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "pids.max"), "61\n"), ANSWER));
	assert_int_equal(set(&t, false, 0), 0);
	check_file(t.s, "run/pids.max", "60\n");
	check_in("calls", stage_notes(t.s), "SetUnitProperties " UNIT " 1 TasksMax 61\n");
	check_text("changes", t.changes, "pids.max: 50 -> 60;");
	done(&t);
}

/* The kernel has EINVAL for any weight before. */
static void a_weight_ends_being_idle(void **state)
{
	struct set t;

	begin(&t, state);
	t.scope->is_unit = false;
	limit(&t, CG2_LIMIT_CPU_WEIGHT, "200");
	put(t.s, "pids.max", "50\n", true);
	put(t.s, "cpu.max", "max 100000\n", false);
	put(t.s, "cpu.idle", "1\n", true);
	put(t.s, "cpu.weight", "1\n", true);
	assert_int_equal(set(&t, false, 0), 0);
	check_file(t.s, "cpu.idle", "0\n");
	check_file(t.s, "cpu.weight", "200");
	done(&t);
}

/* A nested run of UNIT's command, without the files of cpu. */
static void begin_nested(struct set *t, void **state)
{
	int r;

	begin(t, state);
	be_root_again();
	r = setxattr(in_scope(t->s, ""), "user.cgscope", "1 run 0", 7, 0);
	be_ordinary();
	if (r < 0)
		skip();
	put(t->s, "cgroup.subtree_control", "", true);
	put(t->s, "run/cgroup.procs", "", false);
	put(t->s, "run/cgroup.controllers", "memory pids\n", false);
	put(t->s, "run/cgroup.subtree_control", "", true);
	put(t->s, "run/inner/cgroup.procs", "", false);
	put(t->s, "run/inner/cgroup.controllers", "memory pids\n", false);
	put(t->s, "run/inner/pids.max", "50\n", true);
	put(t->s, "run/inner/pids.current", "1\n", false);
	cg2_scope_unref(t->scope);
	t->scope = scope_new(t->s->ctx, text(t->s, "%s/run/inner", t->s->scope));
	assert_non_null(t->scope);
	limit(t, CG2_LIMIT_CPU_MAX, "50%");
}

static void a_nested_run_gets_controllers_from_above(void **state)
{
	struct set t;

	begin_nested(&t, state);
	put(t.s, "run/cgroup.controllers", "cpu memory pids\n", false);
	/* No kernel makes the file here. */
	assert_int_equal(set(&t, false, 0), -EOPNOTSUPP);
	check_file(t.s, "run/cgroup.subtree_control", "+cpu");
	check_file(t.s, "cgroup.subtree_control", "");
	done(&t);
	cg2_error_clear(&t.s->err);
	begin_nested(&t, state);
	assert_int_equal(set(&t, false, 0), -EOPNOTSUPP);
	check_file(t.s, "cgroup.subtree_control", "+cpu");
	check_text("path", t.s->err.path, text(t.s, "%s/run/cpu.max", t.s->scope));
	done(&t);
}

static void the_cgroup_without_the_controller_is_named(void **state)
{
	struct set t;

	begin_nested(&t, state);
	put(t.s, "cgroup.controllers", "memory pids\n", false);
	put(t.s, "../cgroup.controllers", "cpu memory pids\n", false);
	assert_int_equal(set(&t, false, 0), -EOPNOTSUPP);
	check_text("path", t.s->err.path, text(t.s, "%s/cpu.max", t.s->scope));
	check_text("value", t.s->err.value, "50%");
	check_in("detail", t.s->err.detail, "the cpu controller is not delegated here");
	check_file(t.s, "cgroup.subtree_control", "");
	done(&t);
}

static void another_users_manager_is_not_asked(void **state)
{
	struct set t;

	begin(&t, state);
	t.scope->manager_uid = 4711;
	assert_int_equal(set(&t, false, 0), -EPERM);
	check_in("detail", t.s->err.detail, "another user's manager");
	done(&t);
}

static void nothing_is_changed_for_a_limit_without_effect(void **state)
{
	struct set t;

	begin(&t, state);
	t.scope->is_unit = false;
	limit(&t, CG2_LIMIT_MEMORY_LOW, "8M");
	put(t.s, "pids.max", "50\n", true);
	put(t.s, "memory.low", "0\n", true);
	put(t.s, "../memory.low", "0\n", false);
	assert_int_equal(set(&t, false, 0), -EOPNOTSUPP);
	check_in("detail", t.s->err.detail, "app.slice above it has no such protection");
	check_file(t.s, "memory.low", "0\n");
	check_file(t.s, "pids.max", "50\n");
	done(&t);
}

static void a_limit_below_the_use_is_warned_of(void **state)
{
	struct set t;

	begin(&t, state);
	put(t.s, "pids.current", "70\n", false);
	stage_play(t.s, PLAY(CALL, PUT(in_scope(t.s, "pids.max"), "60\n"), ANSWER));
	assert_int_equal(set(&t, false, 0), 0);
	check_in("log", t.log, "70 tasks are more than 60: they go on");
	stage_notes(t.s);
	done(&t);
}

/* Before the write, in which a manager would have to wait; and no longer than it may take. */
static void memory_is_asked_back_first(void **state)
{
	uint64_t begin_usec = now_usec();
	struct set t;

	begin(&t, state);
	t.scope->is_unit = false;
	limit(&t, CG2_LIMIT_MEMORY_MAX, "8M");
	put(t.s, "pids.max", "50\n", true);
	put(t.s, "memory.max", "max\n", true);
	put(t.s, "memory.reclaim", "", true);
	put(t.s, "memory.current", "12582912\n", false);
	assert_int_equal(set(&t, false, 100 * USEC_PER_MSEC), 0);
	assert_true(now_usec() - begin_usec >= 100 * USEC_PER_MSEC);
	check_file(t.s, "memory.reclaim", "4194304");
	check_file(t.s, "memory.max", "8388608");
	check_in("log", t.log, "12M in use are more than 8M: the kernel reclaims what it can");
	done(&t);
}

static void a_time_limit_is_not_one_to_be_set(void **state)
{
	struct set t;

	begin(&t, state);
	limit(&t, CG2_LIMIT_CPU_TIME, "5s");
	assert_int_equal(set(&t, false, 0), -EINVAL);
	done(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_unit_is_changed_by_its_manager),
		TEST(properties_are_told_of_like_limits),
		TEST(what_was_not_taken_is_a_failure),
		TEST(what_cannot_be_enforced_is_not_asked_for),
		TEST(a_refusal_is_told),
		TEST(a_missing_right_has_no_other_manager),
		TEST(a_manager_that_hangs_up_is_told),
		TEST(what_is_for_new_units_only_is_explained),
		TEST(only_what_has_a_file_of_its_own_lasts),
		TEST(a_cgroup_that_is_no_unit_is_written),
		TEST(both_cgroups_of_a_run_are_changed),
		TEST(a_weight_ends_being_idle),
		TEST(a_nested_run_gets_controllers_from_above),
		TEST(the_cgroup_without_the_controller_is_named),
		TEST(another_users_manager_is_not_asked),
		TEST(nothing_is_changed_for_a_limit_without_effect),
		TEST(a_limit_below_the_use_is_warned_of),
		TEST(memory_is_asked_back_first),
		TEST(a_time_limit_is_not_one_to_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
