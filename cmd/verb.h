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

struct verb {
	const char *name;     /* NULL: the end of the table */
	const char *synopsis; /* what follows the name */
	const char *summary;  /* one line, no full stop */
	const struct option_table *options;
	enum option_complete operands; /* what a shell offers for the words that are no options */
	int usage_status;			 /* of a usage error */
	int (*fn)(const struct invocation *inv); /* NULL: not in this version */
};

/* How a verb was called. */
struct invocation {
	const struct verb *verbs; /* all there are, the default one first */
	const struct verb *verb;
	bool named;  /* false: a run without the word "run" */
	char **argv; /* what follows the name, ended by NULL; the verb may reorder it */
};

/* NULL: no such verb. */
const struct verb *verb_find(const struct verb *verbs, const char *name);

/*
 * The verb of this version whose name is near to a word that turned out to be no program,
 * NULL if none is.
 */
const char *verb_nearest(const struct verb *verbs, const char *word);

/* Prints what a result other than OPTIONS_PARSED asks for. Returns the exit status. */
int verb_answer(const struct invocation *inv, enum option_result result,
		const char *error);

/* A context that tells on stderr what is done, if that is wanted. A failure is printed. */
int verb_open_ctx(bool is_verbose, struct cg2_ctx **ret_ctx);

/* As many descriptors as there may be: a verb holds some for each scope or process it acts on. */
void verb_raise_descriptors(void);
