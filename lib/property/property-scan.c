/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tokens of unit files: quoted words, sizes, times, percentages, booleans. They
 * differ from how the library's own limits are written: sizes know no "KiB" and no "max",
 * and several parts add up ("1G 500M", "5min 20s").
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "property/property-kind.h"

#define BLANKS " \t"
#define DIGITS "0123456789"

/* ------------------------------------------------------------------------------------
 * Text
 */

/* The length of the UTF-8 sequence of a character that can be printed; 0: it is none. */
static size_t character_length(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	uint32_t code = c[0] & (0xff >> (len == 1 ? 0 : len + 1));
	static const uint32_t least[] = { 0, 0x20, 0xa0, 0x800, 0x10000 };

	if (c[0] == '\t')
		return 1;
	if ((c[0] >= 0x80 && c[0] < 0xc2) || c[0] > 0xf4 || c[0] == 0x7f)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (c[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

bool property_is_line(const char *text)
{
	size_t len = 1;

	for (; *text && len > 0; text += len)
		len = character_length(text);
	return len > 0;
}

/* ------------------------------------------------------------------------------------
 * Words
 */

/* Appends the word that text begins with to f; returns where it ends, NULL: nowhere. */
static const char *unquote(const char *text, FILE *f)
{
	char quote = '\0';

	for (; *text && (quote || !strchr(BLANKS, *text)); text++) {
		if (quote ? *text == quote : *text == '"' || *text == '\'') {
			quote = quote ? '\0' : *text;
			continue;
		}
		if (*text == '\\' && *++text == '\0')
			return NULL;
		fputc(*text, f);
	}
	return quote ? NULL : text;
}

int property_scan_word(const char **text, char **ret_word)
{
	_cleanup_(text_discard) struct text word = { .f = NULL };
	const char *begin = *text + strspn(*text, BLANKS), *end;
	FILE *f;
	int r;

	if (*begin == '\0')
		return 0;
	f = text_open(&word);
	if (!f)
		return -ENOMEM;
	end = unquote(begin, f);
	if (!end)
		return -EINVAL;
	r = text_close(&word, ret_word);
	if (r < 0)
		return r;
	*text = end;
	return 1;
}

bool property_is_choice(const char *choices, const char *word, size_t len)
{
	while (*choices) {
		size_t n = strcspn(choices, "|");

		if (n == len && strncmp(choices, word, n) == 0)
			return true;
		choices += n + (choices[n] == '|');
	}
	return false;
}

/* ------------------------------------------------------------------------------------
 * Numbers with units
 */

struct unit {
	const char *names; /* "s|sec"; "": where none is written */
	uint64_t factor;
};

/* Parts of a size come in this order, so that "1M 1G" is a mistake. */
static const struct unit size_units[] = {
	{ "E", UINT64_C(1) << 60 },
	{ "P", UINT64_C(1) << 50 },
	{ "T", UINT64_C(1) << 40 },
	{ "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 },
	{ "K", UINT64_C(1) << 10 },
	{ "B", 1 },
	{ "", 1 },
	{ NULL, 0 },
};

#define MINUTE (60 * USEC_PER_SEC)
#define DAY (24 * 60 * MINUTE)
#define YEAR (UINT64_C(31557600) * USEC_PER_SEC)

static const struct unit time_units[] = {
	{ "", USEC_PER_SEC },
	{ "us|usec|\u00b5s|\u03bcs", 1 },
	{ "ms|msec", USEC_PER_MSEC },
	{ "s|sec|second|seconds", USEC_PER_SEC },
	{ "m|min|minute|minutes", MINUTE },
	{ "h|hr|hour|hours", 60 * MINUTE },
	{ "d|day|days", DAY },
	{ "w|week|weeks", 7 * DAY },
	{ "M|month|months", YEAR / 12 },
	{ "y|year|years", YEAR },
	{ NULL, 0 },
};

/* The digits at *text, at most nine if it is a fraction; one at least. */
static int scan_digits(const char **text, uint64_t *ret_number, uint64_t *ret_power)
{
	uint64_t number = 0, power = 1;
	size_t n = strspn(*text, DIGITS);

	if (n == 0)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (ret_power && i >= 9)
			break;
		power *= 10;
		if (__builtin_mul_overflow(number, UINT64_C(10), &number) ||
		    __builtin_add_overflow(number, (uint64_t)((*text)[i] - '0'), &number))
			return -ERANGE;
	}
	*text += n;
	*ret_number = number;
	if (ret_power)
		*ret_power = power;
	return 0;
}

/* The unit at *text, NULL if there is another word. */
static const struct unit *scan_unit(const char **text, const struct unit *units)
{
	const char *word = *text + strspn(*text, BLANKS);
	size_t len = strcspn(word, BLANKS DIGITS);

	for (; units->names; units++) {
		bool none = units->names[0] == '\0';

		if (none ? len == 0 : property_is_choice(units->names, word, len)) {
			*text = word + len;
			return units;
		}
	}
	return NULL;
}

/* "1.5": the number is whole + fraction / power. */
struct number {
	uint64_t whole;
	uint64_t fraction;
	uint64_t power;
};

static int scan_number(const char **text, struct number *ret)
{
	struct number number = { .power = 1 };
	int r = scan_digits(text, &number.whole, NULL);

	if (r == 0 && **text == '.') {
		(*text)++;
		r = scan_digits(text, &number.fraction, &number.power);
	}
	if (r == 0)
		*ret = number;
	return r;
}

/* Adds the part at *text, "1.5G", to *sum. */
static int scan_part(const char **text, const struct unit *units,
		     const struct unit **ret_unit, uint64_t *sum)
{
	struct number number;
	const struct unit *unit;
	uint64_t value, rest;
	int r = scan_number(text, &number);

	if (r < 0)
		return r;
	unit = scan_unit(text, units);
	if (!unit)
		return -EINVAL;
	/* factor * fraction / power, in two steps that cannot overflow. */
	rest = unit->factor / number.power * number.fraction +
	       unit->factor % number.power * number.fraction / number.power;
	if (__builtin_mul_overflow(number.whole, unit->factor, &value) ||
	    __builtin_add_overflow(value, rest, &value) ||
	    __builtin_add_overflow(value, *sum, sum))
		return -ERANGE;
	*ret_unit = unit;
	return 0;
}

/* The sum of the parts. ordered: each unit at most once, and in the table's order. */
static int scan_parts(const char *text, const struct unit *units, bool ordered,
		      uint64_t *ret_value)
{
	const struct unit *unit = NULL;
	uint64_t sum = 0;

	text += strspn(text, BLANKS);
	if (*text == '\0')
		return -EINVAL;
	while (*text) {
		int r = scan_part(&text, ordered && unit ? unit + 1 : units, &unit, &sum);

		if (r < 0)
			return r;
		text += strspn(text, BLANKS);
	}
	/* The last number stands for infinity. */
	if (sum == UINT64_MAX)
		return -ERANGE;
	*ret_value = sum;
	return 0;
}

int property_scan_size(const char *text, uint64_t *ret_bytes)
{
	if (strcmp(text, "infinity") == 0) {
		*ret_bytes = UINT64_MAX;
		return 0;
	}
	return scan_parts(text, size_units, true, ret_bytes);
}

int property_scan_seconds(const char *text, uint64_t *ret_usec)
{
	if (strcmp(text, "infinity") == 0) {
		*ret_usec = UINT64_MAX;
		return 0;
	}
	return scan_parts(text, time_units, false, ret_usec);
}

int property_scan_permyriad(const char *text, uint64_t *ret_permyriad)
{
	static const struct unit signs[] = {
		{ "%", 100 }, { "\u2030", 10 }, { "\u2031", 1 }, { NULL, 0 }
	};
	const struct unit *sign;
	struct number number;
	uint64_t value;
	int r = scan_number(&text, &number);

	if (r < 0)
		return r;
	sign = scan_unit(&text, signs);
	if (!sign || *text || number.fraction * sign->factor % number.power != 0)
		return -EINVAL;
	if (number.whole > 10000)
		return -ERANGE;
	value = number.whole * sign->factor +
		number.fraction * sign->factor / number.power;
	if (value > 10000)
		return -ERANGE;
	*ret_permyriad = value;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Booleans
 */

int property_scan_bool(const char *text)
{
	static const char *const words[][6] = {
		{ "0", "no", "n", "false", "f", "off" },
		{ "1", "yes", "y", "true", "t", "on" },
	};

	for (int b = 0; b < 2; b++)
		for (size_t i = 0; i < ARRAY_SIZE(words[b]); i++)
			if (strcasecmp(words[b][i], text) == 0)
				return b;
	return -EINVAL;
}
