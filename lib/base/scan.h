/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a text from left to right without copying it: what the parsers of words and of
 * cgroup files are made of. Bytes only, so that no locale has a say. A step that fails
 * leaves the position where it was.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What is left of the text. */
struct scan {
	const char *pos;
	const char *end;
};

static inline struct scan scan_of(const char *buf, size_t len)
{
	const char *start = buf ? buf : "";

	return (struct scan){ start, start + len };
}

static inline struct scan scan_of_string(const char *text)
{
	return scan_of(text, strlen(text));
}

static inline size_t scan_left(const struct scan *s)
{
	return (size_t)(s->end - s->pos);
}

static inline bool scan_done(const struct scan *s)
{
	return s->pos == s->end;
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ASCII only. */
static inline char to_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool scan_at_digit(const struct scan *s)
{
	return !scan_done(s) && is_digit(*s->pos);
}

/* Takes the character c. */
static inline bool scan_char(struct scan *s, char c)
{
	if (scan_done(s) || *s->pos != c)
		return false;
	s->pos++;
	return true;
}

/* Takes the characters of word. */
static inline bool scan_word(struct scan *s, const char *word)
{
	size_t len = strlen(word);

	if (scan_left(s) < len || memcmp(s->pos, word, len) != 0)
		return false;
	s->pos += len;
	return true;
}

/* Takes everything before the next c, or all of it, and c as well. */
static inline struct scan scan_until(struct scan *s, char c)
{
	size_t left = scan_left(s);
	const char *at = left > 0 ? memchr(s->pos, c, left) : NULL;
	struct scan part = { s->pos, at ? at : s->end };

	s->pos = at ? at + 1 : s->end;
	return part;
}

/* Is this all of the rest? */
static inline bool scan_is(const struct scan *s, const char *word)
{
	struct scan rest = *s;

	return scan_word(&rest, word) && scan_done(&rest);
}

/* Takes all the digits there are. -EINVAL: none; -ERANGE: the number does not fit. */
static inline int scan_u64(struct scan *s, uint64_t *ret_value)
{
	const char *p = s->pos;
	uint64_t value = 0;
	bool fits = true;

	for (; p < s->end && is_digit(*p); p++)
		fits = fits && !__builtin_mul_overflow(value, 10, &value) &&
		       !__builtin_add_overflow(value, (uint64_t)(*p - '0'), &value);
	if (p == s->pos)
		return -EINVAL;
	if (!fits)
		return -ERANGE;
	s->pos = p;
	*ret_value = value;
	return 0;
}

/* "12" or "12.50", any number of digits. */
struct decimal {
	const char *whole;
	size_t n_whole;
	const char *fraction; /* the digits after the point */
	size_t n_fraction;    /* 0: there is no point */
};

/* Takes a decimal number. A point without digits on both sides is no part of it. -EINVAL.
 */
static inline int scan_decimal(struct scan *s, struct decimal *ret_decimal)
{
	struct decimal d = { .whole = s->pos };
	struct scan rest = *s;

	while (scan_at_digit(&rest))
		rest.pos++;
	d.n_whole = (size_t)(rest.pos - d.whole);
	if (d.n_whole == 0)
		return -EINVAL;
	s->pos = rest.pos;
	if (scan_char(&rest, '.') && scan_at_digit(&rest)) {
		d.fraction = rest.pos;
		while (scan_at_digit(&rest))
			rest.pos++;
		d.n_fraction = (size_t)(rest.pos - d.fraction);
		s->pos = rest.pos;
	}
	*ret_decimal = d;
	return 0;
}

/*
 * The number in units of which one is so many parts, rounded down: 1.5 of 1024 is 1536.
 * parts is at most UINT64_MAX / 10. -ERANGE.
 */
static inline int decimal_scale(const struct decimal *d, uint64_t parts,
				uint64_t *ret_value)
{
	struct scan whole = scan_of(d->whole, d->n_whole);
	uint64_t value, below = 0;

	if (scan_u64(&whole, &value) < 0)
		return -ERANGE;
	/* From the last digit on, what is cut off can never add up to one: this is exact.
	 */
	for (size_t i = d->n_fraction; i > 0; i--)
		below = ((uint64_t)(d->fraction[i - 1] - '0') * parts + below) / 10;
	if (__builtin_mul_overflow(value, parts, &value) ||
	    __builtin_add_overflow(value, below, &value))
		return -ERANGE;
	*ret_value = value;
	return 0;
}
