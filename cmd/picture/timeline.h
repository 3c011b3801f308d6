/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run over time as a picture, a page, JSON or CSV: memory, tasks, CPU and pressure on one axis of
 * time, with the limits as lines, and what happened in words.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/picture/series.h"

#define TIMELINE_NOTES_MAX 8

/* What the kernel counts, and a limit's own panel shows at its moment. */
enum timeline_event {
	TIMELINE_MEMORY_HIGH,
	TIMELINE_MEMORY_MAX,
	TIMELINE_OOM_KILL,
	TIMELINE_TASKS_REFUSED,
	TIMELINE_EVENT_COUNT,
};

struct timeline_mark {
	uint64_t at_usec; /* of the sample that showed it */
	enum timeline_event event;
	uint64_t count;
};
#define TIMELINE_MARKS_MAX 64

struct timeline {
	const struct series *series;
	const char *title;   /* the verdict in a sentence */
	const char *command;
	uint64_t wall_usec;
	/* UINT64_MAX: none, or unknown. */
	uint64_t memory_max, memory_high, memory_peak, tasks_max, tasks_peak, cpu_max;
	const struct timeline_mark *marks;
	size_t n_marks;
	const char *notes[TIMELINE_NOTES_MAX]; /* what happened, a line each */
	size_t n_notes;
};

/* ret_text: to be freed. -ENOMEM. */
int timeline_to_svg(const struct timeline *timeline, char **ret_text) _must_check_;
int timeline_to_html(const struct timeline *timeline, char **ret_text) _must_check_;
int timeline_to_csv(const struct timeline *timeline, char **ret_text) _must_check_;
int timeline_to_json(const struct timeline *timeline, char **ret_text) _must_check_;
