/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The runs of fit: without the limit, then as the search asks for them, then under all of them. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/experiment/fit.h"
#include "cmd/experiment/stats.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

/* Commands of a few milliseconds are as slow as the machine has it. */
#define SLOW_MIN_USEC (100 * USEC_PER_MSEC)

/* Where slow runs pass, one that does not end at all has to end all the same. */
#define LIVELOCK_FACTOR 20
#define LIVELOCK_MIN_USEC (60 * USEC_PER_SEC)

#define TAIL_LINES 10

struct fitting {
	struct experiment *e;
	const struct fit_options *opts;
	const struct fit_plan *plan;
	struct fit_result *result;
	uint64_t start_usec;
	uint64_t end_usec; /* of the budget; CG2_MAX: there is none */
	struct status_line line;
	uint64_t *walls; /* of runs that count for a median */
	size_t n_walls;
	bool is_cut; /* the last run was ended by the budget: it says nothing */
};

/* ---- one run ---- */

static uint64_t allowed_usec(const struct fitting *f)
{
	const struct fit_baseline *base = &f->result->baseline;

	/* Known when the baseline is. */
	if (base->wall_usec == 0)
		return CG2_MAX;
	if (f->plan->max_slowdown == 0)
		return MAX(LIVELOCK_FACTOR * base->wall_usec, LIVELOCK_MIN_USEC);
	return MAX((uint64_t)((double)base->wall_usec * f->plan->max_slowdown),
		   MAX(base->wall_max_usec, base->wall_usec + SLOW_MIN_USEC));
}

static bool is_over_budget(const struct fitting *f)
{
	return usec_until(f->end_usec) == 0;
}

/* The fixed limits, those found before with their margin, and the one at hand. */
static int set_limits(const struct fitting *f, struct cg2_limits *limits,
		      enum fit_resource resource, uint64_t value)
{
	/* The budget also ends a run that would not end. */
	const uint64_t left = MAX(usec_until(f->end_usec), USEC_PER_MSEC);
	const uint64_t allowed = MIN(allowed_usec(f), left);
	uint64_t wall = CG2_MAX;
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->result->n_found; i++)
		if (f->result->found[i].value != CG2_MAX)
			r = cg2_limits_set(limits,
					   fit_resources[f->result->found[i].resource].limit,
					   f->result->found[i].advice);
	if (r == 0 && value != CG2_MAX)
		r = cg2_limits_set(limits, fit_resources[resource].limit, value);
	if (r < 0 || allowed == CG2_MAX)
		return r;
	/* The user's own limit is kept if it is shorter. */
	if (cg2_limits_get(limits, CG2_LIMIT_WALL_TIME, &wall) > 0 && wall < allowed)
		return 0;
	return cg2_limits_set(limits, CG2_LIMIT_WALL_TIME, allowed);
}

static int keep_trial(struct fitting *f, enum fit_resource resource, uint64_t value,
		      enum fit_why why, struct experiment_result *run)
{
	struct fit_result *result = f->result;
	struct fit_trial *grown, *trial;

	if (f->is_cut)
		return 0;
	grown = reallocarray(result->trials, result->n_trials + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	result->trials = grown;
	trial = &grown[result->n_trials++];
	*trial = (struct fit_trial){ .resource = resource, .value = value, .why = why,
				     .verdict = run->view.verdict, .wall_usec = CG2_MAX };
	record_view_get(&run->view, CG2_FIGURE_WALL_USEC, &trial->wall_usec);
	trial->record = take_ptr(&run->json);
	if (!run->view.reason)
		return 0;
	trial->reason = strdup(run->view.reason);
	return trial->reason ? 0 : -ENOMEM;
}

static char *name_run(enum fit_resource resource, uint64_t value)
{
	char text[HUMAN_MAX];

	if (value == CG2_MAX)
		return strdup("no limit");
	fit_resources[resource].format(value, text);
	return text_format("%s %s", fit_resources[resource].option, text);
}

/* A run under the limit; CG2_MAX: without. 0; a status: it was told. run is to be cleared then. */
static int make_run(struct fitting *f, enum fit_resource resource, uint64_t value,
		    struct experiment_result *run)
{
	_cleanup_(limit_sets_clear) struct limit_sets sets = { .sets = NULL };
	_cleanup_free_ char *name = name_run(resource, value), *problem = NULL;
	struct experiment_run q = { .set = name, .round = f->result->n_trials + 1,
				    .ends_at_once = true };

	if (!name || limit_sets_make(f->e->ctx, &f->opts->limits, &sets, &problem) < 0 ||
	    set_limits(f, sets.sets[0].limits, resource, value) < 0)
		return verb_out_of_memory();
	q.limits = sets.sets[0].limits;
	q.properties = sets.sets[0].properties;
	if (experiment_run(f->e, &q, run) != 0)
		return STATUS_FAILED;
	f->is_cut = is_over_budget(f) && run->view.verdict == CG2_VERDICT_WALL_TIME;
	return STATUS_OK;
}

/* The same, classified and kept. */
static int probe(struct fitting *f, enum fit_resource resource, uint64_t value, enum fit_why *ret)
{
	const struct fit_question q = { resource, allowed_usec(f), f->opts->allow_refused };
	struct experiment_result run;
	int status = make_run(f, resource, value, &run);

	if (status != STATUS_OK)
		return status;
	*ret = fit_classify(&run.view, &q);
	if (keep_trial(f, resource, value, *ret, &run) < 0)
		status = verb_out_of_memory();
	experiment_result_clear(&run);
	return status;
}

/* ---- without the limit ---- */

static void raise_figure(const struct record_view *view, enum cg2_figure name, uint64_t *figure)
{
	uint64_t value;

	if (record_view_get(view, name, &value) && (*figure == CG2_MAX || value > *figure))
		*figure = value;
}

static void note_baseline(struct fitting *f, const struct record_view *view)
{
	struct fit_baseline *base = &f->result->baseline;
	uint64_t wall = 0, cpu = 0;

	base->n_passed++;
	raise_figure(view, CG2_FIGURE_MEMORY_PEAK_BYTES, &base->peak_bytes);
	raise_figure(view, CG2_FIGURE_ANON_PEAK_BYTES, &base->anon_bytes);
	raise_figure(view, CG2_FIGURE_TASKS_PEAK_COUNT, &base->tasks);
	if (record_view_get(view, CG2_FIGURE_WALL_USEC, &wall) &&
	    record_view_get(view, CG2_FIGURE_CPU_USAGE_USEC, &cpu) && wall > 0) {
		const uint64_t share = cpu * 10000 / wall;

		base->cpu_permyriad =
			base->cpu_permyriad == CG2_MAX ? share : MAX(base->cpu_permyriad, share);
	}
	f->walls[f->n_walls++] = wall;
}

static void say_baseline_failed(struct fitting *f, const struct experiment_result *run)
{
	status_line_hide(&f->line);
	message_failure("fit: it fails without the limit too: %s",
			run->view.reason ? run->view.reason
					 : cg2_verdict_to_string(run->view.verdict));
	if (run->n_tail > 0)
		message_info("the end of its standard error:");
	experiment_print_tail(run, TAIL_LINES);
}

static int run_baseline_once(struct fitting *f, bool is_warmup)
{
	struct fit_baseline *base = &f->result->baseline;
	struct experiment_result run;
	int status;

	status_line_show(&f->line, "without limit: run %zu of %zu", base->n + 1,
			 f->plan->n_baseline);
	status = make_run(f, FIT_MEMORY, CG2_MAX, &run);
	if (status != STATUS_OK)
		return status;
	base->n += !is_warmup && !f->is_cut;
	if (f->is_cut) {
		f->result->end = FIT_BUDGET;
	} else if (run.view.verdict != CG2_VERDICT_OK) {
		f->result->end = FIT_BASELINE_FAILED;
		say_baseline_failed(f, &run);
		status = STATUS_FAILED;
	} else if (!is_warmup) {
		note_baseline(f, &run.view);
		if (keep_trial(f, FIT_RESOURCE_COUNT, CG2_MAX, FIT_OK, &run) < 0)
			status = verb_out_of_memory();
	}
	experiment_result_clear(&run);
	return status;
}

static int run_baseline(struct fitting *f)
{
	struct fit_baseline base = { .peak_bytes = CG2_MAX, .anon_bytes = CG2_MAX,
				     .tasks = CG2_MAX, .cpu_permyriad = CG2_MAX };
	struct stats_summary summary;
	int status;

	f->result->baseline = base;
	f->n_walls = 0;
	status = run_baseline_once(f, true);
	while (status == STATUS_OK && f->result->end != FIT_BUDGET &&
	       f->result->baseline.n < f->plan->n_baseline)
		status = run_baseline_once(f, false);
	stats_summarize(f->walls, f->n_walls, &summary);
	f->result->baseline.wall_usec = summary.median;
	f->result->baseline.wall_max_usec = summary.max;
	return status;
}

/* ---- the search ---- */

/* Where it begins: what was used without the limit. CG2_MAX: not known. */
static uint64_t start_value(const struct fit_baseline *base, enum fit_resource resource)
{
	switch (resource) {
	case FIT_MEMORY:
		return base->peak_bytes;
	case FIT_TASKS:
		return base->tasks;
	case FIT_CPU:
		/* Half of the time it may have used none. */
		return base->cpu_permyriad == CG2_MAX ? CG2_MAX : 2 * base->cpu_permyriad;
	case FIT_RESOURCE_COUNT:
		break;
	}
	return CG2_MAX;
}

static uint64_t guess_value(const struct fit_baseline *base, enum fit_resource resource)
{
	if (resource == FIT_MEMORY)
		return base->anon_bytes == CG2_MAX ? 0 : base->anon_bytes;
	if (resource == FIT_TASKS)
		return base->tasks > 1 ? base->tasks - 1 : 0;
	return base->cpu_permyriad;
}

static uint64_t highest(enum fit_resource resource)
{
	static const uint64_t values[] = {
		[FIT_MEMORY] = UINT64_C(1) << 50, [FIT_TASKS] = 4194304, [FIT_CPU] = 10000000,
	};

	return values[resource];
}

static int begin_search(struct fitting *f, struct fit_found *found)
{
	const enum fit_resource resource = found->resource;
	const struct fit_resource_info *info = &fit_resources[resource];
	const struct fit_range *range = &f->plan->ranges[resource];
	const uint64_t start = start_value(&f->result->baseline, resource);
	const struct fit_config config = {
		.low = range->low == CG2_MAX ? info->low : range->low,
		.high = range->high == CG2_MAX ? highest(resource) : range->high,
		.unit = info->step,
		.steps = f->plan->steps,
		.start = start,
		.guess = guess_value(&f->result->baseline, resource),
		.n_confirm = f->plan->n_confirm,
		.n_runs_max = f->plan->n_runs_max - MIN(f->plan->n_runs_max, f->result->n_trials),
		.takes_any = f->opts->failures,
	};

	if (start == CG2_MAX) {
		status_line_hide(&f->line);
		message_failure("fit: the peak of %s is unknown: this kernel or cgroup does not "
				"count it", info->name);
		return STATUS_FAILED;
	}
	fit_search_begin(&found->search, &config);
	return STATUS_OK;
}

/* "memory 80M to 96M, passed 3 of 10, run 14, about 10s left" */
static void show_search(struct fitting *f, const struct fit_found *found)
{
	const struct fit_search *s = &found->search;
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_tally *tally = fit_search_tally(s, s->hi);
	const uint64_t spent = now_usec() - f->start_usec;
	const size_t n = MAX(f->result->n_trials, (size_t)1);
	char low[HUMAN_MAX] = "0", high[HUMAN_MAX], left[HUMAN_MAX] = "";

	if (s->lo > 0)
		info->format(s->lo, low);
	info->format(s->hi, high);
	/* Of the confirmation that is known, what comes before it is not. */
	human_usec(spent / n * (f->plan->n_confirm - MIN(tally->passed, f->plan->n_confirm)) /
			   USEC_PER_SEC * USEC_PER_SEC,
		   left);
	status_line_show(&f->line, "%s between %s and %s  passed %zu of %zu  run %zu  at least %s "
				   "left", info->name, low, high, tally->passed,
			 f->plan->n_confirm, f->result->n_trials + 1, left);
}

static int search_one(struct fitting *f, struct fit_found *found)
{
	struct fit_search *s = &found->search;
	struct fit_probe next;
	int status = begin_search(f, found);

	while (status == STATUS_OK && fit_search_next(s, &next)) {
		enum fit_why why = FIT_OK;

		if (is_over_budget(f)) {
			s->end = FIT_BUDGET;
			break;
		}
		show_search(f, found);
		status = probe(f, found->resource, next.value, &why);
		if (status == STATUS_OK && !f->is_cut)
			fit_search_tell(s, why);
	}
	f->result->end = s->end;
	return status;
}

static uint64_t median_wall(struct fitting *f, const struct fit_found *found, uint64_t value)
{
	struct stats_summary summary;

	f->n_walls = 0;
	for (size_t i = 0; i < f->result->n_trials; i++) {
		const struct fit_trial *trial = &f->result->trials[i];

		if (trial->resource == found->resource && trial->value == value &&
		    trial->why == FIT_OK && trial->wall_usec != CG2_MAX)
			f->walls[f->n_walls++] = trial->wall_usec;
	}
	stats_summarize(f->walls, f->n_walls, &summary);
	return summary.median;
}

/* The answer, once there is one. */
static void settle(struct fitting *f, struct fit_found *found)
{
	const struct fit_search *s = &found->search;
	const double share = (double)f->plan->margin_permyriad / 10000;

	if (s->end != FIT_FOUND)
		return;
	found->value = s->hi;
	found->advice =
		fit_grid_up(&s->config, s->hi + (uint64_t)((double)s->hi * share + 0.999));
	found->wall_usec = median_wall(f, found, s->hi);
}

static int search_all(struct fitting *f)
{
	struct fit_result *result = f->result;
	int status = STATUS_OK;

	for (unsigned int i = 0; status == STATUS_OK && i < FIT_RESOURCE_COUNT; i++) {
		struct fit_found *found = &result->found[result->n_found];

		if (!f->plan->ranges[i].is_wanted)
			continue;
		/* Not in force before it is found. */
		found->resource = (enum fit_resource)i;
		found->value = CG2_MAX;
		result->n_found++;
		status = search_one(f, found);
		settle(f, found);
		if (result->end != FIT_FOUND)
			break;
	}
	return status;
}

/* ---- several limits together, each with its margin ---- */

/* How often one may turn out to be too low, each time by a step twice as long. */
#define RAISES_MAX 6

struct together {
	size_t n_passed;
	unsigned int n_doubts; /* failures in a row that no limit of these explains */
	unsigned int n_raises;
};

static int probe_all(struct fitting *f, enum fit_why *ret_why, unsigned int *ret_blamed)
{
	const struct fit_question q = { FIT_RESOURCE_COUNT, allowed_usec(f),
					f->opts->allow_refused };
	struct experiment_result run;
	int status = make_run(f, FIT_RESOURCE_COUNT, CG2_MAX, &run);

	if (status != STATUS_OK)
		return status;
	*ret_why = fit_classify_all(&run.view, &q, f->result->found, f->result->n_found,
				    ret_blamed);
	if (keep_trial(f, FIT_RESOURCE_COUNT, CG2_MAX, *ret_why, &run) < 0)
		status = verb_out_of_memory();
	experiment_result_clear(&run);
	return status;
}

static void raise_blamed(struct fitting *f, unsigned int blamed, unsigned int n_raises)
{
	for (size_t i = 0; i < f->result->n_found; i++) {
		struct fit_found *found = &f->result->found[i];

		if (blamed & 1U << found->resource)
			found->advice = fit_grid_move(&found->search.config, found->advice,
						      1L << n_raises);
	}
}

/* Alone each was enough; what one of them cost makes another one too low. */
static void tell_together(struct fitting *f, struct together *t, enum fit_why why,
			  unsigned int blamed)
{
	if (why == FIT_OK) {
		t->n_passed++;
		t->n_doubts = 0;
		return;
	}
	if (why != FIT_LIMIT) {
		if (t->n_doubts++ > 0)
			f->result->end = FIT_TOGETHER_FAILS;
		return;
	}
	if (t->n_raises == RAISES_MAX) {
		f->result->end = FIT_TOGETHER_FAILS;
		return;
	}
	raise_blamed(f, blamed, t->n_raises++);
	t->n_passed = 0;
}

static int confirm_all(struct fitting *f)
{
	struct together t = { .n_passed = 0 };
	int status = STATUS_OK;

	while (status == STATUS_OK && f->result->end == FIT_FOUND &&
	       t.n_passed < f->plan->n_confirm) {
		enum fit_why why = FIT_OK;
		unsigned int blamed = 0;

		if (is_over_budget(f) || f->result->n_trials >= f->plan->n_runs_max) {
			f->result->end = FIT_BUDGET;
			break;
		}
		status_line_show(&f->line, "all limits together: passed %zu of %zu  run %zu",
				 t.n_passed, f->plan->n_confirm, f->result->n_trials + 1);
		status = probe_all(f, &why, &blamed);
		if (status == STATUS_OK && !f->is_cut)
			tell_together(f, &t, why, blamed);
	}
	return status;
}

static int run_all(struct fitting *f)
{
	int status = run_baseline(f);

	if (status == STATUS_OK && f->result->end != FIT_BUDGET)
		status = search_all(f);
	if (status == STATUS_OK && f->result->end == FIT_FOUND && f->result->n_found > 1)
		status = confirm_all(f);
	return status;
}

int fit_run(struct experiment *e, const struct fit_options *opts, const struct fit_plan *plan,
	    struct fit_result *result)
{
	struct fitting f = { .e = e, .opts = opts, .plan = plan, .result = result };
	int status = STATUS_FAILED;

	f.walls = calloc(plan->n_runs_max + plan->n_baseline + plan->n_confirm + 4,
			 sizeof(*f.walls));
	result->found = calloc(FIT_RESOURCE_COUNT, sizeof(*result->found));
	if (!f.walls || !result->found) {
		free(f.walls);
		return verb_out_of_memory();
	}
	f.start_usec = now_usec();
	f.end_usec = end_after(opts->budget_usec);
	status_line_begin(&f.line,
			  !opts->setting.quiet && strcmp(opts->setting.output, "inherit") != 0);
	if (experiment_begin(e) == 0)
		status = run_all(&f);
	status_line_hide(&f.line);
	if (experiment_end(e) != 0)
		status = STATUS_FAILED;
	if (e->signal)
		result->end = FIT_SIGNAL;
	result->spent_usec = now_usec() - f.start_usec;
	free(f.walls);
	return status;
}

void fit_result_clear(struct fit_result *result)
{
	for (size_t i = 0; i < result->n_trials; i++) {
		free(result->trials[i].reason);
		free(result->trials[i].record);
	}
	free(result->trials);
	free(result->found);
	free(result->fixed);
	*result = (struct fit_result){ .plan = NULL };
}

int fit_advice(const struct fit_result *result, bool with_margin, struct limit_sets *ret)
{
	_cleanup_free_ char *problem = NULL;
	int r = limit_sets_make(result->ctx, &result->opts->limits, ret, &problem);

	for (size_t i = 0; r == 0 && i < result->n_found; i++)
		r = cg2_limits_set(ret->sets[0].limits,
				   fit_resources[result->found[i].resource].limit,
				   with_margin ? result->found[i].advice : result->found[i].value);
	return r < 0 ? r : limit_set_name(&ret->sets[0]);
}
