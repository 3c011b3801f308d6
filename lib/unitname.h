/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of systemd units: checking what a user gives, making one up.
 */
#pragma once

#include "libcg2.h"
#include "base/macro.h"

/*
 * NAME or NAME.scope (suffix ".scope") into the full unit name. option: for the message.
 * ret_unit: free with free(). -EINVAL.
 */
int unit_name_complete(const char *name, const char *suffix, const char *option,
		       char **ret_unit, struct cg2_error *reterr) _must_check_;

/* What a name that is made up begins with; checked as a unit name. */
int unit_prefix_check(const char *prefix, struct cg2_error *reterr) _must_check_;

/* "cgscope-COMMAND" with what a unit name can't hold replaced. ret_prefix: free with free(). */
int unit_prefix_of_command(const char *file, char **ret_prefix) _must_check_;

/* "PREFIX-<8 random hex digits>.scope". ret_unit: free with free(). */
int unit_name_make_up(const char *prefix, char **ret_unit) _must_check_;
