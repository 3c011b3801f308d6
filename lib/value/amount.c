/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The amounts that people write: sizes, durations, percentages, numbers of CPUs. A word
 * is taken as a whole or refused, what is cut off is less than one unit of the result,
 * and what a formatter writes is read back as the same value. CG2_MAX comes from the word
 * "max" only, never from a number.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "base/scan.h"
#include "libcg2.h"
#include "value/error.h"

/* Longer than any number, and than any combination of the units of time. */
#define TEXT_MAX 128

/* A number this long is no slip of the pen, and a message need not repeat it. */
#define FIX_DIGITS_MAX 24

#define PERMYRIAD_ONE 10000

static int copy_text(const char *text, char **ret_text)
{
	char *copied = strdup(text);

	if (!copied)
		return -ENOMEM;
	*ret_text = copied;
	return 0;
}

/* The word is not understood; detail says what would be. */
static int refuse(struct cg2_error *err, int code, const char *text, const char *detail)
{
	return error_setf(err, CG2_OP_PARSE, code, NULL, text, "%s", detail);
}

CG2_EXPORT int cg2_u64_from_string(const char *text, uint64_t *ret_value)
{
	struct scan s = scan_of_string(text);
	uint64_t value;
	int r = scan_u64(&s, &value);

	/* Junk after the digits is junk however many digits there are. */
	while (r == -ERANGE && scan_at_digit(&s))
		s.pos++;
	if (r == -EINVAL || !scan_done(&s))
		return -EINVAL;
	if (r == 0)
		*ret_value = value;
	return r;
}

/* The value in parts; what would be CG2_MAX is out of range. */
static int scale(const struct decimal *d, uint64_t parts, uint64_t *ret_value)
{
	uint64_t value;
	int r = decimal_scale(d, parts, &value);

	if (r < 0)
		return r;
	if (value == CG2_MAX)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

/* Writes the digits of part / one after a point, without the zeros at the end. */
static size_t put_fraction(char *at, uint64_t part, uint64_t one)
{
	size_t n = 0;

	if (part == 0)
		return 0;
	at[n++] = '.';
	for (; part > 0; part %= one) {
		part *= 10;
		at[n++] = (char)('0' + part / one);
	}
	return n;
}

/*
 * Writes value / one and the unit's name at the end of text, TEXT_MAX bytes. The fraction
 * is finite if one has no other prime factors than 2 and 5; all of ours are like that.
 */
static void put_amount(char *text, uint64_t value, uint64_t one, const char *unit)
{
	size_t n = strlen(text);

	n += (size_t)snprintf(text + n, TEXT_MAX - n, "%llu",
			      (unsigned long long)(value / one));
	n += put_fraction(text + n, value % one, one);
	snprintf(text + n, TEXT_MAX - n, "%s", unit);
}

static bool is_unlimited(const char *text)
{
	return strcmp(text, "max") == 0 || strcmp(text, "infinity") == 0;
}

/* ------------------------------------------------------------------------------------
 * Percentages
 */

/* Up to the end of the text. -EINVAL: it is no percentage, -ERANGE: it is too large. */
static int percent(const struct decimal *d, struct scan rest, uint64_t *ret_permyriad)
{
	if (!scan_is(&rest, "%") || d->n_fraction > 2)
		return -EINVAL;
	return scale(d, PERMYRIAD_ONE / 100, ret_permyriad);
}

CG2_EXPORT int cg2_percent_from_string(const char *text, uint64_t *ret_permyriad,
				       struct cg2_error *err)
{
	struct scan s = scan_of_string(text);
	struct decimal d;
	int r = scan_decimal(&s, &d);

	if (r == 0)
		r = percent(&d, s, ret_permyriad);
	if (r == -ERANGE)
		return refuse(err, r, text, "expected at most 184467440737095516%");
	if (r < 0)
		return refuse(err, r, text, "expected a percentage like 50% or 12.5%");
	return 0;
}

CG2_EXPORT int cg2_percent_to_string(uint64_t permyriad, char **ret_text)
{
	char text[TEXT_MAX] = "";

	if (permyriad == CG2_MAX)
		return copy_text("max", ret_text);
	put_amount(text, permyriad, PERMYRIAD_ONE / 100, "%");
	return copy_text(text, ret_text);
}

/* ------------------------------------------------------------------------------------
 * Amounts of CPU
 */

static int cpu_amount(const char *text, uint64_t *ret_permyriad)
{
	struct scan s = scan_of_string(text);
	struct decimal d;
	int r = scan_decimal(&s, &d);

	if (r < 0)
		return r;
	if (!scan_done(&s))
		return percent(&d, s, ret_permyriad);
	return d.n_fraction > 4 ? -EINVAL : scale(&d, PERMYRIAD_ONE, ret_permyriad);
}

CG2_EXPORT int cg2_cpu_from_string(const char *text, uint64_t *ret_permyriad,
				   struct cg2_error *err)
{
	uint64_t value = CG2_MAX;
	int r = strcmp(text, "max") == 0 ? 0 : cpu_amount(text, &value);

	if (r == -ERANGE)
		return refuse(err, r, text, "expected at most 1844674407370955 CPUs");
	if (r < 0)
		return refuse(err, r, text, "expected CPUs like 1.5 or 150%, or max");
	if (value == 0)
		return refuse(err, -ERANGE, text, "expected more than 0");
	*ret_permyriad = value;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Sizes
 */

static const char size_letters[] = "KMGT";

/* Takes K, M, G or T, small or not, and says how many bits it stands for; 0: there is none. */
static unsigned int scan_letter(struct scan *s)
{
	for (unsigned int i = 0; size_letters[i]; i++)
		if (scan_char(s, size_letters[i]) || scan_char(s, to_lower(size_letters[i])))
			return (i + 1) * 10;
	return 0;
}

/* How many bits the suffix up to the end of the text stands for. -EINVAL. */
static int size_suffix(struct scan s)
{
	unsigned int bits = scan_letter(&s);

	if (bits > 0)
		scan_word(&s, "iB");
	return scan_done(&s) ? (int)bits : -EINVAL;
}

/*
 * The letter to write instead of a suffix that others write: MB, mb, m, Mi, B. 0: just
 * the number; -EINVAL: it is nothing like a suffix.
 */
static int meant_letter(struct scan s)
{
	char upper[4] = "";
	const char *rest = upper;
	int letter = 0;

	if (scan_left(&s) >= sizeof(upper))
		return -EINVAL;
	for (size_t i = 0; i < scan_left(&s); i++)
		upper[i] = to_upper(s.pos[i]);
	if (upper[0] && strchr(size_letters, upper[0]))
		letter = *rest++;
	if (strcmp(rest, "B") == 0)
		return letter;
	if (letter && (!*rest || strcmp(rest, "I") == 0 || strcmp(rest, "IB") == 0))
		return letter;
	return -EINVAL;
}

/* Refuses a word that is no size, with the size that was meant if that can be told. */
static int size_refuse(const char *text, bool percentages, struct cg2_error *err)
{
	struct scan s = scan_of_string(text);
	struct decimal d = { 0 };
	int letter = scan_decimal(&s, &d) < 0 ? -EINVAL : meant_letter(s);
	size_t n = (size_t)(s.pos - text);
	const char suffix[] = { (char)MAX(letter, 0), '\0' };

	if (n <= FIX_DIGITS_MAX && (letter > 0 || (letter == 0 && d.n_fraction == 0)))
		return error_setf(err, CG2_OP_PARSE, -EINVAL, NULL, text, "write %.*s%s",
				  (int)n, text, suffix);
	return refuse(err, -EINVAL, text,
		      percentages ? "expected a size like 512M, 1.5G, 25% or max"
				  : "expected a size like 512M, 1.5G or max");
}

static int size_of_total(const char *text, const struct decimal *d, struct scan rest,
			 uint64_t total_bytes, uint64_t *ret_bytes, struct cg2_error *err)
{
	uint64_t share;
	int r = percent(d, rest, &share);

	if (r == -EINVAL)
		return size_refuse(text, total_bytes > 0, err);
	if (total_bytes == 0)
		return refuse(err, -EINVAL, text,
			      "a percentage means nothing here, write a size like 512M");
	if (r < 0 || share > PERMYRIAD_ONE)
		return refuse(err, -ERANGE, text, "expected at most 100%");
	*ret_bytes = total_bytes / PERMYRIAD_ONE * share +
		     total_bytes % PERMYRIAD_ONE * share / PERMYRIAD_ONE;
	return 0;
}

CG2_EXPORT int cg2_size_from_string(const char *text, uint64_t total_bytes,
				    uint64_t *ret_bytes, struct cg2_error *err)
{
	struct scan s = scan_of_string(text);
	struct decimal d;
	int bits;

	if (is_unlimited(text)) {
		*ret_bytes = CG2_MAX;
		return 0;
	}
	if (scan_decimal(&s, &d) < 0)
		return size_refuse(text, total_bytes > 0, err);
	if (!scan_done(&s) && *s.pos == '%')
		return size_of_total(text, &d, s, total_bytes, ret_bytes, err);
	bits = size_suffix(s);
	/* A part of a byte is no size, a part of a KiB is. */
	if (bits < 0 || (bits == 0 && d.n_fraction > 0))
		return size_refuse(text, total_bytes > 0, err);
	if (scale(&d, UINT64_C(1) << bits, ret_bytes) < 0)
		return refuse(err, -ERANGE, text, "expected less than 16777216T");
	return 0;
}

CG2_EXPORT int cg2_size_to_string(uint64_t bytes, char **ret_text)
{
	char best[TEXT_MAX] = "";

	if (bytes == CG2_MAX)
		return copy_text("max", ret_text);
	put_amount(best, bytes, 1, "");
	for (unsigned int i = 0; size_letters[i]; i++) {
		const char unit[] = { size_letters[i], '\0' };
		uint64_t one = UINT64_C(1) << (i + 1) * 10;
		char text[TEXT_MAX] = "";

		if (bytes < one)
			break;
		put_amount(text, bytes, one, unit);
		if (strlen(text) <= strlen(best))
			memcpy(best, text, sizeof(best));
	}
	return copy_text(best, ret_text);
}

/* ------------------------------------------------------------------------------------
 * Durations
 */

#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)
#define USEC_PER_WEEK (7 * USEC_PER_DAY)

/* systemd.time(7) without months and years, of which nobody knows how long they are. */
static const struct {
	const char *name;
	uint64_t usec;
} time_names[] = {
	{ "us", 1 },
	{ "usec", 1 },
	{ "ms", USEC_PER_MSEC },
	{ "msec", USEC_PER_MSEC },
	{ "s", USEC_PER_SEC },
	{ "sec", USEC_PER_SEC },
	{ "second", USEC_PER_SEC },
	{ "seconds", USEC_PER_SEC },
	{ "m", USEC_PER_MINUTE },
	{ "min", USEC_PER_MINUTE },
	{ "minute", USEC_PER_MINUTE },
	{ "minutes", USEC_PER_MINUTE },
	{ "h", USEC_PER_HOUR },
	{ "hr", USEC_PER_HOUR },
	{ "hour", USEC_PER_HOUR },
	{ "hours", USEC_PER_HOUR },
	{ "d", USEC_PER_DAY },
	{ "day", USEC_PER_DAY },
	{ "days", USEC_PER_DAY },
	{ "w", USEC_PER_WEEK },
	{ "week", USEC_PER_WEEK },
	{ "weeks", USEC_PER_WEEK },
};

/* Takes the name of a unit, up to the next digit or the end; 0: it is none. */
static uint64_t scan_time_unit(struct scan *s)
{
	struct scan name = { s->pos, s->pos };

	while (name.end < s->end && !is_digit(*name.end))
		name.end++;
	for (size_t i = 0; i < ARRAY_SIZE(time_names); i++)
		if (scan_is(&name, time_names[i].name)) {
			s->pos = name.end;
			return time_names[i].usec;
		}
	return 0;
}

/* The sum of all parts. Nothing that is out of range hides junk behind it. */
static int duration_sum(struct scan s, uint64_t *ret_usec)
{
	uint64_t sum = 0;
	bool fits = true;

	do {
		struct decimal d;
		uint64_t unit, usec = 0;

		if (scan_decimal(&s, &d) < 0)
			return -EINVAL;
		unit = scan_time_unit(&s);
		if (unit == 0)
			return -EINVAL;
		fits = fits && scale(&d, unit, &usec) == 0 &&
		       !__builtin_add_overflow(sum, usec, &sum);
	} while (!scan_done(&s));
	if (!fits || sum == CG2_MAX)
		return -ERANGE;
	*ret_usec = sum;
	return 0;
}

/* Seconds if there is no unit at all. */
static int duration(const char *text, uint64_t *ret_usec)
{
	struct scan s = scan_of_string(text);
	struct scan seconds = s;
	struct decimal d;

	if (scan_decimal(&seconds, &d) == 0 && scan_done(&seconds))
		return scale(&d, USEC_PER_SEC, ret_usec);
	return duration_sum(s, ret_usec);
}

CG2_EXPORT int cg2_duration_from_string(const char *text, uint64_t *ret_usec,
					struct cg2_error *err)
{
	int r;

	if (is_unlimited(text)) {
		*ret_usec = CG2_MAX;
		return 0;
	}
	r = duration(text, ret_usec);
	if (r == -ERANGE)
		return refuse(err, r, text, "expected less than 30500569w");
	if (r < 0)
		return refuse(err, r, text,
			      "expected a duration like 30 (seconds), 200ms, 1.5s or "
			      "1h30min");
	return 0;
}

/* What durations are written with, from the largest on. */
static const struct {
	const char *name;
	uint64_t usec;
	bool decimal; /* takes all that is left as a fraction */
} time_units[] = {
	{ "w", USEC_PER_WEEK, false },
	{ "d", USEC_PER_DAY, false },
	{ "h", USEC_PER_HOUR, false },
	{ "min", USEC_PER_MINUTE, false },
	{ "s", USEC_PER_SEC, true },
	{ "ms", USEC_PER_MSEC, true },
	{ "us", 1, true },
};

/* Writes the duration in the units from first on. */
static void put_duration(char *text, uint64_t usec, size_t first)
{
	for (size_t i = first; i < ARRAY_SIZE(time_units) && usec > 0; i++) {
		uint64_t one = time_units[i].usec;
		uint64_t rest = time_units[i].decimal ? 0 : usec % one;

		if (usec < one)
			continue;
		put_amount(text, usec - rest, one, time_units[i].name);
		usec = rest;
	}
}

CG2_EXPORT int cg2_duration_to_string(uint64_t usec, char **ret_text)
{
	char best[TEXT_MAX] = "";

	if (usec == CG2_MAX)
		return copy_text("max", ret_text);
	if (usec == 0)
		return copy_text("0s", ret_text);
	for (size_t i = 0; i < ARRAY_SIZE(time_units); i++) {
		char text[TEXT_MAX] = "";

		if (usec < time_units[i].usec)
			continue;
		put_duration(text, usec, i);
		if (!best[0] || strlen(text) < strlen(best))
			memcpy(best, text, sizeof(best));
	}
	return copy_text(best, ret_text);
}
