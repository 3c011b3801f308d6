/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Valid UTF-8 as of RFC 3629. */
#include "base/utf8.h"

#include "base/macro.h"

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

/* U+0000 to U+001F, U+007F, U+0080 to U+009F */
bool utf8_is_control(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	return c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f);
}

size_t utf8_shown_length(const char *text)
{
	return utf8_is_control(text) ? 0 : utf8_length(text);
}
