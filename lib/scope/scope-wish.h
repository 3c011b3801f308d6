/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What somebody who wants a scope says of it beside its limits: names and properties.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "property/property-group.h"
#include "scope/transient.h"
#include "systemd/bus.h"

struct scope_wish {
	char *unit; /* once it is known */
	bool is_unit_made_up;
	char *prefix;
	char *slice;
	char *description;
	struct property_list properties;
};

void scope_wish_clear(struct scope_wish *wish);

/* The public setters of the same names. -EINVAL, -ENOMEM. */
int scope_wish_set_unit(struct scope_wish *wish, const char *name,
			struct cg2_error *reterr) _must_check_;
int scope_wish_set_prefix(struct scope_wish *wish, const char *prefix,
			  struct cg2_error *reterr) _must_check_;
int scope_wish_set_slice(struct scope_wish *wish, const char *slice,
			 struct cg2_error *reterr) _must_check_;
int scope_wish_set_description(struct scope_wish *wish, const char *text,
			       struct cg2_error *reterr) _must_check_;

/*
 * Starts a scope of that wish, see scope_start(), whose limits and processes the request has. A
 * name that is made up, with a prefix of the command's name, is another one if it is in use; one
 * that was chosen is taken from a dead scope of ours.
 */
int scope_wish_start(struct scope_wish *wish, struct cg2_ctx *ctx, struct bus *bus,
		     const char *command, struct scope_request *request, uint64_t *end_usec,
		     struct cg2_error *reterr) _must_check_;
