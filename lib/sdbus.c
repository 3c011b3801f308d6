/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding libsystemd at run time. The soname is the one of the interface that sdbus.h is
 * compiled against.
 */
#include "sdbus.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "error.h"

#define SONAME "libsystemd.so.0"

#define SDBUS_DEFINE(name) __typeof__(name) *sym_##name;
SDBUS_FUNCTIONS(SDBUS_DEFINE)
#undef SDBUS_DEFINE

#define SDBUS_ROW(name) { #name, &sym_##name },
static const struct {
	const char *name;
	void *pointer; /* to the pointer to the function */
} functions[] = { SDBUS_FUNCTIONS(SDBUS_ROW) };
#undef SDBUS_ROW

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;

/* Never unloaded: other threads may use it. */
static void load(void)
{
	void *handle = dlopen(SONAME, RTLD_LAZY | RTLD_LOCAL);

	for (size_t i = 0; handle && i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(handle, functions[i].name);

		if (!function)
			return;
		/* A data pointer to a function pointer: POSIX promises that it works. */
		memcpy(functions[i].pointer, &function, sizeof(function));
	}
	library = handle;
}

int sdbus_load(struct cg2_error *reterr)
{
	int r;

	pthread_once(&once, load);
	if (library)
		return 0;
	r = error_setf(reterr, CG2_OP_CONNECT, ENOENT, SONAME, NULL,
		       "this library is missing, or older than systemd 246");
	error_hint(reterr, "install libsystemd (Debian: apt install libsystemd0)");
	return r;
}

bool sdbus_has(const char *symbol)
{
	return library && dlsym(library, symbol) != NULL;
}
