/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run without a manager: a cgroup made in one that is delegated or nobody's, the command
 * cloned straight into it, a guard in case that we die.
 */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/ledger.h"
#include "child/block-signals.h"
#include "child/end-group.h"
#include "child/spawn.h"
#include "place/nest.h"
#include "systemd/unit-name.h"
#include "value/error.h"
#include "value/unknown.h"

#define NAME_TRIES 3

/* The command's cgroup is all there is. */
#define N_OWN_LEVELS 1

/* Those of the limits, and those whose counters tell what happened. */
static uint64_t wanted_controllers(struct cg2_run *run)
{
	return limits_controllers(run->limits) | property_list_controllers(&run->wish.properties) |
	       controller_bit("memory") | controller_bit("pids");
}

/* The cgroup's name: what was asked for, or a made-up one; without a unit's suffix. */
static int choose_name(struct cg2_run *run, char **ret_name)
{
	_cleanup_free_ char *unit = NULL;
	int r = 0;

	if (!run->wish.unit && !run->wish.prefix)
		r = unit_prefix_of_command(run->file ? run->file : program_invocation_name,
					   &run->wish.prefix);
	if (r == 0 && !run->wish.unit)
		r = unit_name_make_up(run->wish.prefix, &unit);
	if (r < 0)
		return r;
	*ret_name = strdup(run->wish.unit ? run->wish.unit : unit);
	if (!*ret_name)
		return -ENOMEM;
	(*ret_name)[strlen(*ret_name) - strlen(".scope")] = '\0';
	return 0;
}

static int make_group(struct cg2_run *run, struct cg2_error *reterr)
{
	for (int i = 1;; i++) {
		_cleanup_free_ char *name = NULL;
		int r = choose_name(run, &name);

		if (r < 0)
			return error_set(reterr, CG2_OP_CREATE, r, run->wish.prefix, NULL);
		r = nest_create(&run->place, name, wanted_controllers(run), &run->group, reterr);
		if (r == -EEXIST && run->wish.unit) {
			error_hint(reterr, "end what is in that one");
			error_advice(reterr, CG2_ADVICE_OTHER_NAME);
		}
		if (r != -EEXIST || run->wish.unit || i == NAME_TRIES)
			return r;
		cg2_error_clear(reterr);
	}
}

static void remove_group(struct cg2_run *run)
{
	if (run->group)
		nest_remove(&run->place, run->group);
}

/* A run in the caller's own cgroup is below all that binds the caller. */
static int take_bounds(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_free_ char *home = NULL;
	int r;

	if (!run->inside)
		return 0;
	r = group_path_of_pid(run->ctx, 0, &home, reterr);
	return r < 0 ? r : run_take_bounds(run, home, reterr);
}

static int make_bounded(struct cg2_run *run, struct cg2_error *reterr)
{
	const int r = take_bounds(run, reterr);

	return r < 0 ? r : make_group(run, reterr);
}

/* Its start takes place beside the writing of the limits. */
static int begin_guard(struct cg2_run *run, struct cg2_error *reterr)
{
	sigset_t saved;
	int r;

	block_signals(&saved);
	r = guard_begin(&run->guard, run->group->fd, strrchr(run->group->path, '/') + 1,
			run->place.is_given_back, reterr);
	restore_signals(&saved);
	return r;
}

static int nest_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	r = make_bounded(run, reterr);
	if (r == 0)
		r = begin_guard(run, reterr);
	if (r == 0)
		r = run_apply_limits(run, reterr);
	if (r == 0)
		chain_begin(&run->chain, run->group, N_OWN_LEVELS);
	return r;
}

/* Into a scope elsewhere the way may lead through cgroups that are not the caller's. */
static int spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
	int r;

	r = spawn_into(&run->plan, run->group->fd, &run->pid, &run->pidfd, &failure);
	if (r == -EACCES && failure.op == CG2_OP_SPAWN && run->inside)
		return run_spawn_inside(run, reterr);
	if (r < 0)
		cg2_error_move(reterr, &failure);
	return r;
}

static int nest_spawn(struct cg2_run *run, struct cg2_error *reterr)
{
	sigset_t saved;
	int r;

	block_signals(&saved);
	r = guard_await(&run->guard, reterr);
	if (r == 0)
		r = spawn(run, reterr);
	restore_signals(&saved);
	/* While the command begins. */
	if (r == 0)
		nest_sweep(run->place.base, run->group);
	return r;
}

static int enter_group(struct cg2_run *run, struct cg2_error *reterr)
{
	if (run->inside)
		return run_enter_inside(run, reterr);
	return cg2_group_write(run->group, "cgroup.procs", "0", reterr);
}

int run_check_no_time(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	if (!limits_has(run->limits, CG2_LIMIT_WALL_TIME))
		return 0;
	r = error_setf(reterr, CG2_OP_SPAWN, EINVAL, NULL, NULL,
		       "without a manager no one remains to enforce the time limit");
	error_limit(reterr, CG2_LIMIT_WALL_TIME);
	error_advice(reterr, CG2_ADVICE_SYSTEMD_BACKEND);
	return r;
}

/* The move would wait for the whole machine, but the PID has to stay. */
static int nest_enter(struct cg2_run *run, struct cg2_error *reterr)
{
	int r;

	r = run_check_no_time(run, reterr);
	if (r == 0)
		r = make_bounded(run, reterr);
	if (r == 0)
		r = run_apply_limits(run, reterr);
	if (r == 0)
		r = enter_group(run, reterr);
	if (r < 0)
		remove_group(run);
	return r;
}

static int nest_doze(struct cg2_run *run, uint64_t usec)
{
	return guard_doze(&run->guard, run->pid, run->pidfd, usec);
}

static void nest_awake(struct cg2_run *run)
{
	guard_awake(&run->guard);
}

/* What is left now is left on purpose. */
static void nest_over(struct cg2_run *run)
{
	struct keep_time time;

	if (run_begin_to_keep(run, &time))
		run_note_keeper(run, keeper_start(run->group, &time));
	guard_dismiss(&run->guard);
}

static uint64_t peek(struct cg2_run *run, const char *file, const char *key)
{
	uint64_t n = group_peek_flat(run->group, file, key);

	return is_known(n) ? n : 0;
}

/* Whom no limit in here has killed, one around it has. */
static void count_kills(struct cg2_run *run, struct ledger *part)
{
	part->oom = peek(run, "memory.events", "oom");
	if (part->oom == 0)
		return;
	part->oom_kill = peek(run, "memory.events", "oom_kill");
	part->oom_group_kill = peek(run, "memory.events", "oom_group_kill");
}

/*
 * Before kernel 6.11 the forking cgroup counts a refusal, whoever refused it: this run's limit if
 * that was reached.
 */
static void split_refusals(struct cg2_run *run, uint64_t n, struct ledger *part)
{
	uint64_t max = group_peek_value(run->group, "pids.max");
	uint64_t peak = group_peek_value(run->group, "pids.peak");

	if (is_known(peak) && peak >= max)
		part->refused += n;
	else
		part->refused_above += n;
}

static void count_refusals(struct cg2_run *run, const struct ledger *inner, struct ledger *part)
{
	uint64_t n = peek(run, "pids.events", "max");

	part->refused = inner->refused;
	if (n + inner->refused_above == 0)
		return;
	if (is_known(group_peek_flat(run->group, "pids.events.local", "max")))
		part->refused = n;
	else
		split_refusals(run, n + inner->refused_above, part);
}

/* What is an outer run's to know: what limits of this one, and of those in it, have done. */
static void note_for_outer(struct cg2_run *run)
{
	struct ledger part = { .runs = 1 }, inner;

	if (!nest_is_in_run(&run->place))
		return;
	ledger_read(run->group, &inner);
	part.runs += inner.runs;
	count_kills(run, &part);
	count_refusals(run, &inner, &part);
	nest_note(&run->place, &part);
}

static void nest_release(struct cg2_run *run)
{
	note_for_outer(run);
	remove_group(run);
	guard_stop(&run->guard);
}

static void nest_abandon(struct cg2_run *run)
{
	if (run->group && run->pid > 0) {
		end_group(run->group->fd);
		run_reap_command(run);
		run->pid = 0;
	}
	guard_stop(&run->guard);
	remove_group(run);
}

static pid_t nest_get_helper(struct cg2_run *run)
{
	return run->guard.process.pid;
}

const struct run_backend run_backend_nest = {
	.prepare = nest_prepare,
	.spawn = nest_spawn,
	.enter = nest_enter,
	.doze = nest_doze,
	.awake = nest_awake,
	.over = nest_over,
	.release = nest_release,
	.abandon = nest_abandon,
	.get_helper = nest_get_helper,
};
