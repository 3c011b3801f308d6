/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that has to be UTF-8, from words that may be any bytes.
 */
#pragma once

/*
 * The text with U+FFFD in place of each byte that belongs to no valid sequence:
 * surrogates, overlong forms and what is above U+10FFFF are none. Free with free(); NULL:
 * out of memory.
 */
char *utf8_from_bytes(const char *text);
