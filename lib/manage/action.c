/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the actions on many scopes share.
 */
#include "manage/action.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "value/error.h"

int action_begin(struct cg2_scope *const scopes[], enum cg2_op op, struct action *ret_action)
{
	*ret_action = (struct action){ .scopes = scopes, .op = op };
	return await_new(scopes, &ret_action->items, &ret_action->n);
}

void action_end(struct action *a)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->buses); i++)
		if (a->buses[i].bus)
			bus_close(&a->buses[i]);
	await_free(a->items, a->n);
}

void action_each(struct action *a, action_fn step, int arg)
{
	for (size_t i = 0; i < a->n; i++) {
		struct await *item = &a->items[i];
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

		if (!item->is_done && step(a, item, arg, &err) < 0)
			await_fail(item, &err);
	}
}

int action_open_bus(struct action *a, struct cg2_scope *scope, struct bus **ret_bus,
		    struct cg2_error *reterr)
{
	struct bus *bus = &a->buses[scope->manager == CG2_MANAGER_USER];
	int r = 0;

	if (!scope_has_manager(scope))
		return error_setf(reterr, a->op, EPERM, scope->name, NULL, "%s",
				  scope->is_unit ? "it is a unit of another user's manager"
						 : "it is no unit, and not yours");
	if (!bus->bus)
		r = bus_open(scope->ctx, scope->manager, bus, reterr);
	*ret_bus = bus;
	return r;
}

uint64_t action_end_usec(uint64_t usec)
{
	uint64_t now = now_usec();

	return usec > CG2_MAX - now ? CG2_MAX : now + usec;
}
