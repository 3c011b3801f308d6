/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limit a call failed by: a pure function of the call, its errno, and what was so at that
 * moment.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "trace/trace-record.h"

/* Where the run is. */
struct trace_place {
	const char *cgroup; /* the command's; NULL: not known */
	const char *own;    /* the topmost of the run's own, it or above it; NULL: none is */
};

/* Strings without "static" are to be freed by trace_limit_clear(). */
struct trace_limit {
	const char *file; /* static; NULL: no limit, or it is not known */
	char *cgroup;	  /* NULL: no cgroup's */
	uint64_t limit;	  /* CG2_MAX: unknown */
	uint64_t current; /* UNKNOWN */
	bool is_own;
	enum cg2_certainty certainty;
	char *reason;
	char *hint; /* NULL: none */
	struct cg2_advice advice;
};

/* record: a TRACE_FAILED. -ENOMEM. */
int trace_limit_find(const struct trace_record *record, const struct trace_place *place,
		     struct trace_limit *ret_limit) _must_check_;
void trace_limit_clear(struct trace_limit *limit);
