/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that a kernel file takes and that do nothing all the same.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * Whether the limit, set on that cgroup, can have all of its effect: that depends on the disks and
 * on the cgroups above, not on what the cgroup has now. The error says why not and what would
 * change it.
 */
int limits_effect_check(const struct cg2_limits *limits, enum cg2_limit limit,
			struct cg2_group *group, struct cg2_error *reterr) _must_check_;
