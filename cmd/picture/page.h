/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A picture as a page by itself: the same SVG, sentences, and figures in tables. Nothing is loaded,
 * and nothing runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

void page_begin(FILE *f, const char *title);

/* A paragraph a line of the text. */
void page_put_lines(FILE *f, const char *text);

/* A table; one that is long is folded. Cells may be any bytes. */
void page_table_begin(FILE *f, const char *caption, bool is_folded);
void page_table_row_begin(FILE *f);
void page_table_cell(FILE *f, const char *text, bool is_heading, bool is_right);
void page_table_row_end(FILE *f);
void page_table_end(FILE *f, bool is_folded);

void page_end(FILE *f);
