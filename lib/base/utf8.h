/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a text's bytes are, that others made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The length of the valid UTF-8 sequence that text begins with, 0 if there is none. */
size_t utf8_length(const char *text);

/* Whether it begins with a character that terminals obey. */
bool utf8_is_control(const char *text);

/* How many bytes a terminal can be given as they are, 0: none. */
size_t utf8_shown_length(const char *text);
