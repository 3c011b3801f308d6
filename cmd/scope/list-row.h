/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows of scopes, and the table of columns that they can be shown in.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "cmd/output/table.h"
#include "libcg2.h"

#define LIST_USES (CG2_USE_FILE_BYTES + 1)

/* A scope and what was read of it. */
struct list_row {
	struct cg2_scope *scope;
	uint64_t use[LIST_USES];
	uint64_t known;	   /* bit i: use[i] was told */
	pid_t pid;	   /* of the first process, 0: none */
	char *command;	   /* its words, a NUL behind each */
	size_t command_len;
	uint64_t age_usec; /* CG2_MAX: unknown */
	const uint64_t *trend; /* memory as it was shown before and is now; NULL: once only */
	size_t n_trend;
};

struct list_column {
	const char *name; /* for -o and --sort */
	struct table_column table;
	const char *help;
	uint64_t needs; /* a bit for each enum cg2_use */
	bool needs_command;
	/* The cell, "" for nothing; free with free(). */
	char *(*text)(const struct list_row *row, bool with_bar);
	/* What it is sorted by; NULL: its text. */
	uint64_t (*key)(const struct list_row *row);
	bool is_number; /* the key is a name rather than a figure: the smallest comes first */
	enum table_color (*color)(const struct list_row *row);
};

/* The column that only what is shown again and again has. */
#define LIST_TREND "trend"

/* NULL after the last one. */
const struct list_column *list_column_get(size_t i);
/* In capitals or not, as lsblk takes them. */
const struct list_column *list_column_find(const char *name, size_t len);

/* Reads what the columns (by a mask of uses) need. */
int list_row_read(struct list_row *row, struct cg2_scope *scope, uint64_t needs,
		  bool needs_command);
void list_row_clear(struct list_row *row);

/* 1 and the figure, 0 if it is unknown. */
static inline int list_row_get(const struct list_row *row, enum cg2_use use, uint64_t *ret_value)
{
	*ret_value = row->use[use];
	return row->known >> use & 1;
}

/* "running", "frozen" or "empty". */
const char *list_row_state(const struct list_row *row);

/*
 * What is to be said of a running one: 1 and the text of mark i, "near memory", "throttled"; 0
 * after the last one there is. Not all that are tried apply: NULL.
 */
int list_row_mark(const struct list_row *row, size_t i, const char **ret_mark);

/* The command line as one line of text; free with free(). */
char *list_command_text(const char *command, size_t len);
