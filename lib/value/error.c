/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * struct cg2_error: filling it at the place of failure, handing it on, and putting it
 * into one line for a person. It holds what it was given; only the line escapes and
 * shortens.
 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-text.h"
#include "base/escape.h"
#include "base/macro.h"
#include "base/text.h"
#include "libcg2.h"
#include "value/error.h"

/* A quoted value is there to be recognised; nobody reads more of it than this. */
#define VALUE_SHOWN_BYTES 128

CG2_EXPORT void cg2_error_clear(struct cg2_error *err)
{
	if (!err)
		return;
	free(err->path);
	free(err->value);
	free(err->detail);
	free(err->bus_name);
	free(err->bus_message);
	free(err->hint);
	*err = (struct cg2_error)CG2_ERROR_INIT;
}

CG2_EXPORT void cg2_error_move(struct cg2_error *dest, struct cg2_error *src)
{
	if (!src || dest == src)
		return;
	if (!dest) {
		cg2_error_clear(src);
		return;
	}
	assert(dest->code == 0);
	*dest = *src;
	*src = (struct cg2_error)CG2_ERROR_INIT;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int error_set(struct cg2_error *reterr, enum cg2_op op, int code, const char *path,
	      const char *value)
{
	code = code < 0 ? -code : code;
	assert(code != 0);
	if (!reterr)
		return -code;
	assert(reterr->code == 0);
	reterr->code = code;
	reterr->op = op;
	reterr->path = copy(path);
	reterr->value = copy(value);
	return -code;
}

int error_setf(struct cg2_error *reterr, enum cg2_op op, int code, const char *path,
	       const char *value, const char *format, ...)
{
	va_list args;
	int r = error_set(reterr, op, code, path, value);

	if (!reterr)
		return r;
	va_start(args, format);
	reterr->detail = text_vformat(format, args);
	va_end(args);
	return r;
}

void error_hint(struct cg2_error *reterr, const char *format, ...)
{
	va_list args;

	if (!reterr || !reterr->code || reterr->hint)
		return;
	va_start(args, format);
	reterr->hint = text_vformat(format, args);
	va_end(args);
}

void error_advice(struct cg2_error *reterr, enum cg2_advice_kind advice)
{
	if (reterr && reterr->code && !reterr->advice)
		reterr->advice = advice;
}

void error_limit(struct cg2_error *reterr, enum cg2_limit limit)
{
	if (!reterr || !reterr->code)
		return;
	reterr->has_limit = true;
	reterr->limit = limit;
}

void error_bus(struct cg2_error *reterr, const char *name, const char *message)
{
	if (!reterr || !reterr->code || reterr->bus_name || reterr->bus_message)
		return;
	reterr->bus_name = copy(name);
	reterr->bus_message = copy(message);
}

void error_copy(struct cg2_error *dest, const struct cg2_error *src)
{
	if (!dest)
		return;
	dest->code = src->code;
	dest->op = src->op;
	dest->path = copy(src->path);
	dest->value = copy(src->value);
	dest->detail = copy(src->detail);
	dest->bus_name = copy(src->bus_name);
	dest->bus_message = copy(src->bus_message);
	dest->hint = copy(src->hint);
	dest->advice = src->advice;
	dest->has_limit = src->has_limit;
	dest->limit = src->limit;
}

void error_path(struct cg2_error *reterr, const char *path)
{
	if (reterr && reterr->code && !reterr->path)
		reterr->path = copy(path);
}

/* ------------------------------------------------------------------------------------
 * The line
 */

/* What failed. A value goes between before and after; without one it is plain. */
struct phrase {
	const char *plain; /* NULL: the path and the value say it */
	const char *before;
	const char *after;
};

static const struct phrase phrases[] = {
	[CG2_OP_OPEN] = { "cannot open", "cannot open for ", "" },
	[CG2_OP_READ] = { "cannot read", "cannot read ", "" },
	[CG2_OP_WRITE] = { "cannot write", "cannot write ", "" },
	[CG2_OP_CREATE] = { "cannot create the cgroup", "cannot create the cgroup ", "" },
	[CG2_OP_REMOVE] = { "cannot remove the cgroup", "cannot remove the cgroup ", "" },
	[CG2_OP_DETECT] = { "no usable cgroup v2", "no usable cgroup v2 for ", "" },
	[CG2_OP_CONNECT] = { "cannot reach the systemd manager",
			     "cannot reach the systemd manager for ", "" },
	[CG2_OP_CALL] = { "call to the systemd manager failed",
			  "call to the systemd manager failed for ", "" },
	[CG2_OP_JOB] = { "cannot start the unit",
			 "cannot start the unit, its job ended as ", "" },
	[CG2_OP_VERIFY] = { "a limit is not in force", "the limit ", " is not in force" },
	[CG2_OP_SPAWN] = { "cannot create a process", "cannot create a process for ", "" },
	[CG2_OP_EXEC] = { "cannot execute", "cannot execute ", "" },
	[CG2_OP_FIND] = { "cannot use scope", "cannot use scope for ", "" },
	[CG2_OP_STOP] = { "cannot stop", "cannot stop ", "" },
	[CG2_OP_FREEZE] = { "cannot freeze", "cannot freeze ", "" },
	[CG2_OP_THAW] = { "cannot thaw", "cannot thaw ", "" },
	[CG2_OP_MOVE] = { "cannot move a process", "cannot move process ", "" },
	[CG2_OP_OBSERVE] = { "cannot observe processes", "cannot observe processes for ", "" },
	[CG2_OP_SIGNAL] = { "cannot signal", "cannot signal ", "" },
	[CG2_OP_DELETE] = { "cannot remove", "cannot remove ", "" },
	[CG2_OP_TRACE] = { "cannot trace", "cannot trace ", "" },
	[CG2_OP_PARSE] = { NULL, NULL, NULL },
};

static_assert(ARRAY_SIZE(phrases) == CG2_OP_TRACE + 1, "each operation has its words");

static const struct phrase *phrase_of(unsigned int op)
{
	return &phrases[op < ARRAY_SIZE(phrases) ? op : CG2_OP_NONE];
}

static void put_value(FILE *f, const char *value)
{
	fputc('\'', f);
	put_escaped(f, value, VALUE_SHOWN_BYTES);
	fputc('\'', f);
}

/* The next part of "what failed: on what: why". */
static void put_part(FILE *f, const char *text)
{
	if (!text)
		return;
	if (ftell(f) > 0)
		fputs(": ", f);
	put_escaped(f, text, SIZE_MAX);
}

static void put_what(FILE *f, const struct cg2_error *err)
{
	const struct phrase *phrase = phrase_of(err->op);

	if (phrase->plain && err->value) {
		fputs(phrase->before, f);
		put_value(f, err->value);
		fputs(phrase->after, f);
	} else {
		put_part(f, phrase->plain);
	}
	put_part(f, err->path);
	if (!phrase->plain && err->value) {
		fputs(err->path ? ": " : "", f);
		put_value(f, err->value);
	}
}

/* The manager's sentence says more than the errno that its error was mapped to. */
static void put_why(FILE *f, const struct cg2_error *err)
{
	const char *bus = err->bus_message ? err->bus_message : err->bus_name;
	char buf[64];

	put_part(f, err->detail);
	put_part(f, bus);
	if (!err->detail && !bus)
		put_part(f, errno_text(err->code, buf, sizeof(buf)));
}

CG2_EXPORT int cg2_error_format(const struct cg2_error *err, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	put_what(f, err);
	put_why(f, err);
	return text_close(&text, ret_text);
}
