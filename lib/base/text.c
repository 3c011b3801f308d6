/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

FILE *text_open(struct text *text)
{
	*text = (struct text){ NULL, NULL, 0 };
	text->f = open_memstream(&text->bytes, &text->len);
	return text->f;
}

int text_close(struct text *text, char **ret_text)
{
	int failed = ferror(text->f);

	failed |= fclose(text->f);
	text->f = NULL;
	/* A stream that never got a buffer closes well. */
	if (failed || !text->bytes) {
		text_discard(text);
		return -ENOMEM;
	}
	*ret_text = take_ptr(&text->bytes);
	return 0;
}

void text_discard(struct text *text)
{
	if (text->f)
		fclose(text->f);
	text->f = NULL;
	free(take_ptr(&text->bytes));
}

char *text_vformat(const char *format, va_list args)
{
	char *text;

	return vasprintf(&text, format, args) < 0 ? NULL : text;
}

char *text_format(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = text_vformat(format, args);
	va_end(args);
	return text;
}
