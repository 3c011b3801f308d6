/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines on stderr. They are in English whatever the locale, since scripts look for them
 * and loading a locale would cost every run more than all of its parsing.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/macro.h"
#include "base/text.h"
#include "cmd/output/advice.h"
#include "cmd/output/message.h"
#include "cmd/output/width.h"
#include "cmd/output/wrap.h"

#define PREFIX "cgscope: "
#define INDENT "cgscope:   "
#define HINT_PREFIX "cgscope: hint: "
#define HINT_INDENT "cgscope:       "

/* Narrower terminals break lines by themselves. */
#define WIDTH_MIN 40

/*
 * There is nobody to tell when stderr cannot be written. A pipe that nobody reads must not end
 * the run either: the SIGPIPE is kept back and taken, unless one was pending before.
 */
static void write_stderr(const char *buf, size_t len)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t set, saved, pending;
	ssize_t n;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, &set, &saved);
	do
		n = write(STDERR_FILENO, buf, len);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&set, NULL, &at_once);
	sigprocmask(SIG_SETMASK, &saved, NULL);
}

/* 0: that is no terminal, where a message is one line, since scripts look for it. */
static size_t message_width(void)
{
	const size_t width = width_of_terminal(STDERR_FILENO);

	/* How wide characters are is the locale's. */
	if (width > 0)
		setlocale(LC_CTYPE, "");
	return width > 0 ? MAX(width, (size_t)WIDTH_MIN) : 0;
}

/* A text, its control characters replaced, behind a prefix; further lines begin with indent. */
static void put_message(FILE *f, const char *prefix, const char *indent, const char *text,
			size_t width)
{
	_cleanup_(text_discard) struct text line = { .f = NULL };
	_cleanup_free_ char *escaped = NULL;
	FILE *memory = text_open(&line);

	if (memory)
		put_escaped(memory, text, SIZE_MAX);
	fputs(prefix, f);
	if (memory && text_close(&line, &escaped) == 0)
		wrap_put(f, escaped, strlen(prefix), indent, width);
	else
		fputs("out of memory\n", f);
}

static void write_line(const char *prefix, const char *text)
{
	static const char out_of_memory[] = "cgscope: out of memory\n";
	_cleanup_(text_discard) struct text line = { .f = NULL };
	_cleanup_free_ char *bytes = NULL;
	FILE *f = text_open(&line);

	if (f)
		put_message(f, prefix, INDENT, text, message_width());
	if (f && text_close(&line, &bytes) == 0)
		write_stderr(bytes, strlen(bytes));
	else
		write_stderr(out_of_memory, sizeof(out_of_memory) - 1);
}

static _printf_(2, 0) void write_formatted(const char *prefix, const char *format,
					   va_list args)
{
	_cleanup_free_ char *text = NULL;
	int saved = errno;

	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	write_line(text ? prefix : PREFIX, text ? text : "out of memory");
	errno = saved;
}

void message_failure(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted(PREFIX, format, args);
	va_end(args);
}

void message_usage(const char *text, const char *topic)
{
	char line[64];

	write_line(PREFIX, text);
	snprintf(line, sizeof(line), "Try 'cgscope help%s%s'", topic ? " " : "",
		 topic ? topic : "");
	write_line("", line);
}

void message_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted("cgscope: warning: ", format, args);
	va_end(args);
}

void message_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted(PREFIX, format, args);
	va_end(args);
}

/* ---- hints ---- */

static void write_hint(const char *hint)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *copy = strdup(hint), *lines = NULL;
	FILE *f = copy ? text_open(&text) : NULL;
	const char *prefix = HINT_PREFIX;
	char *save = NULL;

	if (!f)
		return;
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		/* One that begins with a blank is a command. */
		put_message(f, prefix, HINT_INDENT, line, *line == ' ' ? 0 : message_width());
		prefix = HINT_INDENT;
	}
	if (text_close(&text, &lines) == 0)
		write_stderr(lines, strlen(lines));
}

void message_hint(const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	int saved = errno;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text)
		write_hint(text);
	errno = saved;
}

/* ---- errors ---- */

static void hint_of(const struct cg2_error *err)
{
	_cleanup_free_ char *hint = advice_error_hint(err);

	if (hint)
		message_hint("%s", hint);
}

void message_error(const struct cg2_error *err)
{
	_cleanup_free_ char *text = advice_error_text(err);

	message_failure("%s", text ? text : strerror(err->code));
	hint_of(err);
}

void message_log(void *userdata _unused_, enum cg2_log_level level, const char *text,
		 const struct cg2_error *err)
{
	if (level == CG2_LOG_WARNING)
		message_warning("%s", text);
	else
		message_info("%s", text);
	if (err)
		hint_of(err);
}
