/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same limits in the words of those who apply them: options of cgscope, a unit, a container.
 */
#pragma once

#include "base/macro.h"
#include "cmd/experiment/sets.h"

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

struct limits_words {
	struct cg2_ctx *ctx;
	const struct limit_set *set;
	char *const *command; /* ended by NULL */
	const char *program;  /* the path of command[0], for those who know no PATH of the user's */
	unsigned int manager; /* enum cg2_manager: of a unit */
};

/* ret_text: whole lines, to be freed. -EINVAL, -EOPNOTSUPP: see the error; -ENOMEM. */
int limits_to_words(const struct limits_words *words, enum limits_as as, char **ret_text,
		    struct cg2_error *reterr) _must_check_;
