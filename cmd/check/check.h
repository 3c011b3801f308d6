/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb check: what limits a target, as a table for people or as JSON for scripts.
 */
#pragma once

#include <stdbool.h>

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

/* Less than a tenth left of a limit is what --worst shows, and what is shown in red. */
#define CHECK_WORST_PERMYRIAD 1000

struct check_options {
	struct cg2_limits *limits; /* that are asked for */
	unsigned int manager;	   /* enum cg2_manager */
	const char *uid;	   /* here and below NULL: not given */
	const char *target;
	bool worst;
	bool json;
	unsigned int color; /* enum table_color_mode */
};

extern const struct option_table check_option_table;
int check_main(const struct invocation *inv);

/* The one finding on a unit that has no cgroup. */
struct check_failed {
	struct cg2_finding finding; /* of the texts below */
	char *text;
	char *fix;
};

/* check-failed.c: false: the target is none that has failed, or nobody knows why. */
bool check_explain_failed(struct cg2_ctx *ctx, const struct check_options *opts,
			  struct check_failed *failed);
void check_failed_clear(struct check_failed *failed);

void check_print_finding(const struct cg2_finding *finding, bool is_colored);
int check_print_failed_json(const struct cg2_finding *finding, const char *target, int status);

/* check-text.c, check-json.c: print it and return the exit status. */
int check_print_text(struct cg2_check *check, bool is_colored);
int check_print_json(struct cg2_check *check, const char *target, int status);
int check_print_worst_text(struct cg2_worst *worst, bool is_colored);
int check_print_worst_json(struct cg2_worst *worst, int status);
