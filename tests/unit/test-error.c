/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * struct cg2_error: what it keeps, the line it becomes, and what is left of it without
 * memory.
 */
#include "unit.h"

#include <assert.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <sys/wait.h>

#include "value/error.h"

/* In place of the C library's: lets copies fail. */
static bool out_of_memory;

char *strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = out_of_memory ? NULL : malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

static void check_line(struct cg2_error *err, const char *line)
{
	_cleanup_free_ char *text = NULL;

	assert_int_equal(cg2_error_format(err, &text), 0);
	assert_string_equal(text, line);
	cg2_error_clear(err);
}

/* ------------------------------------------------------------------------------------
 * Filling
 */

static void setting_returns_the_code_negative(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	assert_int_equal(error_set(NULL, CG2_OP_OPEN, ENOENT, "/x", NULL), -ENOENT);
	assert_int_equal(error_set(NULL, CG2_OP_OPEN, -ENOENT, "/x", NULL), -ENOENT);
	assert_int_equal(error_setf(NULL, CG2_OP_OPEN, EACCES, "/x", NULL, "%d", 1),
			 -EACCES);
	error_hint(NULL, "%s", "x");
	error_bus(NULL, "a", "b");
	error_path(NULL, "/x");
	assert_int_equal(
		error_setf(&err, CG2_OP_WRITE, -EACCES, "/x", "5", "no %s", "way"),
		-EACCES);
	assert_int_equal(err.code, EACCES);
	assert_int_equal(err.op, CG2_OP_WRITE);
	assert_string_equal(err.path, "/x");
	assert_string_equal(err.value, "5");
	assert_string_equal(err.detail, "no way");
	assert_null(err.hint);
	cg2_error_clear(&err);
}

static void clearing_makes_it_usable_again(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;
	const struct cg2_error clear = CG2_ERROR_INIT;

	for (unsigned int i = 0; i < 3; i++) {
		error_setf(&err, CG2_OP_CALL, EIO, "a", "b", "c");
		error_bus(&err, "d", "e");
		error_hint(&err, "f");
		cg2_error_clear(&err);
		assert_memory_equal(&err, &clear, sizeof(err));
	}
	cg2_error_clear(&err);
	cg2_error_clear(NULL);
}

static void moving_leaves_the_source_clear(void **state)
{
	struct cg2_error a = CG2_ERROR_INIT, b = CG2_ERROR_INIT;
	const struct cg2_error clear = CG2_ERROR_INIT;

	error_set(&a, CG2_OP_OPEN, ENOENT, "/x", NULL);
	cg2_error_move(&b, &a);
	assert_memory_equal(&a, &clear, sizeof(a));
	assert_string_equal(b.path, "/x");
	cg2_error_move(&b, &b);
	assert_string_equal(b.path, "/x");
	cg2_error_move(NULL, &b);
	assert_memory_equal(&b, &clear, sizeof(b));
	cg2_error_move(&a, &b);
	assert_memory_equal(&a, &clear, sizeof(a));
}

static void first_hint_and_first_path_stay(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	error_set(&err, CG2_OP_PARSE, EINVAL, NULL, "x");
	error_hint(&err, "try %d", 1);
	error_hint(&err, "try %d", 2);
	error_path(&err, "--mem");
	error_path(&err, "--swap");
	error_bus(&err, "first", NULL);
	error_bus(&err, "second", "second");
	assert_string_equal(err.hint, "try 1");
	assert_string_equal(err.path, "--mem");
	assert_string_equal(err.bus_name, "first");
	assert_null(err.bus_message);
	cg2_error_clear(&err);
}

static void nothing_is_added_to_a_clear_error(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;
	const struct cg2_error clear = CG2_ERROR_INIT;

	error_hint(&err, "x");
	error_path(&err, "/x");
	error_bus(&err, "a", "b");
	assert_memory_equal(&err, &clear, sizeof(err));
}

/* In a child, because it is to abort. */
static int status_of(void (*fn)(struct cg2_error *err))
{
	struct cg2_error err = CG2_ERROR_INIT;
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		/* What assert() prints, and the handlers of cmocka, are not wanted. */
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		fn(&err);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void set_twice(struct cg2_error *err)
{
	error_set(err, CG2_OP_OPEN, ENOENT, NULL, NULL);
	error_set(err, CG2_OP_OPEN, ENOENT, NULL, NULL);
}

static void move_onto_a_set_one(struct cg2_error *err)
{
	struct cg2_error other = CG2_ERROR_INIT;

	error_set(err, CG2_OP_OPEN, ENOENT, NULL, NULL);
	error_set(&other, CG2_OP_OPEN, ENOENT, NULL, NULL);
	cg2_error_move(err, &other);
}

static void set_without_a_code(struct cg2_error *err)
{
	error_set(err, CG2_OP_OPEN, 0, NULL, NULL);
}

/* NDEBUG leaves them out. */
static bool has_assertions(void)
{
	bool has = false;

	assert((has = true));
	return has;
}

static void overwriting_is_a_bug(void **state)
{
	int status;

	if (!has_assertions())
		skip();
	status = status_of(set_twice);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	status = status_of(move_onto_a_set_one);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	status = status_of(set_without_a_code);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void code_stays_without_memory(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	out_of_memory = true;
	error_set(&err, CG2_OP_WRITE, EACCES, "/x/memory.max", "5");
	error_bus(&err, "name", "message");
	out_of_memory = false;
	assert_int_equal(err.code, EACCES);
	assert_null(err.path);
	assert_null(err.value);
	assert_null(err.bus_name);
	check_line(&err, "cannot write: Permission denied");
}

/* ------------------------------------------------------------------------------------
 * The line
 */

static const struct {
	enum cg2_op op;
	int code;
	const char *path;
	const char *value;
	const char *detail;
	const char *bus_message;
	const char *line;
} lines[] = {
	{ CG2_OP_NONE, EIO, NULL, NULL, NULL, NULL, "Input/output error" },
	{ CG2_OP_NONE, EIO, "/x", "y", "it broke", NULL, "/x: 'y': it broke" },
	{ CG2_OP_PARSE, EINVAL, "--mem", "512MB", "write 512M", NULL,
	  "--mem: '512MB': write 512M" },
	{ CG2_OP_PARSE, EINVAL, NULL, "512MB", "write 512M", NULL,
	  "'512MB': write 512M" },
	{ CG2_OP_PARSE, EINVAL, "--mem", NULL, "a size is missing", NULL,
	  "--mem: a size is missing" },
	{ CG2_OP_PARSE, EINVAL, "--mem", "", "expected a size", NULL,
	  "--mem: '': expected a size" },
	{ CG2_OP_PARSE, ERANGE, NULL, "x", NULL, NULL,
	  "'x': Numerical result out of range" },
	{ CG2_OP_OPEN, ENOENT, "/sys/fs/cgroup/x/pids.max", NULL, NULL, NULL,
	  "cannot open: /sys/fs/cgroup/x/pids.max: No such file or directory" },
	{ CG2_OP_READ, EBADMSG, "/sys/fs/cgroup/x/cpu.max", NULL, "not a cpu.max file",
	  NULL, "cannot read: /sys/fs/cgroup/x/cpu.max: not a cpu.max file" },
	{ CG2_OP_WRITE, EACCES, "/sys/fs/cgroup/user.slice/memory.max", "512M", NULL,
	  NULL,
	  "cannot write '512M': /sys/fs/cgroup/user.slice/memory.max: Permission "
	  "denied" },
	{ CG2_OP_WRITE, EACCES, "/x/memory.max", NULL, NULL, NULL,
	  "cannot write: /x/memory.max: Permission denied" },
	{ CG2_OP_CREATE, EAGAIN, "/a/b", NULL, "cgroup.max.depth of /a is reached", NULL,
	  "cannot create the cgroup: /a/b: cgroup.max.depth of /a is reached" },
	{ CG2_OP_REMOVE, EBUSY, "/a/b", NULL, NULL, NULL,
	  "cannot remove the cgroup: /a/b: Device or resource busy" },
	{ CG2_OP_DETECT, EOPNOTSUPP, NULL, NULL, "only cgroup v1 is mounted", NULL,
	  "no usable cgroup v2: only cgroup v1 is mounted" },
	{ CG2_OP_CONNECT, ECONNREFUSED, "/run/user/1000/systemd/private", NULL, NULL,
	  NULL,
	  "cannot reach the systemd manager: /run/user/1000/systemd/private: "
	  "Connection refused" },
	{ CG2_OP_CALL, EEXIST, "x.scope", NULL, NULL, "Unit x.scope was already loaded.",
	  "call to the systemd manager failed: x.scope: "
	  "Unit x.scope was already loaded." },
	{ CG2_OP_CALL, EEXIST, "x.scope", NULL, "the name is taken",
	  "Unit x.scope was already loaded.",
	  "call to the systemd manager failed: x.scope: the name is taken: "
	  "Unit x.scope was already loaded." },
	{ CG2_OP_CALL, ETIMEDOUT, NULL, NULL, NULL, NULL,
	  "call to the systemd manager failed: Connection timed out" },
	{ CG2_OP_JOB, EIO, "x.scope", "failed", NULL, NULL,
	  "cannot start the unit, its job ended as 'failed': x.scope: "
	  "Input/output error" },
	{ CG2_OP_JOB, ETIMEDOUT, "x.scope", NULL, "no answer for 30s", NULL,
	  "cannot start the unit: x.scope: no answer for 30s" },
	{ CG2_OP_VERIFY, EINVAL, "/x/memory.max", "536870912", "it holds max", NULL,
	  "the limit '536870912' is not in force: /x/memory.max: it holds max" },
	{ CG2_OP_VERIFY, ENOENT, "/x/io.max", NULL, NULL, NULL,
	  "a limit is not in force: /x/io.max: No such file or directory" },
	{ CG2_OP_SPAWN, EAGAIN, NULL, NULL, NULL, NULL,
	  "cannot create a process: Resource temporarily unavailable" },
	{ CG2_OP_EXEC, ENOENT, "/usr/bin/nope", NULL, NULL, NULL,
	  "cannot execute: /usr/bin/nope: No such file or directory" },
	{ (enum cg2_op)4711, EIO, "/x", NULL, NULL, NULL, "/x: Input/output error" },
	{ CG2_OP_OPEN, 4095, "/x", NULL, NULL, NULL,
	  "cannot open: /x: unknown error 4095" },
};

static void line_says_what_on_what_and_why(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct cg2_error err = CG2_ERROR_INIT;

		if (lines[i].detail)
			error_setf(&err, lines[i].op, lines[i].code, lines[i].path,
				   lines[i].value, "%s", lines[i].detail);
		else
			error_set(&err, lines[i].op, lines[i].code, lines[i].path,
				  lines[i].value);
		error_bus(&err, NULL, lines[i].bus_message);
		error_hint(&err, "a hint is no part of it");
		check_line(&err, lines[i].line);
	}
}

static void every_operation_has_words(void **state)
{
	for (unsigned int op = CG2_OP_OPEN; op <= CG2_OP_EXEC; op++) {
		struct cg2_error err = CG2_ERROR_INIT;
		_cleanup_free_ char *text = NULL;

		error_set(&err, op, EIO, "/x", "v");
		assert_int_equal(cg2_error_format(&err, &text), 0);
		/* Words, then the value somewhere in them, then the path and the reason.
		 */
		assert_true(text[0] >= 'a' && text[0] <= 'z');
		assert_non_null(strstr(text, " 'v'"));
		assert_non_null(strstr(text, ": /x: Input/output error"));
		cg2_error_clear(&err);
	}
}

static void bus_name_stands_in_for_a_message(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	error_set(&err, CG2_OP_CALL, EIO, NULL, NULL);
	error_bus(&err, "org.freedesktop.systemd1.NoSuchUnit", NULL);
	check_line(&err, "call to the systemd manager failed: "
			 "org.freedesktop.systemd1.NoSuchUnit");
}

static void line_is_one_line(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	error_setf(&err, CG2_OP_PARSE, EINVAL, "a\nb", "\x1b[31m\t\x7f\xc2\x9b",
		   "c\rd\n");
	check_line(&err, "a\\x0ab: '\\x1b[31m\\x09\\x7f\\xc2\\x9b': c\\x0dd\\x0a");
	error_set(&err, CG2_OP_CALL, EIO, "a\\x2db.scope", NULL);
	error_bus(&err, "n", "two\nlines");
	check_line(&err, "call to the systemd manager failed: a\\x2db.scope: "
			 "two\\x0alines");
	/* Letters are letters in every language; what is none, an 8-bit terminal may obey. */
	error_set(&err, CG2_OP_EXEC, ENOENT, "\xc2\xb5\xe2\x82\xac\xff\xc2", NULL);
	check_line(&err, "cannot execute: \xc2\xb5\xe2\x82\xac\\xff\\xc2: "
			 "No such file or directory");
}

static void long_values_are_cut_between_letters(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;
	char value[300], line[320];

	memset(value, 'x', 128);
	value[128] = '\0';
	error_setf(&err, CG2_OP_PARSE, EINVAL, NULL, value, "no");
	snprintf(line, sizeof(line), "'%s': no", value);
	check_line(&err, line);

	memcpy(value + 127, "\xc3\xa4yyy", 6);
	error_setf(&err, CG2_OP_PARSE, EINVAL, NULL, value, "no");
	value[127] = '\0';
	snprintf(line, sizeof(line), "'%s...': no", value);
	check_line(&err, line);

	memset(value, 0x80, sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	error_setf(&err, CG2_OP_PARSE, EINVAL, NULL, value, "no");
	check_line(&err, "'...': no");
}

static void line_is_not_translated(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;

	setenv("LANGUAGE", "de", 1);
	setenv("LC_ALL", "de_DE.UTF-8", 1);
	setlocale(LC_ALL, "");
	error_set(&err, CG2_OP_OPEN, ENOENT, "/x", NULL);
	check_line(&err, "cannot open: /x: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_returns_the_code_negative),
		cmocka_unit_test(clearing_makes_it_usable_again),
		cmocka_unit_test(moving_leaves_the_source_clear),
		cmocka_unit_test(first_hint_and_first_path_stay),
		cmocka_unit_test(nothing_is_added_to_a_clear_error),
		cmocka_unit_test(overwriting_is_a_bug),
		cmocka_unit_test(code_stays_without_memory),
		cmocka_unit_test(line_says_what_on_what_and_why),
		cmocka_unit_test(every_operation_has_words),
		cmocka_unit_test(bus_name_stands_in_for_a_message),
		cmocka_unit_test(line_is_one_line),
		cmocka_unit_test(long_values_are_cut_between_letters),
		cmocka_unit_test(line_is_not_translated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
