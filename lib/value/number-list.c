/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of CPUs and memory nodes, as in cpuset.cpus: "0-3,8,10-11", and the bitmaps that
 * they stand for.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/scan.h"
#include "base/text.h"
#include "libcg2.h"
#include "value/error.h"

/* Takes a number that is too large as CG2_MAX, so that only junk is junk. -EINVAL. */
static int scan_number(struct scan *s, uint64_t *ret_value)
{
	int r = scan_u64(s, ret_value);

	if (r != -ERANGE)
		return r;
	while (scan_at_digit(s))
		s->pos++;
	*ret_value = CG2_MAX;
	return 0;
}

/*
 * Takes "N" or "N-M" and the comma behind it, which something must follow. 1: done, 0:
 * there is nothing left; -EINVAL.
 */
static int scan_range(struct scan *s, uint64_t *ret_first, uint64_t *ret_last)
{
	if (scan_done(s))
		return 0;
	if (scan_number(s, ret_first) < 0)
		return -EINVAL;
	*ret_last = *ret_first;
	if (scan_char(s, '-') && scan_number(s, ret_last) < 0)
		return -EINVAL;
	if (*ret_last < *ret_first)
		return -EINVAL;
	if (!scan_done(s) && (!scan_char(s, ',') || scan_done(s)))
		return -EINVAL;
	return 1;
}

/* The bitmap is the caller's, and stays as it is if the list turns out to be bad. */
static int list_check(struct scan s, size_t n_bits)
{
	uint64_t first, last;
	bool fits = true;
	int r;

	while ((r = scan_range(&s, &first, &last)) > 0)
		fits = fits && last < n_bits;
	if (r < 0)
		return r;
	return fits ? 0 : -ERANGE;
}

CG2_EXPORT int cg2_list_from_string(const char *text, uint8_t *bitmap, size_t n_bits,
				    struct cg2_error *err)
{
	struct scan s = scan_of_string(text);
	uint64_t first, last;
	int r = n_bits % 8 == 0 ? list_check(s, n_bits) : -EINVAL;

	if (r == -ERANGE)
		return error_setf(err, CG2_OP_PARSE, r, NULL, text,
				  "expected numbers below %zu", n_bits);
	if (r < 0)
		return error_setf(err, CG2_OP_PARSE, r, NULL, text,
				  "expected a list like 0-3,8");
	memset(bitmap, 0, n_bits / 8);
	while (scan_range(&s, &first, &last) > 0)
		for (uint64_t i = first; i <= last; i++)
			bitmap[i / 8] |= (uint8_t)(1U << i % 8);
	return 0;
}

static bool has_bit(const uint8_t *bitmap, size_t n_bits, size_t i)
{
	return i < n_bits && (bitmap[i / 8] & (1U << i % 8));
}

static void put_list(FILE *f, const uint8_t *bitmap, size_t n_bits)
{
	const char *comma = "";

	for (size_t i = 0; i < n_bits; i++) {
		size_t first = i;

		if (!has_bit(bitmap, n_bits, i))
			continue;
		while (has_bit(bitmap, n_bits, i + 1))
			i++;
		fprintf(f, "%s%zu", comma, first);
		if (i > first)
			fprintf(f, "-%zu", i);
		comma = ",";
	}
}

CG2_EXPORT int cg2_list_to_string(const uint8_t *bitmap, size_t n_bits, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f;

	if (n_bits % 8 != 0)
		return -EINVAL;
	f = text_open(&text);
	if (!f)
		return -ENOMEM;
	put_list(f, bitmap, n_bits);
	return text_close(&text, ret_text);
}
