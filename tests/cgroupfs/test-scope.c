/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes that are found in a tree, and which of them the words of a user mean. Whose they are
 * stands in extended attributes, which not every file system has.
 */
#include <sys/resource.h>

#include "world.h"

#include "cgroup/mark.h"
#include "scope/scope.h"

/* What is there: ours, in the order of their names, and others'. */
static const struct world_entry entries[] = {
	{ APP_SLICE "/go-build.scope", "1 run 1700000000000000" },
	{ APP_SLICE "/go-build.scope/run", NULL },
	{ APP_SLICE "/go-build.scope/hold", NULL },
	{ APP_SLICE "/go-build.scope/run/go-inner", "1 nested 1700000001000000" },
	{ APP_SLICE "/go-test.scope", "1 exec 1700000002000000" },
	{ APP_SLICE "/go.scope", "1 attach 1700000003000000" },
	{ APP_SLICE "/go-other.scope", NULL },
	{ APP_SLICE "/later.scope", "2 something-new" },
	{ APP_SLICE "/esc\\x2dape.scope", "1 run 1700000006000000" },
	/* One name under both managers. */
	{ "/system.slice/twin.scope", "1 run 1700000004000000" },
	{ APP_SLICE "/twin.scope", "1 run 1700000005000000" },
};

static int make_world(void **state)
{
	return world_make(state, entries, ARRAY_SIZE(entries));
}

static bool is_there(struct cg2_scope *const scopes[], const char *name)
{
	for (size_t i = 0; scopes[i]; i++)
		if (strcmp(cg2_scope_get_name(scopes[i]), name) == 0)
			return true;
	return false;
}

static size_t count(struct cg2_scope *const scopes[])
{
	size_t n = 0;

	while (scopes[n])
		n++;
	return n;
}

/* ---- finding ---- */

static void those_with_our_mark_are_found(void **state)
{
	struct world *w = world_get(state);
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;

	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, NULL, 0, &scopes, NULL), 0);
	assert_int_equal(count(scopes), 8);
	for (size_t i = 0; scopes[i]; i++) {
		assert_int_equal(cg2_scope_is_own(scopes[i]), 1);
		assert_true(cg2_scope_get_owner(scopes[i]) == geteuid());
		if (strcmp(cg2_scope_get_name(scopes[i]), "go-inner") != 0) {
			assert_int_equal(cg2_scope_is_unit(scopes[i]), 1);
			assert_null(cg2_scope_get_parent(scopes[i]));
			continue;
		}
		/* A nested run comes after the scope that it is in. */
		assert_int_equal(cg2_scope_is_unit(scopes[i]), 0);
		assert_true(cg2_scope_get_made_usec(scopes[i]) == 1700000001000000);
		check_text("parent", cg2_scope_get_name(cg2_scope_get_parent(scopes[i])),
			   "go-build.scope");
		assert_true(i > 0);
	}
	assert_true(is_there(scopes, "go-inner"));
	/* The format of a later version is a mark all the same. */
	assert_true(is_there(scopes, "later.scope"));
	assert_false(is_there(scopes, "go-other.scope"));
}

static void other_sets_are_found_when_asked_for(void **state)
{
	struct world *w = world_get(state);
	struct cg2_scope **scopes = NULL;

	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_SYSTEM, NULL, 0, &scopes, NULL), 0);
	assert_int_equal(count(scopes), 1);
	check_text("the system's", cg2_scope_get_path(scopes[0]), "/system.slice/twin.scope");
	scopes = cg2_scopes_free(scopes);
	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, NULL, CG2_SCOPES_ANY,
					 &scopes, NULL), 0);
	assert_true(is_there(scopes, "go-other.scope"));
	assert_true(is_there(scopes, "go-inner"));
	assert_false(is_there(scopes, "dump.service"));
	scopes = cg2_scopes_free(scopes);
	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, "/system.slice",
					 CG2_SCOPES_UNITS, &scopes, NULL), 0);
	assert_true(is_there(scopes, "dump.service"));
	assert_false(is_there(scopes, "go-other.scope"));
	cg2_scopes_free(scopes);
	scopes = NULL;
	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, "/nowhere", 0, &scopes, NULL),
			 -ENOENT);
	assert_null(scopes);
}

static void put_scope_of(struct world *w, unsigned int uid, const char *name)
{
	char file[240];

	snprintf(file, sizeof(file),
		 MOUNT "/user.slice/user-%u.slice/user@%u.service/app.slice/%s/cgroup.procs", uid,
		 uid, name);
	put_file(w->scratch.root, file, "");
}

static void other_users_managers_are_not_ones_own(void **state)
{
	struct world *w = *state;
	struct cg2_scope **scopes = NULL;

	put_scope_of(w, geteuid(), "own.scope");
	put_scope_of(w, geteuid() + 1, "others.scope");
	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_USER, NULL, CG2_SCOPES_ANY, &scopes,
					 NULL), 0);
	assert_true(is_there(scopes, "own.scope"));
	assert_false(is_there(scopes, "others.scope"));
	cg2_scopes_free(scopes);
	assert_int_equal(cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, NULL, CG2_SCOPES_ANY, &scopes,
					 NULL), 0);
	assert_true(is_there(scopes, "others.scope"));
	cg2_scopes_free(scopes);
}

static void a_command_has_a_leaf_where_there_is_a_holder(void **state)
{
	static const char *const cases[][2] = {
		{ "go-build", APP_SLICE "/go-build.scope/run" },
		{ "go-test", APP_SLICE "/go-test.scope" },
		{ "go-inner", APP_SLICE "/go-build.scope/run/go-inner" },
	};
	struct world *w = world_get(state);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
		_cleanup_(cg2_group_unrefp) struct cg2_group *leaf = NULL;
		const char *const words[] = { cases[i][0], NULL };

		assert_int_equal(cg2_scopes_resolve(w->ctx, CG2_MANAGER_AUTO, words, 0, &scopes,
						    NULL), 0);
		assert_int_equal(cg2_scope_open_leaf(scopes[0], &leaf, NULL), 0);
		check_text(cases[i][0], cg2_group_get_path(leaf), cases[i][1]);
	}
}

/* It is their first process that a scope is shown with, in whatever order directories come. */
static void processes_of_runs_inside_come_last(void **state)
{
	static const char *const siblings[] = { "a", "cgscope-main", "z", "cgscope-sh", "b" };
	struct world *w = world_get(state);

	for (size_t first = 0; first < ARRAY_SIZE(siblings); first++) {
		_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = NULL;
		_cleanup_free_ pid_t *pids = NULL;
		char path[160], file[240];
		size_t n;

		snprintf(path, sizeof(path), APP_SLICE "/order-%zu.scope", first);
		for (size_t i = 0; i < ARRAY_SIZE(siblings); i++) {
			const char *name = siblings[(first + i) % ARRAY_SIZE(siblings)];
			bool is_main = strcmp(name, "cgscope-main") == 0;

			snprintf(file, sizeof(file), MOUNT "%s/%s/cgroup.procs", path, name);
			put_file(w->scratch.root, file, is_main ? "11\n12\n" : "21\n");
		}
		scope = scope_new(w->ctx, path);
		assert_int_equal(cg2_scope_list_pids(scope, &pids, &n, NULL), 0);
		assert_int_equal(n, 6);
		assert_int_equal(pids[0], 11);
		assert_int_equal(pids[1], 12);
	}
}

/* ---- words ---- */

static void words_mean_scopes(void **state)
{
	static const struct {
		const char *word;
		uint64_t flags;
		int code;         /* 0: found */
		const char *text; /* a name that is found, or a part of the reason */
		size_t n;
	} cases[] = {
		/* Exact names win over being the beginning of others. */
		{ "go", 0, 0, "go.scope", 1 },
		{ "go.scope", 0, 0, "go.scope", 1 },
		{ "go-build", 0, 0, "go-build.scope", 1 },
		{ "go-b", 0, 0, "go-build.scope", 1 },
		{ "go-build.sc", 0, 0, "go-build.scope", 1 },
		{ "la", 0, 0, "later.scope", 1 },
		{ "go-inner", 0, 0, "go-inner", 1 },
		{ APP_SLICE "/go-test.scope", 0, 0, "go-test.scope", 1 },
		{ "go-", 0, -ENOTUNIQ, "go-build.scope", 0 },
		{ "twin", 0, -ENOTUNIQ, "/system.slice/twin.scope", 0 },
		{ "go-*", 0, 0, "go-inner", 3 },
		{ "go-????", 0, 0, "go-test.scope", 1 },
		{ "go-[bt]*.scope", 0, 0, "go-build.scope", 2 },
		{ "twin*", 0, 0, "twin.scope", 2 },
		{ "go-*", CG2_SCOPES_ONE, -ENOTUNIQ, "go-", 0 },
		{ "go-t*", CG2_SCOPES_ONE, 0, "go-test.scope", 1 },
		/* A backslash is part of a name and of its pattern, as for systemctl. */
		{ "esc\\x2dape", 0, 0, "esc\\x2dape.scope", 1 },
		{ "esc\\x2d*", 0, 0, "esc\\x2dape.scope", 1 },
		{ "go-o", 0, -ENOENT, "no scope of yours has that name", 0 },
		{ "go-o*", 0, -ENOENT, "matches", 0 },
		{ "", 0, -ENOENT, NULL, 0 },
		{ "/nowhere", 0, -ENOENT, NULL, 0 },
		/* Others' by the full name, and not to be acted on. */
		{ APP_SLICE "/go-other.scope", 0, 0, "go-other.scope", 1 },
		{ "dump.service", 0, 0, "dump.service", 1 },
		{ "dump.service", CG2_SCOPES_GUARD, -EPERM, "not a scope of yours", 0 },
		{ "go-test", CG2_SCOPES_GUARD, 0, "go-test.scope", 1 },
	};
	struct world *w = world_get(state);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		const char *const words[] = { cases[i].word, NULL };
		int r = cg2_scopes_resolve(w->ctx, CG2_MANAGER_AUTO, words, cases[i].flags,
					   &scopes, &err);

		if (r != cases[i].code)
			fail_msg("'%s': %d, not %d: %s", cases[i].word, r, cases[i].code,
				 err.detail ? err.detail : "");
		if (r < 0) {
			assert_null(scopes);
			if (cases[i].text)
				check_in(cases[i].word, err.detail, cases[i].text);
			continue;
		}
		check_case(cases[i].word, count(scopes) == cases[i].n);
		check_case(cases[i].word, is_there(scopes, cases[i].text));
	}
}

static void what_two_words_mean_comes_once(void **state)
{
	static const char *const words[] = { "go-b", "go-build.scope", "go-[bt]*", NULL };
	struct world *w = world_get(state);
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;

	assert_int_equal(cg2_scopes_resolve(w->ctx, CG2_MANAGER_AUTO, words, 0, &scopes, NULL), 0);
	assert_int_equal(count(scopes), 2);
}

static void near_misses_are_named(void **state)
{
	static const char *const words[] = { "go-tets.scop", NULL };
	struct world *w = world_get(state);
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(cg2_scopes_resolve(w->ctx, CG2_MANAGER_AUTO, words, 0, &scopes, &err),
			 -ENOENT);
	check_in("hint", err.hint, "did you mean go-test.scope?");
}

/* The names of those that were told of, a space behind each. */
static void note_missing(void *userdata, const char *word, const struct cg2_error *err)
{
	char *names = userdata;

	check_case(word, err->code != 0);
	strcat(strcat(names, word), " ");
}

static void a_word_that_none_has_spoils_no_others(void **state)
{
	static const struct {
		const char *words[5];
		uint64_t flags;
		int result;
		const char *missing;
		size_t n;
	} cases[] = {
		{ { "go-test", "gone", "go" }, CG2_SCOPES_GUARD, 1, "gone ", 2 },
		{ { "gone.scope", "x*", "/nowhere", "go" }, 0, 3, "gone.scope x* /nowhere ", 1 },
		{ { "no name", "go" }, 0, 1, "no name ", 1 },
		{ { "gone" }, 0, 1, "gone ", 0 },
		{ { "go", "go-test" }, 0, 0, "", 2 },
		/* What may be too much is not begun with. */
		{ { "go", "gone", "go-" }, 0, -ENOTUNIQ, "gone ", 0 },
		{ { "go", "dump.service", "gone" }, CG2_SCOPES_GUARD, -EPERM, "gone ", 0 },
	};
	struct world *w = world_get(state);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		char missing[64] = "";
		int r = cg2_scopes_resolve_each(w->ctx, CG2_MANAGER_AUTO, cases[i].words,
						cases[i].flags, note_missing, missing, &scopes,
						&err);

		check_case(cases[i].words[0], r == cases[i].result);
		check_text(cases[i].words[0], missing, cases[i].missing);
		check_case(cases[i].words[0], err.code == (r < 0 ? -r : 0));
		check_case(cases[i].words[0], r < 0 ? !scopes : count(scopes) == cases[i].n);
	}
}

/* ---- use ---- */

static void use_is_what_the_files_have(void **state)
{
	struct world *w = *state;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	static const struct {
		const char *file;
		const char *text;
		enum cg2_use use;
		uint64_t value;
	} cases[] = {
		{ "memory.current", "4096\n", CG2_USE_MEMORY_BYTES, 4096 },
		{ "memory.max", "max\n", CG2_USE_MEMORY_MAX_BYTES, CG2_MAX },
		{ "pids.current", "7\n", CG2_USE_TASKS_COUNT, 7 },
		{ "pids.events", "max 3\n", CG2_USE_TASKS_REFUSED_COUNT, 3 },
		{ "cpu.stat", "usage_usec 12\nthrottled_usec 5\n", CG2_USE_CPU_USEC, 12 },
		{ "cpu.stat", "usage_usec 12\nthrottled_usec 5\n", CG2_USE_CPU_THROTTLED_USEC, 5 },
		{ "cpu.max", "50000 100000\n", CG2_USE_CPU_MAX_PERMYRIAD, 5000 },
		{ "cpu.max", "max 100000\n", CG2_USE_CPU_MAX_PERMYRIAD, CG2_MAX },
		{ "memory.pressure",
		  "some avg10=1.50 avg60=0.00 avg300=0.00 total=9\n"
		  "full avg10=0.25 avg60=0.00 avg300=0.00 total=3\n",
		  CG2_USE_MEMORY_FULL_PERMYRIAD, 25 },
		{ "cgroup.events", "populated 1\nfrozen 1\n", CG2_USE_FROZEN, 1 },
	};

	group = open_group(w->ctx, APP_SLICE "/go.scope");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *path = NULL;
		uint64_t value = 99;

		assert_true(asprintf(&path, MOUNT APP_SLICE "/go.scope/%s", cases[i].file) > 0);
		check_case(cases[i].file, cg2_group_read_use(group, cases[i].use, &value) == 0 ||
						  i == 5 || i == 7);
		put_file(w->scratch.root, path, cases[i].text);
		check_case(cases[i].file, cg2_group_read_use(group, cases[i].use, &value) == 1);
		check_case(cases[i].file, value == cases[i].value);
	}
}

/* ---- what can't be read ---- */

static void a_command_that_cant_be_read_is_none(void **state)
{
	struct world *w = *state;
	_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = scope_new(w->ctx, "/a.scope");
	_cleanup_free_ char *buf = NULL;
	size_t len = 77;

	/* Without words, and it has ended before its name is asked for. */
	put_file(w->scratch.root, "proc/4711/cmdline", "");
	assert_int_equal(cg2_scope_read_command(scope, 4711, &buf, &len), -ESRCH);
	assert_null(buf);
	assert_int_equal(len, 77);
	put_file(w->scratch.root, "proc/4711/comm", "kworker\n");
	assert_int_equal(cg2_scope_read_command(scope, 4711, &buf, &len), 0);
	check_text("its name", buf, "kworker");
}

static void count_warning(void *userdata, enum cg2_log_level level _unused_, const char *text,
			  const struct cg2_error *err _unused_)
{
	check_in("the warning", text, "scopes may be missing: ");
	++*(size_t *)userdata;
}

/* With as many descriptors: returns how many are found, and adds to n the warnings. */
static size_t find_with(struct world *w, rlim_t n_descriptors, size_t *n_warnings)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	struct rlimit old, limit;
	int r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	limit = (struct rlimit){ n_descriptors, old.rlim_max };
	cg2_ctx_set_log(w->ctx, count_warning, n_warnings, CG2_LOG_WARNING);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	r = cg2_scopes_find(w->ctx, CG2_MANAGER_AUTO, NULL, 0, &scopes, NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	cg2_ctx_set_log(w->ctx, NULL, NULL, CG2_LOG_WARNING);
	return r < 0 ? SIZE_MAX : count(scopes);
}

static void what_is_left_out_is_told(void **state)
{
	struct world *w = world_get(state);
	size_t all, n_warnings = 0, n_fewer = 0;

	all = find_with(w, 256, &n_warnings);
	assert_int_equal(n_warnings, 0);
	for (rlim_t n = 4; n < 40; n++) {
		size_t found;

		n_warnings = 0;
		found = find_with(w, n, &n_warnings);
		n_fewer += found < all;
		assert_true(found == all || found == SIZE_MAX || n_warnings == 1);
	}
	assert_true(n_fewer > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_with_our_mark_are_found),
		cmocka_unit_test(other_sets_are_found_when_asked_for),
		cmocka_unit_test(other_users_managers_are_not_ones_own),
		cmocka_unit_test(a_command_has_a_leaf_where_there_is_a_holder),
		cmocka_unit_test(processes_of_runs_inside_come_last),
		cmocka_unit_test(words_mean_scopes),
		cmocka_unit_test(what_two_words_mean_comes_once),
		cmocka_unit_test(near_misses_are_named),
		cmocka_unit_test(a_word_that_none_has_spoils_no_others),
		cmocka_unit_test(use_is_what_the_files_have),
		cmocka_unit_test(a_command_that_cant_be_read_is_none),
		cmocka_unit_test(what_is_left_out_is_told),
	};

	return cmocka_run_group_tests(tests, make_world, world_end);
}
