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

static const char *own_name(const struct verdict_input *in)
{
	for (size_t i = 0; is_own(in, i); i++)
		if (ends_with(in->after[i].path, ".scope"))
			return "this scope";
	return "this run's cgroup";
}

void put_level(FILE *f, const struct verdict_input *in, size_t level)
{
	if (is_own(in, level))
		fputs(own_name(in), f);
	else
		put_cgroup_name(f, in->after[level].path);
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
