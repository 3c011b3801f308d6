/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables: in a pipe, on terminals of any width, with texts that want to break them.
 */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/output/table.h"

static const struct table_column columns[] = {
	{ .name = "CGROUP", .is_tree = true, .is_trunc = true },
	{ .name = "TASKS", .is_right = true },
	{ .name = "MEMORY", .is_right = true, .rank = 1 },
	{ .name = "CPU", .is_right = true, .rank = 2 },
};

static struct table *make_table(void)
{
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t root, slice, scope;

	assert_non_null(table);
	root = table_add_row(table, TABLE_NO_PARENT);
	slice = table_add_row(table, root);
	scope = table_add_row(table, slice);
	table_set(table, root, 0, TABLE_PLAIN, "-.slice");
	table_set(table, slice, 0, TABLE_PLAIN, "user.slice");
	table_set(table, scope, 0, TABLE_PLAIN,
		  "a-scope-whose-name-is-longer-than-anybody-would-like-it-to-be.scope");
	table_set(table, scope, 1, TABLE_BAD, "39/40");
	table_set(table, slice, 2, TABLE_GOOD, "980.5M/1.5G");
	table_set(table, root, 3, TABLE_PLAIN, "150%");
	return table;
}

/*
 * What is printed with the standard output in fd, read from other_fd; free() it. Closes fd: a
 * terminal hands over what was written piece by piece, and only then is there an end.
 */
static char *print_into(struct table *table, bool is_colored, int fd, int other_fd)
{
	int saved = dup(STDOUT_FILENO);
	char *text = calloc(1, 65536);
	size_t length = 0;
	ssize_t n;

	fflush(stdout);
	assert_non_null(text);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	assert_int_equal(table_print(table, is_colored), 0);
	fflush(stdout);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	close(saved);
	close(fd);
	while ((n = read(other_fd, text + length, 65535 - length)) > 0)
		length += (size_t)n;
	assert_true(length > 0);
	table_free(table);
	return text;
}

static char *print_to_pipe(struct table *table, bool is_colored)
{
	int fds[2];
	char *text;

	assert_int_equal(pipe(fds), 0);
	text = print_into(table, is_colored, fds[1], fds[0]);
	close(fds[0]);
	return text;
}

static char *print_to_terminal(struct table *table, bool is_colored, unsigned short width)
{
	struct winsize size = { .ws_col = width, .ws_row = 25 };
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	char *text;

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	text = print_into(table, is_colored, slave, master);
	close(master);
	return text;
}

/* The widest line, escape sequences and the continuation bytes of UTF-8 not counted. */
static size_t widest(const char *text)
{
	size_t width = 0, max = 0;

	for (; *text; text++) {
		if (*text == '\033')
			text = strchr(text, 'm');
		else if (*text == '\n')
			width = 0;
		else if (*text != '\r' && ((unsigned char)*text & 0xc0) != 0x80)
			width++;
		max = width > max ? width : max;
	}
	return max;
}

static void pipe_gets_all_of_it_and_no_colours(void **state)
{
	_cleanup_free_ char *text = print_to_pipe(make_table(), false);

	assert_non_null(strstr(text, "CGROUP"));
	assert_non_null(strstr(text, "longer-than-anybody-would-like-it-to-be.scope 39/40"));
	assert_non_null(strstr(text, "980.5M/1.5G"));
	assert_non_null(strstr(text, "150%"));
	assert_null(strchr(text, '\033'));
}

static void colours_are_there_if_wanted(void **state)
{
	_cleanup_free_ char *text = print_to_pipe(make_table(), true);

	assert_non_null(strstr(text, "\033[1;31m39/40\033[0m"));
}

static void terminal_is_never_too_narrow(void **state)
{
	static const unsigned short widths[] = { 200, 132, 100, 80, 60, 50, 40, 30, 26 };

	for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
		_cleanup_free_ char *text = print_to_terminal(make_table(), i % 2, widths[i]);

		if (widest(text) > widths[i])
			fail_msg("%zu columns on %u:\n%s", widest(text), widths[i], text);
		assert_non_null(strstr(text, "39/40"));
	}
}

static void narrow_terminal_has_fewer_columns(void **state)
{
	_cleanup_free_ char *wide = print_to_terminal(make_table(), false, 80);
	_cleanup_free_ char *narrow = print_to_terminal(make_table(), false, 38);

	assert_non_null(strstr(wide, "CPU"));
	assert_null(strstr(narrow, "CPU"));
	assert_non_null(strstr(narrow, "TASKS"));
}

/* As list and check have it: the columns that matter stay, and names can be told apart. */
static void long_names_keep_their_ends(void **state)
{
	static const struct table_column list[] = {
		{ .name = "NAME", .is_tree = true, .is_name = true },
		{ .name = "MEMORY", .is_right = true, .rank = 1 },
	};
	static const struct {
		unsigned short width;
		const char *lines;
	} cases[] = {
		{ 80, "NAME                                                             "
		      "MEMORY\r\n"
		      "a.slice                                                          "
		      "   12M\r\n"
		      "\u2514\u2500a-run-whose-name-is-longer-than-a-terminal-has-columns-1.scope"
		      "     8M\r\n" },
		{ 60, "NAME\r\na.slice\r\n"
		      "\u2514\u2500a-run-whose-name-is\u2026"
		      "er-than-a-terminal-has-columns-1.scope\r\n" },
		{ 40, "NAME\r\na.slice\r\n"
		      "\u2514\u2500a-run-whose-\u2026minal-has-columns-1.scope\r\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct table *table = table_new(list, ARRAY_SIZE(list));
		_cleanup_free_ char *text = NULL;
		size_t slice, scope;

		assert_non_null(table);
		slice = table_add_row(table, TABLE_NO_PARENT);
		scope = table_add_row(table, slice);
		table_set(table, slice, 0, TABLE_PLAIN, "a.slice");
		table_set(table, slice, 1, TABLE_PLAIN, "12M");
		table_set(table, scope, 0, TABLE_PLAIN,
			  "a-run-whose-name-is-longer-than-a-terminal-has-columns-1.scope");
		table_set(table, scope, 1, TABLE_PLAIN, "8M");
		text = print_to_terminal(table, false, cases[i].width);
		assert_string_equal(text, cases[i].lines);
	}
}

static void texts_cannot_break_it(void **state)
{
	static const struct table_column name[] = { { .name = "NAME" } };
	struct table *table = table_new(name, 1);
	_cleanup_free_ char *text = NULL;

	assert_non_null(table);
	table_set(table, table_add_row(table, TABLE_NO_PARENT), 0, TABLE_PLAIN,
		  "a\nb\033[2Jc\td\xff" "e\xc2\x9b" "f\\x2dg");
	text = print_to_pipe(table, false);
	assert_string_equal(text, "NAME\na\\x0ab\\x1b[2Jc\\x09d\\xffe\\xc2\\x9bf\\x2dg\n");
}

static void colour_follows_option_and_environment(void **state)
{
	unsetenv("NO_COLOR");
	assert_true(table_wants_color(TABLE_COLOR_ALWAYS));
	assert_false(table_wants_color(TABLE_COLOR_NEVER));
	setenv("NO_COLOR", "1", 1);
	assert_true(table_wants_color(TABLE_COLOR_ALWAYS));
	assert_false(table_wants_color(TABLE_COLOR_AUTO));
	assert_string_equal(table_color_start(TABLE_BAD, false), "");
	assert_string_equal(table_color_end(TABLE_PLAIN, true), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipe_gets_all_of_it_and_no_colours),
		cmocka_unit_test(colours_are_there_if_wanted),
		cmocka_unit_test(terminal_is_never_too_narrow),
		cmocka_unit_test(narrow_terminal_has_fewer_columns),
		cmocka_unit_test(long_names_keep_their_ends),
		cmocka_unit_test(texts_cannot_break_it),
		cmocka_unit_test(colour_follows_option_and_environment),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
