/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libsmartcols, loaded when it is needed, as json-c is.
 */
#pragma once

#include <libsmartcols.h>

#include "base/macro.h"

/* The functions of libsmartcols that cgscope uses, typed by its header. */
struct smartcols {
	__typeof__(scols_new_table) *new_table;
	__typeof__(scols_unref_table) *unref_table;
	__typeof__(scols_table_new_column) *new_column;
	__typeof__(scols_table_new_line) *new_line;
	__typeof__(scols_table_enable_colors) *enable_colors;
	__typeof__(scols_table_enable_noencoding) *enable_noencoding;
	__typeof__(scols_table_enable_ascii) *enable_ascii;
	__typeof__(scols_table_enable_noheadings) *enable_noheadings;
	__typeof__(scols_table_set_termforce) *set_termforce;
	__typeof__(scols_table_set_termwidth) *set_termwidth;
	__typeof__(scols_line_set_data) *set_data;
	__typeof__(scols_line_get_cell) *get_cell;
	__typeof__(scols_cell_set_color) *set_color;
	__typeof__(scols_print_table) *print;
};

/* Loads it for the rest of the process. -ENOENT: it is not there, or not all of it. */
int smartcols_load(struct smartcols *ret_smartcols) _must_check_;
