/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the tracer's records to what is reported: failures that programs count on are folded, the
 * same ones of a process are counted, and what each process did then is noted. Reads nothing and
 * knows no clock.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "trace/trace-limit.h"

/* What is known before the first record. The strings are copied. */
struct trace_setup {
	uint64_t started_usec; /* CLOCK_MONOTONIC */
	struct trace_place place;
	cg2_trace_fn fn; /* NULL: nobody is told before the end */
	void *userdata;
};

int trace_new(const struct trace_setup *setup, struct cg2_trace **ret_trace) _must_check_;

/* What has no room is counted as lost. */
void trace_fold_add(struct cg2_trace *trace, const struct trace_record *record);

/* Tells of what has waited long enough; to be called when time has passed without a record. */
void trace_fold_tick(struct cg2_trace *trace, uint64_t now_usec);

/* Nobody is left, or the tracer has gone. */
void trace_fold_end(struct cg2_trace *trace, uint64_t now_usec);
