/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of systemd units: checking what a user gives, making one up.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * NAME or NAME.scope (suffix ".scope") into the full unit name. option: for the message.
 * ret_unit: free with free(). -EINVAL.
 */
int unit_name_complete(const char *name, const char *suffix, const char *option,
		       char **ret_unit, struct cg2_error *reterr) _must_check_;

/* What a name that is made up begins with; checked as a unit name. */
int unit_prefix_check(const char *prefix, struct cg2_error *reterr) _must_check_;

/* Whether it can be the name of a unit, instances of templates included. */
bool unit_name_is_valid(const char *name);

/* "cgscope-COMMAND" with what a unit name can't hold replaced. ret_prefix: free with free(). */
int unit_prefix_of_command(const char *file, char **ret_prefix) _must_check_;

/* "PREFIX-<8 random hex digits>.scope". ret_unit: free with free(). */
int unit_name_make_up(const char *prefix, char **ret_unit) _must_check_;

/* Whether it is such a name for a command, without the suffix. */
bool unit_name_is_made_up(const char *name);

/* Whose unit a cgroup is, as its path says. The texts are parts of the path. */
struct unit_place {
	const char *name; /* the unit's, as cgroupfs has it */
	size_t name_len;
	size_t path_len;	  /* of the unit's cgroup: the rest was made by the unit itself */
	enum cg2_manager manager; /* never AUTO */
	size_t manager_len; /* of the manager's own cgroup, 0 for the system's */
	uint64_t uid;		  /* whose manager it is; CG2_MAX for the system's */
};

/*
 * The unit that a cgroup belongs to: itself if it is a slice, else the first one below the
 * slices. False: there is none.
 */
bool unit_place_of(const char *path, struct unit_place *ret_place);

/* The name of the unit; free with free(), NULL: out of memory. */
char *unit_place_name(const struct unit_place *place);

/* ".service" of "a.service"; NULL for what is no name of a unit with a cgroup. */
const char *unit_name_type(const char *name);

/* Whether it is the name of a unit of that type, ".slice". */
bool unit_name_is_of(const char *name, const char *type);

/* Whether these len characters are the name of a unit with a cgroup. */
bool unit_name_has_cgroup(const char *name, size_t len);

/*
 * Where a manager puts a slice, below its own cgroup: "/a.slice/a-b.slice" for "a-b.slice", ""
 * for "-.slice". ret_path: free with free(). -EINVAL, -ENOMEM.
 */
int unit_slice_path(const char *slice, char **ret_path) _must_check_;

/*
 * The cgroup below which a manager's units are, "" for the system's: that of the caller's own
 * manager, as systemd names it. Free with free(), NULL: out of memory.
 */
char *unit_manager_path(enum cg2_manager manager);

/* The cgroup of a slice of that manager. ret_path: free with free(). -EINVAL, -ENOMEM. */
int unit_slice_cgroup(enum cg2_manager manager, const char *slice,
		      char **ret_path) _must_check_;
