/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of units: what users may give, and what is made up.
 */
#include "unit.h"

#include "systemd/unit-name.h"

/* systemd's UNIT_NAME_MAX without the NUL. */
#define UNIT_MAX 255

static void check_name(const char *name, const char *suffix, const char *expected)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *unit = NULL;

	if (unit_name_complete(name, suffix, "--name", &unit, &err) < 0)
		fail_msg("'%s': %s", name, err.detail);
	check_case(name, err.code == 0);
	if (strcmp(unit, expected) != 0)
		fail_msg("'%s' is '%s', not '%s'", name, unit, expected);
}

static void check_no_name(const char *name, const char *suffix, const char *detail)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	char *unit = NULL;

	check_case(name,
		   unit_name_complete(name, suffix, "--name", &unit, &err) == -EINVAL);
	check_case(name, !unit);
	check_case(name, err.op == CG2_OP_PARSE);
	check_case(name, err.path && strcmp(err.path, "--name") == 0);
	check_case(name, err.value && strcmp(err.value, name) == 0);
	if (!err.detail || !strstr(err.detail, detail))
		fail_msg("'%s': detail is '%s'", name,
			 err.detail ? err.detail : "(none)");
	check_case(name,
		   unit_name_complete(name, suffix, "--name", &unit, NULL) == -EINVAL);
}

#define CHARACTERS "a unit name has only letters, digits and :-_.\\"

static void scopes_are_completed(void **state)
{
	check_name("a", ".scope", "a.scope");
	check_name("a.scope", ".scope", "a.scope");
	check_name("a.scope.scope", ".scope", "a.scope.scope");
	check_name("a-b_c:d_e.f", ".scope", "a-b_c:d_e.f.scope");
	check_name("a\\x2db", ".scope", "a\\x2db.scope");
	check_name("-", ".scope", "-.scope");
	check_name(".", ".scope", "..scope");
	check_name(".scope", ".scope", ".scope.scope");
	check_name("scope", ".scope", "scope.scope");
	check_name("a.scopes", ".scope", "a.scopes.scope");
	check_name("a.mounts", ".scope", "a.mounts.scope");
	check_name("0", ".scope", "0.scope");
}

static void other_characters_are_refused(void **state)
{
	static const char *const names[] = {
		" ",	"a b",	"a/b", "/",	      "a\n",	  "a*",	       "a?",
		"a[",	"a%",	"a,b", "caf\xc3\xa9", "a=b",	  "a+b",       "a~b",
		"\x7f", "a\tb", "a;b", "$(id)",	      "a.scope ", "a/b.scope",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_no_name(names[i], ".scope", CHARACTERS);
		check_no_name(names[i], ".slice", CHARACTERS);
	}
	check_no_name("", ".scope", "the name is empty");
	check_no_name("", ".slice", "the name is empty");
}

static void other_types_are_refused(void **state)
{
	static const char *const names[] = {
		"a.service",   "a.slice", "a.socket", "a.target", "a.mount",
		"a.automount", "a.swap",  "a.timer",  "a.path",	  "a.device",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_no_name(names[i], ".scope", "must be a scope");
	check_no_name("a.scope", ".slice", "must be a slice");
	check_no_name("a.service", ".slice", "must be a slice");
}

static void slices_spell_out_their_ancestors(void **state)
{
	static const char detail[] = "its ancestors before single dashes";

	check_name("a", ".slice", "a.slice");
	check_name("a.slice", ".slice", "a.slice");
	check_name("a-b-c", ".slice", "a-b-c.slice");
	check_name("a-b.slice", ".slice", "a-b.slice");
	check_name("-", ".slice", "-.slice");
	check_name("-.slice", ".slice", "-.slice");
	check_name("user-1000.slice", ".slice", "user-1000.slice");
	check_name("a\\x2db", ".slice", "a\\x2db.slice");
	check_no_name("-a", ".slice", detail);
	check_no_name("-a.slice", ".slice", detail);
	check_no_name("a-", ".slice", detail);
	check_no_name("a-.slice", ".slice", detail);
	check_no_name("a--b", ".slice", detail);
	check_no_name("a--b.slice", ".slice", detail);
	check_no_name("--", ".slice", detail);
	check_no_name("--.slice", ".slice", detail);
}

/* As many times 'a', then end. free() it. */
static char *name_of_length(size_t length, const char *end)
{
	char *name = malloc(length + 1);

	assert_non_null(name);
	memset(name, 'a', length);
	strcpy(name + length - strlen(end), end);
	return name;
}

static void check_length(size_t length, const char *end, bool is_possible)
{
	_cleanup_free_ char *name = name_of_length(length, end), *unit = NULL;

	if (!is_possible) {
		check_no_name(name, ".scope", "longer than");
		return;
	}
	assert_int_equal(unit_name_complete(name, ".scope", "--name", &unit, NULL), 0);
	assert_true(strlen(unit) <= UNIT_MAX);
}

static void names_have_a_length(void **state)
{
	check_length(UNIT_MAX - 6, "", true);
	check_length(UNIT_MAX - 5, "", false);
	check_length(UNIT_MAX, "", false);
	check_length(LONG_WORD, "", false);
}

/* The suffix that is there already takes no room. */
static void suffix_is_counted_once(void **state)
{
	check_length(UNIT_MAX, ".scope", true);
	check_length(UNIT_MAX + 1, ".scope", false);
}

/* ------------------------------------------------------------------------------------
 * Made up
 */

static void check_prefix(const char *prefix, int result)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	check_case(prefix, unit_prefix_check(prefix, &err) == result);
	if (result < 0)
		check_case(prefix, err.path && strcmp(err.path, "prefix") == 0);
	check_case(prefix, unit_prefix_check(prefix, NULL) == result);
}

static void prefixes_are_names(void **state)
{
	_cleanup_free_ char *longest = name_of_length(UNIT_MAX - 15, "");
	_cleanup_free_ char *longer = name_of_length(UNIT_MAX - 14, ""), *unit = NULL;

	check_prefix("a", 0);
	check_prefix("a-b.c:d_e\\x2d", 0);
	check_prefix("", -EINVAL);
	check_prefix("a b", -EINVAL);
	check_prefix("a/b", -EINVAL);
	check_prefix(longest, 0);
	check_prefix(longer, -EINVAL);
	assert_int_equal(unit_name_make_up(longest, &unit), 0);
	assert_int_equal(strlen(unit), UNIT_MAX);
}

static void check_command(const char *file, const char *expected)
{
	_cleanup_free_ char *prefix = NULL;

	assert_int_equal(unit_prefix_of_command(file, &prefix), 0);
	if (strcmp(prefix, expected) != 0)
		fail_msg("'%s' gives '%s', not '%s'", file, prefix, expected);
	check_prefix(prefix, 0);
}

static void commands_are_recognised(void **state)
{
	_cleanup_free_ char *endless = long_word('x', "");
	char cut[sizeof("cgscope-") + 64] = "cgscope-";

	check_command("make", "cgscope-make");
	check_command("/usr/bin/make", "cgscope-make");
	check_command("./a.out", "cgscope-a.out");
	check_command("a b/c d", "cgscope-c_d");
	check_command("caf\xc3\xa9", "cgscope-caf__");
	check_command("a\\b", "cgscope-a_b");
	check_command("g++", "cgscope-g__");
	check_command("[", "cgscope-_");
	check_command("\x01\x7f\xff", "cgscope-___");
	check_command("%i$(id)", "cgscope-_i__id_");
	memset(cut + strlen(cut), 'x', 64);
	check_command(endless, cut);
}

static void odd_commands_have_names_too(void **state)
{
	_cleanup_free_ char *prefix = NULL, *unit = NULL, *checked = NULL;

	assert_int_equal(unit_prefix_of_command("/", &prefix), 0);
	assert_int_equal(unit_name_make_up(prefix, &unit), 0);
	assert_int_equal(unit_name_complete(unit, ".scope", "", &checked, NULL), 0);
	assert_string_equal(unit, checked);
	free(prefix);
	prefix = NULL;
	assert_int_equal(unit_prefix_of_command("", &prefix), 0);
	check_prefix(prefix, 0);
}

static void made_up_names_are_recognised(void **state)
{
	static const char *const others[] = {
		"", "-", "cgscope-", "cgscope-true", "cgscope-true-", "cgscope-12345678",
		"cgscope-true-1234567", "cgscope-true-123456789", "cgscope-true-1234567g",
		"cgscope-true-1234ABCD", "true-12345678", "cgscope-true-12345678.scope",
		"cgscope-main",
	};

	assert_true(unit_name_is_made_up("cgscope-true-1f2e3d4c"));
	assert_true(unit_name_is_made_up("cgscope-a-b-00000000"));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (unit_name_is_made_up(others[i]))
			fail_msg("'%s' was not made up", others[i]);
}

static void made_up_names_are_random(void **state)
{
	char *units[50];

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		char *id;

		assert_int_equal(unit_name_make_up("a-b", &units[i]), 0);
		assert_int_equal(strncmp(units[i], "a-b-", 4), 0);
		id = units[i] + 4;
		assert_int_equal(strspn(id, "0123456789abcdef"), 8);
		assert_string_equal(id + 8, ".scope");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(units[i], units[k]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		free(units[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scopes_are_completed),
		cmocka_unit_test(other_characters_are_refused),
		cmocka_unit_test(other_types_are_refused),
		cmocka_unit_test(slices_spell_out_their_ancestors),
		cmocka_unit_test(names_have_a_length),
		cmocka_unit_test(suffix_is_counted_once),
		cmocka_unit_test(prefixes_are_names),
		cmocka_unit_test(commands_are_recognised),
		cmocka_unit_test(odd_commands_have_names_too),
		cmocka_unit_test(made_up_names_are_random),
		cmocka_unit_test(made_up_names_are_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
