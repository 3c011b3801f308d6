/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of parsers and formatters of amounts share: a case is a word, all bad
 * words are one table, and what a formatter writes is read back.
 */
#pragma once

#include "unit.h"

#define ROUNDS 20000

typedef int (*parser_fn)(const char *text, uint64_t *ret_value, struct cg2_error *err);
typedef int (*formatter_fn)(uint64_t value, char **ret_text);

struct word {
	const char *text;
	int result;
	uint64_t value;
	const char *detail; /* NULL: any */
};

static inline void check_refusal(const struct word *w, int r, const struct cg2_error *err)
{
	check_case(w->text, err->code == -r);
	check_case(w->text, err->op == CG2_OP_PARSE);
	check_case(w->text, err->value && strcmp(err->value, w->text) == 0);
	check_case(w->text, err->detail);
	if (w->detail && strcmp(err->detail, w->detail) != 0)
		fail_msg("%.80s: detail is '%s'", w->text, err->detail);
}

static inline void check_word(parser_fn parse, const struct word *w)
{
	struct cg2_error err = CG2_ERROR_INIT;
	uint64_t value = UNTOUCHED;
	int r = parse(w->text, &value, &err);

	if (r != w->result)
		fail_msg("'%.80s': result %d, not %d", w->text, r, w->result);
	if (value != (r < 0 ? UNTOUCHED : w->value))
		fail_msg("'%.80s': value %" PRIu64, w->text, value);
	if (r < 0)
		check_refusal(w, r, &err);
	else
		check_case(w->text, err.code == 0);
	cg2_error_clear(&err);
	value = UNTOUCHED;
	check_case(w->text, parse(w->text, &value, NULL) == r);
}

#define check_words(parse, words)                                                        \
	do {                                                                             \
		for (size_t i_ = 0; i_ < ARRAY_SIZE(words); i_++)                        \
			check_word((parse), &(words)[i_]);                               \
	} while (0)

/*
 * No parser of an amount takes any of these. Among them are a minus sign, digits, a blank
 * and a byte order mark that are none of ASCII's.
 */
/* clang-format off */
static const char *const bad_words[] = {
	"", " ", "\t", "\n", "-", "+", ".", ",", "%", "-1", "+1", "--1", "-0", "+0",
	" 1", "1 ", "1\n", "1\t", "\n1", "1 G", " 1G", "1G ", "1G\n", "1 %", "1 s",
	"0x10", "0X10", "0b1", "0o7", "1e3", "1E3", "1e", "1p3", "1_000", "1'000",
	"1,000", "1,5", "1,5G", "1.", ".5", "1.G", ".5G", "1..5", "1.5.5", "1.5.5G",
	"1.-5", "1.+5", "-1.5", "1.5e3", "1G1", "1G1M", "1GG", "1Gi", "1iB", "1KB",
	"1kib", "1KIB", "1KiBB", "1KiB ", "512MB", "512kB", "512B", "512b", "512mb",
	"512Mb", "512mib", "16E", "16P", "1EiB", "1Z", "%1", "1%%", "1%G", "1G%",
	"1.234%", "1.%", ".5%", "Max", "MAX", "maximum", "max ", " max", "ma", "max1",
	"1max", "-max", "Infinity", "INFINITY", "inf", "INF", "nan", "NaN", "infinityy",
	"infinit", "unlimited", "none", "auto", "idle", "null", "true", "one", "G", "M",
	"s", "min", "us", "1 min", "1h 30min", "1h30", "1hh", "1h30min5", "1minh", "1S",
	"1H", "1D", "1M30", "1mo", "1month", "1y", "1year", "1sec.", "1s,2s", "1s+2s",
	"1s-2s", "-1s", "1h-30min", "s1", "1.s", ".5s", "1ns", "1\xc2\xb5s",
	"\342\210\2221", "\xef\xbc\x91", "\xd9\xa1", "1\xc2\xa0G", "\357\273\2771",
	"\xff", "1\xff", "1\x01", "1\x7f", "$(id)", "1;2", "1/2", "1:2", "1=1", "0-3",
	"1-", "1,2", "TERM",
};
/* clang-format on */

static inline void refuse_bad_words(parser_fn parse)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_words); i++)
		check_word(parse, &(struct word){ bad_words[i], -EINVAL, 0, NULL });
}

static inline void check_long_word(parser_fn parse, char c, const char *end, int result,
				   uint64_t value)
{
	_cleanup_free_ char *text = long_word(c, end);

	check_word(parse, &(struct word){ text, result, value, NULL });
}

static inline void check_text(formatter_fn format, uint64_t value, const char *text)
{
	_cleanup_free_ char *made = NULL;

	assert_int_equal(format(value, &made), 0);
	assert_string_equal(made, text);
}

static inline void check_round_trip(formatter_fn format, parser_fn parse, uint64_t value)
{
	_cleanup_free_ char *text = NULL;
	uint64_t again = UNTOUCHED;

	assert_int_equal(format(value, &text), 0);
	assert_int_equal(parse(text, &again, NULL), 0);
	if (again != value)
		fail_msg("%" PRIu64 " is written '%s', which is %" PRIu64, value, text,
			 again);
}

static inline void check_round_trips(formatter_fn format, parser_fn parse)
{
	uint64_t state = 1;

	check_round_trip(format, parse, CG2_MAX);
	check_round_trip(format, parse, CG2_MAX - 1);
	for (unsigned int i = 0; i < ROUNDS; i++)
		check_round_trip(format, parse, random_value(&state));
	for (uint64_t value = 1; value < 3000; value++)
		check_round_trip(format, parse, value);
}

/* Whatever bytes come, nothing but 0, -EINVAL and -ERANGE goes. */
static inline void check_noise(parser_fn parse)
{
	static const char alphabet[] = "0123456789..KMGTkiB%maxinfyuhswd-+ eE,\xc2\xb5";
	uint64_t state = 2;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		char text[13] = "";
		size_t len = next_random(&state) % sizeof(text);
		uint64_t value = UNTOUCHED;
		int r;

		for (size_t at = 0; at < len; at++)
			text[at] = alphabet[next_random(&state) % (sizeof(alphabet) - 1)];
		r = parse(text, &value, NULL);
		check_case(text, r == 0 || r == -EINVAL || r == -ERANGE);
		check_case(text, (r == 0) == (value != UNTOUCHED));
	}
}
