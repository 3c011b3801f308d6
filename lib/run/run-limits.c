/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limits of a run, in force and read back before its command's first instruction.
 */
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "limit/limits-effect.h"
#include "value/error.h"

/*
 * Best effort turns a limit's failure into a warning. Returns 0 to go on, or the failure, which
 * is then in reterr.
 */
static int let_pass(struct cg2_run *run, int r, struct cg2_error *failure,
		 struct cg2_error *reterr)
{
	_cleanup_free_ char *text = NULL;

	if (r >= 0)
		return 0;
	if (!run->is_best_effort) {
		cg2_error_move(reterr, failure);
		return r;
	}
	if (cg2_error_format(failure, &text) < 0)
		text = NULL;
	ctx_log(run->ctx, CG2_LOG_WARNING, failure, "%s", text ? text : "out of memory");
	cg2_error_clear(failure);
	return 0;
}

static void log_verified(struct cg2_run *run, enum cg2_limit limit, struct cg2_group *group)
{
	_cleanup_free_ char *text = NULL;

	if (ctx_wants_log(run->ctx, CG2_LOG_INFO) &&
	    cg2_limits_to_string(run->limits, limit, &text) > 0)
		ctx_log(run->ctx, CG2_LOG_INFO, NULL, "%s is %s in %s",
			limit_row(limit)->info.file, text, group->path);
}

/* The scope's own value, which the manager wrote or did not. */
static int verify_on_scope(struct cg2_run *run, enum cg2_limit limit,
			   const struct allowance *extra, struct cg2_error *reterr)
{
	if (!run->scope || (!limit_row(limit)->is_bus && run->group))
		return 0;
	return limits_verify(run->limits, limit, extra, run->scope, reterr);
}

static int apply_limit(struct cg2_run *run, enum cg2_limit limit, struct cg2_error *reterr)
{
	const struct allowance *extra = run->group ? &allowance_of_holder : &allowance_none;
	_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
	int r;

	r = verify_on_scope(run, limit, extra, &failure);
	if (r == 0 && run->group)
		r = limits_apply(run->limits, limit, run->group, &failure);
	if (r == 0)
		r = limits_effect_check(run->limits, limit,
					run->scope ? run->scope : run->group, &failure);
	error_limit(&failure, limit);
	if (r == 0)
		log_verified(run, limit, run->group ? run->group : run->scope);
	else
		run->unverified |= UINT64_C(1) << limit;
	return let_pass(run, r, &failure, reterr);
}

/* A property given with -p that has a file is a limit as well. */
static int apply_property(struct cg2_run *run, const struct property *property,
			  struct cg2_error *reterr)
{
	int r;

	if (!property_file(property))
		return 0;
	/* A period is written together with the quota. */
	r = run->scope || property_cpu_period_usec(property)
		    ? 0 : property_write(property, run->group, reterr);
	return r < 0 ? r : property_verify(property, run->scope ? run->scope : run->group, reterr);
}

/*
 * What a user's manager would take without a word and not do. Looked at before anything is
 * made: no file would show it later.
 */
int run_check_privileged(struct cg2_run *run, struct cg2_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->wish.properties.n; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;

		r = property_check_privileged(run->wish.properties.list[i], run->manager, &failure);
		r = let_pass(run, r, &failure, reterr);
	}
	return r;
}

/* The command's cgroup has the period that its scope has. */
static void take_cpu_period(struct cg2_run *run)
{
	for (size_t i = 0; i < run->wish.properties.n; i++) {
		uint64_t usec = property_cpu_period_usec(run->wish.properties.list[i]);

		if (usec)
			run->limits->cpu_period_usec = usec == CG2_MAX ? 0 : usec;
	}
}

/* It limits nothing that the machine would not. */
static void log_ram(struct cg2_run *run)
{
	uint64_t max = CG2_MAX, ram = limits_ram_bytes();

	if (cg2_limits_get(run->limits, CG2_LIMIT_MEMORY_MAX, &max) > 0 && max != CG2_MAX &&
	    ram > 0 && max > ram)
		ctx_log(run->ctx, CG2_LOG_INFO, NULL,
			"memory.max is more than the machine's RAM of %" PRIu64 "M", ram / MIB);
}

int run_apply_limits(struct cg2_run *run, struct cg2_error *reterr)
{
	take_cpu_period(run);
	if (ctx_wants_log(run->ctx, CG2_LOG_INFO))
		log_ram(run);
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		int r;

		if (!limits_has(run->limits, (enum cg2_limit)i) || !limit_row(i)->info.file)
			continue;
		r = apply_limit(run, (enum cg2_limit)i, reterr);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < run->wish.properties.n; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
		int r = apply_property(run, run->wish.properties.list[i], &failure);

		r = let_pass(run, r, &failure, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- the caller's ---- */

static void say_bound(struct cg2_run *run, const struct bound *bound)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_limits_to_string(run->limits, bound->limit, &text) <= 0)
		return;
	/* What every service has is no news to whoever runs one, or to cron's mailbox. */
	ctx_log(run->ctx, bound->is_default ? CG2_LOG_INFO : CG2_LOG_NOTICE, NULL,
		"%s is %s, which binds the caller too: %s",
		limit_row(bound->limit)->info.file, text, bound->cgroup);
}

/* What the run has is another set than the caller's: only what both have can be in force. */
static int refuse_set(struct cg2_run *run, const struct bound *bound, struct cg2_error *reterr)
{
	_cleanup_free_ char *wanted = NULL;
	int r;

	if (cg2_limits_to_string(run->limits, bound->limit, &wanted) < 0)
		wanted = NULL;
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, limit_row(bound->limit)->info.file,
		       wanted, "the caller's %s allows only %s", bound->cgroup, bound->list);
	error_limit(reterr, bound->limit);
	return r;
}

/* Makes it the run's own, if it is tighter. 1: it is. */
static int take_bound(struct cg2_run *run, const struct bound *bound, struct cg2_error *reterr)
{
	uint64_t wanted = CG2_MAX;
	int r;

	if (bound->list) {
		r = limits_cut_list(run->limits, bound->limit, bound->list);
		return r == -ENODATA ? refuse_set(run, bound, reterr) : r;
	}
	cg2_limits_get(run->limits, bound->limit, &wanted);
	if (bound->value >= wanted)
		return 0;
	r = cg2_limits_set(run->limits, bound->limit, bound->value);
	return r < 0 ? r : 1;
}

/* Best effort has dropped what was asked for; the caller's holds all the same. */
static int replace_by_bound(struct cg2_run *run, const struct bound *bound)
{
	free(run->limits->list[bound->limit]);
	run->limits->list[bound->limit] = NULL;
	return limits_cut_list(run->limits, bound->limit, bound->list);
}

int run_take_bounds(struct cg2_run *run, const char *home, struct cg2_error *reterr)
{
	if (run->inside)
		bounds_read_for(run->ctx, home, run->place.base->path, run->bounds);
	else
		bounds_read(run->ctx, home, run->manager, run->wish.slice, run->bounds);
	for (size_t i = 0; i < N_BOUNDS; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
		struct bound *bound = &run->bounds[i];
		int r = 0;

		if (!bound_is_there(bound))
			continue;
		if (!run->asked)
			r = limits_dup(run->limits, &run->asked);
		if (r == 0)
			r = take_bound(run, bound, &failure);
		if (r < 0 && failure.code == 0)
			return error_set(reterr, CG2_OP_WRITE, r, bound->cgroup, NULL);
		if (let_pass(run, r, &failure, reterr) < 0)
			return r;
		if (r < 0)
			r = replace_by_bound(run, bound);
		if (r > 0)
			say_bound(run, bound);
		else
			bound_drop(bound);
	}
	return 0;
}
