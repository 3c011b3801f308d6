/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the tracer's records to what is reported: failures that programs count on are folded, the
 * same ones of a process are counted, and what each process did then is noted. Reads nothing and
 * knows no clock.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "trace/trace-record.h"

/* What is known before the first record. The strings are copied. */
struct trace_setup {
	uint64_t started_usec; /* CLOCK_MONOTONIC */
	const char *own;       /* the topmost cgroup of the run's own; NULL: it has none */
	uint64_t kinds;	       /* as in struct cg2_trace_wish */
	cg2_trace_fn fn;
	void *userdata;
};

int trace_new(const struct trace_setup *setup, struct cg2_trace **ret_trace) _must_check_;

/* -ENOMEM: the record is lost, and counted as such. */
int trace_fold_add(struct cg2_trace *trace, const struct trace_record *record);

/* The last one was added, or the tracer has ended without. */
void trace_fold_end(struct cg2_trace *trace, uint64_t now_usec);
