/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The freezer: cgroup.freeze is a wish, cgroup.events says when it is so.
 *
 * Of ours the cgroups with the command are frozen, and the process that holds the scope is not: it
 * must be able to end the scope if its supervisor dies.
 */
#include "manage/action.h"

#include "base/cleanup.h"
#include "cgroup/group.h"
#include "systemd/call.h"
#include "value/error.h"

int group_thaw(struct cg2_group *group)
{
	uint64_t frozen;
	int r = cg2_group_read_value(group, "cgroup.freeze", &frozen, NULL);

	return r < 0 || !frozen ? r : cg2_group_write(group, "cgroup.freeze", "0", NULL);
}

/* What is gone is as it is wanted, and what cannot be read is not so yet. */
static bool is_frozen(struct cg2_group *group, bool wanted)
{
	uint64_t frozen;
	const int r = cg2_group_read_flat(group, "cgroup.events", "frozen", &frozen, NULL);

	if (r < 0)
		return is_gone(r) == wanted;
	return frozen != 0;
}

static bool await_frozen(struct await *item)
{
	for (size_t i = 0; item->parts[i]; i++)
		if (!is_frozen(item->parts[i], true))
			return false;
	return true;
}

static bool await_thawed(struct await *item)
{
	for (size_t i = 0; item->parts[i]; i++)
		if (is_frozen(item->parts[i], false))
			return false;
	return true;
}

/* The manager's own freezer: it knows of it, and refuses what would not work then. */
static int ask_manager_to_freeze(struct action *a, struct cg2_scope *scope, bool frozen,
		       struct cg2_error *reterr)
{
	struct bus *bus;
	int r;

	r = action_open_bus(a, scope, &bus, reterr);
	if (r < 0)
		return r;
	return call_unit(bus, frozen ? "FreezeUnit" : "ThawUnit", scope->name, NULL, reterr);
}

static int write_freeze(struct cg2_group *group, bool frozen, struct cg2_error *reterr)
{
	int r = frozen ? cg2_group_write(group, "cgroup.freeze", "1", reterr) : group_thaw(group);

	if (is_gone(r)) {
		cg2_error_clear(reterr);
		return 0;
	}
	return r;
}

/* A scope that was frozen from outside, by systemctl, is frozen as a whole. */
static int freeze_step(struct action *a, struct await *item, int frozen,
		       struct cg2_error *reterr)
{
	struct cg2_scope *scope = item->scope;
	int r = 0;

	if (!scope_is_own(scope) && scope->is_unit)
		return ask_manager_to_freeze(a, scope, frozen, reterr);
	for (size_t i = 0; r == 0 && item->parts[i]; i++)
		r = write_freeze(item->parts[i], frozen, reterr);
	if (r == 0 && !frozen)
		r = write_freeze(scope->group, false, NULL);
	if ((r == -EACCES || r == -EPERM) && scope_has_manager(scope)) {
		cg2_error_clear(reterr);
		return ask_manager_to_freeze(a, scope, frozen, reterr);
	}
	if (r < 0 && reterr->code == 0)
		return error_set(reterr, a->op, r, scope->path, NULL);
	return r;
}

/* The nearest cgroup above that is frozen by itself; NULL: none. */
static struct cg2_group *find_frozen_above(struct cg2_group *group)
{
	struct cg2_group *g = cg2_group_ref(group);
	uint64_t frozen;

	do {
		if (group_step_up(&g, NULL) < 0)
			g = cg2_group_unref(g);
		frozen = 0;
		if (g && cg2_group_read_value(g, "cgroup.freeze", &frozen, NULL) < 0)
			frozen = 0;
	} while (g && !frozen);
	return g;
}

static int report_not_frozen(struct action *a, struct await *item, int frozen,
		     struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *above = NULL;

	if (frozen) {
		error_setf(reterr, a->op, ETIMEDOUT, item->scope->name, NULL,
			   "timed out waiting for it to freeze");
		error_hint(reterr, "it freezes as soon as its processes leave the kernel; cgscope "
				   "thaw takes it back");
		return -ETIMEDOUT;
	}
	above = find_frozen_above(item->parts[0]);
	if (above)
		return error_setf(reterr, a->op, EBUSY, item->scope->name, NULL,
				  "it is frozen from above, by %s", above->path);
	return error_setf(reterr, a->op, ETIMEDOUT, item->scope->name, NULL,
			  "timed out waiting for it to thaw");
}

CG2_EXPORT int cg2_scopes_freeze(struct cg2_scope *const scopes[], bool frozen,
				 uint64_t timeout_usec)
{
	struct action a;
	int r;

	r = action_begin(scopes, frozen ? CG2_OP_FREEZE : CG2_OP_THAW, &a);
	if (r < 0)
		return r;
	action_each(&a, freeze_step, frozen);
	r = await_all(a.items, a.n, frozen ? await_frozen : await_thawed,
		      action_end_usec(timeout_usec));
	if (r > 0)
		action_each(&a, report_not_frozen, frozen);
	if (r >= 0)
		r = await_count_errors(a.items, a.n);
	action_end(&a);
	return r;
}
