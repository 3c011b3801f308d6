/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dlopen(3) and a table of names.
 */
#include "base/dynlib.h"

#include <dlfcn.h>
#include <string.h>

void *dynlib_load(const char *soname, const struct dynlib_function *functions, size_t n,
		  void *ret_functions)
{
	void *library = dlopen(soname, RTLD_LAZY | RTLD_LOCAL);

	for (size_t i = 0; library && i < n; i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function) {
			dlclose(library);
			return NULL;
		}
		/* A data pointer to a function pointer: POSIX promises that it works. */
		memcpy((char *)ret_functions + functions[i].offset, &function, sizeof(function));
	}
	return library;
}
