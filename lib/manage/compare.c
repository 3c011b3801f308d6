/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a manager was told of a unit's limits beside what the kernel has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "scope/scope.h"
#include "systemd/bus.h"
#include "systemd/deadline.h"
#include "systemd/unit.h"
#include "value/error.h"

/* "max" in a cgroup without the controller is what it has. */
static bool is_same(struct cg2_limits *limits, enum cg2_limit limit, uint64_t told,
		    struct cg2_group *group)
{
	int r = limits_verify(limits, limit, &allowance_none, group, NULL);

	return r == 0 || (r == -EOPNOTSUPP && (told == CG2_MAX || told == 0));
}

CG2_EXPORT int cg2_scope_compare(struct cg2_scope *scope, cg2_change_fn fn, void *userdata,
				 struct cg2_error *err)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(unit_freep) struct unit *unit = NULL;
	struct bus bus;
	int r, count = 0;

	if (!scope_has_manager(scope))
		return 0;
	r = cg2_scope_open_group(scope, &group, err);
	if (r == 0)
		r = bus_open(scope->ctx, scope->manager, &bus, err);
	if (r < 0)
		return r;
	r = unit_read(&bus, scope->name, false, ANSWER_TIMEOUT_USEC, &unit, err);
	bus_close(&bus);
	for (unsigned int i = 0; r == 0 && i < N_LIMITS; i++) {
		_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
		_cleanup_free_ char *told = NULL, *have = NULL;
		struct cg2_change change;
		uint64_t value;
		size_t len;

		if (limit_read_told(unit, (enum cg2_limit)i, &value) <= 0 ||
		    cg2_limits_new(scope->ctx, &limits) < 0 ||
		    cg2_limits_set(limits, (enum cg2_limit)i, value) < 0 ||
		    is_same(limits, (enum cg2_limit)i, value, group) ||
		    cg2_limits_to_string(limits, (enum cg2_limit)i, &told) <= 0)
			continue;
		if (cg2_group_read(group, limit_row(i)->info.file, &have, &len, NULL) == 0)
			have[strcspn(have, "\n")] = '\0';
		change = limit_change(i);
		change.before = told;
		change.after = have ? have : "";
		fn(userdata, &change);
		count++;
	}
	return r < 0 ? r : count;
}
