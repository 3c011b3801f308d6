/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties as somebody gives them, several to a scope, and as the scope's cgroup shows them.
 */
#pragma once

#include "libcg2.h"
#include "property/property.h"

struct property_list {
	struct property **list;
	size_t n;
};

/* -EINVAL, -ERANGE, -ENOMEM: see property_parse(). */
int property_list_add(struct property_list *properties, const char *assignment,
		      struct cg2_error *reterr) _must_check_;
void property_list_clear(struct property_list *properties);

/* Which controllers their files need, as a mask. */
uint64_t property_list_controllers(const struct property_list *properties);

/* Writes it where no manager does. A file that is missing is explained when it is read. */
int property_write(const struct property *property, struct cg2_group *group,
		   struct cg2_error *reterr) _must_check_;

/* Reads it back: 0 too if no file shows it. -EBADE: it is not so. */
int property_verify(const struct property *property, struct cg2_group *group,
		    struct cg2_error *reterr) _must_check_;

/* Refuses what that manager would take without a word and not do: -EOPNOTSUPP. */
int property_check_privileged(const struct property *property, enum cg2_manager manager,
			      struct cg2_error *reterr) _must_check_;
