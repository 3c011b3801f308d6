/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --timeline: samples what the command uses while it runs, and draws it when it is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/picture/series.h"
#include "cmd/picture/timeline.h"
#include "cmd/run/record-file.h"
#include "cmd/run/record.h"
#include "libcg2.h"

#define SAMPLER_INTERVAL_USEC (100 * USEC_PER_MSEC)
#define SAMPLER_INTERVAL_MIN_USEC (10 * USEC_PER_MSEC)

struct sampler {
	struct cg2_run *run; /* NULL: nothing is sampled */
	bool has_file;	     /* else memory alone is sampled */
	struct record_file file;
	struct series series;
	uint64_t start_usec, next_usec;
	uint64_t cpu_usec, cpu_at_usec; /* as they were at the sample before */
	uint64_t events[TIMELINE_EVENT_COUNT];
	struct timeline_mark marks[TIMELINE_MARKS_MAX];
	size_t n_marks;
};

/* Whether a file's name says what is to be in it: it ends in .svg, .html, .json or .csv. */
bool sampler_knows(const char *name);

/*
 * Sees to it that the file can be written; NULL: none is wanted. What is wrong is told. 0 or
 * -errno.
 */
int sampler_open(struct sampler *sampler, const char *name, uint64_t interval_usec) _must_check_;

static inline bool sampler_is_open(const struct sampler *sampler)
{
	return sampler->series.points;
}

static inline bool sampler_has_samples(const struct sampler *sampler)
{
	return sampler->run;
}

/* The command has started. */
void sampler_begin(struct sampler *sampler, struct cg2_run *run);

/* Takes a sample if it is time to; the milliseconds until the next, -1: never. */
int sampler_tick(struct sampler *sampler);

/* The command is over: the last sample, and the file. What is wrong is told. */
void sampler_write(struct sampler *sampler, const struct record_view *view);
void sampler_close(struct sampler *sampler);
