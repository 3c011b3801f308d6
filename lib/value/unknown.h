/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A figure that the kernel did not give. It is below CG2_MAX, which is what "max" reads as, and
 * above everything else.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define UNKNOWN (UINT64_MAX - 1)

static inline bool is_known(uint64_t value)
{
	return value != UNKNOWN;
}

/* A limit that there is and that is known. */
static inline bool is_limit(uint64_t value)
{
	return value < UNKNOWN;
}
