/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The period that a limit of the CPU time is a share of (CPUQuotaPeriodSec=). A manager knows of
 * that of its unit alone; the command's cgroup below it is to have the same.
 */
#pragma once

#include "limit/limit.h"
#include "property/property-group.h"

/*
 * The period of a new limit: what the properties say, else the one that the cgroup has, which stays
 * as it is. Nothing where the limits have none of the CPU time.
 */
void period_take(struct cg2_limits *limits, const struct property_list *properties,
		 struct cg2_group *group);

/* The limit that the cgroup has, if any, with another period; CG2_MAX: the kernel's own. */
int period_write(struct cg2_group *group, uint64_t period_usec,
		 struct cg2_error *reterr) _must_check_;
