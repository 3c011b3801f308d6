/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope fit": the smallest limit under which a command passes, as far as runs can show it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/experiment/experiment.h"
#include "cmd/experiment/fit-search.h"
#include "cmd/experiment/limits-as.h"
#include "cmd/experiment/status-line.h"
#include "cmd/option/options.h"
#include "cmd/output/human.h"
#include "cmd/verb/verb.h"

struct fit_options {
	struct option_words limits; /* that hold for all runs, and properties */
	struct option_list find;
	const char *baseline, *confirm, *max_slowdown, *precision, *margin, *max_runs;
	unsigned int failures; /* 0: proven, 1: any */
	bool allow_refused;
	uint64_t budget_usec; /* CG2_MAX: none */
	unsigned int as;      /* enum limits_as, or FIT_AS_NOTHING */
	struct option_list exports;
	bool json;
	struct experiment_setting setting;
};
#define FIT_AS_NOTHING 100

extern const struct option_table fit_option_table;

int fit_main(const struct invocation *inv);

/* ---- what can be looked for ---- */

enum fit_resource { FIT_MEMORY, FIT_TASKS, FIT_CPU, FIT_RESOURCE_COUNT };

struct fit_resource_info {
	const char *name; /* as in --find */
	const char *file, *unit;
	const char *option; /* "--mem" */
	enum cg2_limit limit;
	human_fn format; /* exact for points of the grid */
	uint64_t low, step; /* the smallest */
};
extern const struct fit_resource_info fit_resources[FIT_RESOURCE_COUNT];

struct fit_range {
	bool is_wanted;
	uint64_t low, high; /* CG2_MAX: not given */
};

/* What the options say in numbers. */
struct fit_plan {
	struct fit_range ranges[FIT_RESOURCE_COUNT];
	size_t n_baseline, n_confirm, n_runs_max;
	double max_slowdown; /* 0: none */
	uint64_t margin_permyriad;
	unsigned int steps; /* of an octave */
};

/* ---- what came of it ---- */

struct fit_baseline {
	size_t n, n_passed;
	uint64_t wall_usec;		 /* the median; then the highest of each */
	uint64_t wall_max_usec;
	uint64_t peak_bytes, anon_bytes; /* CG2_MAX: not known */
	uint64_t tasks, cpu_permyriad;
};

struct fit_trial {
	enum fit_resource resource; /* FIT_RESOURCE_COUNT: a run of the baseline, or under all */
	uint64_t value;		    /* CG2_MAX: without a limit */
	enum cg2_verdict verdict;
	enum fit_why why;
	char *reason; /* NULL: nothing to say */
	uint64_t wall_usec;
	char *record; /* JSON, NULL: not kept */
};

struct fit_found {
	enum fit_resource resource;
	uint64_t value, advice; /* advice: with the margin, or more where several need it */
	uint64_t wall_usec;	/* the median of the runs that passed there */
	struct fit_search search;
};

struct fit_result {
	struct cg2_ctx *ctx;
	const struct fit_options *opts;
	const struct fit_plan *plan;
	char *fixed; /* the limits that hold for all runs, "no limit" */
	char *const *command;
	struct fit_baseline baseline;
	struct fit_found *found; /* the last may be one that was not found */
	size_t n_found;
	struct fit_trial *trials;
	size_t n_trials;
	uint64_t spent_usec;
	enum fit_end end;
};

void fit_result_clear(struct fit_result *result);

/* What a run says: a pure function of its record. */
struct fit_question {
	enum fit_resource resource;
	uint64_t allowed_usec; /* it may take; CG2_MAX: as long as it likes */
	bool allows_refused;
};
enum fit_why fit_classify(const struct record_view *view, const struct fit_question *q);

/*
 * The same of a run under several limits that were found; q's resource does not matter. ret_blamed:
 * those that are too low, a bit each; with FIT_LIMIT there is one.
 */
enum fit_why fit_classify_all(const struct record_view *view, const struct fit_question *q,
			      const struct fit_found *found, size_t n_found,
			      unsigned int *ret_blamed);

/* The search, run by run. STATUS_OK, or another status that was told. */
int fit_run(struct experiment *e, const struct fit_options *opts, const struct fit_plan *plan,
	    struct fit_result *result);

/* The limits that held for all runs and those that were found. -ENOMEM; ret is to be cleared. */
int fit_advice(const struct fit_result *result, bool with_margin,
	       struct limit_sets *ret) _must_check_;

/* On the standard output; and why there is no answer, on the standard error. */
void fit_print(const struct fit_result *result);
void fit_say_end(const struct fit_result *result);

/* Pictures. ret_text: to be freed. -ENOMEM. */
int fit_to_svg(const struct fit_result *result, char **ret_text) _must_check_;
int fit_to_html(const struct fit_result *result, char **ret_text) _must_check_;

struct jsonc;
int fit_to_json(const struct jsonc *lib, const struct fit_result *result, char **ret_text,
		size_t *ret_len) _must_check_;
