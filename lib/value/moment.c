/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moments as users write them: how long ago, a time of today, a date, seconds since 1970.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/scan.h"
#include "libcg2.h"
#include "value/error.h"

#define ACCEPTED "expected 1h (ago), 12:30, 2026-01-31 12:30, @SECONDS or boot"

/* A number of two or four digits that is in the range. */
static bool scan_part(struct scan *s, size_t digits, uint64_t min, uint64_t max, int *ret)
{
	const char *start = s->pos;
	uint64_t value;

	if (scan_u64(s, &value) < 0 || (size_t)(s->pos - start) != digits || value < min ||
	    value > max)
		return false;
	*ret = (int)value;
	return true;
}

/* "12:30" or "12:30:15" */
static bool scan_clock(struct scan *s, struct tm *tm)
{
	tm->tm_sec = 0;
	if (!scan_part(s, 2, 0, 23, &tm->tm_hour) || !scan_char(s, ':') ||
	    !scan_part(s, 2, 0, 59, &tm->tm_min))
		return false;
	return !scan_char(s, ':') || scan_part(s, 2, 0, 60, &tm->tm_sec);
}

/* "2026-01-31", with a time behind it or midnight. */
static bool scan_date(struct scan *s, struct tm *tm)
{
	if (!scan_part(s, 4, 1970, 9999, &tm->tm_year) || !scan_char(s, '-') ||
	    !scan_part(s, 2, 1, 12, &tm->tm_mon) || !scan_char(s, '-') ||
	    !scan_part(s, 2, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year -= 1900;
	tm->tm_mon--;
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	return scan_done(s) || ((scan_char(s, ' ') || scan_char(s, 'T')) && scan_clock(s, tm));
}

/* mktime(3) makes 3 March of 31 February. */
static bool is_day(const struct tm *tm)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year = tm->tm_year + 1900;
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return tm->tm_mday <= days[tm->tm_mon] + (tm->tm_mon == 1 && is_leap);
}

static bool is_date(const char *text)
{
	return strlen(text) > 4 && text[4] == '-';
}

/* In the time zone of the caller. */
static int from_calendar(const char *text, uint64_t now, uint64_t *ret_usec)
{
	struct scan s = scan_of_string(text);
	time_t seconds = (time_t)(now / USEC_PER_SEC);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return -EINVAL;
	if (!(is_date(text) ? scan_date(&s, &tm) : scan_clock(&s, &tm)) || !scan_done(&s) ||
	    !is_day(&tm))
		return -EINVAL;
	tm.tm_isdst = -1;
	seconds = mktime(&tm);
	if (seconds < 0)
		return -EINVAL;
	*ret_usec = (uint64_t)seconds * USEC_PER_SEC;
	return 0;
}

static int from_unix(const char *text, uint64_t *ret_usec)
{
	struct scan s = scan_of_string(text + 1);
	uint64_t seconds;

	if (scan_u64(&s, &seconds) < 0 || !scan_done(&s) ||
	    __builtin_mul_overflow(seconds, USEC_PER_SEC, ret_usec))
		return -EINVAL;
	return 0;
}

CG2_EXPORT int cg2_moment_from_string(const char *text, uint64_t now_usec, uint64_t *ret_usec,
				      struct cg2_error *err)
{
	uint64_t usec, ago;
	int r;

	if (strcmp(text, "boot") == 0) {
		*ret_usec = 0;
		return 0;
	}
	if (strchr(text, ':') || is_date(text)) {
		r = from_calendar(text, now_usec, &usec);
	} else if (text[0] == '@') {
		r = from_unix(text, &usec);
	} else {
		r = cg2_duration_from_string(text, &ago, NULL);
		usec = now_usec - (r == 0 ? MIN(ago, now_usec) : 0);
	}
	if (r < 0)
		return error_setf(err, CG2_OP_PARSE, EINVAL, NULL, text, ACCEPTED);
	/* 0 is the boot. */
	*ret_usec = MAX(usec, UINT64_C(1));
	return 0;
}
