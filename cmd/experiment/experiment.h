/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An experiment: silent runs of one command under changing limits, one after the other, with what
 * belongs around them (hooks, streams, a scope of its own), until it is over or somebody ends it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/experiment/sets.h"
#include "cmd/output/jsonc.h"
#include "cmd/run/record.h"
#include "libcg2.h"

/* sh -c, outside of the limits. */
struct experiment_hooks {
	const char *setup, *prepare, *conclude, *cleanup; /* NULL: none */
};

/* As the options say; experiment-rows.h has their rows. */
struct experiment_setting {
	unsigned int manager; /* enum cg2_manager */
	const char *output;   /* "null", "pipe", "inherit" or a file */
	const char *input;    /* NULL: nothing to read */
	struct experiment_hooks hooks;
	const char *records; /* NULL: none */
	bool quiet, verbose;
};

struct experiment {
	struct cg2_ctx *ctx;
	const struct experiment_setting *setting;
	char *const *argv;
	char *file;
	const char *what;    /* "compare", "fit" */
	int in_fd, out_fd;   /* -1: the caller's */
	bool reads_output, reads_errors;
	int records_fd;
	int signal_fd;
	sigset_t mask;
	int signal;	     /* ended by that one; 0: not yet */
	bool is_set_up;	     /* cleanup is due */
	bool keeps_records;  /* a result has its record as JSON */
	bool uses_manager;   /* runs are no nested ones */
	struct jsonc json;
};

/* A run that is asked for. */
struct experiment_run {
	struct cg2_limits *limits;
	const char *const *properties; /* ended by NULL, or NULL */
	const char *set;	       /* for labels and hooks */
	size_t round;		       /* for both too; 0: none */
	bool ends_at_once; /* a time limit sends SIGKILL */
};

#define EXPERIMENT_TAIL_MAX 8192

/* What it came to. */
struct experiment_result {
	struct cg2_record *record;
	struct record_view view;
	char *json;		      /* the record, a line; NULL unless keeps_records */
	uint64_t other_cpu_permyriad; /* CG2_MAX: not known */
	size_t n_tail;
	char tail[EXPERIMENT_TAIL_MAX]; /* the end of its standard error */
};

/*
 * Finds the command and opens what the setting names. From here on signals that would end cgscope
 * end the experiment. What fails is told. 0 or -errno; to be closed in any case.
 */
int experiment_open(struct experiment *e, struct cg2_ctx *ctx, const char *what,
		    const struct experiment_setting *setting, char *const *argv,
		    bool keeps_records) _must_check_;

/*
 * Goes where runs need no manager, into a scope of its own if need be, unless needs_manager; then
 * sees whether the limits of all sets can be enforced. What fails is told. 0 or -errno; 1: ended.
 */
int experiment_place(struct experiment *e, bool needs_manager) _must_check_;
int experiment_try(struct experiment *e, const struct experiment_run *run) _must_check_;

/* The hook --setup. 0; -errno, which was told; 1: ended by a signal. */
int experiment_begin(struct experiment *e) _must_check_;

/*
 * A run with the hooks around it. 0; -errno, which was told: it could not be made; 1: ended by a
 * signal. The result is to be cleared after 0.
 */
int experiment_run(struct experiment *e, const struct experiment_run *run,
		   struct experiment_result *ret) _must_check_;
void experiment_result_clear(struct experiment_result *result);

/* The last n lines of the command's standard error, to ours. */
void experiment_print_tail(const struct experiment_result *result, size_t n);

/* The hook --cleanup, if it is due. As experiment_begin(). */
int experiment_end(struct experiment *e) _must_check_;

void experiment_close(struct experiment *e);

/* The exit status, after what was to be told; does not return if a signal ended it. */
int experiment_status(struct experiment *e, int status);

/*
 * Whether a limit is above what binds the caller, who would not get it: told, with the cgroup.
 * 0 or -ERANGE; -errno.
 */
int experiment_check_bounds(struct cg2_ctx *ctx, struct cg2_limits *limits,
			    const char *set) _must_check_;
