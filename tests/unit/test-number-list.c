/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of CPUs and names of signals: one line a case, and back again.
 */
#include "unit.h"

#include <signal.h>

#define ROUNDS 2000

/* ------------------------------------------------------------------------------------
 * Lists
 */

#define LIST_BITS 64

static const struct list_case {
	const char *text;
	int result;
	uint64_t bits;
	const char *canonical; /* NULL: it is */
} lists[] = {
	{ "", 0, 0, NULL },
	{ "0", 0, 1, NULL },
	{ "3", 0, 8, NULL },
	{ "0-3", 0, 0xf, NULL },
	{ "0-3,8,10-11", 0, 0xd0f, NULL },
	{ "0-63", 0, UINT64_MAX, NULL },
	{ "63", 0, UINT64_C(1) << 63, NULL },
	{ "0,63", 0, UINT64_C(1) << 63 | 1, NULL },
	{ "0,1", 0, 3, "0-1" },
	{ "5-5", 0, 32, "5" },
	{ "8,0-3", 0, 0x10f, "0-3,8" },
	{ "1,1,1", 0, 2, "1" },
	{ "0-4,2-6", 0, 0x7f, "0-6" },
	{ "007", 0, 128, "7" },
	{ "64", -ERANGE, 0, NULL },
	{ "0-64", -ERANGE, 0, NULL },
	{ "0,64", -ERANGE, 0, NULL },
	{ "64,0", -ERANGE, 0, NULL },
	{ "99999999999999999999", -ERANGE, 0, NULL },
	{ "0-99999999999999999999", -ERANGE, 0, NULL },
	{ "18446744073709551615", -ERANGE, 0, NULL },
	{ "64,x", -EINVAL, 0, NULL },
	{ "3-1", -EINVAL, 0, NULL },
	{ "99999999999999999999-1", -EINVAL, 0, NULL },
	{ "99999999999999999999x", -EINVAL, 0, NULL },
	{ ",", -EINVAL, 0, NULL },
	{ "1,", -EINVAL, 0, NULL },
	{ ",1", -EINVAL, 0, NULL },
	{ "1,,2", -EINVAL, 0, NULL },
	{ "-", -EINVAL, 0, NULL },
	{ "1-", -EINVAL, 0, NULL },
	{ "-1", -EINVAL, 0, NULL },
	{ "+1", -EINVAL, 0, NULL },
	{ "1--2", -EINVAL, 0, NULL },
	{ "1-2-3", -EINVAL, 0, NULL },
	{ "0-3:2", -EINVAL, 0, NULL },
	{ "0-31:2/16", -EINVAL, 0, NULL },
	{ "0 1", -EINVAL, 0, NULL },
	{ "0, 1", -EINVAL, 0, NULL },
	{ " 0", -EINVAL, 0, NULL },
	{ "0 ", -EINVAL, 0, NULL },
	{ "0\n", -EINVAL, 0, NULL },
	{ "0x1", -EINVAL, 0, NULL },
	{ "1.5", -EINVAL, 0, NULL },
	{ "1..3", -EINVAL, 0, NULL },
	{ "1;3", -EINVAL, 0, NULL },
	{ "all", -EINVAL, 0, NULL },
	{ "max", -EINVAL, 0, NULL },
	{ "0\342\200\2233", -EINVAL, 0, NULL }, /* a dash that is none of ASCII's */
};

static uint64_t to_bits(const uint8_t bitmap[LIST_BITS / 8])
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < LIST_BITS / 8; i++)
		bits |= (uint64_t)bitmap[i] << i * 8;
	return bits;
}

static void check_list(const struct list_case *c)
{
	struct cg2_error err = CG2_ERROR_INIT;
	uint8_t bitmap[LIST_BITS / 8];
	_cleanup_free_ char *text = NULL;
	int r;

	memset(bitmap, 0xa5, sizeof(bitmap));
	r = cg2_list_from_string(c->text, bitmap, LIST_BITS, &err);
	if (r != c->result)
		fail_msg("'%s': result %d, not %d", c->text, r, c->result);
	check_case(c->text, to_bits(bitmap) == (r < 0 ? 0xa5a5a5a5a5a5a5a5 : c->bits));
	check_case(c->text, err.code == -r);
	check_case(c->text, r == 0 || (err.detail && strcmp(err.value, c->text) == 0));
	cg2_error_clear(&err);
	if (r < 0)
		return;
	assert_int_equal(cg2_list_to_string(bitmap, LIST_BITS, &text), 0);
	assert_string_equal(text, c->canonical ? c->canonical : c->text);
}

static void list_is_numbers_and_ranges(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		check_list(&lists[i]);
}

static void list_says_which_numbers_there_are(void **state)
{
	struct cg2_error err = CG2_ERROR_INIT;
	uint8_t bitmap[1] = { 7 };

	assert_int_equal(cg2_list_from_string("8", bitmap, 8, &err), -ERANGE);
	assert_string_equal(err.detail, "expected numbers below 8");
	cg2_error_clear(&err);
	assert_int_equal(cg2_list_from_string("8-", bitmap, 8, &err), -EINVAL);
	assert_string_equal(err.detail, "expected a list like 0-3,8");
	cg2_error_clear(&err);
	assert_int_equal(cg2_list_from_string("0", bitmap, 0, NULL), -ERANGE);
	assert_int_equal(bitmap[0], 7);
}

static void list_stays_inside_its_bitmap(void **state)
{
	uint8_t bitmap[3] = { 0xa5, 0xa5, 0xa5 };
	char *text = NULL;

	assert_int_equal(cg2_list_from_string("0-7", bitmap + 1, 8, NULL), 0);
	assert_memory_equal(bitmap, "\xa5\xff\xa5", 3);
	assert_int_equal(cg2_list_from_string("", bitmap + 1, 8, NULL), 0);
	assert_memory_equal(bitmap, "\xa5\x00\xa5", 3);
	assert_int_equal(cg2_list_from_string("", bitmap, 0, NULL), 0);
	assert_int_equal(bitmap[0], 0xa5);
	/* Part of a byte would leave open whose the rest is. */
	assert_int_equal(cg2_list_from_string("0", bitmap, 12, NULL), -EINVAL);
	assert_int_equal(cg2_list_to_string(bitmap, 12, &text), -EINVAL);
	assert_null(text);
}

static void list_round_trips(void **state)
{
	uint64_t seed = 4;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint8_t bitmap[125], again[125];
		_cleanup_free_ char *text = NULL;

		for (size_t i = 0; i < sizeof(bitmap); i++)
			bitmap[i] = (uint8_t)(next_random(&seed) & next_random(&seed));
		assert_int_equal(cg2_list_to_string(bitmap, 1000, &text), 0);
		assert_int_equal(cg2_list_from_string(text, again, 1000, NULL), 0);
		assert_memory_equal(bitmap, again, sizeof(bitmap));
	}
}

static void list_of_any_length_is_understood(void **state)
{
	_cleanup_free_ char *ones = long_word('1', ""), *commas = long_word(',', "");
	_cleanup_free_ char *zeros = long_word('0', "");
	uint8_t bitmap[8];

	assert_int_equal(cg2_list_from_string(ones, bitmap, 64, NULL), -ERANGE);
	assert_int_equal(cg2_list_from_string(commas, bitmap, 64, NULL), -EINVAL);
	assert_int_equal(cg2_list_from_string(zeros, bitmap, 64, NULL), 0);
	for (size_t i = 1; i < LONG_WORD; i += 2)
		zeros[i] = ',';
	zeros[LONG_WORD - 1] = '\0';
	assert_int_equal(cg2_list_from_string(zeros, bitmap, 64, NULL), 0);
	assert_int_equal(to_bits(bitmap), 1);
}

/* ------------------------------------------------------------------------------------
 * Signals
 */

static const struct {
	const char *text;
	int number;
} signal_words[] = {
	{ "TERM", SIGTERM },
	{ "SIGTERM", SIGTERM },
	{ "term", SIGTERM },
	{ "SigTerm", SIGTERM },
	{ "15", 15 },
	{ "015", 15 },
	{ "1", 1 },
	{ "9", 9 },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SIGUSR2", SIGUSR2 },
	{ "CLD", SIGCHLD },
	{ "CHLD", SIGCHLD },
	{ "IOT", SIGABRT },
	{ "POLL", SIGPOLL },
	{ "IO", SIGIO },
	{ "WINCH", SIGWINCH },
	{ "VTALRM", SIGVTALRM },
};

/* clang-format off */
static const char *const no_signals[] = {
	"", " ", "0", "-1", "+1", "-TERM", "TERM ", " TERM", "TERM\n", "TER", "TERMX",
	"SIG", "SIGSIGTERM", "SIG15", "1.5", "15x", "0x0f", "32", "33", "65", "1000",
	"4294967311", "18446744073709551631", "RT", "RTMIN+", "RTMIN-1", "RTMIN++1",
	"RTMIN+-1", "RTMIN+1x", "RTMIN+31", "RTMIN+99999999999999999999", "RTMAX+1",
	"RTMAX-", "RTMAX-31", "RTMIN 1", "EXIT", "ERR", "DEBUG", "T\xc4\xb0RM", "\xff",
};
/* clang-format on */

static void signal_has_a_name_or_a_number(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(signal_words); i++) {
		int sig = 0;

		check_case(signal_words[i].text,
			   cg2_signal_from_string(signal_words[i].text, &sig, NULL) == 0);
		check_case(signal_words[i].text, sig == signal_words[i].number);
	}
}

static void signal_may_be_a_real_time_one(void **state)
{
	int sig;

	assert_int_equal(cg2_signal_from_string("RTMIN", &sig, NULL), 0);
	assert_int_equal(sig, SIGRTMIN);
	assert_int_equal(cg2_signal_from_string("SIGRTMIN+3", &sig, NULL), 0);
	assert_int_equal(sig, SIGRTMIN + 3);
	assert_int_equal(cg2_signal_from_string("rtmax-2", &sig, NULL), 0);
	assert_int_equal(sig, SIGRTMAX - 2);
	assert_int_equal(cg2_signal_from_string("RTMAX", &sig, NULL), 0);
	assert_int_equal(sig, SIGRTMAX);
	assert_int_equal(cg2_signal_from_string("64", &sig, NULL), 0);
	assert_int_equal(sig, 64);
	assert_null(cg2_signal_to_string(SIGRTMIN));
}

static void signal_refuses_bad_words(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(no_signals); i++) {
		struct cg2_error err = CG2_ERROR_INIT;
		int sig = 4711;

		check_case(no_signals[i],
			   cg2_signal_from_string(no_signals[i], &sig, &err) == -EINVAL);
		check_case(no_signals[i], sig == 4711);
		assert_string_equal(err.value, no_signals[i]);
		assert_string_equal(err.detail,
				    "expected a signal like TERM, 15 or RTMIN+3");
		cg2_error_clear(&err);
	}
}

static void signal_is_written_with_sig(void **state)
{
	assert_string_equal(cg2_signal_to_string(SIGTERM), "SIGTERM");
	assert_string_equal(cg2_signal_to_string(SIGABRT), "SIGABRT");
	assert_string_equal(cg2_signal_to_string(SIGCHLD), "SIGCHLD");
	assert_null(cg2_signal_to_string(0));
	assert_null(cg2_signal_to_string(-1));
	assert_null(cg2_signal_to_string(32));
	assert_null(cg2_signal_to_string(1000));
}

static void signal_round_trips(void **state)
{
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *name = cg2_signal_to_string(sig);
		int again = 0;

		if (sig < 32)
			assert_non_null(name);
		if (!name)
			continue;
		assert_int_equal(cg2_signal_from_string(name, &again, NULL), 0);
		assert_int_equal(again, sig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_is_numbers_and_ranges),
		cmocka_unit_test(list_says_which_numbers_there_are),
		cmocka_unit_test(list_stays_inside_its_bitmap),
		cmocka_unit_test(list_round_trips),
		cmocka_unit_test(list_of_any_length_is_understood),
		cmocka_unit_test(signal_has_a_name_or_a_number),
		cmocka_unit_test(signal_may_be_a_real_time_one),
		cmocka_unit_test(signal_refuses_bad_words),
		cmocka_unit_test(signal_is_written_with_sig),
		cmocka_unit_test(signal_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
