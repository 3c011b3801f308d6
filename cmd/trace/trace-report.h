/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told of a run's trace: a line a failure while it runs, a table or a JSON document at the
 * end.
 */
#pragma once

#include <stdio.h>

#include "base/macro.h"
#include "cmd/output/jsonc.h"
#include "cmd/run/record.h"
#include "libcg2.h"

struct trace_report {
	struct cg2_trace *trace;
	char *const *command;
	uint64_t kinds; /* bits by enum cg2_trace_kind; 0: all */
	bool is_unfolded;
	bool is_quiet; /* nothing is printed where nothing failed */
	const struct record_view *record; /* of the run; JSON only. NULL: there is none */
	const char *told_hint; /* what is said below it in any case; text only. NULL: nothing is */
};

/* How many are reported. */
size_t trace_report_count(const struct trace_report *report);

/*
 * For people. width: the terminal's, 0: as wide as it has to be. The file's errors are for its
 * owner. -ENOMEM.
 */
int trace_report_print(FILE *f, const struct trace_report *report, size_t width) _must_check_;

/* One line, its newline included. ret_text: free with free(). -ENOMEM. */
int trace_report_to_json(const struct jsonc *lib, const struct trace_report *report,
			 char **ret_text, size_t *ret_len) _must_check_;

/* "+0.412s make (811): fork: EAGAIN: pids.max 32 of this scope", for --follow: free(). */
char *trace_failure_line(const struct cg2_trace_failure *failure);

/* "EAGAIN"; in buf for one that has no name here. */
const char *trace_errno_name(int code, char *buf, size_t size);
