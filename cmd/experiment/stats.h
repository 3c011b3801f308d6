/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The statistics of compare: what a handful of times of two sets say about each other. Pure
 * functions; nothing is assumed of how times are distributed but that a limit stretches all of
 * them by the same factor.
 *
 * The factor is the Hodges-Lehmann estimate on a logarithmic scale: the median of all ratios of a
 * time of one set and a time of the other. Its interval are the ratios at those ranks that the
 * distribution of Mann and Whitney's U gives for a confidence, exact up to STATS_EXACT_MAX times a
 * set and normal above. R has it as wilcox.test(log(b), log(a), conf.int = TRUE).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

#define STATS_EXACT_MAX 40

/* So few times are not compared: nobody's guess is worth an interval. */
#define STATS_TIMES_MIN 4

/* Of n values: how they lie. */
struct stats_summary {
	size_t n; /* 0: the rest means nothing */
	uint64_t median, min, max, q1, q3, mean;
};

/* Sorts the values. */
void stats_summarize(uint64_t *values, size_t n, struct stats_summary *ret);

enum stats_outcome {
	STATS_REFERENCE,
	STATS_FASTER,
	STATS_SLOWER,
	STATS_SAME,    /* the whole interval lies within the tolerance */
	STATS_UNCLEAR, /* neither can be shown */
	STATS_TOO_FEW,
};

/* "faster" */
const char *stats_outcome_to_string(enum stats_outcome outcome);

struct stats_ratio {
	enum stats_outcome outcome;
	double ratio, low, high; /* of b to a; not for STATS_TOO_FEW */
	double confidence;	 /* that the interval covers the true ratio, at least */
};

/*
 * The greatest k with P(U <= k) <= p for n and m values, and that probability; -1: there is none.
 * -ENOMEM.
 */
int stats_rank(size_t n, size_t m, double p, long *ret_k, double *ret_probability) _must_check_;

/*
 * How b relates to a. alpha: how often the interval may miss the true ratio. A value of 0 counts
 * as 1. -ENOMEM.
 */
int stats_compare(const uint64_t *a, size_t n, const uint64_t *b, size_t m, double alpha,
		  double tolerance, struct stats_ratio *ret) _must_check_;

/* How many times of each of two sets it takes at least for an interval at all. */
size_t stats_times_needed(double alpha);

/* How many times would do to tell a difference of the tolerance, by how wide the interval is. */
size_t stats_times_for(const struct stats_ratio *ratio, size_t n, double tolerance);

/* With confidence 95 %: in what share of all runs at least it passes, if n of n did. */
double stats_pass_share(size_t n);
