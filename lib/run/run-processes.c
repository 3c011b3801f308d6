/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of a run's processes, where one is wanted: whoever was forked from the command on, in
 * the order of their beginning. That it cannot be had is no reason not to run.
 */
#include "run/run.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "process/observer.h"
#include "process/process.h"
#include "run/record.h"

/* The rows that are kept, some MiB in a record; further ones are counted as lost. */
#define ROWS_MAX 16384

/* Of one dispatch: a storm of forks must not keep time limits waiting. */
#define EVENTS_MAX 4096

void run_processes_open(struct cg2_run *run)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *text = NULL;

	if (!run->processes.is_wanted)
		return;
	run->processes.is_observed =
		cg2_processes_new(run->ctx, &run->processes.source, &err) == 0;
	if (!run->processes.is_observed && cg2_error_format(&err, &text) == 0)
		ctx_log(run->ctx, CG2_LOG_WARNING, NULL, "%s", text);
}

void run_processes_close(struct run_processes *processes)
{
	cg2_processes_unref(processes->source);
	for (size_t i = 0; i < processes->n; i++)
		cg2_process_unref(processes->rows[i]);
	free(processes->rows);
	*processes = (struct run_processes){ 0 };
}

static int grow(struct run_processes *processes)
{
	size_t n = MAX(processes->n_max * 2, (size_t)64);
	struct cg2_process **grown =
		reallocarray(processes->rows, n, sizeof(*processes->rows));

	if (!grown)
		return -ENOMEM;
	processes->rows = grown;
	processes->n_max = n;
	return 0;
}

static void list(struct cg2_process *process, void *userdata)
{
	struct run_processes *processes = userdata;

	if (process->is_listed)
		return;
	process->is_listed = true;
	if (processes->n == ROWS_MAX ||
	    (processes->n == processes->n_max && grow(processes) < 0)) {
		processes->n_left_out++;
		return;
	}
	processes->rows[processes->n++] = cg2_process_ref(process);
}

void run_processes_begin(struct cg2_run *run)
{
	struct cg2_process *process;

	if (!run->processes.source ||
	    observer_add_root(run->processes.source, run->group, run->pid, &process) < 0)
		return;
	process->ppid = getpid();
	list(process, &run->processes);
}

static int collect(struct cg2_run *run)
{
	enum cg2_process_change change;
	struct cg2_process *process;
	int r = 0;

	for (int i = 0; i < EVENTS_MAX; i++) {
		r = cg2_processes_dispatch(run->processes.source, &change, &process, NULL);
		if (r <= 0)
			break;
		list(process, &run->processes);
	}
	return r;
}

static void note_losses(struct run_processes *processes)
{
	processes->n_lost = cg2_processes_get_lost(processes->source) + processes->n_left_out;
	processes->n_unjoined = cg2_processes_get_unjoined(processes->source);
}

/* A source that fails has nothing more to tell; what it has told stays. */
static void give_up(struct cg2_run *run)
{
	run->processes.n_left_out++;
	note_losses(&run->processes);
	run->processes.source = cg2_processes_unref(run->processes.source);
}

void run_processes_dispatch(struct cg2_run *run)
{
	if (run->processes.source && collect(run) < 0)
		give_up(run);
}

/*
 * The kernel tells of an exit after it has told the parent, but hands the record of it out before:
 * what is missing of those that have just ended are the events.
 */
void run_processes_end(struct cg2_run *run)
{
	struct run_processes *processes = &run->processes;
	int r = 1;

	while (processes->source && (r = collect(run)) > 0)
		;
	if (r < 0)
		give_up(run);
	if (processes->source) {
		observer_for_each(processes->source, list, processes);
		note_losses(processes);
	}
	for (size_t i = 0; i < processes->n; i++)
		processes->rows[i]->has_ended |= processes->rows[i]->is_dead;
}

int record_add_processes(struct cg2_record *record, struct cg2_run *run)
{
	const struct run_processes *processes = &run->processes;

	record->has_processes = processes->is_observed;
	record->n_lost = processes->n_lost;
	record->n_unjoined = processes->n_unjoined;
	if (processes->n == 0)
		return 0;
	record->processes = calloc(processes->n, sizeof(*record->processes));
	if (!record->processes)
		return -ENOMEM;
	for (; record->n_processes < processes->n; record->n_processes++)
		record->processes[record->n_processes] =
			cg2_process_ref(processes->rows[record->n_processes]);
	return 0;
}
