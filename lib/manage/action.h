/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steps of an action on many scopes, and what these share. A scope that fails drops out, with its
 * error in it; the others go on.
 */
#pragma once

#include "manage/await.h"
#include "systemd/bus.h"

struct action {
	struct cg2_scope *const *scopes;
	struct await *items;
	size_t n;
	enum cg2_op op;      /* of the errors */
	struct bus buses[2]; /* of the system's and of the caller's own manager, once needed */
};

/* On failure there is nothing to end. */
int action_begin(struct cg2_scope *const scopes[], enum cg2_op op, struct action *ret_action)
	_must_check_;
void action_end(struct action *a);

/* arg is whatever the step wants to know. */
typedef int (*action_fn)(struct action *a, struct await *item, int arg,
			 struct cg2_error *reterr);

/* The step for each that is not done yet. */
void action_each(struct action *a, action_fn step, int arg);

/* The connection to the scope's manager, made for the first one that needs it. */
int action_open_bus(struct action *a, struct cg2_scope *scope, struct bus **ret_bus,
		    struct cg2_error *reterr) _must_check_;

/* That time from now, as await_all() wants it. */
uint64_t action_end_usec(uint64_t usec);
