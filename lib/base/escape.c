/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/escape.h"
#include "base/utf8.h"

void put_escaped(FILE *f, const char *text, size_t max)
{
	const size_t len = strlen(text);
	size_t end = len < max ? len : max;
	size_t i = 0;

	/* Not in the middle of a UTF-8 sequence. */
	if (text[end])
		while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
			end--;
	while (i < end) {
		size_t n = utf8_shown_length(text + i);

		if (n == 0)
			fprintf(f, "\\x%02x", (unsigned char)text[i++]);
		for (; n > 0; n--)
			fputc(text[i++], f);
	}
	if (text[end])
		fputs("...", f);
}
