/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Libraries that are loaded when they are needed: most runs use none, and should not pay for
 * mapping and relocating them.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"

/* A function, and where the pointer to it goes in the caller's struct of such pointers. */
struct dynlib_function {
	const char *name;
	size_t offset;
};

/*
 * Loads the library for the rest of the process and fills ret_functions. NULL: it is not there, or
 * not all of it; else its handle for dlsym(3).
 */
void *dynlib_load(const char *soname, const struct dynlib_function *functions, size_t n,
		  void *ret_functions) _must_check_;
