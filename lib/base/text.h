/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts that are put together piece by piece, in memory.
 *
 *	_cleanup_(text_discard) struct text text = { .f = NULL };
 *	FILE *f = text_open(&text);
 *
 *	if (!f)
 *		return -ENOMEM;
 *	fprintf(f, ...);
 *	return text_close(&text, ret_text);
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/macro.h"

struct text {
	FILE *f;
	char *bytes;
	size_t len;
};

/* Where to print it to; NULL: no memory. */
FILE *text_open(struct text *text);

/* The whole of it, which the caller frees; "" if nothing was printed. -ENOMEM: not all is there. */
int text_close(struct text *text, char **ret_text);

/* For _cleanup_(): a text that is not wanted any more. */
void text_discard(struct text *text);

/* One format, to be freed by the caller; NULL: no memory. */
char *text_format(const char *format, ...) _printf_(1, 2);
char *text_vformat(const char *format, va_list args) _printf_(1, 0);
