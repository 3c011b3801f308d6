/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finding libsystemd at run time. The soname is the one of the interface that sdbus.h is
 * compiled against.
 */
#include "systemd/sdbus.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "base/dynlib.h"
#include "value/error.h"

#define SONAME "libsystemd.so.0"

struct sdbus sdbus;

#define SDBUS_ROW(name) { #name, offsetof(struct sdbus, name) },
static const struct dynlib_function functions[] = { SDBUS_FUNCTIONS(SDBUS_ROW) };
#undef SDBUS_ROW

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void *library;

static void load(void)
{
	library = dynlib_load(SONAME, functions, ARRAY_SIZE(functions), &sdbus);
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
