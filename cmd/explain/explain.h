/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb explain: why a unit or a process ended, or did not start.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

struct explain_options {
	unsigned int manager; /* enum cg2_manager */
	const char *since;    /* here and below NULL: not given */
	const char *until;
	const char *lives;
	const char *invocation;
	const char *lines;
	bool environment;
	bool start;
	bool verbose;
	bool json;
	unsigned int color; /* enum table_color_mode */
	size_t n_lines;	    /* what the words mean */
	size_t n_before;    /* starts to compare with */
};

extern const struct option_table explain_option_table;
int explain_main(const struct invocation *inv);

/* explain-text.c, explain-json.c: one target; STATUS_OK or a message and STATUS_FAILED. */
int explain_print_text(struct cg2_explanation *explanation, const struct explain_options *opts,
		       bool is_colored);
/* The same with --start: where its time went. */
int explain_print_start(struct cg2_explanation *explanation, const struct explain_options *opts,
			bool is_colored);
int explain_print_json(struct cg2_explanation *explanation, const struct explain_options *opts);

/* What --env adds to the text. */
void explain_print_environment(struct cg2_explanation *explanation,
			       const struct explain_options *opts);

/* Parts of the text: a time, "yours" or "system", a line with its label, the newest cause. */
void explain_put_time(FILE *f, uint64_t usec);
const char *explain_whose(const struct cg2_explained *about);
void explain_print_labelled(const char *label, const char *text);
void explain_print_cause(struct cg2_explanation *explanation);
void explain_print_unread(struct cg2_explanation *explanation);
