/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/output/real.h"

/* ---- one set ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The value at a quarter's rank, between two of them where there is none: R's type 7. */
static uint64_t quartile(const uint64_t *sorted, size_t n, size_t quarter)
{
	const size_t at = (n - 1) * quarter;
	const uint64_t below = sorted[at / 4];
	const uint64_t above = sorted[at / 4 + (at % 4 != 0)];

	return below + ((above - below) * (at % 4) + 2) / 4;
}

void stats_summarize(uint64_t *values, size_t n, struct stats_summary *ret)
{
	long double sum = 0;

	*ret = (struct stats_summary){ .n = n };
	if (n == 0)
		return;
	qsort(values, n, sizeof(*values), by_value);
	for (size_t i = 0; i < n; i++)
		sum += (long double)values[i];
	ret->min = values[0];
	ret->max = values[n - 1];
	ret->q1 = quartile(values, n, 1);
	ret->median = quartile(values, n, 2);
	ret->q3 = quartile(values, n, 3);
	ret->mean = (uint64_t)(sum / (long double)n + 0.5L);
}

/* ---- the distribution of U ---- */

/*
 * In how many of the orders of n and m values U is u: the coefficients of the Gaussian binomial
 * polynomial, the product of (1 - q^(m + i)) / (1 - q^i). A coefficient is made of lower ones
 * alone, so that the tail is exact as long as a double holds its whole numbers.
 */
static void count_orders(size_t n, size_t m, double *counts)
{
	const size_t top = n * m;

	memset(counts, 0, (top + 1) * sizeof(*counts));
	counts[0] = 1;
	for (size_t i = 1; i <= n; i++) {
		for (size_t u = top; u >= m + i; u--)
			counts[u] -= counts[u - m - i];
		for (size_t u = i; u <= top; u++)
			counts[u] += counts[u - i];
	}
}

static int exact_rank(size_t n, size_t m, double p, long *ret_k, double *ret_probability)
{
	_cleanup_free_ double *counts = calloc(n * m + 1, sizeof(*counts));
	double all = 0, sum = 0;
	long k = -1;

	if (!counts)
		return -ENOMEM;
	count_orders(n, m, counts);
	for (size_t u = 0; u <= n * m; u++)
		all += counts[u];
	for (size_t u = 0; u <= n * m && (sum + counts[u]) / all <= p; u++) {
		sum += counts[u];
		k = (long)u;
	}
	*ret_k = k;
	*ret_probability = sum / all;
	return 0;
}

/*
 * z with P(Z > z) = p for the normal distribution, p up to one half: Abramowitz and Stegun,
 * 26.2.23, whose error is below 0.00045.
 */
static double normal_quantile(double p)
{
	const double t = real_sqrt(-2 * real_log(p));

	return t - (2.515517 + t * (0.802853 + t * 0.010328)) /
			   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

static void normal_rank(size_t n, size_t m, double p, long *ret_k, double *ret_probability)
{
	const double nm = (double)n * (double)m;
	const double k = nm / 2 - 0.5 -
			 normal_quantile(p) * real_sqrt(nm * (double)(n + m + 1) / 12);

	*ret_k = k < 0 ? -1 : (long)k;
	*ret_probability = p;
}

int stats_rank(size_t n, size_t m, double p, long *ret_k, double *ret_probability)
{
	if (n <= STATS_EXACT_MAX && m <= STATS_EXACT_MAX)
		return exact_rank(n, m, p, ret_k, ret_probability);
	normal_rank(n, m, p, ret_k, ret_probability);
	return 0;
}

/* ---- two sets ---- */

const char *stats_outcome_to_string(enum stats_outcome outcome)
{
	static const char *const names[] = {
		[STATS_REFERENCE] = "reference", [STATS_FASTER] = "faster",
		[STATS_SLOWER] = "slower",	 [STATS_SAME] = "same",
		[STATS_UNCLEAR] = "unclear",	 [STATS_TOO_FEW] = "too_few",
	};

	return names[outcome];
}

static int by_ratio(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double at_least_1(uint64_t value)
{
	return value > 0 ? (double)value : 1;
}

/* All ratios of one of b to one of a, sorted; free with free(). */
static double *make_ratios(const uint64_t *a, size_t n, const uint64_t *b, size_t m)
{
	double *ratios = calloc(n * m, sizeof(*ratios));

	for (size_t i = 0; ratios && i < n; i++)
		for (size_t j = 0; j < m; j++)
			ratios[i * m + j] = at_least_1(b[j]) / at_least_1(a[i]);
	if (ratios)
		qsort(ratios, n * m, sizeof(*ratios), by_ratio);
	return ratios;
}

static enum stats_outcome judge(const struct stats_ratio *ratio, double tolerance)
{
	if (ratio->low >= 1 / (1 + tolerance) && ratio->high <= 1 + tolerance)
		return STATS_SAME;
	if (ratio->high < 1)
		return STATS_FASTER;
	return ratio->low > 1 ? STATS_SLOWER : STATS_UNCLEAR;
}

int stats_compare(const uint64_t *a, size_t n, const uint64_t *b, size_t m, double alpha,
		  double tolerance, struct stats_ratio *ret)
{
	_cleanup_free_ double *ratios = NULL;
	const size_t nm = n * m;
	double probability;
	long k;

	*ret = (struct stats_ratio){ .outcome = STATS_TOO_FEW };
	if (n < STATS_TIMES_MIN || m < STATS_TIMES_MIN)
		return 0;
	if (stats_rank(n, m, alpha / 2, &k, &probability) < 0)
		return -ENOMEM;
	if (k < 0)
		return 0;
	ratios = make_ratios(a, n, b, m);
	if (!ratios)
		return -ENOMEM;
	ret->ratio = nm % 2 ? ratios[nm / 2] : real_sqrt(ratios[nm / 2 - 1] * ratios[nm / 2]);
	ret->low = ratios[k];
	ret->high = ratios[nm - 1 - (size_t)k];
	ret->confidence = 1 - 2 * probability;
	ret->outcome = judge(ret, tolerance);
	return 0;
}

size_t stats_times_needed(double alpha)
{
	double lowest = 1;
	size_t n = 0;

	/* P(U = 0) is one of all orders of n and n values. */
	while (n < STATS_TIMES_MIN || lowest > alpha / 2) {
		n++;
		lowest *= (double)n * (double)n / ((double)(2 * n) * (double)(2 * n - 1));
	}
	return n;
}

size_t stats_times_for(const struct stats_ratio *ratio, size_t n, double tolerance)
{
	const double width = real_log(ratio->high / ratio->low) / (2 * real_log(1 + tolerance));
	const double needed = (double)n * width * width;

	return needed > 1e6 ? 1000000 : (size_t)needed + 1;
}

/* The share s with s^n = 5 %: the n-th root of 0.05, found by halving. */
double stats_pass_share(size_t n)
{
	double low = 0, high = 1;

	for (int i = 0; i < 40; i++) {
		const double middle = (low + high) / 2;
		double power = 1;

		for (size_t k = 0; k < n && power > 1e-9; k++)
			power *= middle;
		if (power < 0.05)
			low = middle;
		else
			high = middle;
	}
	return n > 0 ? low : 0;
}
