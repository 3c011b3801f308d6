/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tables for people: aligned, as a tree where rows have parents, coloured on a terminal and never
 * wider than it, plain in a pipe. libsmartcols draws them; it is loaded when a table is printed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/macro.h"

/* --color=auto|always|never, in the order of the option's words. */
enum table_color_mode {
	TABLE_COLOR_AUTO, /* on a terminal, unless NO_COLOR is set */
	TABLE_COLOR_ALWAYS,
	TABLE_COLOR_NEVER,
};

/* The row of an option table, but for its offset: the member is an unsigned int. */
#define TABLE_COLOR_METAVAR "auto|always|never"
#define TABLE_COLOR_HELP "use colours; auto: only on a terminal"

enum table_color {
	TABLE_PLAIN,
	TABLE_GOOD,
	TABLE_WARN,
	TABLE_BAD,
	TABLE_DIM,
};

struct table_column {
	const char *name;
	bool is_right; /* numbers */
	bool is_tree;  /* shows whose child a row is; one column at most */
	bool is_trunc; /* is cut where the terminal is too narrow for all */
	bool is_name;  /* what does not fit is left out in the middle */
	/* 0: stays; else the column is left out of terminals too narrow for it, highest first. */
	unsigned int rank;
};

struct table;

/* What a row's children name as their parent. */
#define TABLE_NO_PARENT ((size_t)-1)

/* Whether colours are wanted on the standard output. */
bool table_wants_color(unsigned int mode);

/* color: what goes around a text, and what ends it; "" without colours. */
const char *table_color_start(enum table_color color, bool is_colored);
const char *table_color_end(enum table_color color, bool is_colored);

/* Whether texts of the locale are UTF-8, as its variables say it. */
bool table_is_utf8_locale(void);

/*
 * A text as it may be shown: control characters and what is no UTF-8 as \xNN. Free with free();
 * NULL: out of memory.
 */
char *table_escape(const char *text);

/*
 * A text for the standard output behind a label; on a terminal its lines end at the terminal's
 * width and go on at the column indent, as wrap_put() does it. It may have several lines; one that
 * begins with a blank is a command.
 */
void table_print_text(const char *label, const char *text, size_t indent,
		      enum table_color color, bool is_colored);

/* The columns stay the caller's. NULL: out of memory. */
struct table *table_new(const struct table_column *columns, size_t n_columns);
struct table *table_free(struct table *table);

static inline void table_freep(struct table **table)
{
	table_free(*table);
}

/* Leaves the line with the columns' names out. */
void table_hide_headings(struct table *table);

/* A row below the row parent, which was added before. Returns its number. */
size_t table_add_row(struct table *table, size_t parent);

/* The text is copied and may hold anything; one in column 0 is shown even if all are dropped. */
void table_set(struct table *table, size_t row, size_t column, enum table_color color,
	       const char *text);

/*
 * Prints it on the standard output. -ENOMEM (also if any step before ran out of memory);
 * -ENOENT: libsmartcols is missing.
 */
int table_print(struct table *table, bool is_colored) _must_check_;
