/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines on stderr. They are in English whatever the locale, since scripts look for them
 * and loading a locale would cost every run more than all of its parsing.
 */
#include <errno.h>
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

#define HINT_PREFIX "cgscope: hint: "
#define HINT_INDENT "cgscope:       "

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

static void write_line(const char *prefix, const char *text)
{
	static const char out_of_memory[] = "cgscope: out of memory\n";
	_cleanup_(text_discard) struct text line = { .f = NULL };
	_cleanup_free_ char *bytes = NULL;
	FILE *f = text_open(&line);

	if (f) {
		fputs(prefix, f);
		put_escaped(f, text, SIZE_MAX);
		fputc('\n', f);
	}
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
	write_line(text ? prefix : "cgscope: ", text ? text : "out of memory");
	errno = saved;
}

void message_failure(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted("cgscope: ", format, args);
	va_end(args);
}

void message_usage(const char *text, const char *topic)
{
	char line[64];

	write_line("cgscope: ", text);
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
	write_formatted("cgscope: ", format, args);
	va_end(args);
}

/* ---- hints ---- */

/* How much of the text goes into a line of so much room: up to a sentence's end, else a word's. */
static size_t fitting_length(const char *text, size_t room)
{
	size_t word = 0, sentence = 0;

	if (strlen(text) <= room)
		return strlen(text);
	for (size_t i = 1; i <= room; i++)
		if (text[i] == ' ') {
			word = i;
			if (strchr(".;:", text[i - 1]))
				sentence = i;
		}
	if (sentence == 0 && word == 0)
		return strcspn(text, " ");
	return sentence > 0 ? sentence : word;
}

/* A line of the hint; one that begins with a blank is a command, and is not broken. */
static void put_hint_line(FILE *f, const char *prefix, const char *text, size_t width)
{
	const size_t used = sizeof(HINT_PREFIX) - 1;

	do {
		_cleanup_free_ char *line = NULL;
		size_t n = strlen(text);

		if (width > used && *text != ' ')
			n = fitting_length(text, width - used);
		line = strndup(text, n);
		fputs(prefix, f);
		put_escaped(f, line ? line : "", SIZE_MAX);
		fputc('\n', f);
		text += n;
		text += *text ? strspn(text, " ") : 0;
		prefix = HINT_INDENT;
	} while (*text);
}

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
		put_hint_line(f, prefix, line, width_of_terminal(STDERR_FILENO));
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
