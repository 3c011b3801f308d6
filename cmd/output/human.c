/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rounding is half up, in integers: a double would lose digits of large values. */
#include <inttypes.h>
#include <stdio.h>

#include "base/macro.h"
#include "cmd/output/human.h"

#define USEC_PER_MIN (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)

/* value / unit in tenths, without an overflow on the way. */
static uint64_t tenths(uint64_t value, uint64_t unit)
{
	return value / unit * 10 + (value % unit * 10 + unit / 2) / unit;
}

/* Up to 99.9 with the tenth, unless it is 0. */
static void put_tenths(uint64_t n, const char *unit, char *buf)
{
	if (n < 1000 && n % 10 != 0)
		snprintf(buf, HUMAN_MAX, "%" PRIu64 ".%" PRIu64 "%s", n / 10, n % 10,
			 unit);
	else
		snprintf(buf, HUMAN_MAX, "%" PRIu64 "%s", (n + 5) / 10, unit);
}

void human_bytes(uint64_t bytes, char *buf)
{
	static const char *const units[] = { "B", "K", "M", "G", "T", "P", "E" };
	uint64_t unit = 1;
	size_t i = 0;

	/* What rounds up to 1024 of a unit is 1 of the next. */
	while (i + 1 < ARRAY_SIZE(units) && tenths(bytes, unit) >= 10235) {
		unit <<= 10;
		i++;
	}
	put_tenths(tenths(bytes, unit), units[i], buf);
}

void human_usec(uint64_t usec, char *buf)
{
	/* Where the smaller unit would be rounded up to one of the larger. */
	if (usec % USEC_PER_SEC == 0 && usec < USEC_PER_MIN) {
		snprintf(buf, HUMAN_MAX, "%" PRIu64 "s", usec / USEC_PER_SEC);
	} else if (usec < USEC_PER_MSEC) {
		snprintf(buf, HUMAN_MAX, "%" PRIu64 "us", usec);
	} else if (usec < USEC_PER_SEC - USEC_PER_MSEC / 2) {
		put_tenths(tenths(usec, USEC_PER_MSEC), "ms", buf);
	} else if (usec < USEC_PER_MIN - USEC_PER_SEC / 200) {
		uint64_t n = (usec + USEC_PER_SEC / 200) / (USEC_PER_SEC / 100);

		snprintf(buf, HUMAN_MAX, "%" PRIu64 ".%02" PRIu64 "s", n / 100, n % 100);
	} else if (usec < USEC_PER_HOUR - USEC_PER_SEC / 2) {
		uint64_t n = (usec + USEC_PER_SEC / 2) / USEC_PER_SEC;

		snprintf(buf, HUMAN_MAX, "%" PRIu64 "min%02" PRIu64 "s", n / 60, n % 60);
	} else {
		uint64_t n =
			usec / USEC_PER_MIN + (usec % USEC_PER_MIN >= USEC_PER_MIN / 2);

		snprintf(buf, HUMAN_MAX, "%" PRIu64 "h%02" PRIu64 "min", n / 60, n % 60);
	}
}

void human_count(uint64_t count, char *buf)
{
	snprintf(buf, HUMAN_MAX, "%" PRIu64, count);
}

void human_percent(uint64_t permyriad, char *buf)
{
	snprintf(buf, HUMAN_MAX, "%" PRIu64 "%%",
		 permyriad / 100 + (permyriad % 100 >= 50));
}
