/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb set.
 */
#pragma once

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

extern const struct option_table set_option_table;

int set_main(const struct invocation *inv);

/* A limit or a property that was changed, as struct cg2_change has it. */
struct set_change {
	const struct cg2_limit_info *info;
	const char *property;
	const char *file;
	char *before;
	char *after;
};

struct set_scope {
	struct cg2_scope *scope;
	struct set_change *changes;
	size_t n;
};

/*
 * What a text of the change, its before or after, says as a number: 1, 0: it is none. CG2_MAX is no
 * limit; a quota is in permyriad.
 */
int set_change_get_number(const struct set_change *change, const char *text,
			  uint64_t *ret_number);

/* "memory: no limit -> 300M" */
void set_say_change(const struct cg2_change *told);

/* Returns the exit status: status, or that of a failure. */
int set_print_json(const struct set_scope *scopes, size_t n, int status);
