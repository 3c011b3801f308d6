/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of "cgscope run", parsed.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/option/option-rows.h"
#include "cmd/option/options.h"
#include "cmd/run/sampler.h"
#include "libcg2.h"

struct run_options {
	struct cg2_limits *limits;
	struct option_list properties; /* NAME=VALUE each */
	unsigned int backend;	       /* enum cg2_backend */
	unsigned int manager;	       /* enum cg2_manager */
	const char *in;		       /* here and below NULL: not given */
	const char *slice;
	const char *name;
	const char *prefix;
	const char *description;
	bool best_effort;
	bool exec;
	unsigned int leftovers; /* enum cg2_leftovers */
	int signal;
	uint64_t grace_usec; /* CG2_MAX: never SIGKILL */
	unsigned int expect; /* a bit for each enum cg2_verdict; 0: not given */
	bool strict;
	bool exit_code;
	bool summary;
	bool progress;
	struct option_list warn_at;
	struct option_list stop_at;
	const char *record; /* NULL: none */
	bool append;
	struct option_list labels; /* KEY=VALUE each */
	bool processes;
	const char *timeline; /* NULL: none */
	uint64_t sample_usec;
	bool quiet;
	bool verbose;
	char **argv; /* the command, ended by NULL; at least one word */
	size_t argc;
};

/* How they begin. */
#define RUN_DEFAULTS \
	{ .manager = CG2_MANAGER_AUTO, .leftovers = CG2_LEFTOVERS_LEAVE, .signal = SIGTERM, \
	  .grace_usec = OPTION_GRACE_DEFAULT_USEC, .sample_usec = SAMPLER_INTERVAL_USEC }

extern const struct option_table run_option_table;
