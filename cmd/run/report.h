/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is told when a run is over: the record, the summary, why it ended as it did, and
 * the exit status.
 */
#pragma once

#include "base/macro.h"
#include "cmd/output/jsonc.h"
#include "cmd/run/record-file.h"
#include "cmd/run/record.h"
#include "cmd/run/run-options.h"
#include "cmd/run/sampler.h"
#include "cmd/run/supervise.h"
#include "libcg2.h"

/* What a verb that is a run adds to it. */
struct report_addition {
	/* After the command's end: the exit status may change. */
	void (*settle)(void *userdata, struct cg2_run *run, struct ending *ending);
	/* Before the verdict is told. */
	void (*tell)(void *userdata, struct cg2_run *run, const struct record_view *view);
	void *userdata;
};

struct report {
	const struct run_options *opts;
	const struct report_addition *addition; /* NULL: none */
	struct jsonc json; /* loaded if a record is asked for */
	struct record_file file;
	struct sampler sampler;
};

void report_init(struct report *report, const struct run_options *opts);

/*
 * Before the command starts: can what is asked for be given? If not, that is said on
 * stderr. 0 or -errno.
 */
int report_open(struct report *report) _must_check_;

/*
 * The run was refused: err says why, and the user was told. status: what cgscope would
 * end with. Returns the exit status.
 */
int report_refusal(struct report *report, struct cg2_run *run,
		   const struct cg2_error *err, int status);

/* What to do, as it is said on stderr below why the run ended so; NULL: nothing is. */
const char *report_get_hint(const struct run_options *opts, const struct record_view *view);

/* The run is over, and not finished. ending: what the command came to; may change. */
void report_end(struct report *report, struct cg2_run *run, struct ending *ending);

void report_close(struct report *report);
