/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts on terminals of any width: a line goes on in the next one between two of its items, or two
 * words, and where there is one line only, whole items are left out.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/* Where a line may end. */
enum width_end {
	WIDTH_WORDS, /* at any blank */
	WIDTH_ITEMS, /* after a comma, or at two blanks; an item that is too wide: at any blank */
};

/* 0: that is no terminal, and as wide as it has to be. */
size_t width_of_terminal(int fd);

/* The columns that a text takes. */
size_t width_of_text(const char *text);

/*
 * How many bytes of a text go into a line of that many columns, and at least a word, however wide
 * it is: the terminal breaks it.
 */
size_t width_take(const char *text, size_t columns, enum width_end end);

/* Cuts a text so that it takes no more than that many columns, wherever that is. */
void width_cut(char *text, size_t columns);

/*
 * A text that is too wide for so many columns without its middle, where a mark is then: what its
 * start and its end have in them tells it from others, its end more so. NULL: no memory; free() it.
 */
char *width_elide(const char *text, size_t columns, const char *mark);

/* Leaves out the last items, until the others fit; what is left of one that never fits is cut. */
void width_drop_items(char *text, size_t columns);

/*
 * Writes a text that begins at a column in lines that are no wider than width (0: one line), and
 * go on at the column indent. Ends the last one.
 */
void width_put(FILE *f, const char *text, size_t column, size_t indent, size_t width,
	       enum width_end end);

/* The same for the standard output and every line of a text; what is before indent is its label. */
void width_print_lines(const char *text, size_t indent, enum width_end end);
