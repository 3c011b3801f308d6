/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits in words, and how they are raised.
 */
#include "verdict/limit-words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/macro.h"
#include "libcg2.h"
#include "value/unknown.h"

#define PID_MAX_LIMIT 4194304

/* ---- names and amounts ---- */

bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), n_end = strlen(end);

	return n > n_end && strcmp(text + n - n_end, end) == 0;
}

const char *last_part_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool is_unit_name(const char *name)
{
	static const char *const types[] = { ".slice",	".scope", ".service",
					     ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (ends_with(name, types[i]))
			return true;
	return false;
}

void put_cgroup_name(FILE *f, const char *path)
{
	put_escaped(f, is_unit_name(last_part_of(path)) ? last_part_of(path) : path, SIZE_MAX);
}

bool is_size_file(const char *file)
{
	return strncmp(file, "memory.", 7) == 0;
}

void put_amount(FILE *f, const char *file, uint64_t amount)
{
	_cleanup_free_ char *text = NULL;

	if (amount == CG2_MAX)
		fputs("max", f);
	else if (is_size_file(file) && cg2_size_to_string(amount, &text) == 0)
		fputs(text, f);
	else
		fprintf(f, "%" PRIu64, amount);
}

void put_about(FILE *f, uint64_t bytes)
{
	_cleanup_free_ char *size = NULL;
	uint64_t unit = bytes < MIB ? KIB : MIB;

	if (cg2_size_to_string(bytes / unit * unit, &size) == 0)
		fputs(size, f);
}

/* ---- what to do ---- */

uint64_t twice(uint64_t amount)
{
	return is_limit(amount) && amount < UINT64_MAX / 4 ? amount * 2 : CG2_MAX;
}

void put_own_hint(FILE *f, const char *file, uint64_t limit)
{
	fprintf(f, "raise %s", file);
	if (twice(limit) == CG2_MAX)
		return;
	fputs(" to ", f);
	put_amount(f, file, twice(limit));
}

/* Below user@UID.service, units are that user manager's. */
static bool is_of_user_manager(const char *path)
{
	const char *manager = strstr(path, "/user@");

	return manager && strchr(manager + 1, '/');
}

void put_raise_hint(FILE *f, const char *path, const char *file, uint64_t limit)
{
	bool is_users = is_of_user_manager(path);

	if (!is_unit_name(last_part_of(path))) {
		fprintf(f, "raise %s of ", file);
		put_escaped(f, path, SIZE_MAX);
		fputs(" to ", f);
		put_amount(f, file, twice(limit));
		return;
	}
	fputs(is_users ? "systemctl --user set-property "
		       : "as root: systemctl set-property ",
	      f);
	put_escaped(f, last_part_of(path), SIZE_MAX);
	fputs(is_size_file(file) ? " MemoryMax=" : " TasksMax=", f);
	if (twice(limit) == CG2_MAX)
		fputs("infinity", f);
	else
		put_amount(f, file, twice(limit));
}

void put_machine_hint(FILE *f, const char *file, uint64_t limit)
{
	uint64_t amount = MIN(twice(limit), PID_MAX_LIMIT);

	if (strcmp(file, "RLIMIT_NPROC") == 0)
		fprintf(f,
			"ulimit -u %" PRIu64
			" (the hard limit: /etc/security/limits.conf)",
			amount);
	else
		fprintf(f, "as root: sysctl %s=%" PRIu64, file, amount);
}
