/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a run used, sampled while it ran. There is room for a fixed number of points: when it is
 * full, each two become one, which keeps the lowest, the highest and the last value, and from then
 * on samples are twice as far apart. A run of a millisecond has its first and its last point, one
 * of a day as many as one of an hour.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIES_POINTS_MAX 2000

enum series_figure {
	SERIES_MEMORY_BYTES,
	SERIES_ANON_BYTES,
	SERIES_FILE_BYTES,
	SERIES_TASKS_COUNT,
	SERIES_CPU_PERMYRIAD, /* of one CPU, since the point before */
	SERIES_PRESSURE_PERMYRIAD, /* of the time that something waited for memory */
	SERIES_FIGURE_COUNT,
};

/* A value that is not known is UINT64_MAX. */
struct series_point {
	uint64_t at_usec; /* since the start; of the last sample in it */
	uint64_t low[SERIES_FIGURE_COUNT], high[SERIES_FIGURE_COUNT], last[SERIES_FIGURE_COUNT];
};

struct series {
	struct series_point *points; /* room for SERIES_POINTS_MAX */
	size_t n_points;
	uint64_t interval_usec;
};

/* -ENOMEM. */
int series_init(struct series *series, uint64_t interval_usec);
void series_clear(struct series *series);

/* A sample; those of the start and of the end count whatever the interval is. */
void series_add(struct series *series, uint64_t at_usec,
		const uint64_t values[SERIES_FIGURE_COUNT]);

/*
 * The highest value of each of n parts of the time until end_usec, UINT64_MAX: unknown. A part
 * without a sample has the value of the one before.
 */
void series_resample(const struct series *series, enum series_figure figure, uint64_t end_usec,
		     uint64_t *ret_values, size_t n);

/* The highest value, UINT64_MAX: none is known. */
uint64_t series_highest(const struct series *series, enum series_figure figure);
