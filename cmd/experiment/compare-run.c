/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The runs of compare. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/experiment/compare.h"
#include "cmd/experiment/status-line.h"
#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

#define TAIL_LINES 10

struct session {
	struct experiment *e;
	const struct compare_options *opts;
	const struct compare_plan *plan;
	const struct limit_sets *sets;
	struct comparison *c;
	struct order_step *steps; /* of the warm-up, then of the others */
	size_t n_warmup_steps, n_steps;
	uint64_t start_usec;
	struct status_line line;
};

static void show_progress(struct session *s, const struct order_step *step, size_t i)
{
	const bool is_warmup = i < s->n_warmup_steps;
	const uint64_t spent = now_usec() - s->start_usec;
	char left[HUMAN_MAX] = "";

	if (i > 0)
		human_usec(spent / i * (s->n_steps - i) / USEC_PER_SEC * USEC_PER_SEC, left);
	status_line_show(&s->line, "%s %zu of %zu  set %zu %s%s%s%s",
			 is_warmup ? "warm-up" : "round", step->round,
			 is_warmup ? s->plan->n_warmup_rounds : s->plan->n_rounds, step->set + 1,
			 s->sets->sets[step->set].name, *left ? "  " : "", left,
			 *left ? " left" : "");
}

/* Takes over what is kept of a run. */
static int keep_trial(struct session *s, const struct order_step *step, bool is_warmup,
		      struct experiment_result *result)
{
	struct trial *trial = comparison_add_trial(s->c);

	if (!trial)
		return -ENOMEM;
	trial->round = step->round;
	trial->position = step->position;
	trial->set = step->set;
	trial->is_warmup = is_warmup;
	trial->other_cpu_permyriad = result->other_cpu_permyriad;
	trial->verdict = result->view.verdict;
	if (result->view.reason) {
		trial->reason = strdup(result->view.reason);
		if (!trial->reason)
			return -ENOMEM;
	}
	for (size_t i = 0; i < METRIC_COUNT; i++)
		record_view_get(&result->view, metrics[i].figure, &trial->values[i]);
	trial->record = take_ptr(&result->json);
	return 0;
}

/* All ratios would be to nothing. */
static int refuse_reference(struct session *s, const struct experiment_result *result)
{
	const struct record_view *view = &result->view;

	status_line_hide(&s->line);
	message_failure("compare: the reference (%zu %s) failed: %s", s->plan->reference + 1,
			s->sets->sets[s->plan->reference].name,
			view->reason ? view->reason : cg2_verdict_to_string(view->verdict));
	if (result->n_tail > 0)
		message_info("the end of its standard error:");
	experiment_print_tail(result, TAIL_LINES);
	return STATUS_FAILED;
}

static int run_step(struct session *s, size_t i)
{
	const struct order_step *step = &s->steps[i];
	const struct limit_set *set = &s->sets->sets[step->set];
	const struct experiment_run q = { .limits = set->limits,
					  .properties = set->properties,
					  .set = set->name,
					  .round = step->round };
	struct experiment_result result;
	int r, status = STATUS_OK;

	show_progress(s, step, i);
	r = experiment_run(s->e, &q, &result);
	if (r != 0)
		return STATUS_FAILED;
	if (step->set == s->plan->reference && result.view.verdict != CG2_VERDICT_OK)
		status = refuse_reference(s, &result);
	else if (keep_trial(s, step, i < s->n_warmup_steps, &result) < 0)
		status = verb_out_of_memory();
	experiment_result_clear(&result);
	return status;
}

/* After the last run of a round; of grouped runs, after each. */
static bool is_over_budget(const struct session *s, size_t i)
{
	const bool is_end_of_round = i + 1 == s->n_steps ||
				     s->steps[i + 1].round != s->steps[i].round;

	return is_end_of_round && s->opts->budget_usec != CG2_MAX && i >= s->n_warmup_steps &&
	       now_usec() - s->start_usec >= s->opts->budget_usec;
}

static int run_steps(struct session *s)
{
	int status = STATUS_OK;

	s->start_usec = now_usec();
	s->c->started_usec = now_real_usec();
	for (size_t i = 0; i < s->n_steps; i++) {
		status = run_step(s, i);
		if (status != STATUS_OK || is_over_budget(s, i)) {
			s->c->is_complete = i + 1 == s->n_steps && status == STATUS_OK;
			break;
		}
	}
	status_line_hide(&s->line);
	return status;
}

/* The warm-up is in the same order, by other chances. */
static int make_steps(struct session *s)
{
	const struct compare_plan *plan = s->plan;
	const size_t n_sets = s->sets->n_sets;
	_cleanup_free_ struct order_step *warmup = NULL, *steps = NULL;
	const enum order_kind order = (enum order_kind)s->opts->order;

	s->n_warmup_steps = plan->n_warmup_rounds * n_sets;
	s->n_steps = s->n_warmup_steps + plan->n_rounds * n_sets;
	s->steps = calloc(s->n_steps, sizeof(*s->steps));
	if (!s->steps ||
	    order_make(order, ~plan->seed, n_sets, plan->n_warmup_rounds, &warmup) < 0 ||
	    order_make(order, plan->seed, n_sets, plan->n_rounds, &steps) < 0)
		return -ENOMEM;
	memcpy(s->steps, warmup, s->n_warmup_steps * sizeof(*warmup));
	memcpy(s->steps + s->n_warmup_steps, steps,
	       (s->n_steps - s->n_warmup_steps) * sizeof(*steps));
	return 0;
}

int compare_run(struct experiment *e, const struct compare_options *opts,
		const struct compare_plan *plan, const struct limit_sets *sets,
		struct comparison *c)
{
	struct session s = { .e = e, .opts = opts, .plan = plan, .sets = sets, .c = c };
	int status = STATUS_FAILED;

	if (make_steps(&s) < 0)
		return verb_out_of_memory();
	status_line_begin(&s.line, !opts->setting.quiet &&
					   strcmp(opts->setting.output, "inherit") != 0);
	if (experiment_begin(e) == 0)
		status = run_steps(&s);
	if (experiment_end(e) != 0)
		status = STATUS_FAILED;
	free(s.steps);
	return status;
}
