/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a target: what a user named, resolved to a cgroup.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct cg2_target {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	struct cg2_group *group;
	char *name;		  /* as it was asked for; "" for the caller */
	char *unit;		  /* that the cgroup is, or is in; NULL: none */
	enum cg2_manager manager; /* the unit's */
	uint64_t uid;		  /* whose manager that is; CG2_MAX for the system's */
	pid_t pid;		  /* 0: the target is no process */
};
