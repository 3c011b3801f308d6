/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds: when one is crossed. Pure functions; what is held against them is read by watch.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * What a caller gave, who may know only the first of its members: the window of pressure is the
 * default then. -EINVAL, -E2BIG: no words are for it.
 */
int threshold_take(const struct cg2_threshold *threshold, struct cg2_threshold *ret) _must_check_;

/* What the use is compared with: of a share, that of the limit. */
uint64_t threshold_point(const struct cg2_threshold *threshold, uint64_t limit);

/*
 * Whether the value crosses the point upwards now. One that is over it and falls just below, and
 * comes back, does not cross again: it has to fall by a tenth. *is_over is kept from call to call.
 */
bool threshold_step(bool *is_over, uint64_t point, uint64_t value);

/* How long tasks have to stall within the window. */
uint64_t threshold_stall_usec(const struct cg2_threshold *threshold);

/* The text of the resource, "memory". */
const char *pressure_to_string(unsigned int pressure);
