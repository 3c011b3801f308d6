/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The shapes of cgroup v2 files, as kernels write them and as they must not be: one line
 * a case. Every case is parsed from a block of exactly its length, so that a sanitizer
 * sees a step too far.
 */
#include "unit.h"

/* A copy without a NUL at its end. free() it. */
static char *exactly(const char *text, size_t len)
{
	char *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	return copy;
}

static void check_result(const char *text, int r, int want, uint64_t value,
			 uint64_t wanted)
{
	if (r != want)
		fail_msg("'%.80s': result %d, not %d", text, r, want);
	if (value != (r < 0 ? UNTOUCHED : wanted))
		fail_msg("'%.80s': value %" PRIu64, text, value);
}

/* ------------------------------------------------------------------------------------
 * One value
 */

static const struct {
	const char *text;
	int result;
	uint64_t value;
} values[] = {
	{ "0\n", 0, 0 },
	{ "0", 0, 0 },
	{ "536870912\n", 0, 536870912 },
	{ "536870912", 0, 536870912 },
	{ "max\n", 0, CG2_MAX },
	{ "max", 0, CG2_MAX },
	{ "18446744073709551615\n", 0, UINT64_MAX },
	{ "18446744073709551616\n", -EBADMSG, 0 },
	{ "99999999999999999999999\n", -EBADMSG, 0 },
	{ "", -EBADMSG, 0 },
	{ "\n", -EBADMSG, 0 },
	{ "1\n\n", -EBADMSG, 0 },
	{ "\n1", -EBADMSG, 0 },
	{ "1\n2", -EBADMSG, 0 },
	{ " 1\n", -EBADMSG, 0 },
	{ "1 \n", -EBADMSG, 0 },
	{ "1 2\n", -EBADMSG, 0 },
	{ "-1\n", -EBADMSG, 0 },
	{ "+1\n", -EBADMSG, 0 },
	{ "0x10\n", -EBADMSG, 0 },
	{ "1.5\n", -EBADMSG, 0 },
	{ "1K\n", -EBADMSG, 0 },
	{ "MAX\n", -EBADMSG, 0 },
	{ "maxx\n", -EBADMSG, 0 },
	{ "ma\n", -EBADMSG, 0 },
	{ "infinity\n", -EBADMSG, 0 },
	{ "domain\n", -EBADMSG, 0 },
	{ "1\r\n", -EBADMSG, 0 },
};

static void value_is_a_number_or_max(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		size_t len = strlen(values[i].text);
		_cleanup_free_ char *buf = exactly(values[i].text, len);
		uint64_t value = UNTOUCHED;
		int r = cg2_parse_value(buf, len, &value);

		check_result(values[i].text, r, values[i].result, value, values[i].value);
	}
}

static void value_ends_where_the_buffer_ends(void **state)
{
	uint64_t value = UNTOUCHED;

	assert_int_equal(cg2_parse_value("1234", 2, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(cg2_parse_value("max", 2, &value), -EBADMSG);
	assert_int_equal(cg2_parse_value("1\0", 2, &value), -EBADMSG);
	assert_int_equal(cg2_parse_value("1\0002", 3, &value), -EBADMSG);
	assert_int_equal(cg2_parse_value(NULL, 0, &value), -EBADMSG);
	assert_int_equal(value, 12);
}

/* ------------------------------------------------------------------------------------
 * Flat keyed
 */

#define EVENTS "low 0\nhigh 12\nmax 312\noom 1\noom_kill 2\noom_group_kill 0\n"

static const struct {
	const char *text;
	const char *key;
	int result;
	uint64_t value;
} flats[] = {
	{ EVENTS, "low", 0, 0 },
	{ EVENTS, "high", 0, 12 },
	{ EVENTS, "max", 0, 312 },
	{ EVENTS, "oom", 0, 1 },
	{ EVENTS, "oom_kill", 0, 2 },
	{ EVENTS, "oom_group_kill", 0, 0 },
	{ EVENTS, "oom_", -ENOENT, 0 },
	{ EVENTS, "oo", -ENOENT, 0 },
	{ EVENTS, "oom_kill_", -ENOENT, 0 },
	{ EVENTS, "OOM", -ENOENT, 0 },
	{ EVENTS, "", -ENOENT, 0 },
	{ EVENTS, "low 0", -ENOENT, 0 },
	{ EVENTS, "0", -ENOENT, 0 },
	{ EVENTS, "sock_throttled", -ENOENT, 0 },
	{ "", "low", -ENOENT, 0 },
	{ "low 1", "low", 0, 1 },
	{ "default 100\n", "default", 0, 100 },
	{ "mlx max\n", "mlx", 0, CG2_MAX },
	/* What others asked for is not our business. */
	{ "new 0.5\nlow 1\n", "low", 0, 1 },
	{ "new 1 2 3\nlow 1\n", "low", 0, 1 },
	{ "low 1\nnew -1\n", "low", 0, 1 },
	{ "new -1\n", "new", -EBADMSG, 0 },
	{ "low 1\nlow 2\n", "low", 0, 1 },
	{ "low\n", "low", -EBADMSG, 0 },
	{ "low \n", "low", -EBADMSG, 0 },
	{ "low  1\n", "low", -EBADMSG, 0 },
	{ "low 1 \n", "low", -EBADMSG, 0 },
	{ "low 1 2\n", "low", -EBADMSG, 0 },
	{ "low\t1\n", "low", -EBADMSG, 0 },
	{ "low=1\n", "low", -EBADMSG, 0 },
	{ "low: 1\n", "low", -ENOENT, 0 },
	{ "low +1\n", "low", -EBADMSG, 0 },
	{ "low 18446744073709551616\n", "low", -EBADMSG, 0 },
	{ " low 1\n", "low", -EBADMSG, 0 },
	{ "\nlow 1\n", "low", -EBADMSG, 0 },
	{ "low 1\n\n", "low", -EBADMSG, 0 },
	{ "low 1\n\nhigh 1\n", "low", -EBADMSG, 0 },
	/* The shape is that of the whole, wherever the key is. */
	{ "low 1\njunk\n", "low", -EBADMSG, 0 },
	{ "junk\nlow 1\n", "low", -EBADMSG, 0 },
	{ "12\n", "low", -EBADMSG, 0 },
};

static void flat_file_has_a_key_and_a_value_a_line(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(flats); i++) {
		size_t len = strlen(flats[i].text);
		_cleanup_free_ char *buf = exactly(flats[i].text, len);
		uint64_t value = UNTOUCHED;
		int r = cg2_parse_flat(buf, len, flats[i].key, &value);

		check_result(flats[i].text, r, flats[i].result, value, flats[i].value);
	}
}

/* ------------------------------------------------------------------------------------
 * Nested keyed
 */

#define IO_MAX "8:16 rbps=2097152 wbps=max riops=max wiops=120\n8:0 rbps=max wbps=5\n"
#define IO_STAT_JOINED "8:0 rbytes=1\n7:2 7:1 7:0 rbytes=28672 wbytes=0\n8:16 rbytes=3\n"

static const struct {
	const char *text;
	const char *name;
	const char *key;
	int result;
	uint64_t value;
} nested[] = {
	{ IO_MAX, "8:16", "rbps", 0, 2097152 },
	{ IO_MAX, "8:16", "wbps", 0, CG2_MAX },
	{ IO_MAX, "8:16", "wiops", 0, 120 },
	{ IO_MAX, "8:0", "wbps", 0, 5 },
	{ IO_MAX, "8:0", "wiops", -ENOENT, 0 },
	{ IO_MAX, "8:1", "rbps", -ENOENT, 0 },
	{ IO_MAX, "8:", "rbps", -ENOENT, 0 },
	{ IO_MAX, "", "rbps", -ENOENT, 0 },
	{ IO_MAX, "8:16", "rbp", -ENOENT, 0 },
	{ IO_MAX, "8:16", "rbpss", -ENOENT, 0 },
	{ IO_MAX, "8:16", "", -ENOENT, 0 },
	{ IO_MAX, "8:16", "rbps=2097152", -ENOENT, 0 },
	{ IO_MAX, "rbps", "rbps", -ENOENT, 0 },
	{ "", "8:0", "rbps", -ENOENT, 0 },
	{ "8:0 rbps=1", "8:0", "rbps", 0, 1 },
	/* Kernels have been seen to write devices without numbers like that. */
	{ IO_STAT_JOINED, "7:0", "rbytes", 0, 28672 },
	{ IO_STAT_JOINED, "7:1", "rbytes", -ENOENT, 0 },
	{ IO_STAT_JOINED, "7:2", "rbytes", -ENOENT, 0 },
	{ IO_STAT_JOINED, "8:16", "rbytes", 0, 3 },
	{ "8:0 ", "8:0", "rbytes", -ENOENT, 0 },
	{ "8:0\n", "8:0", "rbytes", -ENOENT, 0 },
	{ "8:0 \n8:0 rbytes=1\n", "8:0", "rbytes", 0, 1 },
	{ "(unknown) rbytes=0\n8:0 rbytes=1\n", "8:0", "rbytes", 0, 1 },
	{ "8:0 ctrl=auto rpct=95.00 vrate=7\n", "8:0", "vrate", 0, 7 },
	{ "8:0 ctrl=auto rpct=95.00 vrate=7\n", "8:0", "rpct", -EBADMSG, 0 },
	{ "8:0 ctrl=auto rpct=95.00 vrate=7\n", "8:0", "ctrl", -EBADMSG, 0 },
	{ "8:0 new= rbps=1\n", "8:0", "rbps", 0, 1 },
	{ "8:0 new= rbps=1\n", "8:0", "new", -EBADMSG, 0 },
	{ "8:0 rbps=1=2\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0 rbps=-1\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0 rbps=18446744073709551616\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0 rbps=1 rbps=2\n", "8:0", "rbps", 0, 1 },
	{ "8:0 rbps=1\n8:0 rbps=2\n", "8:0", "rbps", 0, 1 },
	{ "8:0 =1\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "rbps=1\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0  rbps=1\n", "8:0", "rbps", -EBADMSG, 0 },
	{ " 8:0 rbps=1\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0 rbps=1\n\n", "8:0", "rbps", -EBADMSG, 0 },
	{ "8:0 rbps=1\nrbps=1\n", "8:0", "rbps", -EBADMSG, 0 },
};

static void nested_file_has_a_name_and_pairs_a_line(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(nested); i++) {
		size_t len = strlen(nested[i].text);
		_cleanup_free_ char *buf = exactly(nested[i].text, len);
		uint64_t value = UNTOUCHED;
		int r = cg2_parse_nested(buf, len, nested[i].name, nested[i].key, &value);

		check_result(nested[i].text, r, nested[i].result, value, nested[i].value);
	}
}

/* ------------------------------------------------------------------------------------
 * Words
 */

/* The words of text joined by '|'. */
static void check_words(const char *text, size_t len, const char *joined)
{
	_cleanup_free_ char *buf = exactly(text, len);
	char found[200] = "";
	size_t n = 0, pos = 0, word_len;
	const char *word;

	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		assert_true(word_len > 0 && word >= buf && word + word_len <= buf + len);
		assert_true(n + word_len + 1 < sizeof(found));
		memcpy(found + n, word, word_len);
		n += word_len;
		found[n++] = '|';
	}
	found[n] = '\0';
	assert_string_equal(found, joined);
	assert_int_equal(pos, len);
	assert_int_equal(cg2_parse_word(buf, len, &pos, &word, &word_len), 0);
}

static void words_are_separated_by_blanks_or_newlines(void **state)
{
	check_words("", 0, "");
	check_words("\n", 1, "");
	check_words(" \t\n ", 4, "");
	check_words("cpuset cpu io memory pids\n", 26, "cpuset|cpu|io|memory|pids|");
	check_words("12\n345\n0\n", 9, "12|345|0|");
	check_words("memory", 6, "memory|");
	check_words("memory pids", 8, "memory|p|");
	check_words("  a  b \n\n c\t", 12, "a|b|c|");
}

static void words_come_one_at_a_time(void **state)
{
	const char *word = NULL;
	size_t pos = 0, len = 0;

	assert_int_equal(cg2_parse_word("a bc", 4, &pos, &word, &len), 1);
	assert_memory_equal(word, "a", 1);
	assert_int_equal(len, 1);
	assert_int_equal(cg2_parse_word("a bc", 4, &pos, &word, &len), 1);
	assert_memory_equal(word, "bc", 2);
	assert_int_equal(len, 2);
	assert_int_equal(cg2_parse_word("a bc", 4, &pos, &word, &len), 0);
	assert_int_equal(len, 2);
	pos = 1000;
	assert_int_equal(cg2_parse_word("a bc", 4, &pos, &word, &len), 0);
	assert_int_equal(cg2_parse_word(NULL, 0, &pos, &word, &len), 0);
}

/* ------------------------------------------------------------------------------------
 * cpu.max
 */

static const struct {
	const char *text;
	int result;
	uint64_t quota_usec;
	uint64_t period_usec;
} cpu_maxes[] = {
	{ "max 100000\n", 0, CG2_MAX, 100000 },
	{ "max 100000", 0, CG2_MAX, 100000 },
	{ "150000 100000\n", 0, 150000, 100000 },
	{ "1000 1000\n", 0, 1000, 1000 },
	{ "0 1000\n", 0, 0, 1000 },
	{ "", -EBADMSG, 0, 0 },
	{ "\n", -EBADMSG, 0, 0 },
	{ "max\n", -EBADMSG, 0, 0 },
	{ "max \n", -EBADMSG, 0, 0 },
	{ "100000\n", -EBADMSG, 0, 0 },
	{ " 100000\n", -EBADMSG, 0, 0 },
	{ "max max\n", -EBADMSG, 0, 0 },
	{ "max 0\n", -EBADMSG, 0, 0 },
	{ "max  100000\n", -EBADMSG, 0, 0 },
	{ "max 100000 \n", -EBADMSG, 0, 0 },
	{ "max 100000 1\n", -EBADMSG, 0, 0 },
	{ "max 100000\n\n", -EBADMSG, 0, 0 },
	{ "max 100000\nmax 100000\n", -EBADMSG, 0, 0 },
	{ "max\t100000\n", -EBADMSG, 0, 0 },
	{ "-1 100000\n", -EBADMSG, 0, 0 },
	{ "50000x 100000\n", -EBADMSG, 0, 0 },
	{ "1.5 100000\n", -EBADMSG, 0, 0 },
	{ "18446744073709551616 100000\n", -EBADMSG, 0, 0 },
	{ "1 18446744073709551616\n", -EBADMSG, 0, 0 },
};

static void cpu_max_has_a_quota_and_a_period(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(cpu_maxes); i++) {
		size_t len = strlen(cpu_maxes[i].text);
		_cleanup_free_ char *buf = exactly(cpu_maxes[i].text, len);
		struct cg2_cpu_max value = { UNTOUCHED, UNTOUCHED };
		int r = cg2_parse_cpu_max(buf, len, &value);

		check_result(cpu_maxes[i].text, r, cpu_maxes[i].result, value.quota_usec,
			     cpu_maxes[i].quota_usec);
		check_result(cpu_maxes[i].text, r, cpu_maxes[i].result, value.period_usec,
			     cpu_maxes[i].period_usec);
	}
}

/* ------------------------------------------------------------------------------------
 * Pressure
 */

#define SOME "some avg10=1.20 avg60=0.05 avg300=99.99 total=123456\n"
#define FULL "full avg10=0.00 avg60=0.00 avg300=100.00 total=18446744073709551615\n"

static void pressure_has_some_and_full(void **state)
{
	struct cg2_psi psi;

	assert_int_equal(cg2_parse_psi(SOME FULL, strlen(SOME FULL), &psi), 0);
	assert_int_equal(psi.mask, CG2_PSI_SOME | CG2_PSI_FULL);
	assert_int_equal(psi.some.avg10_permyriad, 120);
	assert_int_equal(psi.some.avg60_permyriad, 5);
	assert_int_equal(psi.some.avg300_permyriad, 9999);
	assert_int_equal(psi.some.total_usec, 123456);
	assert_int_equal(psi.full.avg10_permyriad, 0);
	assert_int_equal(psi.full.avg300_permyriad, 10000);
	assert_true(psi.full.total_usec == UINT64_MAX);
}

static void pressure_may_lack_a_line(void **state)
{
	struct cg2_psi psi;

	memset(&psi, 0xff, sizeof(psi));
	assert_int_equal(cg2_parse_psi(SOME, strlen(SOME), &psi), 0);
	assert_int_equal(psi.mask, CG2_PSI_SOME);
	assert_int_equal(psi.full.total_usec, 0);
	memset(&psi, 0xff, sizeof(psi));
	assert_int_equal(cg2_parse_psi(FULL, strlen(FULL), &psi), 0);
	assert_int_equal(psi.mask, CG2_PSI_FULL);
	assert_int_equal(psi.some.total_usec, 0);
}

static const struct {
	const char *text;
	uint64_t mask; /* 0: it is refused */
} psis[] = {
	{ SOME FULL, CG2_PSI_SOME | CG2_PSI_FULL },
	{ FULL SOME, CG2_PSI_SOME | CG2_PSI_FULL },
	{ "some total=1 avg300=0.00 avg60=0.00 avg10=0.00", CG2_PSI_SOME },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 avg900=x total=1 new\n", CG2_PSI_SOME },
	{ "most avg10=0.00\n" SOME, CG2_PSI_SOME },
	{ "most avg10=0.00\n", 0 },
	{ "", 0 },
	{ "\n", 0 },
	{ SOME "\n", 0 },
	{ "\n" SOME, 0 },
	{ SOME SOME, 0 },
	{ "some\n", 0 },
	{ "some \n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00\n", 0 },
	{ "some avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0.00 avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0.0 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0.000 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0,00 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=.00 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=-0.01 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10= avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=999999999999999999.00 avg60=0.00 avg300=0.00 total=0\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=-1\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=1.00\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=max\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=18446744073709551616\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=\n", 0 },
	{ "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\njunk\n", 0 },
};

static void pressure_has_all_of_its_keys(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(psis); i++) {
		size_t len = strlen(psis[i].text);
		_cleanup_free_ char *buf = exactly(psis[i].text, len);
		struct cg2_psi psi = { .mask = UNTOUCHED };
		int r = cg2_parse_psi(buf, len, &psi);

		check_result(psis[i].text, r, psis[i].mask ? 0 : -EBADMSG, psi.mask,
			     psis[i].mask);
	}
}

/* ------------------------------------------------------------------------------------
 * All of them
 */

static void parse_all(const char *buf, size_t len)
{
	uint64_t value = UNTOUCHED;
	struct cg2_cpu_max cpu_max;
	struct cg2_psi psi;
	const char *word;
	size_t pos = 0, word_len;
	int r;

	r = cg2_parse_value(buf, len, &value);
	assert_true(r == 0 || (r == -EBADMSG && value == UNTOUCHED));
	value = UNTOUCHED;
	r = cg2_parse_flat(buf, len, "max", &value);
	assert_true(r == 0 || ((r == -EBADMSG || r == -ENOENT) && value == UNTOUCHED));
	value = UNTOUCHED;
	r = cg2_parse_nested(buf, len, "some", "total", &value);
	assert_true(r == 0 || ((r == -EBADMSG || r == -ENOENT) && value == UNTOUCHED));
	r = cg2_parse_cpu_max(buf, len, &cpu_max);
	assert_true(r == 0 || r == -EBADMSG);
	r = cg2_parse_psi(buf, len, &psi);
	assert_true(r == 0 || r == -EBADMSG);
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0)
		assert_true(word >= buf && word + word_len <= buf + len);
}

static void any_part_of_a_file_is_judged(void **state)
{
	static const char *const files[] = { EVENTS,	IO_MAX,	      IO_STAT_JOINED,
					     SOME FULL, "max 1000\n", "536870912\n" };
	uint64_t seed = 1;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		for (size_t len = 0; len <= strlen(files[i]); len++) {
			_cleanup_free_ char *buf = exactly(files[i], len);

			parse_all(buf, len);
			/* And with a byte that does not belong there. */
			if (len == 0)
				continue;
			buf[next_random(&seed) % len] = (char)next_random(&seed);
			parse_all(buf, len);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_is_a_number_or_max),
		cmocka_unit_test(value_ends_where_the_buffer_ends),
		cmocka_unit_test(flat_file_has_a_key_and_a_value_a_line),
		cmocka_unit_test(nested_file_has_a_name_and_pairs_a_line),
		cmocka_unit_test(words_are_separated_by_blanks_or_newlines),
		cmocka_unit_test(words_come_one_at_a_time),
		cmocka_unit_test(cpu_max_has_a_quota_and_a_period),
		cmocka_unit_test(pressure_has_some_and_full),
		cmocka_unit_test(pressure_may_lack_a_line),
		cmocka_unit_test(pressure_has_all_of_its_keys),
		cmocka_unit_test(any_part_of_a_file_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
