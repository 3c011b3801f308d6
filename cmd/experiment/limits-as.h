/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same limits in the words of those who apply them: options of cgscope, a unit, a container.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/* In the order of the option's words. */
enum limits_as {
	LIMITS_AS_FLAGS,
	LIMITS_AS_DROPIN,
	LIMITS_AS_UNIT,
	LIMITS_AS_DOCKER,
	LIMITS_AS_PODMAN,
	LIMITS_AS_KUBERNETES,
	LIMITS_AS_SYSTEMD_RUN,
	LIMITS_AS_SLURM,
};
#define LIMITS_AS_METAVAR "flags|dropin|unit|docker|podman|kubernetes|systemd-run|slurm"

/* What there is to be said; CG2_MAX: no such limit. */
struct limits_words {
	uint64_t memory_bytes; /* and no swap */
	uint64_t tasks;
	uint64_t cpu_permyriad;
	char *const *command; /* ended by NULL */
};

/* ret_text: whole lines, to be freed. -ENOMEM. */
int limits_to_words(const struct limits_words *limits, enum limits_as as,
		    char **ret_text) _must_check_;
