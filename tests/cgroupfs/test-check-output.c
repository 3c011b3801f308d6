/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What check prints of a tree: the text to the letter, and the JSON by its keys, also for
 * names that want to break out of either.
 */
#include "tree.h"

#include <json.h>

#include "cmd/check/check.h"

#define HOSTILE "/user.slice/a b\n\033[31m\"\\x2d'\xff"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
};

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	work->ctx = open_copy("trixie", &work->scratch);
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	cg2_ctx_unref(work->ctx);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

static void put(struct work *work, const char *cgroup, const char *file, const char *text)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/%s", cgroup, file) > 0);
	put_file(work->scratch.root, path, text);
}

/* Which of the outputs. */
enum form { TEXT, JSON };

/* What is printed for the target, and its exit status; free() it. */
static char *print(struct work *work, const char *word, enum form form)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_check_unrefp) struct cg2_check *check = NULL;
	int fds[2], saved = dup(STDOUT_FILENO), status;
	char *text = calloc(1, 65536);

	assert_non_null(text);
	assert_int_equal(
		cg2_target_open(work->ctx, word, CG2_MANAGER_AUTO, &target, NULL), 0);
	assert_int_equal(cg2_check_read(target, NULL, &check, NULL), 0);
	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	status = form == TEXT ? check_print_text(check, false)
			      : check_print_json(check, word, 7);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	close(fds[1]);
	assert_int_equal(status, form == TEXT ? 0 : 7);
	assert_true(read(fds[0], text, 65535) > 0);
	close(fds[0]);
	return text;
}

static void text_of_a_scope(void **state)
{
	_cleanup_free_ char *text = NULL;
	struct work *work = *state;

	put_file(work->scratch.root, "proc/meminfo",
		 "MemTotal: 3000000 kB\nMemAvailable: 2000000 kB\nSwapTotal: 0 "
		 "kB\nSwapFree: 0 "
		 "kB\n");
	put_file(work->scratch.root, "proc/pressure/cpu", "");
	put(work, USER_SCOPE, "pids.current", "12\n");
	put(work, USER_SCOPE, "memory.current", "62914560\n");
	put(work, USER_SCOPE, "memory.stat", "active_file 20971520\ninactive_file 0\n");
	text = print(work, USER_SCOPE, TEXT);
	assert_non_null(strstr(text, "dump.scope"));
	assert_non_null(strstr(text, "12/50"));
	assert_non_null(strstr(text, "60M/64M"));
	assert_non_null(strstr(text,
			       "\ntasks    38 of 50 left, by pids.max of dump.scope\n"
			       "memory   24M of 64M left, by memory.max of dump.scope\n"
			       "swap     none, by the machine's swap\n"
			       "cpu      50%, by cpu.max of dump.scope\n"));
	assert_non_null(
		strstr(text, "\nwarning: cpu-under-one: dump.scope gets 50% of one CPU"));
	assert_non_null(strstr(text, "\n  fix: systemctl --user set-property dump.scope "
				     "CPUQuota=100%\n"));
}

static struct json_object *get(struct json_object *object, const char *path)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		_cleanup_free_ char *key = strndup(path, len);
		struct json_object *value = NULL;

		if (json_object_is_type(object, json_type_array))
			value = json_object_array_get_idx(object, (size_t)(key[0] - '0'));
		else if (!json_object_object_get_ex(object, key, &value))
			fail_msg("there is no %s", path);
		if (!path[len])
			return value;
		object = value;
		path += len + 1;
	}
}

static void json_has_what_is_promised(void **state)
{
	static const char *const keys[] = {
		"schema",
		"target",
		"levels.0.cgroup",
		"levels.0.unit",
		"levels.0.tasks.current",
		"levels.0.tasks.max",
		"levels.0.memory.current",
		"levels.0.memory.max",
		"levels.0.memory.high",
		"levels.0.memory.swap_current",
		"levels.0.memory.swap_max",
		"levels.0.cpu.quota_permyriad",
		"levels.0.cpu.weight",
		"effective.tasks.limit",
		"effective.tasks.current",
		"effective.tasks.headroom",
		"effective.tasks.source",
		"effective.tasks.cgroup",
		"effective.memory",
		"effective.cpu.limit",
		"findings.0.id",
		"findings.0.severity",
		"findings.0.text",
		"findings.0.fix",
	};
	struct json_object *document;
	_cleanup_free_ char *text = NULL;
	struct work *work = *state;

	put(work, USER_SCOPE, "pids.current", "12\n");
	text = print(work, USER_SCOPE, JSON);
	document = json_tokener_parse(text);
	assert_non_null(document);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		get(document, keys[i]);
	assert_int_equal(json_object_get_int(get(document, "levels.0.tasks.max")), 50);
	assert_int_equal(json_object_get_int(get(document, "effective.tasks.headroom")),
			 38);
	assert_string_equal(
		json_object_get_string(get(document, "effective.tasks.source")),
		"cgroup");
	assert_null(get(document, "levels.1.memory.max"));
	json_object_put(document);
}

static void names_that_want_to_break_out(void **state)
{
	_cleanup_free_ char *text = NULL, *line = NULL;
	struct json_object *document;
	struct work *work = *state;

	put(work, HOSTILE, "cgroup.controllers", "pids\n");
	put(work, HOSTILE, "pids.max", "1\n");
	text = print(work, HOSTILE, TEXT);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "a b\\x0a\\x1b[31m\"\\x2d'\\xff"));
	line = print(work, HOSTILE, JSON);
	assert_true(strchr(line, '\n') == line + strlen(line) - 1);
	document = json_tokener_parse(line);
	assert_non_null(document);
	assert_string_equal(json_object_get_string(get(document, "levels.0.cgroup")),
			    "/user.slice/a b\n\033[31m\"\\x2d'\xef\xbf\xbd");
	json_object_put(document);
}

/* ---- the worst ---- */

static void worst_of_a_machine(void **state)
{
	_cleanup_(cg2_worst_unrefp) struct cg2_worst *worst = NULL;
	int fds[2], saved = dup(STDOUT_FILENO);
	struct work *work = *state;
	char text[4096] = "";

	put(work, HOSTILE, "pids.max", "10\n");
	put(work, HOSTILE, "pids.current", "10\n");
	assert_int_equal(cg2_worst_read(work->ctx, CHECK_WORST_PERMYRIAD, &worst, NULL),
			 0);
	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	dup2(fds[1], STDOUT_FILENO);
	assert_int_equal(check_print_worst_text(worst, false), 0);
	assert_int_equal(check_print_worst_json(worst, 3), 3);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	close(fds[0]);
	close(fds[1]);
	assert_non_null(strstr(text, "   0 10 tasks    /user.slice/a b\\x0a\\x1b[31m"));
	assert_non_null(strstr(text, "{\"schema\":1,\"host\":\""));
	assert_non_null(strstr(text, "\"kernel\":\""));
	assert_non_null(strstr(text, "\"cgroups\":"));
	assert_non_null(strstr(text, "\"resource\":\"tasks\",\"limit\":10,\"current\":10,"
				     "\"headroom\":0}"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_of_a_scope),
		TEST(json_has_what_is_promised),
		TEST(names_that_want_to_break_out),
		TEST(worst_of_a_machine),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
