/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A verb, how it was called, and what is the same for all of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

#define VERB_OPERANDS_MAX 2

struct verb {
	const char *name;     /* NULL: the end of the table */
	const char *synopsis; /* what follows the name */
	const char *summary;  /* one line, no full stop */
	const struct option_table *options;
	/* What a shell offers for the words that are no options, in their order. The last one may
	 * be given again if the synopsis has "...". */
	enum option_complete operands[VERB_OPERANDS_MAX];
	bool is_run; /* ends as its command does: 125 before that, and the output is not ours */
	int (*fn)(const struct invocation *inv);
};

/* How a verb was called. */
struct invocation {
	const struct verb *verbs; /* all there are, the default one first */
	const struct verb *verb;
	bool named;  /* false: a run without the word "run" */
	char **argv; /* what follows the name, ended by NULL; then of that what is no option */
	size_t argc;
	struct cg2_ctx *ctx; /* tells warnings on stderr */
	void *options;	     /* what the verb's table says */
};

/* NULL: no such verb. */
const struct verb *verb_find(const struct verb *verbs, const char *name);

/*
 * The verb of this version whose name is near to a word that turned out to be no program,
 * NULL if none is.
 */
const char *verb_nearest(const struct verb *verbs, const char *word);

/* Parses the command line, which inv has, and calls the verb. Returns the exit status. */
int verb_call(struct invocation *inv);

/* What is wrong with the command line beyond what its parser knows. Returns the exit status. */
int verb_usage(const struct invocation *inv, const char *format, ...) _printf_(2, 3);

/* The same for a word that the library did not take. */
int verb_usage_error(const struct invocation *inv, const struct cg2_error *err);

/* Tells of a failure. Return STATUS_FAILED. */
int verb_failed(const struct cg2_error *err);
int verb_out_of_memory(void);

/* What the context tells: with -v what is done, too. */
void verb_set_log(const struct invocation *inv, enum cg2_log_level level);

/*
 * The path, from the root on, of what a shell would run for the word: a service has no PATH of the
 * user's. free() it; NULL: not found, or no memory.
 */
char *verb_find_program(const char *word);

/* As many descriptors as there may be: a verb holds some for each scope or process it acts on. */
void verb_raise_descriptors(void);
