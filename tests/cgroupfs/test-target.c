/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Targets: which cgroup and unit the words of users mean, in trees of real machines. Nothing
 * here asks a manager; tests/bus does.
 */
#include "tree.h"

#include "systemd/unit-name.h"

static void check_target(struct cg2_ctx *ctx, const char *word, const char *path,
			 const char *unit, enum cg2_manager manager)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_target_open(ctx, word, CG2_MANAGER_AUTO, &target, &err) < 0)
		fail_msg("%s: %s", word, err.detail ? err.detail : strerror(err.code));
	check_text(word, cg2_group_get_path(cg2_target_get_group(target)), path);
	check_text(word, cg2_target_get_unit(target), unit);
	check_case(word, cg2_target_get_manager(target) == manager);
	check_text(word, cg2_target_get_name(target), word);
}

static void check_error(struct cg2_ctx *ctx, const char *word, int code, const char *detail)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	check_case(word, cg2_target_open(ctx, word, CG2_MANAGER_AUTO, &target, &err) == code);
	if (detail)
		check_in(word, err.detail, detail);
	assert_null(target);
}

static void words_of_every_kind(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("trixie");

	check_target(ctx, "/", "/", "-.slice", CG2_MANAGER_SYSTEM);
	check_target(ctx, "-.slice", "/", "-.slice", CG2_MANAGER_SYSTEM);
	check_target(ctx, "user.slice", "/user.slice", "user.slice", CG2_MANAGER_SYSTEM);
	check_target(ctx, "user-1000.slice", "/user.slice/user-1000.slice", "user-1000.slice",
		     CG2_MANAGER_SYSTEM);
	check_target(ctx, "dump.service", SERVICE, "dump.service", CG2_MANAGER_SYSTEM);
	check_target(ctx, "user@1000.service", "/user.slice/user-1000.slice/user@1000.service",
		     "user@1000.service", CG2_MANAGER_SYSTEM);
	check_target(ctx, USER_SCOPE, USER_SCOPE, "dump.scope", CG2_MANAGER_USER);
	check_target(ctx, "/sys/fs/cgroup" USER_SCOPE "/", USER_SCOPE, "dump.scope",
		     CG2_MANAGER_USER);
	check_target(ctx, "/sys/fs/cgroup", "/", "-.slice", CG2_MANAGER_SYSTEM);
}

static void callers_own(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("trixie");
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;

	assert_int_equal(cg2_target_open(ctx, NULL, CG2_MANAGER_AUTO, &target, NULL), 0);
	check_text("unit", cg2_target_get_unit(target), "dump.scope");
	check_text("name", cg2_target_get_name(target), "");
	assert_int_equal(cg2_target_get_pid(target), getpid());
}

static void processes(void **state)
{
	struct scratch scratch;
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_copy("trixie", &scratch);
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;

	put_file(scratch.root, "proc/77/cgroup", "0::" SERVICE "\n");
	put_file(scratch.root, "proc/78/cgroup", "0::/gone.scope (deleted)\n");
	assert_int_equal(cg2_target_open(ctx, "77", CG2_MANAGER_AUTO, &target, NULL), 0);
	assert_int_equal(cg2_target_get_pid(target), 77);
	check_text("unit", cg2_target_get_unit(target), "dump.service");
	put_file(scratch.root, "proc/80/cgroup", "0::" SERVICE "\n");
	put_file(scratch.root, "proc/80/status", "Name:\tx\nTgid:\t77\nNgid:\t0\nPid:\t80\n");
	put_file(scratch.root, "proc/77/status", "Name:\tx\nTgid:\t77\nNgid:\t0\nPid:\t77\n");
	check_error(ctx, "80", -EINVAL, "a thread of process 77");
	check_error(ctx, "78", -ESRCH, "its cgroup is gone");
	check_error(ctx, "79", -ESRCH, "no process 79");
	scratch_remove(&scratch);
}

static void words_that_are_nothing(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("trixie");

	check_error(ctx, "", -EINVAL, "expected a PID");
	check_error(ctx, "a b", -EINVAL, "expected a PID");
	check_error(ctx, "a\nb.service", -EINVAL, "expected a PID");
	check_error(ctx, "../x.service", -EINVAL, "expected a PID");
	check_error(ctx, "0", -ENOENT, "no unit 0.scope");
	check_error(ctx, "/nowhere", -ENOENT, NULL);
	check_error(ctx, "nowhere.slice", -ENOENT, "no unit nowhere.slice");
	check_error(ctx, "nowhere", -ENOENT, "no unit nowhere.scope");
}

static void type_that_was_left_out(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("trixie");
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(cg2_target_open(ctx, "dump", CG2_MANAGER_SYSTEM, &target, &err),
			 -ENOENT);
	check_text("hint", err.hint, "did you mean dump.service?");
}

static void users(void **state)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = open_tree("trixie");
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(cg2_target_open_user(ctx, "1000", &target, NULL), 0);
	check_text("unit", cg2_target_get_unit(target), "user-1000.slice");
	target = cg2_target_unref(target);
	assert_int_equal(cg2_target_open_user(ctx, "no such user", &target, &err), -ENOENT);
	check_in("detail", err.detail, "no such user");
	cg2_error_clear(&err);
	assert_int_equal(cg2_target_open_user(ctx, "0", &target, &err), -ENOENT);
	check_in("detail", err.detail, "not logged in");
}

/* ---- names and paths ---- */

static void units_of_cgroups(void **state)
{
	static const struct {
		const char *path;
		const char *unit; /* NULL: none */
		size_t path_len;
		enum cg2_manager manager;
		uint64_t uid;
	} cases[] = {
		{ "/", NULL, 0, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/docker/x", NULL, 0, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/init.scope", "init.scope", 11, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/a.slice/a-b.slice", "a-b.slice", 18, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/a.slice/x.scope/run", "x.scope", 16, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/a.slice/x.scope/y.service", "x.scope", 16, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/a.slice/_cpu.service", "cpu.service", 21, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/u.slice/user@7.service", "user@7.service", 23, CG2_MANAGER_SYSTEM, CG2_MAX },
		{ "/u.slice/user@7.service/app.slice/b.scope/c", "b.scope", 41, CG2_MANAGER_USER,
		  7 },
		{ "/u.slice/user@7.service/x/b.scope", "user@7.service", 23, CG2_MANAGER_SYSTEM,
		  CG2_MAX },
		{ "/u.slice/user@x.service/b.scope", "user@x.service", 23, CG2_MANAGER_SYSTEM,
		  CG2_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *name = NULL;
		struct unit_place place;
		bool is_found = unit_place_of(cases[i].path, &place);

		check_case(cases[i].path, is_found == (cases[i].unit != NULL));
		if (!is_found)
			continue;
		name = unit_place_name(&place);
		check_text(cases[i].path, name, cases[i].unit);
		check_case(cases[i].path, place.path_len == cases[i].path_len);
		check_case(cases[i].path, place.manager == cases[i].manager);
		check_case(cases[i].path, place.uid == cases[i].uid);
	}
}

static void paths_of_slices(void **state)
{
	static const struct {
		const char *slice;
		const char *path;
	} cases[] = {
		{ "-.slice", "" },
		{ "a.slice", "/a.slice" },
		{ "a-b.slice", "/a.slice/a-b.slice" },
		{ "user-1000-x.slice", "/user.slice/user-1000.slice/user-1000-x.slice" },
	};
	char *path;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(unit_slice_path(cases[i].slice, &path), 0);
		check_text(cases[i].slice, path, cases[i].path);
		free(path);
	}
	assert_int_equal(unit_slice_path("a.scope", &path), -EINVAL);
	assert_int_equal(unit_slice_path(".slice", &path), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_every_kind),
		cmocka_unit_test(callers_own),
		cmocka_unit_test(processes),
		cmocka_unit_test(words_that_are_nothing),
		cmocka_unit_test(type_that_was_left_out),
		cmocka_unit_test(users),
		cmocka_unit_test(units_of_cgroups),
		cmocka_unit_test(paths_of_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
