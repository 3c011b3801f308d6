/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of words: together with the blanks between them they are the whole buffer.
 */
#include "fuzz.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *buf = (const char *)data, *word = NULL;
	size_t pos = 0, len = 0, in_words = 0, blanks = 0;

	for (size_t i = 0; i < size; i++)
		blanks += is_blank(buf[i]);
	while (cg2_parse_word(buf, size, &pos, &word, &len) > 0) {
		check(len > 0 && word >= buf && word + len == buf + pos);
		for (size_t i = 0; i < len; i++)
			check(!is_blank(word[i]));
		in_words += len;
	}
	check(pos == size && in_words + blanks == size);
	return 0;
}
