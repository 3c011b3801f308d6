/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of the units that a manager has in memory.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/bus.h"

/* Lists of names that grow; names is ended by NULL. */
struct unit_names {
	char **names;
	size_t n;
};

int unit_names_add(struct unit_names *list, const char *name) _must_check_;
void unit_names_free(char **names);

/* Those whose name matches the shell pattern, in that state; NULL: in any. */
int unit_list(struct bus *bus, const char *pattern, const char *state, struct unit_names *list,
	      struct cg2_error *reterr) _must_check_;
