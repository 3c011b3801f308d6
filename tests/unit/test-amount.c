/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words to numbers, sizes, percentages and amounts of CPU, and back: one line a case.
 */
#include "words.h"

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

static int size_alone(const char *text, uint64_t *ret_value, struct cg2_error *err)
{
	return cg2_size_from_string(text, 0, ret_value, err);
}

static int size_of_4g(const char *text, uint64_t *ret_value, struct cg2_error *err)
{
	return cg2_size_from_string(text, 4 * GIB, ret_value, err);
}

static int u64(const char *text, uint64_t *ret_value, struct cg2_error *err)
{
	int r = cg2_u64_from_string(text, ret_value);

	/* It has no error of its own; this makes it look like the others. */
	if (r < 0 && err) {
		err->code = -r;
		err->op = CG2_OP_PARSE;
		err->value = strdup(text);
		err->detail = strdup("");
	}
	return r;
}

/* ------------------------------------------------------------------------------------
 * Numbers
 */

static const struct word numbers[] = {
	{ "0", 0, 0, NULL },
	{ "1", 0, 1, NULL },
	{ "007", 0, 7, NULL },
	{ "123", 0, 123, NULL },
	{ "9223372036854775808", 0, UINT64_C(9223372036854775808), NULL },
	{ "18446744073709551615", 0, UINT64_MAX, NULL },
	{ "18446744073709551616", -ERANGE, 0, NULL },
	{ "18446744073709551625", -ERANGE, 0, NULL },
	{ "99999999999999999999", -ERANGE, 0, NULL },
	{ "184467440737095516150", -ERANGE, 0, NULL },
	{ "99999999999999999999x", -EINVAL, 0, NULL },
	{ "1.5", -EINVAL, 0, NULL },
	{ "1G", -EINVAL, 0, NULL },
	{ "1%", -EINVAL, 0, NULL },
	{ "max", -EINVAL, 0, NULL },
	{ "infinity", -EINVAL, 0, NULL },
};

static void number_is_digits_only(void **state)
{
	check_words(u64, numbers);
	refuse_bad_words(u64);
}

static void number_of_any_length_is_understood(void **state)
{
	check_long_word(u64, '0', "42", 0, 42);
	check_long_word(u64, '9', "", -ERANGE, 0);
	check_long_word(u64, '9', "x", -EINVAL, 0);
	check_long_word(u64, 'x', "", -EINVAL, 0);
}

/* ------------------------------------------------------------------------------------
 * Sizes
 */

#define SIZE_WORDS "expected a size like 512M, 1.5G or max"
#define SIZE_WORDS_PERCENT "expected a size like 512M, 1.5G, 25% or max"
#define SIZE_TOO_LARGE "expected less than 16777216T"
#define SIZE_NO_PERCENT "a percentage means nothing here, write a size like 512M"

static const struct word sizes[] = {
	{ "0", 0, 0, NULL },
	{ "1", 0, 1, NULL },
	{ "1048576", 0, MIB, NULL },
	{ "010", 0, 10, NULL },
	{ "1k", 0, KIB, NULL },
	{ "1K", 0, KIB, NULL },
	{ "1KiB", 0, KIB, NULL },
	{ "1kiB", 0, KIB, NULL },
	{ "64KiB", 0, 64 * KIB, NULL },
	{ "512M", 0, 512 * MIB, NULL },
	{ "512MiB", 0, 512 * MIB, NULL },
	{ "3G", 0, 3 * GIB, NULL },
	{ "3GiB", 0, 3 * GIB, NULL },
	{ "2T", 0, 2 * TIB, NULL },
	{ "2TiB", 0, 2 * TIB, NULL },
	{ "0G", 0, 0, NULL },
	{ "1.5G", 0, 1536 * MIB, NULL },
	{ "1.50GiB", 0, 1536 * MIB, NULL },
	{ "0.5K", 0, 512, NULL },
	{ "2.0M", 0, 2 * MIB, NULL },
	{ "max", 0, CG2_MAX, NULL },
	{ "infinity", 0, CG2_MAX, NULL },
};

static const struct word sizes_cut_off[] = {
	{ "0.1G", 0, 107374182, NULL },
	{ "0.1K", 0, 102, NULL },
	{ "0.0009765624K", 0, 0, NULL },
	{ "0.0009765625K", 0, 1, NULL },
	{ "0.00000000000000000000000000001T", 0, 0, NULL },
	{ "0.99999999999999999999999999999T", 0, TIB - 1, NULL },
	{ "1.99999999999999999999999999999K", 0, 2047, NULL },
};

static const struct word sizes_out_of_range[] = {
	{ "18446744073709551614", 0, CG2_MAX - 1, NULL },
	{ "18446744073709551615", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "18446744073709551616", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "16777215T", 0, 16777215 * TIB, NULL },
	{ "16777216T", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "16777215.9999999999999999999T", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "18014398509481983K", 0, 18014398509481983 * KIB, NULL },
	{ "18014398509481984K", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "99999999999999999999999999G", -ERANGE, 0, SIZE_TOO_LARGE },
	{ "99999999999999999999999999X", -EINVAL, 0, SIZE_WORDS },
};

static const struct word sizes_with_a_fix[] = {
	{ "512MB", -EINVAL, 0, "write 512M" },
	{ "512kB", -EINVAL, 0, "write 512K" },
	{ "512KB", -EINVAL, 0, "write 512K" },
	{ "512mb", -EINVAL, 0, "write 512M" },
	{ "512m", 0, UINT64_C(512) << 20, NULL },
	{ "1g", 0, UINT64_C(1) << 30, NULL },
	{ "2t", 0, UINT64_C(2) << 40, NULL },
	{ "512miB", 0, UINT64_C(512) << 20, NULL },
	{ "512Mi", -EINVAL, 0, "write 512M" },
	{ "512mib", -EINVAL, 0, "write 512M" },
	{ "512MIB", -EINVAL, 0, "write 512M" },
	{ "1.5GB", -EINVAL, 0, "write 1.5G" },
	{ "4096B", -EINVAL, 0, "write 4096" },
	{ "4096b", -EINVAL, 0, "write 4096" },
	{ "1.5B", -EINVAL, 0, SIZE_WORDS },
	{ "1.5", -EINVAL, 0, SIZE_WORDS },
	{ "512MBs", -EINVAL, 0, SIZE_WORDS },
	{ "512iB", -EINVAL, 0, SIZE_WORDS },
	{ "16E", -EINVAL, 0, SIZE_WORDS },
	{ "16EB", -EINVAL, 0, SIZE_WORDS },
	{ "-512MB", -EINVAL, 0, SIZE_WORDS },
	{ "999999999999999999999999MB", -EINVAL, 0, "write 999999999999999999999999M" },
	{ "9999999999999999999999999MB", -EINVAL, 0, SIZE_WORDS },
	{ "", -EINVAL, 0, SIZE_WORDS },
	{ "lots", -EINVAL, 0, SIZE_WORDS },
	{ "25%", -EINVAL, 0, SIZE_NO_PERCENT },
	{ "125%", -EINVAL, 0, SIZE_NO_PERCENT },
	{ "25%x", -EINVAL, 0, SIZE_WORDS },
};

static const struct word sizes_of_4g[] = {
	{ "0%", 0, 0, NULL },
	{ "25%", 0, GIB, NULL },
	{ "12.5%", 0, GIB / 2, NULL },
	{ "12.50%", 0, GIB / 2, NULL },
	{ "100%", 0, 4 * GIB, NULL },
	{ "100.00%", 0, 4 * GIB, NULL },
	{ "0.01%", 0, 429496, NULL },
	{ "512M", 0, 512 * MIB, NULL },
	{ "max", 0, CG2_MAX, NULL },
	{ "100.01%", -ERANGE, 0, "expected at most 100%" },
	{ "200%", -ERANGE, 0, "expected at most 100%" },
	{ "99999999999999999999%", -ERANGE, 0, "expected at most 100%" },
	{ "12.345%", -EINVAL, 0, SIZE_WORDS_PERCENT },
	{ "x", -EINVAL, 0, SIZE_WORDS_PERCENT },
};

static void size_is_1024_based(void **state)
{
	check_words(size_alone, sizes);
}

static void size_loses_what_is_less_than_a_byte(void **state)
{
	check_words(size_alone, sizes_cut_off);
}

static void size_out_of_range_is_refused(void **state)
{
	check_words(size_alone, sizes_out_of_range);
}

static void size_refused_says_what_to_write(void **state)
{
	check_words(size_alone, sizes_with_a_fix);
}

static void size_takes_a_share_of_the_total(void **state)
{
	uint64_t bytes;

	check_words(size_of_4g, sizes_of_4g);
	assert_int_equal(cg2_size_from_string("100%", CG2_MAX - 1, &bytes, NULL), 0);
	assert_true(bytes == CG2_MAX - 1);
	assert_int_equal(cg2_size_from_string("50%", 3, &bytes, NULL), 0);
	assert_int_equal(bytes, 1);
}

static void size_refuses_bad_words(void **state)
{
	refuse_bad_words(size_alone);
	refuse_bad_words(size_of_4g);
	check_long_word(size_alone, '0', "1K", 0, KIB);
	check_long_word(size_alone, '9', "", -ERANGE, 0);
	check_long_word(size_alone, '9', "MB", -EINVAL, 0);
	check_long_word(size_alone, 'M', "", -EINVAL, 0);
	check_noise(size_alone);
	check_noise(size_of_4g);
}

static void size_is_written_short_and_exact(void **state)
{
	check_text(cg2_size_to_string, 0, "0");
	check_text(cg2_size_to_string, 1, "1");
	check_text(cg2_size_to_string, 1000, "1000");
	check_text(cg2_size_to_string, 1023, "1023");
	check_text(cg2_size_to_string, KIB, "1K");
	check_text(cg2_size_to_string, 1025, "1025");
	check_text(cg2_size_to_string, 1536, "1.5K");
	check_text(cg2_size_to_string, 4096, "4K");
	check_text(cg2_size_to_string, 512 * MIB, "512M");
	check_text(cg2_size_to_string, 512 * MIB - 4096, "524284K");
	check_text(cg2_size_to_string, 512 * MIB - 1, "536870911");
	check_text(cg2_size_to_string, 1536 * MIB, "1.5G");
	check_text(cg2_size_to_string, 1025 * MIB, "1025M");
	check_text(cg2_size_to_string, 16 * GIB, "16G");
	check_text(cg2_size_to_string, TIB, "1T");
	check_text(cg2_size_to_string, 1048576 * TIB, "1048576T");
	check_text(cg2_size_to_string, CG2_MAX - 1, "18446744073709551614");
	check_text(cg2_size_to_string, CG2_MAX, "max");
}

static void size_round_trips(void **state)
{
	check_round_trip(cg2_size_to_string, size_alone, 0);
	check_round_trips(cg2_size_to_string, size_alone);
}

/* ------------------------------------------------------------------------------------
 * Percentages and CPUs
 */

#define PERCENT_WORDS "expected a percentage like 50% or 12.5%"
#define CPU_WORDS "expected CPUs like 1.5 or 150%, or max"

static const struct word percentages[] = {
	{ "0%", 0, 0, NULL },
	{ "1%", 0, 100, NULL },
	{ "01%", 0, 100, NULL },
	{ "12.5%", 0, 1250, NULL },
	{ "12.50%", 0, 1250, NULL },
	{ "12.34%", 0, 1234, NULL },
	{ "0.01%", 0, 1, NULL },
	{ "100%", 0, 10000, NULL },
	{ "250%", 0, 25000, NULL },
	{ "184467440737095516.14%", 0, CG2_MAX - 1, NULL },
	{ "184467440737095516.15%", -ERANGE, 0, NULL },
	{ "184467440737095517%", -ERANGE, 0, NULL },
	{ "99999999999999999999%", -ERANGE, 0, NULL },
	{ "12.345%", -EINVAL, 0, PERCENT_WORDS },
	{ "12.500%", -EINVAL, 0, PERCENT_WORDS },
	{ "50", -EINVAL, 0, PERCENT_WORDS },
	{ "max", -EINVAL, 0, PERCENT_WORDS },
	{ "infinity", -EINVAL, 0, PERCENT_WORDS },
};

static const struct word cpus[] = {
	{ "150%", 0, 15000, NULL },
	{ "1.5", 0, 15000, NULL },
	{ "1", 0, 10000, NULL },
	{ "50", 0, 500000, NULL },
	{ "50%", 0, 5000, NULL },
	{ "0.5", 0, 5000, NULL },
	{ "0.0001", 0, 1, NULL },
	{ "0.01%", 0, 1, NULL },
	{ "33.33%", 0, 3333, NULL },
	{ "0.3333", 0, 3333, NULL },
	{ "max", 0, CG2_MAX, NULL },
	{ "0", -ERANGE, 0, "expected more than 0" },
	{ "0%", -ERANGE, 0, "expected more than 0" },
	{ "0.0", -ERANGE, 0, "expected more than 0" },
	{ "0.00%", -ERANGE, 0, "expected more than 0" },
	{ "1844674407370955.1614", 0, CG2_MAX - 1, NULL },
	{ "1844674407370955.1615", -ERANGE, 0, NULL },
	{ "184467440737095516.15%", -ERANGE, 0, NULL },
	{ "18446744073709551616", -ERANGE, 0, NULL },
	{ "0.00001", -EINVAL, 0, CPU_WORDS },
	{ "33.333%", -EINVAL, 0, CPU_WORDS },
	{ "infinity", -EINVAL, 0, CPU_WORDS },
	{ "1c", -EINVAL, 0, CPU_WORDS },
	{ "500m", -EINVAL, 0, CPU_WORDS },
};

static void percentage_has_at_most_two_decimals(void **state)
{
	check_words(cg2_percent_from_string, percentages);
	refuse_bad_words(cg2_percent_from_string);
	check_long_word(cg2_percent_from_string, '9', "%", -ERANGE, 0);
	check_noise(cg2_percent_from_string);
}

static void percentage_is_written_short_and_exact(void **state)
{
	check_text(cg2_percent_to_string, 0, "0%");
	check_text(cg2_percent_to_string, 1, "0.01%");
	check_text(cg2_percent_to_string, 50, "0.5%");
	check_text(cg2_percent_to_string, 1250, "12.5%");
	check_text(cg2_percent_to_string, 1234, "12.34%");
	check_text(cg2_percent_to_string, 10000, "100%");
	check_text(cg2_percent_to_string, 15000, "150%");
	check_text(cg2_percent_to_string, CG2_MAX, "max");
}

static void percentage_round_trips(void **state)
{
	uint64_t seed = 3;

	check_round_trip(cg2_percent_to_string, cg2_percent_from_string, CG2_MAX - 1);
	for (uint64_t value = 0; value <= 10000; value++)
		check_round_trip(cg2_percent_to_string, cg2_percent_from_string, value);
	for (unsigned int i = 0; i < ROUNDS; i++)
		check_round_trip(cg2_percent_to_string, cg2_percent_from_string,
				 random_value(&seed) >> 1);
}

static void cpu_amount_is_a_percentage_or_a_number(void **state)
{
	check_words(cg2_cpu_from_string, cpus);
	refuse_bad_words(cg2_cpu_from_string);
	check_long_word(cg2_cpu_from_string, '9', "", -ERANGE, 0);
	check_noise(cg2_cpu_from_string);
}

static void cpu_amount_is_written_as_a_percentage(void **state)
{
	uint64_t seed = 5;

	check_round_trip(cg2_percent_to_string, cg2_cpu_from_string, CG2_MAX);
	for (unsigned int i = 0; i < ROUNDS; i++)
		check_round_trip(cg2_percent_to_string, cg2_cpu_from_string,
				 random_value(&seed) | 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_is_digits_only),
		cmocka_unit_test(number_of_any_length_is_understood),
		cmocka_unit_test(size_is_1024_based),
		cmocka_unit_test(size_loses_what_is_less_than_a_byte),
		cmocka_unit_test(size_out_of_range_is_refused),
		cmocka_unit_test(size_refused_says_what_to_write),
		cmocka_unit_test(size_takes_a_share_of_the_total),
		cmocka_unit_test(size_refuses_bad_words),
		cmocka_unit_test(size_is_written_short_and_exact),
		cmocka_unit_test(size_round_trips),
		cmocka_unit_test(percentage_has_at_most_two_decimals),
		cmocka_unit_test(percentage_is_written_short_and_exact),
		cmocka_unit_test(percentage_round_trips),
		cmocka_unit_test(cpu_amount_is_a_percentage_or_a_number),
		cmocka_unit_test(cpu_amount_is_written_as_a_percentage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
