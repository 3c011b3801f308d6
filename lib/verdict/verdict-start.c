/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a command never ran, in words: those of the start's own error.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "verdict/verdict-cause.h"

static void put_error(FILE *f, const struct cg2_error *error)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_error_format(error, &text) == 0)
		fputs(text, f);
}

void reason_refused(FILE *f, const struct evidence *e)
{
	if (e->in->failure && e->in->failure->code)
		put_error(f, e->in->failure);
	else
		fputs("it was not started", f);
}

void reason_exec(FILE *f, const struct evidence *e)
{
	struct cg2_error error = *e->in->failure;

	if (!error.path)
		error.path = (char *)e->in->program;
	put_error(f, &error);
}

void hint_refused(FILE *f, const struct evidence *e)
{
	if (e->in->failure && e->in->failure->hint)
		put_escaped(f, e->in->failure->hint, SIZE_MAX);
}
