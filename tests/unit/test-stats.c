/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The statistics of compare, against what R and scipy say (stats/make), and the order of runs.
 */
#include "unit.h"

#include "cmd/experiment/order.h"
#include "cmd/experiment/stats.h"
#include "cmd/output/real.h"

#define TIMES_MAX 64

static FILE *open_fixture(const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", STATS_FIXTURES, name);
	f = fopen(path, "re");
	assert_non_null(f);
	return f;
}

static bool is_near(double a, double b, double relative)
{
	const double difference = a > b ? a - b : b - a;

	return difference <= relative * b;
}

static void read_times(FILE *f, uint64_t *times, size_t n)
{
	assert_true(n <= TIMES_MAX);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fscanf(f, "%" SCNu64, &times[i]), 1);
}

static void check_ratio(FILE *f, const char *kind)
{
	uint64_t a[TIMES_MAX], b[TIMES_MAX];
	double alpha, ratio, low, high;
	struct stats_ratio got;
	size_t n, m;

	assert_int_equal(fscanf(f, "%lf %zu %zu", &alpha, &n, &m), 3);
	read_times(f, a, n);
	read_times(f, b, m);
	assert_int_equal(fscanf(f, "%lf %lf %lf", &ratio, &low, &high), 3);
	assert_int_equal(stats_compare(a, n, b, m, alpha, 0.05, &got), 0);
	/* R finds the bounds in whole ranks too, by another way. */
	if (!is_near(got.ratio, ratio, 1e-9) || !is_near(got.low, low, 1e-9) ||
	    !is_near(got.high, high, 1e-9))
		fail_msg("%s %zu %zu: %.9f (%.9f to %.9f), not %.9f (%.9f to %.9f)", kind, n, m,
			 got.ratio, got.low, got.high, ratio, low, high);
	assert_true(got.confidence >= 1 - alpha);
}

static void skip_comment(FILE *f)
{
	char line[256];
	int c = fgetc(f);

	while (c == '#') {
		assert_non_null(fgets(line, sizeof(line), f));
		c = fgetc(f);
	}
	ungetc(c, f);
}

static void test_ratios_are_those_of_r(void **state _unused_)
{
	_cleanup_fclose_ FILE *f = open_fixture("ratios.txt");
	char kind[8];
	size_t n = 0;

	skip_comment(f);
	for (; fscanf(f, "%7s", kind) == 1; n++)
		check_ratio(f, kind);
	assert_true(n >= 50);
}

static void test_ranks_are_those_of_scipy(void **state _unused_)
{
	_cleanup_fclose_ FILE *f = open_fixture("ranks.txt");
	size_t n, m, lines = 0;
	double p;
	long k;

	skip_comment(f);
	for (; fscanf(f, "%zu %zu %ld %lf", &n, &m, &k, &p) == 4; lines++) {
		double probability;
		long got;

		assert_int_equal(stats_rank(n, m, p * (1 + 1e-9), &got, &probability), 0);
		if (got != k || !is_near(probability, p, 1e-9))
			fail_msg("%zu %zu: P(U <= %ld) is %g, not P(U <= %ld) %g", n, m, got,
				 probability, k, p);
	}
	assert_true(lines >= 150);
}

/* Where the normal distribution takes over, nothing jumps. */
static void test_the_approximation_is_near_the_exact_rank(void **state _unused_)
{
	static const double alphas[] = { 0.05, 0.05 / 3, 0.05 / 63 };

	for (size_t i = 0; i < ARRAY_SIZE(alphas); i++) {
		double probability;
		long exact, near;

		assert_int_equal(stats_rank(40, 40, alphas[i] / 2, &exact, &probability), 0);
		assert_int_equal(stats_rank(41, 40, alphas[i] / 2, &near, &probability), 0);
		/* A value more is 20 of the 1600 pairs more in the middle. */
		if (near - exact < 8 || near - exact > 24)
			fail_msg("%ld after %ld", near, exact);
	}
}

static void test_outcomes(void **state _unused_)
{
	static const struct {
		const char *name;
		uint64_t a[6], b[6];
		size_t n, m;
		enum stats_outcome outcome;
	} cases[] = {
		{ "slower", { 100, 101, 102, 103, 104 }, { 120, 121, 122, 123, 124 }, 5, 5,
		  STATS_SLOWER },
		{ "faster", { 120, 121, 122, 123, 124 }, { 100, 101, 102, 103, 104 }, 5, 5,
		  STATS_FASTER },
		{ "same", { 1000, 1001, 1002, 1003 }, { 1001, 1002, 1003, 1004 }, 4, 4,
		  STATS_SAME },
		{ "unclear", { 100, 150, 200, 250 }, { 110, 140, 210, 240 }, 4, 4, STATS_UNCLEAR },
		{ "few", { 1, 2, 3 }, { 10, 20, 30, 40 }, 3, 4, STATS_TOO_FEW },
		{ "none", { 0 }, { 10, 20, 30, 40 }, 0, 4, STATS_TOO_FEW },
		{ "zeros", { 0, 0, 0, 0 }, { 0, 0, 0, 0 }, 4, 4, STATS_SAME },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stats_ratio ratio;

		assert_int_equal(stats_compare(cases[i].a, cases[i].n, cases[i].b, cases[i].m, 0.05,
					       0.05, &ratio), 0);
		check_case(cases[i].name, ratio.outcome == cases[i].outcome);
	}
}

/* Four times of each are enough for one comparison, and not for the many of many sets. */
static void test_how_many_times_it_takes(void **state _unused_)
{
	assert_int_equal(stats_times_needed(0.05), 4);
	assert_int_equal(stats_times_needed(0.05 / 3), 5);
	assert_int_equal(stats_times_needed(0.05 / 63), 7);
	for (size_t sets = 2; sets <= 64; sets++) {
		const double alpha = 0.05 / (double)(sets - 1);
		const size_t n = stats_times_needed(alpha);
		double probability;
		long k;

		assert_int_equal(stats_rank(n, n, alpha / 2, &k, &probability), 0);
		assert_true(k >= 0);
		assert_int_equal(stats_rank(n - 1, n - 1, alpha / 2, &k, &probability), 0);
		assert_true(k < 0 || n == STATS_TIMES_MIN);
	}
}

static void test_more_rounds_for_less_doubt(void **state _unused_)
{
	const struct stats_ratio wide = { .low = 0.97, .high = 1.14 };
	const size_t n = stats_times_for(&wide, 10, 0.05);

	assert_true(n > 25 && n < 35);
	assert_true(stats_times_for(&wide, 10, 0.01) > 20 * n);
}

static void test_summaries(void **state _unused_)
{
	uint64_t values[] = { 7, 1, 5, 3 }, one[] = { 42 };
	struct stats_summary s;

	/* quantile(c(1, 3, 5, 7)) of R is 1, 2.5, 4, 5.5, 7. */
	stats_summarize(values, 4, &s);
	assert_int_equal(s.min, 1);
	assert_int_equal(s.q1, 3);
	assert_int_equal(s.median, 4);
	assert_int_equal(s.q3, 6);
	assert_int_equal(s.max, 7);
	assert_int_equal(s.mean, 4);
	stats_summarize(one, 1, &s);
	assert_int_equal(s.q1, 42);
	assert_int_equal(s.q3, 42);
	stats_summarize(one, 0, &s);
	assert_int_equal(s.n, 0);
}

static void test_pass_shares(void **state _unused_)
{
	assert_int_equal((int)(stats_pass_share(10) * 1000), 741);
	assert_int_equal((int)(stats_pass_share(59) * 1000), 950);
	assert_int_equal((int)(stats_pass_share(0) * 1000), 0);
}

static void test_roots_and_logarithms(void **state _unused_)
{
	assert_true(is_near(real_log(10), 2.302585092994046, 1e-14));
	assert_true(is_near(-real_log(1e-9), 20.72326583694641, 1e-14));
	assert_true(is_near(real_log(1.05), 0.04879016416943201, 1e-13));
	assert_true(real_log(1) == 0);
	assert_true(is_near(real_sqrt(2), 1.4142135623730951, 1e-15));
	assert_true(is_near(real_sqrt(1e-12), 1e-6, 1e-12));
	assert_true(real_sqrt(0) == 0);
}

/* ---- the order of runs ---- */

#define SETS 5
#define ROUNDS 200

static void test_a_round_has_every_set_once(void **state _unused_)
{
	_cleanup_free_ struct order_step *steps = NULL;
	unsigned int first[SETS] = { 0 };

	assert_int_equal(order_make(ORDER_RANDOM, 1, SETS, ROUNDS, &steps), 0);
	for (size_t i = 0; i < (size_t)SETS * ROUNDS; i += SETS) {
		unsigned int seen = 0;

		for (size_t k = 0; k < SETS; k++) {
			assert_int_equal(steps[i + k].round, 1 + i / SETS);
			assert_int_equal(steps[i + k].position, k + 1);
			seen |= 1U << steps[i + k].set;
		}
		assert_int_equal(seen, (1U << SETS) - 1);
		first[steps[i].set]++;
	}
	for (size_t k = 0; k < SETS; k++)
		assert_true(first[k] > ROUNDS / SETS / 2 && first[k] < 2 * ROUNDS / SETS);
}

static void test_a_seed_repeats_an_order(void **state _unused_)
{
	_cleanup_free_ struct order_step *a = NULL, *b = NULL, *c = NULL;
	const size_t size = sizeof(*a) * SETS * ROUNDS;

	assert_int_equal(order_make(ORDER_RANDOM, 0x7f3a2c91, SETS, ROUNDS, &a), 0);
	assert_int_equal(order_make(ORDER_RANDOM, 0x7f3a2c91, SETS, ROUNDS, &b), 0);
	assert_int_equal(order_make(ORDER_RANDOM, 0x7f3a2c92, SETS, ROUNDS, &c), 0);
	assert_memory_equal(a, b, size);
	assert_true(memcmp(a, c, size) != 0);
}

static void test_other_orders(void **state _unused_)
{
	_cleanup_free_ struct order_step *fixed = NULL, *grouped = NULL;

	assert_int_equal(order_make(ORDER_FIXED, 1, 2, 3, &fixed), 0);
	assert_int_equal(order_make(ORDER_GROUPED, 1, 2, 3, &grouped), 0);
	for (size_t i = 0; i < 6; i++) {
		assert_int_equal(fixed[i].set, i % 2);
		assert_int_equal(fixed[i].round, 1 + i / 2);
		assert_int_equal(grouped[i].set, i / 3);
		assert_int_equal(grouped[i].round, 1 + i % 3);
	}
}

static void test_seeds(void **state _unused_)
{
	static const char *const bad[] = { "", "x", "0x12", "12345678901234567", " 1", "-1", "1 " };
	uint64_t seed;

	assert_int_equal(order_seed_from_string("7f3A2c91", &seed), 0);
	assert_int_equal(seed, 0x7f3a2c91);
	assert_int_equal(order_seed_from_string("ffffffffffffffff", &seed), 0);
	assert_true(seed == UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		check_case(bad[i], order_seed_from_string(bad[i], &seed) == -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratios_are_those_of_r),
		cmocka_unit_test(test_ranks_are_those_of_scipy),
		cmocka_unit_test(test_the_approximation_is_near_the_exact_rank),
		cmocka_unit_test(test_outcomes),
		cmocka_unit_test(test_how_many_times_it_takes),
		cmocka_unit_test(test_more_rounds_for_less_doubt),
		cmocka_unit_test(test_summaries),
		cmocka_unit_test(test_pass_shares),
		cmocka_unit_test(test_roots_and_logarithms),
		cmocka_unit_test(test_a_round_has_every_set_once),
		cmocka_unit_test(test_a_seed_repeats_an_order),
		cmocka_unit_test(test_other_orders),
		cmocka_unit_test(test_seeds),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
