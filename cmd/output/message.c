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
#include "cmd/output/message.h"

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
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&line, &size);
	int failed = !f;

	if (f) {
		fputs(prefix, f);
		put_escaped(f, text, SIZE_MAX);
		fputc('\n', f);
		failed = ferror(f);
		failed |= fclose(f) != 0;
	}
	if (failed)
		write_stderr(out_of_memory, sizeof(out_of_memory) - 1);
	else
		write_stderr(line, size);
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

void message_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted("cgscope: ", format, args);
	va_end(args);
	write_line("", "Try 'cgscope help'");
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

void message_hint(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	write_formatted("cgscope: hint: ", format, args);
	va_end(args);
}

void message_error(const struct cg2_error *err)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_error_format(err, &text) < 0)
		message_failure("%s", strerror(err->code));
	else
		message_failure("%s", text);
	if (err->hint)
		message_hint("%s", err->hint);
}

void message_log(void *userdata _unused_, enum cg2_log_level level, const char *text,
		 const char *hint)
{
	if (level == CG2_LOG_WARNING)
		message_warning("%s", text);
	else
		message_info("%s", text);
	if (hint)
		message_hint("%s", hint);
}
