/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a record says, from the library's getters. Its JSON is in record-json.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/output/advice.h"
#include "cmd/run/record.h"

void record_view_init(struct record_view *view)
{
	*view = (struct record_view){ .is_complete = true };
	if (uname(&view->machine) < 0)
		memset(&view->machine, 0, sizeof(view->machine));
}

static int load_limits(struct record_view *view, struct cg2_record *record)
{
	struct cg2_record_limit limit = { .size = sizeof(limit) };

	while (cg2_record_get_limit(record, view->n_limits, &limit) > 0) {
		struct cg2_record_limit *grown =
			reallocarray(view->limits, view->n_limits + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		view->limits = grown;
		view->limits[view->n_limits++] = limit;
	}
	return 0;
}

static int load_notes(struct record_view *view, struct cg2_record *record)
{
	const char *note;

	while ((note = cg2_record_get_note(record, view->n_notes))) {
		const char **grown =
			reallocarray(view->notes, view->n_notes + 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		view->notes = grown;
		view->notes[view->n_notes++] = note;
	}
	return 0;
}

static int load_processes(struct record_view *view, struct cg2_record *record)
{
	struct cg2_process *process;
	size_t n = 0;

	view->has_processes = cg2_record_get_process_losses(record, &view->n_lost,
							    &view->n_unjoined) > 0;
	while (cg2_record_get_process(record, n))
		n++;
	if (n == 0)
		return 0;
	view->processes = calloc(n, sizeof(struct cg2_process *));
	if (!view->processes)
		return -ENOMEM;
	while ((process = cg2_record_get_process(record, view->n_processes)))
		view->processes[view->n_processes++] = process;
	return 0;
}

int record_view_load(struct record_view *view, struct cg2_record *record)
{
	view->started_usec = cg2_record_get_started_usec(record);
	view->unit = cg2_record_get_unit(record);
	view->cgroup = cg2_record_get_cgroup(record);
	view->verdict = cg2_record_get_verdict(record);
	view->reason = cg2_record_get_reason(record);
	view->hint = advice_record_hint(record);
	view->blame = (struct cg2_blame){ .size = sizeof(view->blame) };
	view->has_blame = cg2_record_get_blame(record, &view->blame) > 0;
	for (unsigned int i = 0; i < RECORD_FIGURE_COUNT; i++)
		if (cg2_record_get_figure(record, (enum cg2_figure)i, &view->figures[i]) >
		    0)
			view->known |= UINT64_C(1) << i;
	view->is_complete = cg2_record_is_complete(record) > 0;
	if (load_limits(view, record) < 0 || load_notes(view, record) < 0 ||
	    load_processes(view, record) < 0)
		return -ENOMEM;
	return 0;
}

void record_view_set_placement(struct record_view *view, struct cg2_run *run)
{
	if (!view->unit && !view->cgroup)
		return;
	view->backend = cg2_backend_to_string(cg2_run_get_backend(run));
	view->placement_reason = cg2_run_get_placement_reason(run);
	view->left_for = cg2_run_get_left_for(run);
	if (cg2_run_get_backend(run) == CG2_BACKEND_SYSTEMD)
		view->manager = cg2_run_get_manager(run) == CG2_MANAGER_SYSTEM ? "system"
									       : "user";
}

void record_view_clear(struct record_view *view)
{
	free(view->hint);
	free(view->limits);
	free(view->notes);
	free(view->processes);
	*view = (struct record_view){ .limits = NULL };
}

bool record_view_get(const struct record_view *view, enum cg2_figure figure,
		     uint64_t *ret_value)
{
	if (!(view->known >> figure & 1))
		return false;
	*ret_value = view->figures[figure];
	return true;
}

bool record_view_get_limit(const struct record_view *view, const char *name,
			   uint64_t *ret_value)
{
	for (size_t i = 0; i < view->n_limits; i++) {
		const struct cg2_record_limit *limit = &view->limits[i];

		if (strcmp(limit->name, name) != 0 || !limit->is_verified ||
		    limit->effective == CG2_MAX)
			continue;
		*ret_value = limit->effective;
		return true;
	}
	return false;
}
