/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a run to its record: reads the counters while they are there, asks for the verdict.
 */
#include "run/record.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "child/task-probe.h"
#include "evidence/kernel-log.h"
#include "limit/limit.h"
#include "process/procfs.h"
#include "run/run.h"
#include "value/error.h"

/* How long the victims of a group kill may take to be gone, and how often that is looked at. */
#define GROUP_KILL_ROUNDS 100
#define GROUP_KILL_MSEC 5

/* ---- what is asked only when a run went wrong ---- */

/* As far as they can be seen, if the kernel does not tell more. */
static uint64_t count_own_tasks(struct cg2_ctx *ctx, uint64_t limit)
{
	uint64_t n = UNKNOWN;

	if (procfs_count_tasks_of_user(ctx, getuid(), &n) < 0)
		return UNKNOWN;
	if (limit != CG2_MAX && procfs_is_partial(ctx) && task_probe(n, limit, &n) < 0)
		return n;
	return n;
}

/* peak: the tasks that the command had; without them nobody can have met RLIMIT_NPROC. */
static void read_machine(struct cg2_run *run, uint64_t peak, struct verdict_machine *m)
{
	m->threads_max = ctx_peek_value(run->ctx, "/proc/sys/kernel/threads-max");
	m->pid_max = ctx_peek_value(run->ctx, "/proc/sys/kernel/pid_max");
	if (procfs_count_tasks(run->ctx, &m->threads) < 0)
		m->threads = UNKNOWN;
	m->nproc_limit = run->nproc_limit;
	m->nproc_current = UNKNOWN;
	/* Whoever may not be limited, or could not have got there, is not counted. */
	if (geteuid() == 0)
		m->nproc_limit = CG2_MAX;
	else if (m->threads == UNKNOWN || m->nproc_limit <= m->threads + peak)
		m->nproc_current = count_own_tasks(run->ctx, m->nproc_limit);
}

/* ---- the figures ---- */

/*
 * An OOM kill that takes the whole group begins with one process, which may be the command. It
 * is over, and counted, when the others are gone too.
 */
static void await_group_kill(struct figures *f, struct cg2_run *run)
{
	const bool is_group = run->limits->value[CG2_LIMIT_OOM_GROUP] == 1 &&
			      limits_has(run->limits, CG2_LIMIT_OOM_GROUP);
	uint64_t n_killed = figures_get(f, is_group ? CG2_FIGURE_MEMORY_OOM_KILL_COUNT
						    : CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT, 0);

	if (n_killed == 0)
		return;
	for (int i = 0; i < GROUP_KILL_ROUNDS; i++) {
		if (cg2_group_is_populated(run->group, NULL) <= 0)
			break;
		poll(NULL, 0, GROUP_KILL_MSEC);
	}
	figures_read(f, run->group);
}

/*
 * This is read last: if the cgroup is still there, it was for all that was read before. Files of
 * one that is gone look like those that a kernel does not have.
 */
static void read_leftovers(struct figures *f, struct cg2_group *group)
{
	uint64_t n;

	if (cg2_group_count_processes(group, &n, NULL) < 0)
		f->is_lost = true;
	else
		figures_set(f, CG2_FIGURE_LEFTOVERS_COUNT, n);
}

static void read_figures(struct cg2_record *record, struct cg2_run *run)
{
	struct figures *f = &record->figures;

	*f = run->samples;
	if (run->started_mono_usec)
		figures_set(f, CG2_FIGURE_WALL_USEC,
			    (run->ended_mono_usec ? run->ended_mono_usec : now_usec()) -
				    run->started_mono_usec);
	if (run->exit_code)
		figures_set(f, CG2_FIGURE_MAX_RSS_BYTES, run->max_rss_bytes);
	if (!run->group && run->exit_code) {
		figures_set(f, CG2_FIGURE_CPU_USAGE_USEC, run->user_usec + run->system_usec);
		figures_set(f, CG2_FIGURE_CPU_USER_USEC, run->user_usec);
		figures_set(f, CG2_FIGURE_CPU_SYSTEM_USEC, run->system_usec);
	}
	if (!run->group)
		return;
	figures_read(f, run->group);
	await_group_kill(f, run);
	if (run->scope && limits_has(run->limits, CG2_LIMIT_CPU_MAX))
		figures_read_throttling(f, run->scope);
	if (run->is_sampling)
		figures_sample_files(f, run->group);
}

/* ---- the verdict ---- */

/* Counted at the forking cgroup by older kernels, at the refusing one by newer ones. */
static bool were_forks_refused(struct cg2_run *run)
{
	if (run->chain.n_unplaced > 0)
		return true;
	for (size_t i = 0; i < run->chain.n; i++)
		if (run->chain.after[i].pids_events != run->chain.before[i].pids_events)
			return true;
	return false;
}

static bool went_well(struct cg2_run *run)
{
	return run->exit_code == CLD_EXITED && run->exit_status == 0 &&
	       run->end == CG2_END_NONE && !chain_may_have_oom(&run->chain) &&
	       !were_forks_refused(run);
}

static void fill_input(struct cg2_run *run, struct verdict_input *input)
{
	input->failure = run->failure.code ? &run->failure : NULL;
	input->is_refused = run->failure.code && run->failure.op != CG2_OP_EXEC;
	input->program = run->argv ? run->argv[0] : NULL;
	input->end = run->end;
	input->wall_limit_usec = run->limits->value[CG2_LIMIT_WALL_TIME];
	input->cpu_limit_usec = run->limits->value[CG2_LIMIT_CPU_TIME];
	input->exit_code = run->exit_code;
	input->exit_status = run->exit_status;
	input->before = run->chain.before;
	input->after = run->chain.after;
	input->n_levels = run->chain.n;
	input->n_nested_killed = run->chain.nested.oom_kill;
	input->machine.n_zombies = run->n_zombies;
	input->machine.nproc_limit = CG2_MAX;
	input->machine.nproc_current = UNKNOWN;
	input->machine.threads = UNKNOWN;
	input->machine.threads_max = UNKNOWN;
	input->machine.pid_max = UNKNOWN;
}

static uint64_t limit_of(struct cg2_run *run, enum cg2_limit limit)
{
	return limits_has(run->limits, limit) ? run->limits->value[limit] : CG2_MAX;
}

static void fill_brakes(const struct figures *f, struct cg2_run *run, struct verdict_brakes *b)
{
	b->wall_usec = figures_get(f, CG2_FIGURE_WALL_USEC, 0);
	b->memory_high = limit_of(run, CG2_LIMIT_MEMORY_HIGH);
	b->n_high = figures_get(f, CG2_FIGURE_MEMORY_HIGH_COUNT, 0);
	b->memory_full_usec = figures_get(f, CG2_FIGURE_MEMORY_FULL_USEC, UNKNOWN);
	b->cpu_max = limit_of(run, CG2_LIMIT_CPU_MAX);
	b->n_periods = figures_get(f, CG2_FIGURE_CPU_PERIODS_COUNT, 0);
	b->n_throttled = figures_get(f, CG2_FIGURE_CPU_THROTTLED_COUNT, 0);
}

/* A cgroup that is gone, and what was noted on it, is found when leftovers are counted. */
static void count_nested(struct figures *f, const struct ledger *nested)
{
	figures_set(f, CG2_FIGURE_NESTED_RUNS_COUNT, nested->runs);
	figures_set(f, CG2_FIGURE_NESTED_OOM_KILL_COUNT, nested->oom_kill);
	figures_set(f, CG2_FIGURE_NESTED_REFUSED_COUNT, nested->refused);
}

static int decide(struct cg2_record *record, struct cg2_run *run)
{
	_cleanup_free_ char *memcg = NULL, *threshold = NULL;
	struct verdict_input input = { 0 };
	struct verdict_stop stop;
	int r;

	if (run->chain.own)
		chain_read_after(&run->chain, &record->figures);
	fill_input(run, &input);
	fill_brakes(&record->figures, run, &input.brakes);
	if (run_watch_get_stop(run, &stop, &threshold) == 0)
		input.stop = &stop;
	if (run->chain.n > 0 && !went_well(run)) {
		if (hierarchy_detail(run->ctx, NULL) == 0) {
			uint64_t flags = run->ctx->hierarchy.flags;

			input.machine.is_namespaced = flags & CG2_HIERARCHY_NAMESPACED;
			input.machine.is_events_local = flags & CG2_HIERARCHY_PIDS_LOCAL;
			input.machine.is_memory_local = flags & CG2_HIERARCHY_MEMORY_LOCAL;
		}
		read_machine(run, figures_get(&record->figures, CG2_FIGURE_TASKS_PEAK_COUNT, 0),
			     &input.machine);
		/* After the tasks were counted: of those that end meanwhile none is lost. */
		chain_read_limits(&run->chain);
		input.is_estimated = chain_estimate(&run->chain);
		if (chain_may_have_oom(&run->chain))
			memcg = kmsg_oom_memcg(run->group->path, run->started_mono_usec);
		input.oom_memcg = memcg;
	}
	r = verdict_decide(&input, &record->verdict);
	if (r < 0)
		return r;
	if (run->chain.own)
		count_nested(&record->figures, &run->chain.nested);
	if (record->verdict.refused != UNKNOWN && run->chain.n > 0)
		figures_set(&record->figures, CG2_FIGURE_TASKS_REFUSED_COUNT,
			    record->verdict.refused);
	return 0;
}

static int copy_names(struct cg2_record *record, struct cg2_run *run)
{
	size_t blamed = record->verdict.blame_level;

	if (run->group && !(record->cgroup = strdup(run->group->path)))
		return -ENOMEM;
	if (run->wish.unit && run->scope && !(record->unit = strdup(run->wish.unit)))
		return -ENOMEM;
	if (!record->verdict.has_blame || blamed >= run->chain.n)
		return 0;
	record->blame_cgroup = strdup(run->chain.groups[blamed]->path);
	record->is_blame_own = blamed < run->chain.n_own;
	return record->blame_cgroup ? 0 : -ENOMEM;
}

CG2_EXPORT int cg2_run_is_quiet(struct cg2_run *run)
{
	return run->state == RUN_OVER && run->exit_code == CLD_EXITED && run->exit_status == 0 &&
	       run->end == CG2_END_NONE && (!run->group || chain_is_quiet(&run->chain));
}

CG2_EXPORT int cg2_run_make_record(struct cg2_run *run, struct cg2_record **ret_record)
{
	_cleanup_(cg2_record_unrefp) struct cg2_record *record = NULL;
	int r;

	if (run->state != RUN_OVER && run->failure.code == 0)
		return -EBUSY;
	record = calloc(1, sizeof(*record));
	if (!record)
		return -ENOMEM;
	record->n_ref = 1;
	record->started_usec = run->started_real_usec;
	read_figures(record, run);
	r = decide(record, run);
	if (run->group)
		read_leftovers(&record->figures, run->group);
	if (r == 0)
		r = copy_names(record, run);
	if (r == 0)
		r = record_add_limits(record, run);
	if (r == 0)
		r = record_add_notes(record, run);
	if (r == 0)
		r = record_add_processes(record, run);
	if (r < 0)
		return r;
	record->is_complete = !record->figures.is_lost;
	*ret_record = take_ptr(&record);
	return 0;
}
