/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What every unit test needs: cmocka and its prerequisites, messages that name the case
 * of a table, and numbers that look random and are the same in every run.
 */
#pragma once

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "libcg2.h"

/* In an output before a call; no test expects it as a result. */
#define UNTOUCHED UINT64_C(0xfeedfacedeadbeef)

/* Fails with the case's name if the condition does not hold. */
#define check_case(name, condition)                                                      \
	do {                                                                             \
		if (!(condition))                                                        \
			fail_msg("%.80s: not so: %s", (name), #condition);               \
	} while (0)

/* xorshift64*: good enough to find what nobody thought of. */
static inline uint64_t next_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

/* A value of any magnitude, round ones more often than not. */
static inline uint64_t random_value(uint64_t *state)
{
	uint64_t value = next_random(state) >> next_random(state) % 64;

	if (next_random(state) % 2)
		value &= UINT64_MAX << next_random(state) % 64;
	if (next_random(state) % 4 == 0)
		value = value / 1000000 * 1000000;
	return value;
}

/* Far longer than anybody types. */
#define LONG_WORD 10000

/* A word of LONG_WORD times c, then end. free() it. */
static inline char *long_word(char c, const char *end)
{
	char *text = malloc(LONG_WORD + strlen(end) + 1);

	assert_non_null(text);
	memset(text, c, LONG_WORD);
	memcpy(text + LONG_WORD, end, strlen(end) + 1);
	return text;
}
