/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/output/shell-word.h"

#include <string.h>

void shell_put_word(FILE *f, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./,:=+@%";

	if (*word && word[strspn(word, plain)] == '\0') {
		fputs(word, f);
		return;
	}
	fputc('\'', f);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", f);
		else
			fputc(*word, f);
	}
	fputc('\'', f);
}

void shell_put_words(FILE *f, char *const *words)
{
	for (; *words; words++) {
		fputc(' ', f);
		shell_put_word(f, *words);
	}
}
