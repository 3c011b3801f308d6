/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On which scopes stop, kill, freeze and thaw act, from inside of one and from elsewhere.
 */
#include <sys/resource.h>

#include "world.h"

#include "cmd/scope/choose.h"
#include "cmd/verb/verb.h"

#define OUTER APP_SLICE "/outer.scope"

/* Two runs, each with one nested in it, and a run that is nested in that. */
static const struct world_entry entries[] = {
	{ OUTER, "1 run 1700000000000000" },
	{ OUTER "/hold", NULL },
	{ OUTER "/run/cgscope-main", NULL },
	{ OUTER "/run/inner", "1 nested 1700000001000000" },
	{ OUTER "/run/inner/deep", "1 nested 1700000002000000" },
	{ APP_SLICE "/other.scope", "1 run 1700000003000000" },
	{ APP_SLICE "/other.scope/run/in-other", "1 nested 1700000004000000" },
};

static int make_world(void **state)
{
	return world_make(state, entries, ARRAY_SIZE(entries));
}

/* cgscope itself runs in that cgroup. */
static struct world *get_world(void **state, const char *home)
{
	struct world *w = world_get(state);
	char line[300];

	snprintf(line, sizeof(line), "0::%s\n", home);
	put_file(w->scratch.root, "proc/self/cgroup", line);
	return w;
}

/* The names of all that are chosen, sorted, or the failure. */
static void check_choice(struct world *w, const struct choice *choice,
			 const char *expected)
{
	static const char *const names[] = { "deep", "in-other", "inner", "other.scope",
					     "outer.scope", "dump.service" };
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	char text[200] = "";

	if (choose_scopes(w->ctx, choice, &scopes, &err) < 0) {
		check_text("failure", strerror(err.code), expected);
		return;
	}
	for (size_t k = 0; k < ARRAY_SIZE(names); k++)
		for (size_t i = 0; scopes[i]; i++)
			if (strcmp(cg2_scope_get_name(scopes[i]), names[k]) == 0)
				strcat(strcat(text, *text ? " " : ""), names[k]);
	check_text("chosen", text, expected);
}

static void all_are_those_that_others_end_with(void **state)
{
	struct world *w = get_world(state, "/elsewhere");

	check_choice(w, &(struct choice){ .manager = CG2_MANAGER_AUTO },
		     "other.scope outer.scope");
}

static void what_is_nested_in_a_spared_one_is_not_spared(void **state)
{
	struct world *w = get_world(state, OUTER "/run/cgscope-main");

	check_choice(w, &(struct choice){ .manager = CG2_MANAGER_AUTO }, "inner other.scope");
	w = get_world(state, OUTER "/run/inner");
	check_choice(w, &(struct choice){ .manager = CG2_MANAGER_AUTO }, "deep other.scope");
	w = get_world(state, OUTER "/run/inner/deep");
	check_choice(w, &(struct choice){ .manager = CG2_MANAGER_AUTO }, "other.scope");
	check_choice(w, &(struct choice){ .manager = CG2_MANAGER_AUTO, .is_forced = true },
		     "other.scope outer.scope");
}

static void what_does_no_harm_needs_no_force(void **state)
{
	static const char *const words[][2] = { { "dump.service" }, { "outer" }, { "dump" } };
	struct world *w = get_world(state, OUTER "/run/cgscope-main");
	struct choice thaw = { .manager = CG2_MANAGER_AUTO, .is_harmless = true };
	struct choice stop = { .manager = CG2_MANAGER_AUTO };

	/* What is frozen by itself does not thaw with the one that it is in. */
	check_choice(w, &thaw, "deep in-other inner other.scope outer.scope");
	for (size_t i = 0; i < 2; i++) {
		thaw.words = stop.words = words[i];
		check_choice(w, &stop, strerror(EPERM));
		check_choice(w, &thaw, i == 0 ? "dump.service" : "outer.scope");
	}
	/* Others' by the full name all the same. */
	thaw.words = words[2];
	check_choice(w, &thaw, "");
}

static void descriptors_are_as_many_as_may_be(void **state _unused_)
{
	struct rlimit before, limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = MIN(limit.rlim_max, (rlim_t)64);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	verb_raise_descriptors();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_true(limit.rlim_cur == before.rlim_max);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_are_those_that_others_end_with),
		cmocka_unit_test(what_is_nested_in_a_spared_one_is_not_spared),
		cmocka_unit_test(what_does_no_harm_needs_no_force),
		cmocka_unit_test(descriptors_are_as_many_as_may_be),
	};

	return cmocka_run_group_tests(tests, make_world, world_end);
}
