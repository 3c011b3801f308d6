/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What to do about a verdict: one line, with a value that can be used as it stands, and the same
 * as data where it is about a limit of the run.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "verdict/verdict-cause.h"

/* Only what held it back: that more time helps is no news. */
void hint_wall_time(FILE *f, const struct evidence *e)
{
	const struct verdict_brakes *b = &e->in->brakes;

	if (is_slowed_by_memory(b)) {
		fputs("raise memory.high to ", f);
		put_amount(f, "memory.high", twice(b->memory_high));
	} else if (is_slowed_by_cpu(b)) {
		fputs("raise cpu.max", f);
	}
}

void hint_oomd(FILE *f, const struct evidence *e _unused_)
{
	fputs("journalctl -u systemd-oomd says which pressure or swap limit was reached",
	      f);
}

static void put_limit_hint(FILE *f, const struct verdict_input *in, const struct cause *c)
{
	if (c->is_below)
		return;
	if (!is_own(in, c->level)) {
		put_raise_hint(f, in->after[c->level].path, c->file, c->limit);
		return;
	}
	put_own_hint(f, c->file, c->limit);
}

void hint_pressure(FILE *f, const struct evidence *e)
{
	if (e->stop.is_found && e->stop.level != SIZE_MAX)
		put_limit_hint(f, e->in, &e->stop);
}

void hint_oom(FILE *f, const struct evidence *e)
{
	size_t max = offsetof(struct verdict_level, memory_max);

	if (e->oom.level != SIZE_MAX)
		put_limit_hint(f, e->in, &e->oom);
	else if (e->in->machine.is_namespaced && !e->oom.is_certain)
		fputs("look at the container's memory limit, and at the rest of the "
		      "machine",
		      f);
	else if (own_limit(e->in, max) != CG2_MAX)
		fputs("its limit is more than the machine has left: end other programs or add "
		      "swap", f);
	else
		fputs("end other programs or add swap", f);
}

void hint_tasks(FILE *f, const struct evidence *e)
{
	const struct cause *c = &e->tasks;
	uint64_t n_zombies = e->in->machine.n_zombies;

	if (is_known(n_zombies) && n_zombies > 0)
		fputs("the parent of the zombies has to wait for its children", f);
	else if (strcmp(c->file, "pids.max") != 0)
		put_machine_hint(f, c->file, c->limit);
	else if (c->level != SIZE_MAX)
		put_limit_hint(f, e->in, c);
}

/* Signals that a limit sends which is not a cgroup's. */
void hint_signal(FILE *f, const struct evidence *e)
{
	static const struct {
		int number;
		const char *hint;
	} hints[] = {
		{ SIGXCPU, "it used more CPU time than ulimit -t allows" },
		{ SIGXFSZ, "it wrote a larger file than ulimit -f allows" },
		{ SIGSYS, "a seccomp filter forbids a system call that it made" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (hints[i].number == e->in->exit_status)
			fputs(hints[i].hint, f);
}

void hint_ok(FILE *f, const struct evidence *e)
{
	if (e->tasks.is_found)
		hint_tasks(f, e);
}

/* ------------------------------------------------------------------------------------
 * As data: those that are about a limit of the run
 */

static void advise(struct cg2_advice *advice, enum cg2_advice_kind kind, enum cg2_limit limit,
		   uint64_t value)
{
	*advice = (struct cg2_advice){ .size = sizeof(*advice), .kind = kind, .limit = limit,
				       .value = value };
}

static void advise_own_limit(struct cg2_advice *advice, const struct verdict_input *in,
			     const struct cause *c)
{
	if (c->is_found && !c->is_below && is_own(in, c->level))
		advise(advice, CG2_ADVICE_RAISE_LIMIT,
		       is_size_file(c->file) ? CG2_LIMIT_MEMORY_MAX : CG2_LIMIT_TASKS_MAX,
		       twice(c->limit));
}

/* Of the start's own error; which limit it is about, and no value. */
void advise_refused(const struct evidence *e, struct cg2_advice *advice)
{
	const struct cg2_error *failure = e->in->failure;

	if (failure)
		advise(advice, failure->advice, failure->limit, CG2_MAX);
}

void advise_wall_time(const struct evidence *e, struct cg2_advice *advice)
{
	const struct verdict_brakes *b = &e->in->brakes;

	if (is_slowed_by_memory(b))
		advise(advice, CG2_ADVICE_RAISE_LIMIT, CG2_LIMIT_MEMORY_HIGH,
		       twice(b->memory_high));
	else if (is_slowed_by_cpu(b))
		advise(advice, CG2_ADVICE_RAISE_LIMIT, CG2_LIMIT_CPU_MAX, twice(b->cpu_max));
}

void advise_pressure(const struct evidence *e, struct cg2_advice *advice)
{
	advise_own_limit(advice, e->in, &e->stop);
}

void advise_oom(const struct evidence *e, struct cg2_advice *advice)
{
	if (e->oom.level != SIZE_MAX)
		advise_own_limit(advice, e->in, &e->oom);
	else if ((!e->in->machine.is_namespaced || e->oom.is_certain) &&
		 own_limit(e->in, offsetof(struct verdict_level, memory_max)) == CG2_MAX)
		advise(advice, CG2_ADVICE_SET_LIMIT, CG2_LIMIT_MEMORY_MAX, CG2_MAX);
}

void advise_tasks(const struct evidence *e, struct cg2_advice *advice)
{
	uint64_t n_zombies = e->in->machine.n_zombies;

	if (!is_known(n_zombies) || n_zombies == 0)
		advise_own_limit(advice, e->in, &e->tasks);
}
