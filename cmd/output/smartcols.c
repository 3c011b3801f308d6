/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding libsmartcols at run time. The soname is the one of the interface that smartcols.h is
 * compiled against.
 */
#include <errno.h>

#include "base/dynlib.h"
#include "cmd/output/smartcols.h"

#define SONAME "libsmartcols.so.1"

static const struct dynlib_function functions[] = {
	{ "scols_new_table", offsetof(struct smartcols, new_table) },
	{ "scols_unref_table", offsetof(struct smartcols, unref_table) },
	{ "scols_table_new_column", offsetof(struct smartcols, new_column) },
	{ "scols_table_new_line", offsetof(struct smartcols, new_line) },
	{ "scols_table_enable_colors", offsetof(struct smartcols, enable_colors) },
	{ "scols_table_enable_noencoding", offsetof(struct smartcols, enable_noencoding) },
	{ "scols_table_enable_ascii", offsetof(struct smartcols, enable_ascii) },
	{ "scols_table_enable_noheadings", offsetof(struct smartcols, enable_noheadings) },
	{ "scols_table_set_termforce", offsetof(struct smartcols, set_termforce) },
	{ "scols_table_set_termwidth", offsetof(struct smartcols, set_termwidth) },
	{ "scols_line_set_data", offsetof(struct smartcols, set_data) },
	{ "scols_line_get_cell", offsetof(struct smartcols, get_cell) },
	{ "scols_cell_set_color", offsetof(struct smartcols, set_color) },
	{ "scols_print_table", offsetof(struct smartcols, print) },
};

int smartcols_load(struct smartcols *ret_smartcols)
{
	return dynlib_load(SONAME, functions, ARRAY_SIZE(functions), ret_smartcols) ? 0 : -ENOENT;
}
