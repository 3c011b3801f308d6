/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Words that reasons and hints share: cgroups, amounts, what slowed a command down.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "verdict/verdict-cause.h"

static bool ends_with(const char *text, const char *end)
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

static const char *own_name(const struct verdict_input *in)
{
	for (size_t i = 0; is_own(in, i); i++)
		if (ends_with(in->after[i].path, ".scope"))
			return "this scope";
	return "this run's cgroup";
}

void put_cgroup_name(FILE *f, const char *path)
{
	put_escaped(f, is_unit_name(last_part_of(path)) ? last_part_of(path) : path, SIZE_MAX);
}

void put_level(FILE *f, const struct verdict_input *in, size_t level)
{
	if (is_own(in, level))
		fputs(own_name(in), f);
	else
		put_cgroup_name(f, in->after[level].path);
}

bool is_size_file(const char *file)
{
	return strncmp(file, "memory.", 7) == 0;
}

/* A limit as its option takes it. */
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

/* Most of the time was spent over a limit that slows down. */
bool is_slowed_by_memory(const struct verdict_brakes *b)
{
	return is_limit(b->memory_high) && b->n_high > 0 && b->wall_usec > 0 &&
	       is_known(b->memory_full_usec) && b->memory_full_usec >= b->wall_usec / 2;
}

bool is_slowed_by_cpu(const struct verdict_brakes *b)
{
	return is_limit(b->cpu_max) && b->n_throttled > 0 && b->n_throttled * 2 >= b->n_periods &&
	       b->n_periods > 0;
}
