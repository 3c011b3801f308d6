/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words as a shell takes them, for commands that users copy.
 */
#pragma once

#include <stdio.h>

/* In quotes if they are needed. */
void shell_put_word(FILE *f, const char *word);

/* Words ended by NULL, a blank before each. */
void shell_put_words(FILE *f, char *const *words);
