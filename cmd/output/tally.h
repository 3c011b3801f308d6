/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages that would come too often, which are counted instead. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/macro.h"

#define TALLY_USEC (10 * USEC_PER_SEC)

/* Something that is told at once the first time, and then with its number now and again. */
struct tally {
	uint64_t n;
	uint64_t n_told;
	uint64_t told_usec;
};

static inline void tally_add(struct tally *tally, uint64_t n)
{
	tally->n += n;
}

/* How many of them are to be told of now, 0: none; at_end: it is the last time to ask. */
static inline uint64_t tally_take(struct tally *tally, bool at_end)
{
	const uint64_t n = tally->n - tally->n_told;

	if (n == 0 || (!at_end && tally->n_told > 0 &&
		       now_usec() - tally->told_usec < TALLY_USEC))
		return 0;
	tally->n_told = tally->n;
	tally->told_usec = now_usec();
	return n;
}
