/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a scope that was found: what the files that act on scopes share.
 */
#pragma once

#include "base/macro.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "libcg2.h"
#include "property/property-group.h"

struct cg2_scope {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	char *path;               /* the cgroup's */
	char *name;               /* the unit's, or that of a cgroup which is none */
	bool is_unit;
	uint64_t owner;           /* the uid that the cgroup belongs to */
	enum cg2_manager manager; /* whose unit it is, or is below */
	uint64_t manager_uid;     /* CG2_MAX for the system's */
	struct mark mark;
	struct cg2_scope *parent; /* the nearest one above that was found too; a reference */
	struct cg2_group *group;  /* opened when it is needed */
	struct cg2_error error;   /* of the last action on many */
	struct property_list properties; /* what cg2_scope_set() is to change beside limits */
	bool is_lifted;           /* it is to take all other limits off */
};

/* NULL: out of memory. path is that of a cgroup as in /proc/PID/cgroup. */
struct cg2_scope *scope_new(struct cg2_ctx *ctx, const char *path);

/* Whether the library made it for this user. */
bool scope_is_own(const struct cg2_scope *scope);

/* Whether it is, or is below, a unit of that manager: the caller's own, the system's, or any. */
bool scope_is_of(const struct cg2_scope *scope, enum cg2_manager manager);

/* Whether the unit is one that the caller's own manager or PID 1 can be asked about. */
bool scope_has_manager(const struct cg2_scope *scope);

/*
 * Where the processes of its command are: all child cgroups but "hold" if the command has one of
 * its own, else the scope itself. ret_parts is ended by NULL: parts_free(). -ENOENT: it is gone.
 */
int scope_open_parts(struct cg2_scope *scope, struct cg2_group ***ret_parts,
		     struct cg2_error *reterr) _must_check_;

/* The cgroups right below, but one; NULL for none. free by parts_free(). */
int group_open_children(struct cg2_group *group, const char *but,
			struct cg2_group ***ret_children) _must_check_;
struct cg2_group **parts_free(struct cg2_group **parts);

static inline void parts_freep(struct cg2_group ***parts)
{
	parts_free(*parts);
}
