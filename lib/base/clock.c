/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <time.h>

#include "base/macro.h"

static uint64_t read_clock(clockid_t clock)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * USEC_PER_SEC + (uint64_t)ts.tv_nsec / NSEC_PER_USEC;
}

uint64_t now_usec(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t now_real_usec(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t end_after(uint64_t timeout_usec)
{
	const uint64_t now = now_usec();

	return timeout_usec > UINT64_MAX - now ? UINT64_MAX : now + timeout_usec;
}

uint64_t usec_until(uint64_t end_usec)
{
	const uint64_t now = now_usec();

	if (end_usec == UINT64_MAX)
		return UINT64_MAX;
	return end_usec > now ? end_usec - now : 0;
}

int msec_until(uint64_t end_usec)
{
	const uint64_t now = now_usec();

	if (end_usec == UINT64_MAX)
		return -1;
	if (end_usec <= now)
		return 0;
	return (int)MIN((end_usec - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC, INT32_MAX);
}
