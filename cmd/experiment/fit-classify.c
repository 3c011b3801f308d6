/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cmd/experiment/fit.h"

/* So much of its time a run stands still for memory, if that is what made it slow. */
#define STALL_PERMYRIAD 500

static uint64_t figure(const struct record_view *view, enum cg2_figure name)
{
	uint64_t value = 0;

	return record_view_get(view, name, &value) ? value : 0;
}

/* Its own limit is what the verdict blames. */
static bool blames(const struct record_view *view, const struct fit_question *q)
{
	return view->has_blame && view->blame.is_own && view->blame.file &&
	       strcmp(view->blame.file, fit_resources[q->resource].file) == 0;
}

/* The limit was in the way, whether or not that is why. */
static bool met_limit(const struct record_view *view, const struct fit_question *q)
{
	switch (q->resource) {
	case FIT_MEMORY:
		return figure(view, CG2_FIGURE_MEMORY_MAX_COUNT) > 0;
	case FIT_TASKS:
		return figure(view, CG2_FIGURE_TASKS_REFUSED_COUNT) > 0;
	case FIT_CPU:
		return figure(view, CG2_FIGURE_CPU_THROTTLED_USEC) > 0;
	case FIT_RESOURCE_COUNT:
		break;
	}
	return false;
}

static enum fit_why classify_slow(const struct record_view *view, const struct fit_question *q)
{
	const uint64_t wall = figure(view, CG2_FIGURE_WALL_USEC);
	const bool stalled = q->resource == FIT_MEMORY &&
			     figure(view, CG2_FIGURE_MEMORY_SOME_USEC) >
				     wall / 10000 * STALL_PERMYRIAD;

	return stalled || met_limit(view, q) ? FIT_SLOW : FIT_SLOW_ALONE;
}

static enum fit_why classify_ok(const struct record_view *view, const struct fit_question *q)
{
	if (q->resource == FIT_TASKS && !q->allows_refused && met_limit(view, q))
		return FIT_LIMIT;
	return figure(view, CG2_FIGURE_WALL_USEC) > q->allowed_usec ? classify_slow(view, q)
								    : FIT_OK;
}

enum fit_why fit_classify(const struct record_view *view, const struct fit_question *q)
{
	switch (view->verdict) {
	case CG2_VERDICT_OK:
		return classify_ok(view, q);
	case CG2_VERDICT_WALL_TIME:
		/* A time limit of the user's is shorter than what is allowed. */
		return figure(view, CG2_FIGURE_WALL_USEC) + 1000 >= q->allowed_usec
			       ? classify_slow(view, q)
			       : FIT_FOREIGN;
	case CG2_VERDICT_OOM:
	case CG2_VERDICT_TASKS:
		return blames(view, q) ? FIT_LIMIT : FIT_FOREIGN;
	case CG2_VERDICT_FAILED:
	case CG2_VERDICT_SIGNAL:
		return q->resource != FIT_CPU && met_limit(view, q) ? FIT_LIMIT : FIT_UNEXPLAINED;
	case CG2_VERDICT_CPU_TIME:
	case CG2_VERDICT_PRESSURE:
	case CG2_VERDICT_OOMD:
	case CG2_VERDICT_REFUSED:
	case CG2_VERDICT_EXEC:
		break;
	}
	return FIT_FOREIGN;
}

enum fit_why fit_classify_all(const struct record_view *view, const struct fit_question *q,
			      const struct fit_found *found, size_t n_found,
			      unsigned int *ret_blamed)
{
	bool is_ok = true, is_unexplained = false;

	*ret_blamed = 0;
	for (size_t i = 0; i < n_found; i++) {
		const struct fit_question of_one = { found[i].resource, q->allowed_usec,
						     q->allows_refused };
		const enum fit_why why = fit_classify(view, &of_one);

		is_ok &= why == FIT_OK;
		is_unexplained |= why == FIT_UNEXPLAINED || why == FIT_SLOW_ALONE;
		if (why == FIT_LIMIT || why == FIT_SLOW)
			*ret_blamed |= 1U << found[i].resource;
	}
	if (is_ok || *ret_blamed)
		return is_ok ? FIT_OK : FIT_LIMIT;
	return is_unexplained ? FIT_UNEXPLAINED : FIT_FOREIGN;
}
