/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope run": the command, from its scope's start to its end.
 */
#pragma once

#include "cmd/run/report.h"
#include "cmd/run/run-options.h"
#include "libcg2.h"

struct invocation;

/* What another verb makes of a run. */
struct run_addition {
	/* Before it is prepared. */
	int (*begin)(void *userdata, struct cg2_run *run, struct cg2_error *reterr);
	struct report_addition report; /* its userdata is for begin(), too */
};

/* As run_main(), of which only the options begin as those of a run. */
int run_with(const struct invocation *inv, struct run_options *opts,
	     const struct run_addition *addition);

/* Returns the exit status; does not return if the command was killed or with --exec. */
int run_main(const struct invocation *inv);
