/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts on terminals of any width: no word is broken, no number is cut.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/output/width.h"

static const char progress[] =
	"make  1min 12s  tasks 12 of 200  memory 53.1M of 300M  CPU 98%  pressure: CPU 3%, I/O 12%";

static void items_that_do_not_fit_are_left_out(void **state)
{
	static const struct {
		size_t columns;
		const char *left;
	} cases[] = {
		{ 200, progress },
		{ sizeof(progress) - 1, progress },
		{ sizeof(progress) - 2, "make  1min 12s  tasks 12 of 200  memory 53.1M of 300M  "
					"CPU 98%  pressure: CPU 3%" },
		{ 80, "make  1min 12s  tasks 12 of 200  memory 53.1M of 300M  CPU 98%" },
		{ 60, "make  1min 12s  tasks 12 of 200  memory 53.1M of 300M" },
		{ 52, "make  1min 12s  tasks 12 of 200" },
		{ 40, "make  1min 12s  tasks 12 of 200" },
		{ 30, "make  1min 12s" },
		{ 4, "make" },
		{ 3, "mak" },
		{ 0, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = strdup(progress);

		assert_non_null(text);
		width_drop_items(text, cases[i].columns);
		assert_string_equal(text, cases[i].left);
	}
}

static char *put(const char *text, size_t column, size_t indent, size_t width,
		 enum width_end end)
{
	struct text memory = { .f = NULL };
	FILE *f = text_open(&memory);
	char *result = NULL;

	assert_non_null(f);
	width_put(f, text, column, indent, width, end);
	assert_int_equal(text_close(&memory, &result), 0);
	return result;
}

static void line_ends_between_words_or_items(void **state)
{
	static const char memory[] = "64M of 64M, of which 52M file cache, peak 64M";
	static const struct {
		const char *text;
		size_t column, indent, width;
		enum width_end end;
		const char *lines;
	} cases[] = {
		{ memory, 12, 12, 0, WIDTH_ITEMS,
		  "64M of 64M, of which 52M file cache, peak 64M\n" },
		{ memory, 12, 12, 200, WIDTH_ITEMS,
		  "64M of 64M, of which 52M file cache, peak 64M\n" },
		{ memory, 12, 12, 57, WIDTH_ITEMS,
		  "64M of 64M, of which 52M file cache, peak 64M\n" },
		{ memory, 12, 12, 56, WIDTH_ITEMS,
		  "64M of 64M, of which 52M file cache,\n            peak 64M\n" },
		{ memory, 12, 12, 40, WIDTH_ITEMS,
		  "64M of 64M,\n            of which 52M file cache,\n            peak 64M\n" },
		{ memory, 4, 4, 20, WIDTH_ITEMS,
		  "64M of 64M,\n    of which 52M\n    file cache,\n    peak 64M\n" },
		{ memory, 12, 12, 40, WIDTH_WORDS,
		  "64M of 64M, of which 52M\n            file cache, peak 64M\n" },
		/* A word that is wider is the terminal's to break. */
		{ "/a/long/path of it", 2, 2, 10, WIDTH_WORDS, "/a/long/path\n  of it\n" },
		/* Unless only what is before it leaves no room. */
		{ "run, check", 39, 7, 40, WIDTH_WORDS, "\n       run, check\n" },
		{ "", 0, 0, 40, WIDTH_WORDS, "\n" },
		{ "  two blanks  inside", 0, 0, 0, WIDTH_WORDS, "  two blanks  inside\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *lines = put(cases[i].text, cases[i].column, cases[i].indent,
						 cases[i].width, cases[i].end);

		assert_string_equal(lines, cases[i].lines);
	}
}

static void a_name_is_elided_in_its_middle(void **state)
{
	static const char name[] = "nightly-build-of-everything-0123456789abcdef-42.scope";
	static const struct {
		const char *name;
		size_t columns;
		const char *mark, *elided;
	} cases[] = {
		{ name, 200, "...", name },
		{ name, sizeof(name) - 1, "...", name },
		{ name, 40, "...", "nightly-buil...0123456789abcdef-42.scope" },
		{ name, 20, "...", "night...def-42.scope" },
		{ name, 8, "...", "n...cope" },
		{ name, 3, "...", "..." },
		{ name, 20, "\u2026", "nightl\u2026cdef-42.scope" },
		{ "\u4e2d\u6587\u4e2d\u6587\u4e2d\u6587", 8, "\u2026",
		  "\u4e2d\u2026\u4e2d\u6587" },
		{ "", 3, "...", "" },
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *elided = width_elide(cases[i].name, cases[i].columns,
							  cases[i].mark);

		assert_string_equal(elided, cases[i].elided);
	}
	setlocale(LC_CTYPE, "C");
}

static int open_terminal(unsigned short columns, int *ret_master)
{
	struct winsize size = { .ws_col = columns, .ws_row = 25 };
	int slave;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(*ret_master >= 0);
	assert_int_equal(grantpt(*ret_master), 0);
	assert_int_equal(unlockpt(*ret_master), 0);
	slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	return slave;
}

static void width_is_the_terminals_or_that_of_columns(void **state)
{
	static const struct {
		unsigned short columns;
		const char *variable;
		size_t width;
	} cases[] = {
		{ 40, NULL, 40 }, { 60, "80", 60 }, { 200, NULL, 200 },
		{ 0, "132", 132 }, { 0, NULL, 80 }, { 0, "wide", 80 }, { 0, "0", 80 },
	};
	int fds[2];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int master, slave = open_terminal(cases[i].columns, &master);

		if (cases[i].variable)
			setenv("COLUMNS", cases[i].variable, 1);
		else
			unsetenv("COLUMNS");
		assert_int_equal(width_of_terminal(slave), cases[i].width);
		close(slave);
		close(master);
	}
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(width_of_terminal(fds[1]), 0);
	close(fds[0]);
	close(fds[1]);
}

/* Columns, not bytes: an "é" takes one, a Chinese character two, an accent of its own none. */
static void a_text_is_cut_by_columns(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *expected;
	} rows[] = {
		{ "abc", 5, "abc" },	  { "abc", 3, "abc" },
		{ "abc", 2, "ab" },	  { "abc", 0, "" },
		{ "d\u00e9j\u00e0", 2, "d\u00e9" }, { "\u4e2d\u6587", 3, "\u4e2d" },
		{ "e\u0301x", 1, "e\u0301" },
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		width_cut(text, rows[i].columns);
		assert_string_equal(text, rows[i].expected);
	}
	setlocale(LC_CTYPE, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_elided_in_its_middle),
		cmocka_unit_test(a_text_is_cut_by_columns),
		cmocka_unit_test(items_that_do_not_fit_are_left_out),
		cmocka_unit_test(line_ends_between_words_or_items),
		cmocka_unit_test(width_is_the_terminals_or_that_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
