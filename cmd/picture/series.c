/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/picture/series.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

#define UNKNOWN_VALUE UINT64_MAX

int series_init(struct series *series, uint64_t interval_usec)
{
	*series = (struct series){ .interval_usec = interval_usec };
	series->points = calloc(SERIES_POINTS_MAX, sizeof(*series->points));
	return series->points ? 0 : -ENOMEM;
}

void series_clear(struct series *series)
{
	free(series->points);
	*series = (struct series){ .points = NULL };
}

/* Takes a later point into an earlier one. */
static void merge_point(struct series_point *to, const struct series_point *from)
{
	to->at_usec = from->at_usec;
	for (size_t i = 0; i < SERIES_FIGURE_COUNT; i++) {
		if (from->last[i] == UNKNOWN_VALUE)
			continue;
		to->low[i] = MIN(to->low[i], from->low[i]);
		to->high[i] = to->high[i] == UNKNOWN_VALUE ? from->high[i]
							   : MAX(to->high[i], from->high[i]);
		to->last[i] = from->last[i];
	}
}

/* The first stays the first: what was before anything was used is the start of each line. */
static void halve(struct series *series)
{
	size_t n = 1;

	for (size_t i = 1; i < series->n_points; i += 2, n++) {
		series->points[n] = series->points[i];
		if (i + 1 < series->n_points)
			merge_point(&series->points[n], &series->points[i + 1]);
	}
	series->n_points = n;
	series->interval_usec *= 2;
}

void series_add(struct series *series, uint64_t at_usec,
		const uint64_t values[SERIES_FIGURE_COUNT])
{
	const size_t size = sizeof(series->points->last);
	struct series_point *point;

	if (series->n_points == SERIES_POINTS_MAX)
		halve(series);
	point = &series->points[series->n_points++];
	point->at_usec = at_usec;
	memcpy(point->low, values, size);
	memcpy(point->high, values, size);
	memcpy(point->last, values, size);
}

uint64_t series_highest(const struct series *series, enum series_figure figure)
{
	uint64_t highest = UNKNOWN_VALUE;

	for (size_t i = 0; i < series->n_points; i++) {
		const uint64_t value = series->points[i].high[figure];

		if (value != UNKNOWN_VALUE && (highest == UNKNOWN_VALUE || value > highest))
			highest = value;
	}
	return highest;
}

void series_resample(const struct series *series, enum series_figure figure, uint64_t end_usec,
		     uint64_t *ret_values, size_t n)
{
	const double part = (double)MAX(end_usec, UINT64_C(1)) / (double)n;

	for (size_t i = 0; i < n; i++)
		ret_values[i] = UNKNOWN_VALUE;
	for (size_t i = 0; i < series->n_points; i++) {
		const struct series_point *point = &series->points[i];
		const size_t at = MIN((size_t)((double)point->at_usec / part), n - 1);
		const uint64_t value = point->high[figure];

		if (value != UNKNOWN_VALUE)
			ret_values[at] = ret_values[at] == UNKNOWN_VALUE
						 ? value
						 : MAX(ret_values[at], value);
	}
	for (size_t i = 1; i < n; i++)
		if (ret_values[i] == UNKNOWN_VALUE)
			ret_values[i] = ret_values[i - 1];
}
