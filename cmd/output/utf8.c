/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Valid UTF-8 as of RFC 3629. */
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "cmd/output/utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The sequences by their first byte, and which second byte each allows. */
static const struct {
	unsigned char first, last;
	unsigned char second_min, second_max;
	size_t length;
} sequences[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

size_t utf8_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	if (c[0] < 0x80)
		return c[0] != '\0';
	for (size_t i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (c[0] < sequences[i].first || c[0] > sequences[i].last)
			continue;
		if (c[1] < sequences[i].second_min || c[1] > sequences[i].second_max)
			return 0;
		for (size_t n = 2; n < sequences[i].length; n++)
			if (c[n] < 0x80 || c[n] > 0xbf)
				return 0;
		return sequences[i].length;
	}
	return 0;
}

char *utf8_from_bytes(const char *text)
{
	const size_t n_replacement = sizeof(replacement) - 1;
	/* At worst every byte is replaced. */
	char *valid = calloc(strlen(text) + 1, n_replacement), *to = valid;

	if (!valid)
		return NULL;
	while (*text) {
		size_t n = utf8_length(text);

		if (n > 0) {
			to = mempcpy(to, text, n);
			text += n;
		} else {
			to = mempcpy(to, replacement, n_replacement);
			text++;
		}
	}
	*to = '\0';
	return valid;
}
