/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What cgscope is while its command runs: signals go through it, it stops when the command
 * stops, and it ends as the command ended.
 */
#pragma once

#include <signal.h>

#include "base/macro.h"
#include "cmd/run/progress.h"
#include "cmd/run/run-options.h"
#include "cmd/run/sampler.h"
#include "cmd/run/witness.h"
#include "libcg2.h"

struct supervision {
	struct cg2_run *run;
	const struct run_options *opts;
	sigset_t mask;   /* the caller's, and so the command's */
	int signal_fd;
	struct progress progress;
	struct sampler *sampler; /* NULL: none */
	struct witness witness;
	bool is_witnessed; /* or could not be */
};

/* How cgscope is to end. */
struct ending {
	int status; /* 128 + N for a signal */
	int signal; /* it dies by that one; 0: none */
};

/* Notes what the command is to inherit. Signals still have their usual effect on cgscope. */
void supervise_begin(struct supervision *s, struct cg2_run *run,
		     const struct run_options *opts);

/* Starts the command; from now on signals are for it. */
int supervise_start(struct supervision *s, struct cg2_error *reterr) _must_check_;

/* From now on a line shows what it uses. */
void supervise_show_progress(struct supervision *s, const char *name);

/* From now on samples are taken; the sampler is the caller's. */
void supervise_sample(struct supervision *s, struct sampler *sampler);

/* Until the run is over. */
int supervise_wait(struct supervision *s, struct cg2_error *reterr) _must_check_;

/* What the command came to. */
void supervise_get_ending(struct supervision *s, struct ending *ret_ending);

/* The same death as a command's, or an experiment's. Does not return, but as PID 1. */
int supervise_die_by(int sig);

/* Ends cgscope in the same way. */
_noreturn_ void supervise_end(struct supervision *s, const struct ending *ending);
