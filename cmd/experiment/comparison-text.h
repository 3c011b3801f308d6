/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a comparison says: a table, a row a set, and a sentence for what the table does not say
 * plainly. The terminal, Markdown and HTML show the same cells and sentences.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "cmd/experiment/comparison.h"
#include "cmd/output/table.h"

#define GRID_COLUMNS_MAX 10

/* The cells of a table; each is to be freed, and none is NULL. */
struct grid {
	struct table_column columns[GRID_COLUMNS_MAX];
	size_t n_columns;
	char *(*rows)[GRID_COLUMNS_MAX];
	enum table_color *colors; /* of each row's judgement */
	size_t n_rows;
};

/* -ENOMEM; to be cleared in any case. */
int grid_make(const struct comparison *c, const struct judgement *j, struct grid *ret) _must_check_;
void grid_clear(struct grid *grid);

/* "10 rounds of 4 sets in random order (--seed 7f3a2c91), 1 warm-up"; to be freed, or NULL. */
char *comparison_headline(const struct comparison *c);

/* The sentences, a line each; to be freed, NULL: no memory. */
char *comparison_sentences(const struct comparison *c, const struct judgement *j);

/* All of it on the standard output. -errno: it was told. */
int comparison_print(const struct comparison *c, const struct judgement *j, bool is_colored);

/* ret_text: to be freed. -ENOMEM. */
int comparison_to_markdown(const struct comparison *c, const struct judgement *j, char **ret_text);
int comparison_to_csv(const struct comparison *c, char **ret_text);

/* A ratio with two decimals: "1.08". */
#define RATIO_TEXT_MAX 32
void ratio_to_text(double ratio, char *buf);
