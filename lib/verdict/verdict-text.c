/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict in words: one line that says why it ended.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "verdict/verdict-cause.h"

/* ------------------------------------------------------------------------------------
 * Words
 */

static void put_duration(FILE *f, uint64_t usec)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_duration_to_string(usec, &text) == 0)
		fputs(text, f);
	else
		fprintf(f, "%" PRIu64 "us", usec);
}

/* "once", "12 times". */
static void put_times(FILE *f, uint64_t n)
{
	if (n == 1)
		fputs("once", f);
	else
		fprintf(f, "%" PRIu64 " times", n);
}

/* "memory.max 100M of user-1000.slice". */
static void put_limit(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (c->is_below) {
		fprintf(f, "%s of a cgroup that the command made", c->file);
		return;
	}
	fputs(c->file, f);
	if (c->limit != CG2_MAX) {
		fputc(' ', f);
		put_amount(f, c->file, c->limit);
	}
	fputs(" of ", f);
	put_level(f, in, c->level);
}

/* Beside an ancestor's limit: it is not the one that was asked for. */
static void put_own_limit(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	uint64_t own = own_limit(in, is_size_file(c->file)
					     ? offsetof(struct verdict_level, memory_max)
					     : offsetof(struct verdict_level, pids_max));

	if (c->level == SIZE_MAX || is_own(in, c->level) || own == CG2_MAX)
		return;
	fputs(" (this run's own limit is ", f);
	put_amount(f, c->file, own);
	fputc(')', f);
}

static void put_gap(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (!c->has_gap || c->is_certain || c->gap_level >= in->n_levels)
		return;
	fputs("; the counters of ", f);
	put_level(f, in, c->gap_level);
	fputs(" are unknown", f);
}

/* ------------------------------------------------------------------------------------
 * Reasons
 */

static void put_time_limit(FILE *f, uint64_t usec, const char *name)
{
	fprintf(f, "ended by its %s", name);
	if (usec == 0 || !is_limit(usec))
		return;
	fputs(" of ", f);
	put_duration(f, usec);
}

static uint64_t percent(uint64_t part, uint64_t all)
{
	return MIN(part * 100 / all, UINT64_C(100));
}

void reason_wall_time(FILE *f, const struct evidence *e)
{
	const struct verdict_brakes *b = &e->in->brakes;

	put_time_limit(f, e->in->wall_limit_usec, "time limit");
	if (is_slowed_by_memory(b)) {
		fputs("; memory.high ", f);
		put_amount(f, "memory.high", b->memory_high);
		fprintf(f, " held it back for %" PRIu64 " %% of the time",
			percent(b->memory_full_usec, b->wall_usec));
	} else if (is_slowed_by_cpu(b)) {
		fprintf(f, "; cpu.max held it back in %" PRIu64 " %% of its periods",
			percent(b->n_throttled, b->n_periods));
	}
}

void reason_cpu_time(FILE *f, const struct evidence *e)
{
	put_time_limit(f, e->in->cpu_limit_usec, "CPU time limit");
}

void reason_oomd(FILE *f, const struct evidence *e)
{
	fputs("out of memory: systemd-oomd killed ", f);
	put_level(f, e->in, e->oomd.level);
}

/* The kernel counts the victim twice when it kills a group. */
static void put_killed(FILE *f, const struct evidence *e)
{
	if (e->is_group_killed)
		fputs(", the whole group killed", f);
	else if (!is_known(e->oom_killed))
		fputs(", a process killed", f);
	else
		fprintf(f, ", %" PRIu64 " process%s killed", e->oom_killed,
			e->oom_killed == 1 ? "" : "es");
}

void reason_oom(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->oom;

	fprintf(f, "out of memory%s: ", c->is_certain ? "" : ", probably");
	if (c->level != SIZE_MAX)
		put_limit(f, e->in, c);
	else if (e->in->machine.is_namespaced && !c->is_certain)
		fputs("the machine has no memory left, or a limit outside of this "
		      "container",
		      f);
	else
		fputs("the machine has no memory left", f);
	put_killed(f, e);
	put_own_limit(f, e->in, c);
	if (!has_failed(e->in))
		fputs("; the command itself ended with 0", f);
	put_gap(f, e->in, c);
}

/* A pids.max that is known to have refused, and no visible one was reached. */
static const char *unseen_limit(const struct verdict_input *in)
{
	return in->machine.is_namespaced ? "a pids.max outside of this container"
					 : "a pids.max that is not reached any more";
}

static void put_machine_limit(FILE *f, const struct cause *c)
{
	bool is_user = strcmp(c->file, "RLIMIT_NPROC") == 0;

	fprintf(f, "%s %" PRIu64 ", %s has %" PRIu64 " tasks", c->file, c->limit,
		is_user ? "its user" : "the machine", c->use);
	if (c->has_gap)
		fputs("; pids.events is unknown", f);
}

static void put_zombies(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	uint64_t n = in->machine.n_zombies;
	uint64_t tasks = in->n_levels > 0 ? in->after[0].pids_current : UNKNOWN;

	if (!is_known(n) || n == 0)
		return;
	/* When its own limit refused, it had as many as that. */
	if (is_own(in, c->level) && is_limit(c->limit))
		tasks = c->limit;
	fputs("; ", f);
	if (is_limit(tasks) && tasks >= n)
		fprintf(f, "of %" PRIu64 " tasks ", tasks);
	fprintf(f, "%" PRIu64 " %s that %s parent does not reap", n,
		n == 1 ? "is a zombie" : "are zombies", n == 1 ? "its" : "their");
}

void reason_tasks(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->tasks;

	fputs("fork refused", f);
	if (c->is_counted && is_known(c->count)) {
		fputc(' ', f);
		put_times(f, c->count);
	}
	fputs(c->is_certain ? ": " : ", probably: ", f);
	if (strcmp(c->file, "pids.max") != 0)
		put_machine_limit(f, c);
	else if (c->level == SIZE_MAX)
		fputs(unseen_limit(e->in), f);
	else
		put_limit(f, e->in, c);
	put_own_limit(f, e->in, c);
	put_zombies(f, e->in, c);
	put_gap(f, e->in, c);
}

static void put_signal(FILE *f, int sig)
{
	const char *name = cg2_signal_to_string(sig);

	if (name)
		fputs(name, f);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		fprintf(f, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		fprintf(f, "signal %d", sig);
}

static void put_lost(FILE *f, const struct evidence *e)
{
	if (e->has_lost)
		fputs("; its counters were lost, so whether a limit was the cause is unknown", f);
}

void reason_signal(FILE *f, const struct evidence *e)
{
	fputs("killed by ", f);
	put_signal(f, e->in->exit_status);
	if (e->in->exit_code == CLD_DUMPED)
		fputs(", core dumped", f);
	if (e->in->exit_status != SIGKILL)
		put_lost(f, e);
	else if (is_known(e->oom_killed))
		fputs(", sent by another process, not by a limit", f);
	else
		fputs("; cannot tell whether memory ran out: no memory.events", f);
}

void reason_failed(FILE *f, const struct evidence *e)
{
	int status = e->in->exit_status;
	const char *sig = status > 128 ? cg2_signal_to_string(status - 128) : NULL;

	fprintf(f, "exit status %d", status);
	if (sig)
		fprintf(f, ", a shell's word for %s", sig);
	put_lost(f, e);
}

void reason_ok(FILE *f, const struct evidence *e)
{
	fputs("exit status 0", f);
	if (e->tasks.is_found) {
		fputs(", but ", f);
		reason_tasks(f, e);
	}
}
