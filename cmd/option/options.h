/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Options: one declaration each. The parser, the help, the completions and the man page
 * are made from it, so nothing about an option is written down a second time. The limits
 * are not even declared here: their rows come from the library's own table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/macro.h"
#include "libcg2.h"

/* What becomes of an option's word, and the type of the member at its offset. */
enum option_kind {
	OPTION_FLAG,	 /* bool: becomes true */
	OPTION_WATCH,	 /* uint64_t: microseconds, of "=DURATION" or else a second */
	OPTION_PICK,	 /* unsigned int: becomes the row's value */
	OPTION_CHOICE,	 /* unsigned int: which one of the metavar's words it is */
	OPTION_STRING,	 /* const char *: the word itself */
	OPTION_LIST,	 /* struct option_list: the word is added */
	OPTION_DURATION, /* uint64_t: microseconds */
	OPTION_SIGNAL,	 /* int */
	OPTION_LABELS,	 /* struct option_list: the word, KEY=VALUE, is added */
	OPTION_THRESHOLDS, /* struct option_list: the word, a threshold, is added */
	OPTION_VERDICTS, /* unsigned int: a bit for each enum cg2_verdict in the list */
	OPTION_LIMIT,	 /* struct cg2_limits *: the row's value says which limit */
	OPTION_WORD,	 /* struct option_words: the word and the row's value are added */
	OPTION_MARK,	 /* struct option_words: the row's value is added */
	OPTION_HELP,	 /* ends the parsing */
	OPTION_VERSION,	 /* ends the parsing */
};

/* What a shell can offer for an option's word, beside the words in its metavar. */
enum option_complete {
	OPTION_COMPLETE_NONE,
	OPTION_COMPLETE_SIZE,	  /* a unit after the digits */
	OPTION_COMPLETE_DURATION, /* a unit after the digits */
	OPTION_COMPLETE_PERCENT,  /* a percent sign after the digits */
	OPTION_COMPLETE_SIGNAL,
	OPTION_COMPLETE_FILE,
	OPTION_COMPLETE_SLICE,
	OPTION_COMPLETE_VERDICT, /* names separated by commas */
	OPTION_COMPLETE_EVENT,	 /* a kind of event */
	OPTION_COMPLETE_KIND,	 /* kinds of events, separated by commas */
	OPTION_COMPLETE_CALL,	 /* kinds of calls, separated by commas */
	OPTION_COMPLETE_THRESHOLD, /* what is before its value: "pressure:io:some:" */
	OPTION_COMPLETE_SCOPE,	 /* scopes that cgscope made */
	OPTION_COMPLETE_PID,	/* processes of the caller; of anyone for root */
	OPTION_COMPLETE_USER,
	OPTION_COMPLETE_VERB,
	OPTION_COMPLETE_COLUMN, /* names of what list shows, separated by commas */
	OPTION_COMPLETE_ORDER,	/* one of them, or with a minus before it */
};
#define OPTION_COMPLETE_COUNT (OPTION_COMPLETE_ORDER + 1)

/* The headings of help and man page, in their order. */
enum option_group {
	OPTION_GROUP_LIMITS,
	OPTION_GROUP_SCOPE,
	OPTION_GROUP_UNIT,
	OPTION_GROUP_COMMAND,
	OPTION_GROUP_EXPERIMENT,
	OPTION_GROUP_TRACE,
	OPTION_GROUP_RECORD,
	OPTION_GROUP_TARGET,
	OPTION_GROUP_EVENTS,
	OPTION_GROUP_GENERAL,
};
#define OPTION_GROUP_COUNT (OPTION_GROUP_GENERAL + 1)

#define OPTION_NAMES_MAX 3

struct option {
	char short_name;		     /* 0: none */
	const char *names[OPTION_NAMES_MAX]; /* the first one stands for the option */
	const char *metavar;		     /* NULL: takes no word */
	const char *help;		     /* one line, no full stop */
	bool rare;			     /* left out of the short help */
	enum option_kind kind;
	enum option_complete complete;
	enum option_group group;
	size_t offset;	    /* of its member in what the options are parsed into */
	unsigned int value; /* see enum option_kind */
};

/* Options that must not be given together. */
struct option_conflict {
	const char *a;
	const char *b;
	const char *why; /* completes "'--a' and '--b' exclude each other: " */
};

/* An option that means nothing without another one. */
struct option_need {
	const char *name;
	const char *needed;
};

/* An option of other verbs, which people try here too. */
struct option_foreign {
	const char *name;
	const char *why; /* completes "'--name' is not an option of VERB: " */
};

/* The options of a verb. Each verb has --help and --version on top of what is here. */
struct option_table {
	/* One whose options this one has too, and what it is parsed into begins with. */
	const struct option_table *base;
	const char *const *left_out; /* names of those that it has not, ended by NULL */
	size_t size;	      /* of what they are parsed into */
	const void *defaults; /* that, before anything is parsed */
	const struct option *rows;
	size_t n_rows;
	const struct option_conflict *conflicts;
	size_t n_conflicts;
	const struct option_need *needs;
	size_t n_needs;
	const struct option_foreign *foreign;
	size_t n_foreign;
	bool limits;	      /* the library's limits are options too */
	bool limits_as_words; /* which are kept as words, to be read later: OPTION_WORD */
	size_t limits_offset; /* of the struct cg2_limits * they are set in, or those words */
	unsigned int limits_left_out; /* a bit for each enum cg2_limit that is none of its */
	bool operands_last;   /* options end at the first word that is none */
};

/* Arrays of a table. */
#define OPTION_ROWS(array) .rows = (array), .n_rows = ARRAY_SIZE(array)
#define OPTION_CONFLICTS(array) .conflicts = (array), .n_conflicts = ARRAY_SIZE(array)
#define OPTION_NEEDS(array) .needs = (array), .n_needs = ARRAY_SIZE(array)
#define OPTION_FOREIGN(array) .foreign = (array), .n_foreign = ARRAY_SIZE(array)

/* What a table's options are parsed into, and how that begins. */
#define OPTION_DEFAULTS(type, ...) \
	.size = sizeof(type), .defaults = &(const type){ __VA_ARGS__ }

/* The words of an option that may be given more than once. */
struct option_list {
	const char **words;
	size_t n_words;
};

/* Words of several options in the order in which they were given. */
struct option_words {
	struct option_word {
		unsigned int value; /* of the option's row */
		const char *name;   /* the option's long name */
		const char *word;   /* NULL for OPTION_MARK */
	} *words;
	size_t n_words;
};

/* All options of a verb in one array: the limits, its own, those of every verb. */
#define OPTION_SET_MAX 64
struct option_set {
	struct option rows[OPTION_SET_MAX];
	size_t n_rows;
};

void option_set_init(struct option_set *set, const struct option_table *table);

/*
 * What options are parsed into: the defaults, with an empty set of limits if the table has limits.
 * -ENOMEM.
 */
int options_init(const struct option_table *table, struct cg2_ctx *ctx, void *dest) _must_check_;
void options_clear(const struct option_table *table, void *dest);

/* Whether any limit was given. */
bool options_have_limits(struct cg2_limits *limits);

/* NULL: no such option. */
const struct option *option_set_find_short(const struct option_set *set, char name);
const struct option *option_set_find_long(const struct option_set *set, const char *name,
					  size_t len);

/* What a mistyped or abbreviated name was most likely meant to be, NULL if unclear. */
const char *option_set_nearest(const struct option_set *set, const char *name);

/*
 * The words that a metavar lists: "leave|kill|wait" has three, "N|idle" has one, SIZE
 * none, since a word in capitals stands for something else. index counts them from 0.
 * Returns their length and where they begin, 0 after the last one.
 */
size_t option_metavar_word(const char *metavar, size_t index, const char **ret_word);

const char *option_group_to_string(enum option_group group);

/* "size"; and what may follow the digits, ended by NULL. */
const char *option_complete_to_string(enum option_complete complete);
const char *const *option_complete_suffixes(enum option_complete complete);

/*
 * "oom, oomd or tasks": the verdicts whose bits are set. Free with free(); NULL: out of
 * memory.
 */
char *option_verdicts_to_string(unsigned int verdicts);

/* Writes "-m, --mem, --memory SIZE"; one long name only if brief. */
void option_print_usage(FILE *f, const struct option *option, bool brief);

enum option_result {
	OPTIONS_PARSED,
	OPTIONS_HELP,	 /* --help came before anything that is wrong */
	OPTIONS_VERSION, /* the same for --version */
	OPTIONS_WRONG,	 /* the error says what */
};

/*
 * Parses argv, which starts after the verb and ends with NULL, into dest, and moves the
 * words that are no options to its front. ret_operands counts them. ret_error, set for
 * OPTIONS_WRONG only, is one line for the user, NULL when memory ran out: free with
 * free().
 */
enum option_result options_parse(const struct option_table *table, const char *verb,
				 void *dest, char **argv, size_t *ret_operands,
				 char **ret_error) _must_check_;
