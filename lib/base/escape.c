/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/escape.h"

/*
 * The length of the control character at text, 0 if there is none. U+0080 to U+009F count
 * too: terminals obey them.
 */
static size_t control_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if (c[0] < 0x20 || c[0] == 0x7f)
		return 1;
	return c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f ? 2 : 0;
}

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
		size_t n = control_length(text + i);

		if (n == 0)
			fputc(text[i++], f);
		for (; n > 0; n--)
			fprintf(f, "\\x%02x", (unsigned char)text[i++]);
	}
	if (text[end])
		fputs("...", f);
}
