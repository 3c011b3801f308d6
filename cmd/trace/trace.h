/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope trace": a run of which is told which calls failed, and under which limit.
 */
#pragma once

#include "cmd/option/options.h"
#include "cmd/run/run-options.h"

struct invocation;

struct trace_options {
	struct run_options run; /* first: its table is the base of this one's */
	const char *only;	/* here and below NULL: not given */
	const char *output;
	bool unfolded;
	bool follow;
	bool json;
	bool fail;
};

extern const struct option_table trace_option_table;

/* Returns the exit status; does not return if the command was killed. */
int trace_main(const struct invocation *inv);
