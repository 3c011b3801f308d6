/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cases of the verdict: a run in which nothing happened, and what differs from it.
 */
#pragma once

#include "unit.h"

#include <limits.h>
#include <signal.h>

#include "base/cleanup.h"
#include "verdict/verdict.h"

#define NO UNKNOWN
#define M *UINT64_C(1048576)
#define USER "/user.slice/user-1000.slice"
#define APP USER "/user@1000.service/app.slice"
#define SCOPE APP "/cgscope-x.scope"

/* ------------------------------------------------------------------------------------
 * One run, and what differs from it in a case
 */

enum kernel {
	NEW,     /* 6.12 */
	OLD,     /* 6.1: no pids.events.local */
	ANCIENT, /* 5.15: no pids.peak either */
};

#define N_LEVELS 6

/* In the order of struct verdict_level: memory; oom; pids. */
static _unused_ const struct verdict_level quiet[N_LEVELS] = {
	{ SCOPE "/run", true, 512 M, 0, 0, 0, 0, 0, 32, 0, 2, 0, 0, false },
	{ SCOPE, true, 516 M, 0, 0, 0, 0, 0, 33, 1, 3, 0, 0, false },
	{ APP, false, CG2_MAX, 9 M, 3, 0, 3, 0, CG2_MAX, 40, 90, 2, 0, false },
	{ USER "/user@1000.service", false, CG2_MAX, 9 M, 3, 0, 3, 0, 4000, 42, 95, 2, 0,
	  false },
	{ USER, false, 1024 M, 9 M, 3, 3, 3, 0, 8000, 50, 99, 2, 2, false },
	{ "/user.slice", false, CG2_MAX, 9 M, 4, 0, 4, 0, CG2_MAX, 60, 120, 2, 0, false },
};

struct change {
	enum { UNCHANGED, BEFORE, AFTER } snapshot;
	size_t level;
	size_t field;
	uint64_t value;
};

#define BEFORE(level, field, value) \
	{ BEFORE, level, offsetof(struct verdict_level, field), value }
#define AFTER(level, field, value) \
	{ AFTER, level, offsetof(struct verdict_level, field), value }

/* Own limit: what the kernel counts when it kills n of the command's. */
#define KILL(n)                                                                \
	AFTER(0, oom_kill, n), AFTER(1, oom_kill, n), AFTER(2, oom_kill, 3 + (n)), \
		AFTER(3, oom_kill, 3 + (n)), AFTER(4, oom_kill, 3 + (n)),          \
		AFTER(5, oom_kill, 4 + (n))
#define OWN_OOM(n) KILL(n), AFTER(0, oom, 1), AFTER(0, oom_local, 1), AFTER(1, oom, 1)
#define SLICE_OOM(n) KILL(n), AFTER(4, oom, 4), AFTER(4, oom_local, 4), AFTER(5, oom, 5)
#define OWN_FORKS(n) \
	AFTER(0, pids_events, n), AFTER(0, pids_local, n), AFTER(1, pids_events, n)
#define OWN_FULL AFTER(0, pids_peak, 32), AFTER(1, pids_peak, 33)
#define NO_OWN_MEMORY                                                        \
	BEFORE(0, oom_kill, NO), AFTER(0, oom_kill, NO), BEFORE(1, oom_kill, NO), \
		AFTER(1, oom_kill, NO)
#define LOST_OWN                                                                    \
	AFTER(0, oom_kill, NO), AFTER(1, oom_kill, NO), AFTER(0, pids_events, NO),  \
		AFTER(1, pids_events, NO), AFTER(0, pids_local, NO),                \
		AFTER(1, pids_local, NO), AFTER(0, oom, NO), AFTER(1, oom, NO),     \
		AFTER(0, oom_local, NO), AFTER(1, oom_local, NO)

#define EXITED(status) .exit_code = CLD_EXITED, .exit_status = (status)
#define KILLED(sig) .exit_code = CLD_KILLED, .exit_status = (sig)
#define NONE .level = SIZE_MAX, .limit = CG2_MAX
#define BLAME(l, f, max, sure) .level = (l), .file = (f), .limit = (max), .certain = (sure)
#define COUNT(forks, kills) .refused = (forks), .oom_killed = (kills)

struct test_case {
	const char *name;
	enum kernel kernel;
	struct change changes[24];
	struct verdict_machine machine; /* a limit of 0: CG2_MAX; n_zombies of 0: unknown */
	struct cg2_error failure;
	bool is_refused;
	enum cg2_end end;
	struct verdict_stop stop; /* with a threshold */
	const char *oom_memcg;
	uint64_t n_nested_killed;
	uint64_t time_usec;
	int exit_code;
	int exit_status;
	/* Expected. */
	enum cg2_verdict verdict;
	struct verdict_brakes brakes;
	size_t level;
	const char *file; /* NULL: no blame */
	uint64_t limit;
	bool certain;
	uint64_t refused;
	uint64_t oom_killed;
	const char *reason;
	const char *hint;
};

static _unused_ void set_field(struct verdict_level *level, size_t field, uint64_t value)
{
	if (field == offsetof(struct verdict_level, has_oomd_kill))
		level->has_oomd_kill = value;
	else
		memcpy((char *)level + field, &value, sizeof(value));
}

static _unused_ void make_levels(const struct test_case *t, struct verdict_level *before,
			struct verdict_level *after)
{
	memcpy(before, quiet, sizeof(quiet));
	before[0].pids_peak = 0;
	before[1].pids_peak = 1;
	memcpy(after, quiet, sizeof(quiet));
	for (size_t i = 0; i < ARRAY_SIZE(t->changes); i++) {
		const struct change *c = &t->changes[i];

		if (c->snapshot != UNCHANGED)
			set_field(&(c->snapshot == BEFORE ? before : after)[c->level],
				  c->field, c->value);
	}
	for (size_t i = 0; i < N_LEVELS && t->kernel != NEW; i++) {
		before[i].pids_local = after[i].pids_local = NO;
		if (t->kernel == ANCIENT)
			before[i].pids_peak = after[i].pids_peak = NO;
	}
}

static struct verdict_machine make_machine(const struct verdict_machine *wanted)
{
	struct verdict_machine m = *wanted;

	m.nproc_limit = m.nproc_limit ? m.nproc_limit : CG2_MAX;
	m.threads_max = m.threads_max ? m.threads_max : 60000;
	m.threads = m.threads ? m.threads : 200;
	m.pid_max = m.pid_max ? m.pid_max : 4194304;
	m.n_zombies = m.n_zombies ? m.n_zombies : NO;
	return m;
}

static _unused_ bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* As data it says what the hint says in words. */
static _unused_ void check_advice(const struct test_case *t, const struct verdict *v)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(v->advice.limit);
	_cleanup_free_ char *value = NULL, *words = NULL;

	if (v->advice.kind != CG2_ADVICE_RAISE_LIMIT) {
		check_case(t->name, !v->hint || strncmp(v->hint, "raise ", 6) != 0 ||
					    strstr(v->hint, " of "));
		return;
	}
	if (info->unit == CG2_UNIT_BYTES)
		assert_int_equal(cg2_size_to_string(v->advice.value, &value), 0);
	else
		assert_true(asprintf(&value, "%" PRIu64, v->advice.value) > 0);
	if (v->advice.value == CG2_MAX || info->unit == CG2_UNIT_PERMYRIAD)
		assert_true(asprintf(&words, "raise %s", info->file) > 0);
	else
		assert_true(asprintf(&words, "raise %s to %s", info->file, value) > 0);
	check_case(t->name, same(v->hint, words));
}

static _unused_ void compare(const struct test_case *t, const struct verdict *v)
{
	if (v->verdict != t->verdict)
		fail_msg("%s: %s: %s", t->name, cg2_verdict_to_string(v->verdict),
			 v->reason);
	if (!same(v->reason, t->reason))
		fail_msg("%s: %s", t->name, v->reason);
	if (!same(v->hint, t->hint))
		fail_msg("%s: hint: %s", t->name, v->hint ? v->hint : "none");
	check_advice(t, v);
	check_case(t->name, v->has_blame == !!t->file);
	check_case(t->name, same(v->blame_file, t->file));
	check_case(t->name, v->blame_level == t->level);
	check_case(t->name, v->blame_limit == t->limit);
	check_case(t->name, v->is_certain == t->certain);
	check_case(t->name, v->refused == t->refused);
	check_case(t->name, v->oom_killed == t->oom_killed);
}

static _unused_ void run_case(const struct test_case *t)
{
	struct verdict_level before[N_LEVELS], after[N_LEVELS];
	struct verdict_input in = {
		.is_refused = t->is_refused,
		.failure = t->failure.code ? &t->failure : NULL,
		.program = "program",
		.end = t->end,
		.stop = t->stop.threshold ? &t->stop : NULL,
		.wall_limit_usec = t->time_usec,
		.cpu_limit_usec = t->time_usec,
		.exit_code = t->exit_code,
		.exit_status = t->exit_status,
		.before = before,
		.after = after,
		.n_levels = N_LEVELS,
		.machine = make_machine(&t->machine),
		.brakes = t->brakes,
		.oom_memcg = t->oom_memcg,
		.n_nested_killed = t->n_nested_killed,
	};
	struct verdict v;

	make_levels(t, before, after);
	assert_int_equal(verdict_decide(&in, &v), 0);
	compare(t, &v);
	verdict_clear(&v);
	assert_null(v.reason);
	assert_null(v.hint);
}

static _unused_ void run_cases(const struct test_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run_case(&cases[i]);
}

#define RUN(cases) run_cases(cases, ARRAY_SIZE(cases))
