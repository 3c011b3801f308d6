/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clock of time limits, which nobody can set; and messages that would come too often, which
 * are counted instead.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/macro.h"

static inline uint64_t monotonic_usec(void)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

/* The end of a time that may be as long as the clock. */
static inline uint64_t monotonic_after(uint64_t usec)
{
	const uint64_t now = monotonic_usec();

	return usec > UINT64_MAX - now ? UINT64_MAX : now + usec;
}

/* For poll(2): until then, rounded up; -1: for ever. */
static inline int monotonic_msec_until(uint64_t end_usec)
{
	const uint64_t now = monotonic_usec();

	if (end_usec == UINT64_MAX)
		return -1;
	if (end_usec <= now)
		return 0;
	return (int)MIN((end_usec - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC, INT32_MAX);
}

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
		       monotonic_usec() - tally->told_usec < TALLY_USEC))
		return 0;
	tally->n_told = tally->n;
	tally->told_usec = monotonic_usec();
	return n;
}
