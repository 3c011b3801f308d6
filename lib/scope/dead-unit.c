/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes of ours that failed, or that have ended without their manager having noticed. Such a
 * unit has no cgroup with our mark any more; it is known by its link to our man page.
 */
#include "scope/dead-unit.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "scope/scope.h"
#include "systemd/call.h"
#include "systemd/deadline.h"
#include "systemd/unit-list.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

/* How long a manager gets to notice that a scope is empty, and the steps in which it is asked. */
#define NOTICE_TIMEOUT_USEC (2 * USEC_PER_SEC)
#define STEP_MSEC 20

static bool has_mark(const struct unit *unit)
{
	const char *link;

	for (size_t i = 0; (link = unit_get_item(unit, "Documentation", i)); i++)
		if (strcmp(link, MARK_DOCUMENTATION) == 0)
			return true;
	return false;
}

static bool is_failed(const struct unit *unit)
{
	const char *state = unit_get_text(unit, "ActiveState");

	return state && strcmp(state, "failed") == 0;
}

static bool is_populated(struct cg2_ctx *ctx, const struct unit *unit)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	const char *path = unit_get_text(unit, "ControlGroup");

	return path && *path && cg2_group_open(ctx, path, &group, NULL) == 0 &&
	       cg2_group_is_populated(group, NULL) > 0;
}

/* One look. 1: the name is free, 0: not yet, -EEXIST: it is in use. */
static int try_clear(struct cg2_ctx *ctx, struct bus *bus, const char *name)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	int r;

	r = unit_read(bus, name, false, ANSWER_TIMEOUT_USEC, &unit, NULL);
	if (r == -ENOENT)
		return 1;
	if (r < 0)
		return r;
	if (!has_mark(unit) || is_populated(ctx, unit))
		return -EEXIST;
	if (!is_failed(unit))
		return 0;
	r = call_unit(bus, "ResetFailedUnit", name, NULL, NULL);
	return r < 0 && r != -ENOENT ? r : 1;
}

int dead_unit_clear(struct cg2_ctx *ctx, struct bus *bus, const char *name)
{
	uint64_t end_usec = end_after(NOTICE_TIMEOUT_USEC);
	int r;

	do {
		r = try_clear(ctx, bus, name);
		if (r != 0)
			return r > 0;
		poll(NULL, 0, STEP_MSEC);
	} while (now_usec() < end_usec);
	/* Empty, and its manager has missed it. */
	return call_unit(bus, "StopUnit", name, "replace", NULL) == 0 &&
	       try_clear(ctx, bus, name) > 0;
}

void dead_unit_adopt(struct cg2_scope *scope)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	struct bus bus;

	if (scope->mark.kind != MARK_NONE || !scope_has_manager(scope) ||
	    !unit_name_is_of(scope->name, ".scope") || scope->owner != geteuid() ||
	    bus_open(scope->ctx, scope->manager, &bus, NULL) < 0)
		return;
	if (unit_read(&bus, scope->name, false, ANSWER_TIMEOUT_USEC, &unit, NULL) == 0 &&
	    has_mark(unit)) {
		mark_write(scope->group, MARK_ATTACH);
		mark_read(scope->group->fd, ".", &scope->mark);
	}
	bus_close(&bus);
}

/* ---- all that failed ---- */

static int clear_one(struct bus *bus, const char *name, struct unit_names *cleared,
		     struct cg2_error *reterr)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	int r;

	/* One that has gone meanwhile is no failure. */
	if (unit_read(bus, name, false, ANSWER_TIMEOUT_USEC, &unit, NULL) < 0)
		return 0;
	if (!has_mark(unit) || !is_failed(unit))
		return 0;
	r = call_unit(bus, "ResetFailedUnit", name, NULL, reterr);
	if (r == 0 && unit_names_add(cleared, name) < 0)
		r = error_set(reterr, CG2_OP_STOP, ENOMEM, name, NULL);
	return r;
}

CG2_EXPORT int cg2_scopes_clear_failed(struct cg2_ctx *ctx, enum cg2_manager manager,
				       char ***ret_names, struct cg2_error *err)
{
	struct unit_names list = { NULL, 0 }, cleared = { NULL, 0 };
	struct bus bus;
	int r;

	r = bus_open(ctx, manager, &bus, err);
	if (r < 0)
		return r;
	cleared.names = calloc(1, sizeof(char *));
	r = cleared.names ? unit_list(&bus, "*.scope", "failed", &list, err)
			  : error_set(err, CG2_OP_STOP, ENOMEM, NULL, NULL);
	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = clear_one(&bus, list.names[i], &cleared, err);
	bus_close(&bus);
	unit_names_free(list.names);
	if (r < 0) {
		unit_names_free(cleared.names);
		return r;
	}
	*ret_names = cleared.names;
	return 0;
}
