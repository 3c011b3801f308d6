/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of verdicts, the first of which that applies is the run's, and who killed for want of
 * memory. Forks are in verdict-tasks.c, sentences in verdict-text.c, -start.c, -stop.c and -hint.c.
 */
#include "verdict/verdict.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "verdict/verdict-cause.h"

/* ------------------------------------------------------------------------------------
 * Memory
 */

static bool is_killed_by(const struct verdict_input *in, int sig)
{
	return (in->exit_code == CLD_KILLED || in->exit_code == CLD_DUMPED) &&
	       in->exit_status == sig;
}

/*
 * Nested runs tell how many were killed in them when a limit of theirs was hit. If one of this
 * run's own was hit as well, it may have been the one that killed there.
 */
static bool has_killed_in_nested(const struct verdict_input *in)
{
	bool is_hit = false;

	for (size_t i = 0; is_own(in, i); i++) {
		uint64_t n = counter_delta(in, i, COUNTER(oom_local));

		is_hit = is_hit || (is_known(n) && n > 0);
	}
	return is_hit && in->n_nested_killed > 0;
}

/*
 * Did the kernel kill a process of the group? The lowest level that can tell does. If
 * that is an ancestor, it counts its other children too: then a SIGKILL must go with it.
 */
static bool has_victim(struct evidence *e, bool *ret_certain)
{
	const struct verdict_input *in = e->in;
	uint64_t killed = UNKNOWN;
	size_t i = 0;

	for (; i < in->n_levels; i++) {
		killed = counter_delta(in, i, COUNTER(oom_kill));
		if (is_known(killed))
			break;
	}
	*ret_certain = true;
	if (killed == 0 && has_killed_in_nested(in)) {
		*ret_certain = false;
		return true;
	}
	if (is_known(killed) && (killed == 0 || is_own(in, i))) {
		uint64_t groups = counter_delta(in, i, COUNTER(oom_group_kill));

		e->oom_killed = killed;
		e->is_group_killed = is_known(groups) && groups > 0;
		return killed > 0;
	}
	if (in->oom_memcg)
		return true;
	*ret_certain = false;
	return is_known(killed) && killed > 0 && is_killed_by(in, SIGKILL);
}

static bool is_below(const char *path, const char *ancestor)
{
	size_t len = strlen(ancestor);

	return strncmp(path, ancestor, len) == 0 && path[len] == '/';
}

/* The kernel log names the cgroup whose limit it was; "/" is the machine. */
static bool ask_log(const struct verdict_input *in, struct cause *ret_hit)
{
	struct cause hit = { .is_found = true, .is_certain = true, .level = SIZE_MAX };

	if (!in->oom_memcg)
		return false;
	for (size_t i = 0; i < in->n_levels && hit.level == SIZE_MAX; i++) {
		hit.is_below = i == 0 && is_below(in->oom_memcg, in->after[0].path);
		if (hit.is_below || strcmp(in->oom_memcg, in->after[i].path) == 0)
			hit.level = i;
	}
	if (hit.level == SIZE_MAX && strcmp(in->oom_memcg, "/") != 0)
		return false;
	*ret_hit = hit;
	return true;
}

static void find_oom(struct evidence *e)
{
	const struct verdict_input *in = e->in;
	struct cause hit;
	bool is_logged, is_certain;

	if (!has_victim(e, &is_certain))
		return;
	is_logged = ask_log(in, &hit);
	if (!is_logged)
		hit = lowest_hit(in, COUNTER(oom), COUNTER(oom_local),
				 !in->machine.is_memory_local);
	/* No limit of the chain, so the machine's memory, if the chain is all there is.
	 */
	if (!hit.is_found && (in->machine.is_namespaced || in->n_levels == 0))
		hit.is_certain = false;
	if (!is_logged && in->is_estimated && !is_own(in, hit.level))
		hit.is_certain = false;
	hit.is_certain = hit.is_certain && is_certain;
	hit.is_found = true;
	hit.file = hit.level == SIZE_MAX ? "ram" : "memory.max";
	hit.count = e->oom_killed;
	hit.limit = hit.level == SIZE_MAX || hit.is_below
			    ? CG2_MAX
			    : level_limit(in, hit.level,
					  offsetof(struct verdict_level, memory_max));
	e->oom = hit;
}

/* systemd-oomd marks the cgroup that it kills. A mark that was there before is an old
 * one. */
static void find_oomd(struct evidence *e)
{
	for (size_t i = 0; i < e->in->n_levels; i++) {
		if (!e->in->after[i].has_oomd_kill || e->in->before[i].has_oomd_kill)
			continue;
		e->oomd = (struct cause){
			.is_found = true,
			.is_certain = true,
			.level = i,
			.file = "user.oomd_kill",
			.limit = CG2_MAX,
		};
		return;
	}
}

/* The limit that the threshold is a part of, if it is one of a level's. */
static void find_stop(struct evidence *e)
{
	const struct verdict_input *in = e->in;

	if (!in->stop || !in->stop->file)
		return;
	e->stop = (struct cause){
		.is_found = true,
		.is_certain = in->stop->is_certain,
		.level = SIZE_MAX,
		.file = in->stop->file,
		.limit = in->stop->limit,
	};
	for (size_t i = 0; in->stop->cgroup && i < in->n_levels; i++)
		if (strcmp(in->stop->cgroup, in->after[i].path) == 0)
			e->stop.level = i;
}

/* ------------------------------------------------------------------------------------
 * The table
 */

static bool was_refused(const struct evidence *e)
{
	const struct cg2_error *failure = e->in->failure;

	if (failure && failure->code)
		return failure->op != CG2_OP_EXEC;
	return e->in->is_refused || e->in->exit_code == 0;
}

static bool was_not_executed(const struct evidence *e)
{
	return e->in->failure && e->in->failure->code;
}

static bool was_over_wall_time(const struct evidence *e)
{
	return e->in->end == CG2_END_WALL_TIME;
}

static bool was_over_cpu_time(const struct evidence *e)
{
	return e->in->end == CG2_END_CPU_TIME;
}

static bool was_over_threshold(const struct evidence *e)
{
	return e->in->end == CG2_END_THRESHOLD;
}

static bool was_killed_by_oomd(const struct evidence *e)
{
	return e->oomd.is_found;
}

static bool was_out_of_memory(const struct evidence *e)
{
	return e->oom.is_found;
}

static bool was_out_of_tasks(const struct evidence *e)
{
	return e->tasks.is_found && has_failed(e->in);
}

static bool was_killed(const struct evidence *e)
{
	return e->in->exit_code != CLD_EXITED;
}

static bool exited_with_failure(const struct evidence *e)
{
	return e->in->exit_status != 0;
}

static bool is_the_rest(const struct evidence *e _unused_)
{
	return true;
}

#define CAUSE(member) offsetof(struct evidence, member)

/*
 * All that there is to a verdict. The first that applies is it; each may rely on those before it.
 * cause: what is to blame, if it was found; 0: nothing ever is.
 */
static const struct row {
	const char *name;
	bool (*applies)(const struct evidence *e);
	put_fn reason;
	put_fn hint;      /* NULL: there is none */
	advise_fn advise; /* NULL: it is never about a limit of the run */
	size_t cause;
} rows[] = {
	[CG2_VERDICT_REFUSED] = { "refused", was_refused, reason_refused, hint_refused,
				  advise_refused, 0 },
	[CG2_VERDICT_EXEC] = { "exec", was_not_executed, reason_exec, hint_refused, NULL, 0 },
	[CG2_VERDICT_WALL_TIME] = { "time", was_over_wall_time, reason_wall_time,
				    hint_wall_time, advise_wall_time, 0 },
	[CG2_VERDICT_CPU_TIME] = { "cpu_time", was_over_cpu_time, reason_cpu_time, NULL, NULL,
				   0 },
	[CG2_VERDICT_PRESSURE] = { "pressure", was_over_threshold, reason_pressure,
				   hint_pressure, advise_pressure, CAUSE(stop) },
	[CG2_VERDICT_OOMD] = { "oomd", was_killed_by_oomd, reason_oomd, hint_oomd, NULL,
			       CAUSE(oomd) },
	[CG2_VERDICT_OOM] = { "oom", was_out_of_memory, reason_oom, hint_oom, advise_oom,
			      CAUSE(oom) },
	[CG2_VERDICT_TASKS] = { "tasks", was_out_of_tasks, reason_tasks, hint_tasks,
				advise_tasks, CAUSE(tasks) },
	[CG2_VERDICT_SIGNAL] = { "signal", was_killed, reason_signal, hint_signal, NULL, 0 },
	[CG2_VERDICT_FAILED] = { "failed", exited_with_failure, reason_failed, NULL, NULL, 0 },
	[CG2_VERDICT_OK] = { "ok", is_the_rest, reason_ok, hint_ok, advise_tasks, 0 },
};

static_assert(ARRAY_SIZE(rows) == CG2_VERDICT_OK + 1, "a verdict has no row");
static_assert(CAUSE(stop) > 0, "0 is no cause");

CG2_EXPORT const char *cg2_verdict_to_string(unsigned int verdict)
{
	return verdict < ARRAY_SIZE(rows) ? rows[verdict].name : NULL;
}

CG2_EXPORT int cg2_verdict_from_string(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].name, text) == 0)
			return (int)i;
	return -EINVAL;
}

static const struct row *first_that_applies(const struct evidence *e)
{
	const struct row *row = rows;

	while (!row->applies(e))
		row++;
	return row;
}

/* ret_text: NULL if nothing was said. */
static int put_text(put_fn put, const struct evidence *e, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { NULL, NULL, 0 };
	FILE *f = text_open(&text);
	char *said = NULL;

	if (!f)
		return -ENOMEM;
	if (put)
		put(f, e);
	if (text_close(&text, &said) < 0)
		return -ENOMEM;
	if (!*said)
		free(take_ptr(&said));
	*ret_text = said;
	return 0;
}

/* Were counters there at the start that would have told more? */
static bool has_lost(const struct evidence *e)
{
	const struct verdict_input *in = e->in;
	bool has_lost = false;

	for (size_t i = 0; is_own(in, i); i++) {
		if (!is_known(e->oom_killed))
			has_lost |= is_known(in->before[i].oom_kill);
		if (!is_known(e->refused) && !e->tasks.is_found)
			has_lost |= is_known(in->before[i].pids_events);
	}
	return has_lost;
}

static void blame(struct verdict *v, const struct cause *cause)
{
	if (!cause->is_found)
		return;
	v->has_blame = true;
	v->blame_level = cause->level;
	v->blame_file = cause->file;
	v->blame_limit = cause->limit;
	v->is_certain = cause->is_certain;
}

/* Fills in what the row has to say. */
static int fill_verdict(const struct row *row, const struct evidence *e, struct verdict *v)
{
	v->verdict = (enum cg2_verdict)(row - rows);
	v->refused = e->refused;
	v->oom_killed = e->oom_killed;
	if (row->cause)
		blame(v, (const void *)((const char *)e + row->cause));
	if (row->advise)
		row->advise(e, &v->advice);
	if (put_text(row->reason, e, &v->reason) < 0 || !v->reason ||
	    put_text(row->hint, e, &v->hint) < 0)
		return -ENOMEM;
	return 0;
}

int verdict_decide(const struct verdict_input *input, struct verdict *ret)
{
	struct evidence e = {
		.in = input,
		.oom_killed = UNKNOWN,
		.refused = UNKNOWN,
	};
	struct verdict v = { .blame_level = SIZE_MAX, .blame_limit = CG2_MAX };

	find_stop(&e);
	find_oomd(&e);
	find_oom(&e);
	find_refused_forks(&e);
	e.has_lost = has_lost(&e);
	if (fill_verdict(first_that_applies(&e), &e, &v) < 0) {
		verdict_clear(&v);
		return -ENOMEM;
	}
	*ret = v;
	return 0;
}

void verdict_clear(struct verdict *verdict)
{
	free(verdict->reason);
	free(verdict->hint);
	*verdict = (struct verdict){ .blame_level = SIZE_MAX, .blame_limit = CG2_MAX };
}
