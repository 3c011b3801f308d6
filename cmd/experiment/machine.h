/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the whole machine does while a run goes on: others that use its CPUs make times that no
 * limit is the reason of.
 */
#pragma once

#include <stdint.h>

struct machine_use {
	uint64_t busy_usec; /* of all CPUs since the boot; CG2_MAX: unknown */
	uint64_t at_usec;
};

void machine_use_read(struct machine_use *ret);

/*
 * The share of all CPUs that others than the run used since then, in permyriad; CG2_MAX: unknown,
 * or the time is too short for the kernel's ticks.
 */
uint64_t machine_use_of_others(const struct machine_use *before, uint64_t wall_usec,
			       uint64_t cpu_usec);
