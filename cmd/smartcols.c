/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding libsmartcols at run time. The soname is the one of the interface that smartcols.h is
 * compiled against.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "smartcols.h"

#define SONAME "libsmartcols.so.1"

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
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
	void *library = dlopen(SONAME, RTLD_LAZY | RTLD_LOCAL);

	if (!library)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			dlclose(library);
			return -ENOENT;
		}
		/* A data pointer to a function pointer: POSIX promises that it works. */
		memcpy((char *)ret_smartcols + functions[i].offset, &function,
		       sizeof(function));
	}
	return 0;
}
