/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A preloaded malloc(3) that fails once: FAULT_ALLOCATION is the number of the allocation in the
 * program FAULT_PROGRAM, and not in what that executes. With a plus sign behind the number all
 * later ones fail too. FAULT_REPORT is a file that gets a line when it has failed. What libseccomp
 * asks for does not count: version 2.6 goes round in a circle without memory for a filter.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/macro.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

#define API __attribute__((visibility("default")))

static unsigned long n_allocations, failing;
static bool is_lasting;

static __attribute__((constructor)) void begin(void)
{
	const char *program = getenv("FAULT_PROGRAM"), *text = getenv("FAULT_ALLOCATION");
	char *end;

	if (!program || !text || strcmp(program, program_invocation_short_name) != 0)
		return;
	failing = strtoul(text, &end, 10);
	is_lasting = *end == '+';
	n_allocations = 0;
}

static void report(void)
{
	const char *path = getenv("FAULT_REPORT");
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	if (write(fd, "failed\n", 7) < 0)
		abort();
	close(fd);
}

static bool is_spared(const void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && strstr(info.dli_fname, "libseccomp") != NULL;
}

static bool has_to_fail(const void *caller)
{
	unsigned long n;

	if (failing == 0 || is_spared(caller))
		return false;
	n = __atomic_add_fetch(&n_allocations, 1, __ATOMIC_RELAXED);
	if (is_lasting ? n < failing : n != failing)
		return false;
	if (n == failing)
		report();
	errno = ENOMEM;
	return true;
}

API void *malloc(size_t size)
{
	return has_to_fail(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

API void *calloc(size_t n, size_t size)
{
	return has_to_fail(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

API void *realloc(void *p, size_t size)
{
	return has_to_fail(__builtin_return_address(0)) ? NULL : __libc_realloc(p, size);
}
