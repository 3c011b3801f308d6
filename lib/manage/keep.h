/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a change does not name keeps its value. A manager that is told of one limit writes the
 * others of that controller too, as it knows them: memory.oom.group, which it has no property of
 * for a running unit, goes back to 0, and so does what somebody wrote by hand.
 */
#pragma once

#include "limit/limit.h"
#include "property/property-group.h"

/* The files of limits as they were; NULL: not kept. */
struct kept {
	char *text[N_LIMITS];
};

/* Notes the files of all limits that neither the limits nor the properties name. */
void keep_read(struct kept *kept, struct cg2_group *group, const struct cg2_limits *limits,
	       const struct property_list *properties);

/* Writes back those that have changed since. */
int keep_restore(const struct kept *kept, struct cg2_group *group,
		 struct cg2_error *reterr) _must_check_;

void keep_clear(struct kept *kept);
