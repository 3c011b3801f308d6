/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors and hints on terminals of any width: no word is broken and none is lost, and a command
 * can be copied.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/output/wrap.h"

#define START "cgscope: "
#define NEXT "cgscope:   "

static char *put_from(const char *start, const char *text, const char *next, size_t width)
{
	struct text memory = { .f = NULL };
	FILE *f = text_open(&memory);
	char *result = NULL;

	assert_non_null(f);
	fputs(start, f);
	wrap_put(f, text, strlen(start), next, width);
	assert_int_equal(text_close(&memory, &result), 0);
	return result;
}

static char *put(const char *text, size_t width)
{
	return put_from(START, text, NEXT, width);
}

static const char refused[] =
	"make: its forks were refused by pids.max of user-1000.slice, above the scope";
static const char raised[] =
	"as root: systemctl set-property user-1000.slice TasksMax=2048, or end what else runs "
	"there (cgscope check shows it)";

static void lines_end_between_words(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *lines;
	} cases[] = {
		{ refused, 0, START "make: its forks were refused by pids.max of user-1000.slice, "
				    "above the scope\n" },
		{ refused, 200, START "make: its forks were refused by pids.max of "
				      "user-1000.slice, above the scope\n" },
		{ refused, 80, START "make: its forks were refused by pids.max of user-1000.slice, "
				     "above the\n" NEXT "scope\n" },
		{ refused, 60, START "make: its forks were refused by pids.max of\n"
			       NEXT "user-1000.slice, above the scope\n" },
		{ refused, 40, START "make: its forks were refused by\n"
			       NEXT "pids.max of user-1000.slice,\n"
			       NEXT "above the scope\n" },
		{ raised, 0, START "as root: systemctl set-property user-1000.slice TasksMax=2048, "
				  "or end what else runs there (cgscope check shows it)\n" },
		{ raised, 200, START "as root: systemctl set-property user-1000.slice "
				     "TasksMax=2048, or end what else runs there "
				     "(cgscope check shows it)\n" },
		{ raised, 80, START "as root:\n"
			     NEXT "systemctl set-property user-1000.slice TasksMax=2048\n"
			     NEXT "or end what else runs there (cgscope check shows it)\n" },
		{ raised, 60, START "as root:\n"
			     NEXT "systemctl set-property user-1000.slice TasksMax=2048\n"
			     NEXT "or end what else runs there (cgscope check shows\n"
			     NEXT "it)\n" },
		{ raised, 40, START "as root:\n"
			     NEXT "systemctl set-property user-1000.slice TasksMax=2048\n"
			     NEXT "or end what else runs there\n"
			     NEXT "(cgscope check shows it)\n" },
		/* A word that is wider is the terminal's to break. */
		{ "/sys/fs/cgroup/user.slice/user-1000.slice/a.scope/pids.max: it is gone", 40,
		  START "/sys/fs/cgroup/user.slice/user-1000.slice/a.scope/pids.max:\n"
		  NEXT "it is gone\n" },
		{ "", 40, START "\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *lines = put(cases[i].text, cases[i].width);

		assert_string_equal(lines, cases[i].lines);
	}
}

static void a_command_stays_whole(void **state)
{
	static const struct {
		const char *text;
		const char *lines;
	} cases[] = {
		/* The last thing that is said. */
		{ "to keep the processes of the run: loginctl enable-linger alice",
		  START "to keep the processes of the\n"
		  NEXT "run:\n"
		  NEXT "loginctl enable-linger alice\n" },
		{ "give it more than it had: --mem 64M --tasks 100",
		  START "give it more than it had:\n" NEXT "--mem 64M --tasks 100\n" },
		/* What is quoted does not end it. */
		{ "or use a shell: cgscope sh -c 'ls -l; date, please'; see the man page",
		  START "or use a shell:\n"
		  NEXT "cgscope sh -c 'ls -l; date, please'\n"
		  NEXT "see the man page\n" },
		/* Nor does it end with a bracket that explains it. */
		{ "in that shell, before it: ulimit -u 20 (the hard limit is as large)",
		  START "in that shell, before it:\n"
		  NEXT "ulimit -u 20\n"
		  NEXT "(the hard limit is as large)\n" },
		/* Within a sentence. */
		{ "systemctl --user set-property work.slice MemoryMax=1G",
		  START "systemctl --user set-property work.slice MemoryMax=1G\n" },
		{ "all of it is shown by cgscope check user.slice as a tree",
		  START "all of it is shown by\n"
		  NEXT "cgscope check user.slice as a\n"
		  NEXT "tree\n" },
		{ "a library is missing (Debian: apt install libjson-c5)",
		  START "a library is missing (Debian:\n"
		  NEXT "apt install libjson-c5)\n" },
		/* No commands. */
		{ "cannot start it: systemctl: there is no such file or directory",
		  START "cannot start it: systemctl:\n"
		  NEXT "there is no such file or\n"
		  NEXT "directory\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *lines = put(cases[i].text, 40);

		assert_string_equal(lines, cases[i].lines);
	}
}

/* As doctor and explain have it. */
static void a_label_may_be_shorter_and_longer_than_the_indent(void **state)
{
	static const struct {
		const char *start, *text, *lines;
	} cases[] = {
		{ "", "its processes are over, and so it is",
		  "its processes are over, and so\n     it is\n" },
		{ "fix: ", "run it as root: systemctl daemon-reload",
		  "fix: run it as root:\n     systemctl daemon-reload\n" },
		{ "a label of many columns: ", "/sys/fs/cgroup has it",
		  "a label of many columns: \n     /sys/fs/cgroup has it\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *lines = put_from(cases[i].start, cases[i].text, "     ", 32);

		assert_string_equal(lines, cases[i].lines);
	}
}

/* The words of all lines, without what the lines begin with. */
static void join(char *lines)
{
	char *to = lines, *save = NULL;

	for (char *line = strtok_r(lines, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		line += strlen(to == lines ? START : NEXT);
		if (to > lines)
			*to++ = ' ';
		to = memmove(to, line, strlen(line) + 1);
		to += strlen(to);
	}
}

static void no_word_is_lost_at_any_width(void **state)
{
	for (size_t width = 0; width <= 200; width++) {
		_cleanup_free_ char *lines = put(refused, width);

		for (const char *at = lines; width >= 40 && *at; at += strcspn(at, "\n") + 1)
			assert_true(strcspn(at, "\n") <= width);
		join(lines);
		assert_string_equal(lines, refused);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_stays_whole),
		cmocka_unit_test(a_label_may_be_shorter_and_longer_than_the_indent),
		cmocka_unit_test(lines_end_between_words),
		cmocka_unit_test(no_word_is_lost_at_any_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
