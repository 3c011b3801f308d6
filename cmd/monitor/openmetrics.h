/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of metrics for the textfile collector of Prometheus' node_exporter: figures of the
 * last sample, and counts of events.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"
#include "libcg2.h"

struct hook_counts;
struct metrics;

/* What is told of the monitor itself. */
struct metrics_self {
	uint64_t lost;			 /* events */
	const uint64_t *unjoined;	 /* processes; NULL: none are observed */
	const struct hook_counts *hooks; /* NULL: there are none */
};

/* Finds out whether the file can be written; what is wrong is said on stderr. -errno. */
int metrics_new(const char *path, struct metrics **ret_metrics) _must_check_;
struct metrics *metrics_free(struct metrics *metrics);

void metrics_add(struct metrics *metrics, struct cg2_event *event);

/* Replaces the file. A failure is told and counted, and tried again the next time. */
void metrics_write(struct metrics *metrics, const struct metrics_self *self);

/* The text of the file; free with free(). NULL: out of memory. */
char *metrics_to_text(struct metrics *metrics, const struct metrics_self *self,
		      size_t *ret_len);

static inline void metrics_freep(struct metrics **metrics)
{
	metrics_free(*metrics);
}
