/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words to durations and back: one line a case.
 */
#include "words.h"

#define MINUTE (60 * USEC_PER_SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)

#define DURATION_WORDS "expected a duration like 30 (seconds), 200ms, 1.5s or 1h30min"
#define DURATION_TOO_LONG "expected less than 30500569w"

static const struct word durations[] = {
	{ "0", 0, 0, NULL },
	{ "0s", 0, 0, NULL },
	{ "30", 0, 30 * USEC_PER_SEC, NULL },
	{ "030", 0, 30 * USEC_PER_SEC, NULL },
	{ "1.5", 0, 1500000, NULL },
	{ "1us", 0, 1, NULL },
	{ "1usec", 0, 1, NULL },
	{ "200ms", 0, 200 * USEC_PER_MSEC, NULL },
	{ "200msec", 0, 200 * USEC_PER_MSEC, NULL },
	{ "1s", 0, USEC_PER_SEC, NULL },
	{ "1sec", 0, USEC_PER_SEC, NULL },
	{ "1second", 0, USEC_PER_SEC, NULL },
	{ "2seconds", 0, 2 * USEC_PER_SEC, NULL },
	{ "1.5s", 0, 1500000, NULL },
	{ "1m", 0, MINUTE, NULL },
	{ "5min", 0, 5 * MINUTE, NULL },
	{ "1minute", 0, MINUTE, NULL },
	{ "2minutes", 0, 2 * MINUTE, NULL },
	{ "0.5min", 0, 30 * USEC_PER_SEC, NULL },
	{ "1h", 0, HOUR, NULL },
	{ "1hr", 0, HOUR, NULL },
	{ "1hour", 0, HOUR, NULL },
	{ "2hours", 0, 2 * HOUR, NULL },
	{ "1.5h", 0, 90 * MINUTE, NULL },
	{ "1h30min", 0, 90 * MINUTE, NULL },
	{ "1h30m15.5s", 0, 90 * MINUTE + 15500000, NULL },
	{ "30min1h", 0, 90 * MINUTE, NULL },
	{ "1h1h", 0, 2 * HOUR, NULL },
	{ "1.5h0.5min", 0, 90 * MINUTE + 30 * USEC_PER_SEC, NULL },
	{ "2d", 0, 2 * DAY, NULL },
	{ "1day", 0, DAY, NULL },
	{ "2days", 0, 2 * DAY, NULL },
	{ "1w", 0, WEEK, NULL },
	{ "1week", 0, WEEK, NULL },
	{ "2weeks", 0, 2 * WEEK, NULL },
	{ "1w2d3h4min5s6ms7us", 0,
	  WEEK + 2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * USEC_PER_SEC + 6007, NULL },
	{ "max", 0, CG2_MAX, NULL },
	{ "infinity", 0, CG2_MAX, NULL },
};

static const struct word durations_cut_off[] = {
	{ "0.0000019", 0, 1, NULL },
	{ "0.0000009", 0, 0, NULL },
	{ "1.9us", 0, 1, NULL },
	{ "0.33333333333333333333333333min", 0, 19999999, NULL },
};

static const struct word durations_out_of_range[] = {
	{ "18446744073709551614us", 0, CG2_MAX - 1, NULL },
	{ "18446744073709551615us", -ERANGE, 0, DURATION_TOO_LONG },
	{ "18446744073709551616us", -ERANGE, 0, DURATION_TOO_LONG },
	{ "18446744073709.551614", 0, CG2_MAX - 1, NULL },
	{ "18446744073709.551615", -ERANGE, 0, DURATION_TOO_LONG },
	{ "18446744073710", -ERANGE, 0, DURATION_TOO_LONG },
	{ "30500568w", 0, 30500568 * WEEK, NULL },
	{ "30500569w", -ERANGE, 0, DURATION_TOO_LONG },
	{ "30500568w30500568w", -ERANGE, 0, DURATION_TOO_LONG },
	{ "18446744073709551614us1us", -ERANGE, 0, DURATION_TOO_LONG },
	{ "99999999999999999999w1s", -ERANGE, 0, DURATION_TOO_LONG },
	{ "99999999999999999999w1x", -EINVAL, 0, DURATION_WORDS },
};

static void duration_takes_the_units_of_systemd(void **state)
{
	check_words(cg2_duration_from_string, durations);
}

static void duration_loses_what_is_less_than_a_microsecond(void **state)
{
	check_words(cg2_duration_from_string, durations_cut_off);
}

static void duration_out_of_range_is_refused(void **state)
{
	check_words(cg2_duration_from_string, durations_out_of_range);
}

static void duration_refuses_bad_words(void **state)
{
	refuse_bad_words(cg2_duration_from_string);
	check_long_word(cg2_duration_from_string, '0', "1s", 0, USEC_PER_SEC);
	check_long_word(cg2_duration_from_string, '9', "s", -ERANGE, 0);
	check_long_word(cg2_duration_from_string, 's', "", -EINVAL, 0);
	check_noise(cg2_duration_from_string);
}

static void duration_is_written_short_and_exact(void **state)
{
	check_text(cg2_duration_to_string, 0, "0s");
	check_text(cg2_duration_to_string, 1, "1us");
	check_text(cg2_duration_to_string, 1500, "1.5ms");
	check_text(cg2_duration_to_string, 200000, "200ms");
	check_text(cg2_duration_to_string, 1500000, "1.5s");
	check_text(cg2_duration_to_string, 1203441, "1.203441s");
	check_text(cg2_duration_to_string, 30 * USEC_PER_SEC, "30s");
	check_text(cg2_duration_to_string, 90 * USEC_PER_SEC, "90s");
	check_text(cg2_duration_to_string, 5 * MINUTE, "5min");
	check_text(cg2_duration_to_string, 90 * MINUTE, "90min");
	check_text(cg2_duration_to_string, HOUR, "1h");
	check_text(cg2_duration_to_string, HOUR + USEC_PER_SEC, "1h1s");
	check_text(cg2_duration_to_string, 25 * HOUR, "25h");
	check_text(cg2_duration_to_string, 2 * DAY, "2d");
	check_text(cg2_duration_to_string, 2 * WEEK, "2w");
	check_text(cg2_duration_to_string, CG2_MAX - 1, "18446744073709.551614s");
	check_text(cg2_duration_to_string, CG2_MAX, "max");
}

static void duration_round_trips(void **state)
{
	check_round_trip(cg2_duration_to_string, cg2_duration_from_string, 0);
	check_round_trips(cg2_duration_to_string, cg2_duration_from_string);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duration_takes_the_units_of_systemd),
		cmocka_unit_test(duration_loses_what_is_less_than_a_microsecond),
		cmocka_unit_test(duration_out_of_range_is_refused),
		cmocka_unit_test(duration_refuses_bad_words),
		cmocka_unit_test(duration_is_written_short_and_exact),
		cmocka_unit_test(duration_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
