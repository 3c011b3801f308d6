/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verb fit: from the options to a plan, from the result to what is printed. */
#include "cmd/experiment/fit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "cmd/experiment/export.h"
#include "cmd/experiment/words.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

/* ---- what the options say ---- */

static int wrong_find(const struct invocation *inv, const char *word, const char *why)
{
	return verb_usage(inv, "--find: '%s': %s", word, why);
}

/* A value of the range, as the limit's own option takes it. */
static int read_bound(const struct invocation *inv, const char *word,
		      const struct fit_resource_info *info, struct scan text, uint64_t *ret_value)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *copy = strndup(text.pos, scan_left(&text));

	if (!copy || cg2_limits_new(inv->ctx, &limits) < 0)
		return verb_out_of_memory();
	if (cg2_limits_parse(limits, info->limit, copy, &err) < 0 ||
	    cg2_limits_get(limits, info->limit, ret_value) <= 0 || *ret_value == CG2_MAX)
		return wrong_find(inv, word, err.detail ? err.detail : "expected LOW..HIGH");
	return STATUS_OK;
}

/* "RESOURCE" or "RESOURCE:LOW..HIGH" */
static int read_find(const struct invocation *inv, const char *word, struct fit_plan *plan)
{
	struct scan rest = scan_of_string(word), name = scan_until(&rest, ':'), low = rest;
	const char *dots = strstr(rest.pos, "..");
	struct fit_range *range;
	size_t i = 0;
	int status;

	/* By its name, or as its option has it. */
	while (i < FIT_RESOURCE_COUNT && !scan_is(&name, fit_resources[i].name) &&
	       !scan_is(&name, fit_resources[i].option + strlen("--")))
		i++;
	if (i == FIT_RESOURCE_COUNT)
		return wrong_find(inv, word, "expected memory, tasks or cpu");
	range = &plan->ranges[i];
	if (range->is_wanted)
		return wrong_find(inv, word, "it is given twice");
	*range = (struct fit_range){ true, CG2_MAX, CG2_MAX };
	if (name.end == rest.end)
		return STATUS_OK;
	if (!dots)
		return wrong_find(inv, word, "expected RESOURCE:LOW..HIGH");
	low.end = dots;
	rest.pos = dots + 2;
	status = read_bound(inv, word, &fit_resources[i], low, &range->low);
	if (status == STATUS_OK)
		status = read_bound(inv, word, &fit_resources[i], rest, &range->high);
	if (status == STATUS_OK && range->low >= range->high)
		return wrong_find(inv, word, "LOW is not below HIGH");
	if (status == STATUS_OK && range->low == 0)
		range->low = 1;
	return status;
}

static int read_finds(const struct invocation *inv, const struct fit_options *opts,
		      struct fit_plan *plan)
{
	static const char memory[] = "memory";

	if (opts->find.n_words == 0)
		return read_find(inv, memory, plan);
	for (size_t i = 0; i < opts->find.n_words; i++) {
		int status = read_find(inv, opts->find.words[i], plan);

		if (status != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

/* Steps of an octave: a power of two that is as fine, near enough. */
static unsigned int steps_of(uint64_t precision_permyriad)
{
	unsigned int steps = 1;

	while (steps < 1024 && 10000 / steps > precision_permyriad + precision_permyriad / 16)
		steps *= 2;
	return steps;
}

static int read_slowdown(const struct invocation *inv, const struct fit_options *opts,
			 struct fit_plan *plan)
{
	if (strcmp(opts->max_slowdown, "none") != 0)
		return word_ratio(inv, "--max-slowdown", opts->max_slowdown, &plan->max_slowdown);
	if (plan->ranges[FIT_CPU].is_wanted)
		return verb_usage(inv, "--find cpu needs a slowdown that is too much: nothing "
				       "fails for too little CPU time");
	return STATUS_OK;
}

/* One limit cannot be given and looked for. */
static int check_fixed(const struct invocation *inv, const struct fit_options *opts,
		       const struct fit_plan *plan)
{
	for (size_t i = 0; i < opts->limits.n_words; i++)
		for (size_t k = 0; k < FIT_RESOURCE_COUNT; k++)
			if (plan->ranges[k].is_wanted &&
			    opts->limits.words[i].value == fit_resources[k].limit)
				return verb_usage(inv, "--%s is given, and --find %s looks for it",
						  opts->limits.words[i].name,
						  fit_resources[k].name);
	return STATUS_OK;
}

/* What the runs are worth nothing for is said before them. */
static int check_as(const struct invocation *inv, const struct fit_options *opts)
{
	if (opts->as != LIMITS_AS_DROPIN && opts->as != LIMITS_AS_UNIT &&
	    opts->as != LIMITS_AS_SYSTEMD_RUN)
		return STATUS_OK;
	for (size_t i = 0; i < opts->limits.n_words; i++)
		if (opts->limits.words[i].value == CG2_LIMIT_CPU_TIME)
			return verb_usage(inv, "--as: systemd has no --%s",
					  opts->limits.words[i].name);
	return STATUS_OK;
}

static int read_plan(const struct invocation *inv, const struct fit_options *opts,
		     struct fit_plan *plan)
{
	uint64_t precision = 0;
	int status = read_finds(inv, opts, plan);

	if (status == STATUS_OK)
		status = check_fixed(inv, opts, plan);
	if (status == STATUS_OK)
		status = check_as(inv, opts);
	if (status == STATUS_OK)
		status = word_count(inv, "--baseline", opts->baseline, 1, 100, &plan->n_baseline);
	if (status == STATUS_OK)
		status = word_count(inv, "--confirm", opts->confirm, 1, 500, &plan->n_confirm);
	if (status == STATUS_OK)
		status = word_count(inv, "--max-runs", opts->max_runs, 1, FIT_RUNS_MAX,
				    &plan->n_runs_max);
	if (status == STATUS_OK)
		status = word_percent(inv, "--margin", opts->margin, &plan->margin_permyriad);
	if (status == STATUS_OK)
		status = word_percent(inv, "--precision", opts->precision, &precision);
	if (status == STATUS_OK)
		status = read_slowdown(inv, opts, plan);
	plan->steps = steps_of(precision);
	return status;
}

/* ---- what is made of it ---- */

struct fitted {
	const struct jsonc *lib;
	const struct fit_result *result;
};

static int make_json(void *data, char **ret_text)
{
	const struct fitted *fitted = data;
	size_t len;

	return fit_to_json(fitted->lib, fitted->result, ret_text, &len);
}

static int make_svg(void *data, char **ret_text)
{
	return fit_to_svg(((const struct fitted *)data)->result, ret_text);
}

static int make_html(void *data, char **ret_text)
{
	return fit_to_html(((const struct fitted *)data)->result, ret_text);
}

static const struct export_kind kinds[] = {
	{ ".json", make_json },
	{ ".svg", make_svg },
	{ ".html", make_html },
	{ NULL, NULL },
};

static int print_as(const struct fit_options *opts, const struct fit_result *result)
{
	_cleanup_(limit_sets_clear) struct limit_sets sets = { .sets = NULL };
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *text = NULL, *program = NULL;
	struct limits_words words = { .ctx = result->ctx, .command = result->command,
				      .manager = opts->setting.manager };
	int r;

	if (result->end != FIT_FOUND)
		return STATUS_OK;
	program = verb_find_program(result->command[0]);
	if (!program || fit_advice(result, true, &sets) < 0)
		return verb_out_of_memory();
	words.set = &sets.sets[0];
	words.program = program;
	r = limits_to_words(&words, (enum limits_as)opts->as, &text, &err);
	if (r < 0)
		return err.code ? verb_failed(&err) : verb_out_of_memory();
	fputs(text, stdout);
	return STATUS_OK;
}

static int print(const struct fit_options *opts, struct fitted *fitted)
{
	_cleanup_free_ char *text = NULL;

	if (opts->as != FIT_AS_NOTHING)
		return print_as(opts, fitted->result);
	if (!opts->json) {
		fit_print(fitted->result);
		return STATUS_OK;
	}
	if (make_json(fitted, &text) < 0)
		return verb_out_of_memory();
	fputs(text, stdout);
	return STATUS_OK;
}

static int status_of(const struct fit_result *result)
{
	if (result->end == FIT_FOUND)
		return STATUS_OK;
	return result->end == FIT_BUDGET ? STATUS_TIMEOUT : STATUS_FAILED;
}

/* ---- the way through ---- */

/* HIGH must not be above what binds the caller, and all has to be enforceable. */
static int prepare(struct experiment *e, const struct fit_plan *plan, struct limit_set *set)
{
	struct experiment_run q = { .limits = set->limits, .properties = set->properties,
				    .set = set->name };
	int r = 0;

	for (size_t i = 0; r == 0 && i < FIT_RESOURCE_COUNT; i++) {
		const struct fit_range *range = &plan->ranges[i];

		if (range->is_wanted && range->high != CG2_MAX)
			r = cg2_limits_set(set->limits, fit_resources[i].limit, range->high);
	}
	if (r == 0)
		r = experiment_check_bounds(e->ctx, set->limits, "HIGH of --find");
	if (r == -ERANGE)
		return STATUS_USAGE;
	if (r == 0)
		r = experiment_place(e, set->properties != NULL);
	for (size_t i = 0; r == 0 && i < FIT_RESOURCE_COUNT; i++)
		if (plan->ranges[i].is_wanted && plan->ranges[i].high == CG2_MAX)
			r = cg2_limits_set(set->limits, fit_resources[i].limit,
					   fit_resources[i].low * 1000);
	if (r == 0)
		r = experiment_try(e, &q);
	return r == 0 ? STATUS_OK : STATUS_FAILED;
}

static int run_plan(const struct invocation *inv, struct experiment *e, const struct fit_plan *plan,
		    struct limit_set *set)
{
	const struct fit_options *opts = inv->options;
	_cleanup_(fit_result_clear) struct fit_result result = {
		.ctx = inv->ctx, .opts = opts, .plan = plan, .command = inv->argv
	};
	_cleanup_(exports_close) struct exports exports = { .files = NULL };
	struct fitted fitted = { &e->json, &result };
	int status;

	result.fixed = strdup(set->name);
	if (!result.fixed)
		return verb_out_of_memory();
	if (exports_open(&exports, &opts->exports, kinds) < 0 ||
	    experiment_open(e, inv->ctx, "fit", &opts->setting, inv->argv,
			    opts->json || opts->exports.n_words > 0) < 0)
		return STATUS_FAILED;
	status = prepare(e, plan, set);
	if (status != STATUS_OK)
		return status;
	status = fit_run(e, opts, plan, &result);
	if (status != STATUS_OK && result.end == FIT_GOING_ON)
		return status;
	if (print(opts, &fitted) != STATUS_OK)
		status = STATUS_FAILED;
	fflush(stdout);
	fit_say_end(&result);
	if (exports_write(&exports, &fitted) < 0)
		status = STATUS_FAILED;
	if (status == STATUS_OK)
		status = status_of(&result);
	return status;
}

static int fit_set(const struct invocation *inv, struct limit_set *set)
{
	struct experiment e = { .in_fd = -1, .out_fd = -1, .records_fd = -1, .signal_fd = -1 };
	struct fit_plan plan = { .steps = 0 };
	int status = read_plan(inv, inv->options, &plan);

	if (status != STATUS_OK)
		return status;
	status = run_plan(inv, &e, &plan, set);
	experiment_close(&e);
	return experiment_status(&e, status);
}

/* What somebody writes who takes the option of a limit, or its name, for what is looked for. */
static int check_meaning(const struct invocation *inv, const struct fit_options *opts)
{
	for (size_t k = 0; k < FIT_RESOURCE_COUNT; k++) {
		const struct fit_resource_info *resource = &fit_resources[k];

		if (inv->argc > 1 && strcmp(inv->argv[0], resource->name) == 0 &&
		    strcmp(inv->argv[1], "--") == 0)
			return verb_usage(inv, "'%s' is no command here; write --find %s",
					  resource->name, resource->name);
		for (size_t i = 0; i < opts->limits.n_words; i++)
			if (opts->limits.words[i].value == resource->limit &&
			    *opts->limits.words[i].word == '-')
				return verb_usage(inv, "'%s' sets a limit; to find one, write "
						       "--find %s",
						  resource->option, resource->name);
	}
	return STATUS_OK;
}

int fit_main(const struct invocation *inv)
{
	const struct fit_options *opts = inv->options;
	_cleanup_(limit_sets_clear) struct limit_sets sets = { .sets = NULL };
	_cleanup_free_ char *problem = NULL;
	int status, r;

	for (size_t i = 0; i < opts->exports.n_words; i++)
		if (!export_kind_of(kinds, opts->exports.words[i]))
			return verb_usage(inv,
					  "--export: '%s': expected a name that ends in .json, "
					  ".svg or .html",
					  opts->exports.words[i]);
	if (inv->argc == 0)
		return verb_usage(inv, "there is no command to run");
	status = check_meaning(inv, opts);
	if (status != STATUS_OK)
		return status;
	verb_set_log(inv, opts->setting.verbose ? CG2_LOG_INFO : CG2_LOG_WARNING);
	r = limit_sets_make(inv->ctx, &opts->limits, &sets, &problem);
	if (problem)
		return verb_usage(inv, "%s", problem);
	if (r < 0)
		return verb_out_of_memory();
	if (sets.n_sets > 1)
		return verb_usage(inv, "several limits in a list: fit looks for one; compare takes "
				       "lists");
	return fit_set(inv, &sets.sets[0]);
}
