/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Taking limits off: "no limit" for each that a scope has.
 */
#pragma once

#include "limit/limit.h"

/*
 * Adds to the limits, for each that the cgroup has and that they do not name, that there is none:
 * memory, swap, tasks, CPU time, CPUs, memory nodes and I/O. Weights, protections and what an OOM
 * kill takes limit nothing and stay. -ENOMEM.
 */
int lift_limits(struct cg2_limits *limits, struct cg2_group *group,
		struct cg2_error *reterr) _must_check_;
