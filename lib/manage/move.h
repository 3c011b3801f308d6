/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving processes that run already.
 */
#pragma once

#include "process/held.h"
#include "systemd/bus.h"

/* Where processes are to go. */
struct move_target {
	struct cg2_group *group;  /* or the leaf of it that its own processes are in */
	const char *unit;	  /* NULL: it belongs to no unit of a manager that can be asked */
	enum cg2_manager manager; /* the unit's */
	const char *below;	  /* of group in the unit's cgroup, "" or "/run" */
	struct bus bus;		  /* connected when it is needed */
};

void move_end(struct move_target *to);

/*
 * Moves the process: by writing to cgroup.procs, or through the manager (AttachProcessesToUnit)
 * where that is not ours to do. 0 when it is there, or -ESRCH when it has ended.
 */
int move_process(struct move_target *to, struct held *proc, struct cg2_error *reterr)
	_must_check_;

/*
 * Whether the process can get into the scope, whose command is in the group: where the caller may
 * not write that by itself, a manager moves processes into delegated units alone. -EPERM.
 */
int move_check_way(struct cg2_scope *scope, struct cg2_group *group, const struct held *proc,
		   struct cg2_error *reterr) _must_check_;

/*
 * Moves the caller itself, or a child that it has not reaped: the number can be nobody else's.
 */
int move_own_process(struct move_target *to, pid_t pid, struct cg2_error *reterr) _must_check_;

/* The group as target, which is the scope's or below it. It stays the caller's. */
void move_target_in(struct cg2_scope *scope, struct cg2_group *group,
		    struct move_target *ret_target);

/* Whether it is in that cgroup or below. */
bool move_is_in(const struct held *proc, const struct cg2_group *group);

/*
 * Refuses what should not leave its place: the main process of a service, and what is in a scope
 * of ours, whose limits it would escape.
 */
int move_check_home(struct cg2_ctx *ctx, const struct held *proc, struct cg2_error *reterr)
	_must_check_;

/* The name of what is ours around it, a scope or a nested cgroup: free with free(); or NULL. */
char *move_find_own_unit(struct cg2_ctx *ctx, const struct held *proc);
