/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds of a run: a watch on its cgroup, whose events are warnings or the end.
 */
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "value/error.h"
#include "verdict/verdict.h"
#include "watch/threshold.h"

CG2_EXPORT int cg2_run_add_threshold(struct cg2_run *run, const struct cg2_threshold *threshold,
				     enum cg2_crossing crossing)
{
	struct run_threshold t = { .crossing = crossing }, *grown;
	int r;

	r = threshold_take(threshold, &t.threshold);
	if (r < 0)
		return r;
	grown = reallocarray(run->thresholds, run->n_thresholds + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	run->thresholds = grown;
	grown[run->n_thresholds++] = t;
	return 0;
}

int run_watch_open(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	if (run->n_thresholds == 0)
		return 0;
	r = cg2_watch_new(run->ctx, &run->watch, reterr);
	if (r == 0)
		r = cg2_watch_set_kinds(run->watch, CG2_EVENT_BIT(CG2_EVENT_TASKS) |
							    CG2_EVENT_BIT(CG2_EVENT_MEMORY) |
							    CG2_EVENT_BIT(CG2_EVENT_PRESSURE));
	for (size_t i = 0; r == 0 && i < run->n_thresholds; i++)
		r = cg2_watch_add_threshold(run->watch, &run->thresholds[i].threshold, reterr);
	if (r == 0)
		r = cg2_watch_add_group(run->watch, run->group, NULL, reterr);
	return r;
}

void run_watch_close(struct cg2_run *run)
{
	run->watch = cg2_watch_unref(run->watch);
	run->stop = cg2_event_unref(run->stop);
	free(run->thresholds);
}

/* text: what stop->threshold is; free it with free(). -ENODATA: no threshold's event. */
static int fill_stop(struct cg2_event *event, struct verdict_stop *stop, char **ret_text)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };
	struct cg2_blame blame = { .size = sizeof(blame) };

	*stop = (struct verdict_stop){ .limit = CG2_MAX };
	if (cg2_event_get_threshold(event, &threshold) <= 0)
		return -ENODATA;
	if (cg2_threshold_to_string(&threshold, ret_text) < 0)
		return -ENOMEM;
	stop->threshold = *ret_text;
	stop->is_bytes = threshold.kind == CG2_THRESHOLD_MEMORY;
	stop->is_pressure = threshold.kind == CG2_THRESHOLD_PRESSURE;
	cg2_event_get_value(event, &stop->value);
	/* What is no share of a limit has none to blame. */
	if (stop->is_pressure || !threshold.is_share ||
	    cg2_event_get_blame(event, &blame) <= 0)
		return 0;
	stop->cgroup = blame.cgroup;
	stop->file = blame.file;
	stop->limit = blame.limit;
	stop->is_own = blame.is_own;
	stop->is_certain = blame.is_certain;
	return 0;
}

int run_watch_get_stop(struct cg2_run *run, struct verdict_stop *stop, char **ret_text)
{
	return run->stop ? fill_stop(run->stop, stop, ret_text) : -ENODATA;
}

static void warn_of_crossing(struct cg2_run *run, struct cg2_event *event)
{
	_cleanup_free_ char *threshold = NULL, *what = NULL;
	struct verdict_stop stop;

	if (fill_stop(event, &stop, &threshold) < 0 || verdict_stop_to_string(&stop, &what) < 0)
		return;
	ctx_log(run->ctx, CG2_LOG_WARNING, NULL, "%s: %s is reached: %s", run->argv[0], threshold,
		what);
}

static bool is_same(const struct cg2_threshold *a, const struct cg2_threshold *b)
{
	return a->kind == b->kind && a->pressure == b->pressure && a->is_full == b->is_full &&
	       a->is_share == b->is_share && a->permyriad == b->permyriad &&
	       a->value == b->value && a->window_usec == b->window_usec;
}

static int handle_crossing(struct cg2_run *run, struct cg2_event *event)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };
	int is_end = 0;

	if (cg2_event_get_threshold(event, &threshold) <= 0)
		return 0;
	for (size_t i = 0; i < run->n_thresholds; i++) {
		struct run_threshold *t = &run->thresholds[i];

		if (!is_same(&t->threshold, &threshold))
			continue;
		t->count++;
		if (t->crossing == CG2_CROSSING_WARN) {
			warn_of_crossing(run, event);
			continue;
		}
		if (!run->stop)
			run->stop = cg2_event_ref(event);
		is_end = 1;
	}
	return is_end;
}

int run_watch_dispatch(struct cg2_run *run)
{
	struct cg2_event *event;
	int is_end = 0;

	while (run->watch && cg2_watch_dispatch(run->watch, &event, NULL) > 0) {
		is_end |= handle_crossing(run, event);
		cg2_event_unref(event);
	}
	return is_end;
}
