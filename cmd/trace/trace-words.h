/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the parts of a trace's report: words for a failure.
 */
#pragma once

#include <stdio.h>

#include "libcg2.h"

/* "fork", "a thread", "exec ./x", "300M of memory (mmap)". */
void trace_put_call(FILE *f, const struct cg2_trace_failure *failure);

/* "probably pids.max 100 of user-1000.slice" */
void trace_put_reason(FILE *f, const struct cg2_trace_failure *failure);

/* "+0.412s" */
void trace_put_time(FILE *f, uint64_t usec);
