/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whoever is where it should be has its children there. So children are looked for until a round
 * finds none outside.
 */
#include "manage/move-all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "scope/scope.h"
#include "value/error.h"

/* Who forks faster than that is a bomb, and outruns every move but the kernel's own. */
#define ROUNDS_MAX 100

/* A manager is told numbers alone, and moves whoever has the number by then. */
static bool is_another_moved(const struct chase *chase, const struct held *ended)
{
	struct held now = { .pid = ended->pid };
	bool is_in;

	if (held_is_alive(ended) || held_open(chase->procs->ctx, &now) < 0)
		return false;
	is_in = move_is_in(&now, chase->to->group);
	held_close(&now);
	return is_in;
}

static void tell(struct chase *chase, const struct held *proc, int r, struct cg2_error *err)
{
	_cleanup_free_ char *text = NULL;

	chase->failed++;
	if (r == -ESRCH)
		ctx_log(chase->procs->ctx, CG2_LOG_WARNING, NULL,
			"process %d ended before it was moved%s", (int)proc->pid,
			is_another_moved(chase, proc) ? ", and another one that got its number "
							"is in the scope"
						      : "");
	else if (cg2_error_format(err, &text) == 0)
		ctx_log(chase->procs->ctx, CG2_LOG_WARNING, err, "%s", text);
	else
		ctx_log(chase->procs->ctx, CG2_LOG_WARNING, NULL,
			"process %d could not be moved: %s", (int)proc->pid, strerror(-r));
}

/* A child that has limits of its own keeps them, and that is no failure. */
static bool is_left(struct chase *chase, const struct held *proc)
{
	_cleanup_free_ char *unit = NULL;

	if (proc->is_named || chase->is_forced)
		return false;
	unit = move_find_own_unit(chase->procs->ctx, proc);
	if (unit && chase->left++ == 0) {
		held_label(proc, chase->left_label, sizeof(chase->left_label));
		chase->left_unit = take_ptr(&unit);
		return true;
	}
	return unit != NULL;
}

static void tell_left(struct chase *chase)
{
	const struct cg2_error err = { .advice = CG2_ADVICE_FORCE, .op = CG2_OP_MOVE };

	if (chase->left == 1)
		ctx_log(chase->procs->ctx, CG2_LOG_WARNING, &err,
			"process %s stays in %s, whose limits go on", chase->left_label,
			chase->left_unit);
	else if (chase->left > 1)
		ctx_log(chase->procs->ctx, CG2_LOG_WARNING, &err,
			"process %s and %u more stay in %s, whose limits go on",
			chase->left_label, chase->left - 1, chase->left_unit);
	free(chase->left_unit);
	chase->left_unit = NULL;
}

static void follow(struct chase *chase, size_t from, unsigned int *ret_moved)
{
	unsigned int moved = 0;

	for (size_t i = from; i < chase->procs->n; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		struct held *proc = &chase->procs->list[i];
		int r = 0;

		proc->is_moved = move_is_in(proc, chase->to->group);
		chase->is_any_moved |= proc->is_moved;
		if (proc->is_moved || is_left(chase, proc))
			continue;
		if (!proc->is_named)
			r = held_check(proc, &err);
		if (r == 0)
			r = move_process(chase->to, proc, &err);
		chase->is_any_moved |= r == 0;
		moved += r == 0;
		/* A child that has ended needs no words. */
		if (r < 0 && (r != -ESRCH || proc->is_named || is_another_moved(chase, proc)))
			tell(chase, proc, r, &err);
	}
	*ret_moved = moved;
}

static int follow_until_none(struct chase *chase, struct cg2_error *reterr)
{
	unsigned int moved;
	int r;

	follow(chase, 0, &moved);
	for (int i = 0; chase->with_children && i < ROUNDS_MAX; i++) {
		size_t n = chase->procs->n;

		r = held_list_add_children(chase->procs, true, reterr);
		if (r <= 0)
			return r;
		follow(chase, n, &moved);
		if (moved == 0)
			return 0;
	}
	if (!chase->with_children)
		return 0;
	ctx_log(chase->procs->ctx, CG2_LOG_WARNING, NULL,
		"children come faster than they can be moved: some may be outside of %s",
		chase->to->group->path);
	chase->failed++;
	return 0;
}

int chase_all(struct chase *chase, struct cg2_error *reterr)
{
	int r = follow_until_none(chase, reterr);

	tell_left(chase);
	return r;
}

/* ---- into a scope ---- */

static int check_all(struct cg2_scope *scope, struct cg2_group *leaf, struct held_list *procs,
		     const pid_t pids[], size_t n, bool is_forced, struct cg2_error *reterr)
{
	const struct held_wish wish = { .is_forced = is_forced, .is_locked = true };
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		r = held_list_add(procs, pids[i], &wish, reterr);
		if (r == 0)
			r = move_check_way(scope, leaf, &procs->list[procs->n - 1], reterr);
		if (r == 0 && !is_forced)
			r = move_check_home(scope->ctx, &procs->list[procs->n - 1], reterr);
	}
	return r;
}

CG2_EXPORT int cg2_scope_move(struct cg2_scope *scope, const pid_t pids[], size_t n,
			      bool is_forced, struct cg2_error *err)
{
	struct held_list procs = { .ctx = scope->ctx };
	_cleanup_(cg2_group_unrefp) struct cg2_group *leaf = NULL;
	struct move_target to = { .group = NULL };
	struct chase chase = { .procs = &procs, .to = &to, .is_forced = is_forced };
	int r;

	r = cg2_scope_open_leaf(scope, &leaf, err);
	if (r < 0)
		return r;
	move_target_in(scope, leaf, &to);
	r = check_all(scope, leaf, &procs, pids, n, is_forced, err);
	if (r == 0)
		r = chase_all(&chase, err);
	held_list_clear(&procs);
	move_end(&to);
	return r < 0 ? r : chase.failed;
}
