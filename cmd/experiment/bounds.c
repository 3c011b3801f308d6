/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What binds the caller binds every run. A set above that would be called by a limit that it does
 * not have.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/experiment/experiment.h"
#include "cmd/output/message.h"

static const struct {
	enum cg2_limit limit;
	enum cg2_level_figure figure;
} rows[] = {
	{ CG2_LIMIT_MEMORY_MAX, CG2_LEVEL_MEMORY_MAX_BYTES },
	{ CG2_LIMIT_MEMORY_HIGH, CG2_LEVEL_MEMORY_HIGH_BYTES },
	{ CG2_LIMIT_SWAP_MAX, CG2_LEVEL_SWAP_MAX_BYTES },
	{ CG2_LIMIT_TASKS_MAX, CG2_LEVEL_TASKS_MAX_COUNT },
	{ CG2_LIMIT_CPU_MAX, CG2_LEVEL_CPU_MAX_PERMYRIAD },
};

static int check_row(struct cg2_check *check, struct cg2_limits *limits, size_t row,
		     const char *set)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(rows[row].limit);
	uint64_t value, bound;
	const char *cgroup;

	if (cg2_limits_get(limits, rows[row].limit, &value) <= 0 || value == CG2_MAX)
		return 0;
	for (size_t i = 0; (cgroup = cg2_check_get_cgroup(check, i)); i++) {
		if (cg2_check_get_figure(check, i, rows[row].figure, &bound) <= 0 || value <= bound)
			continue;
		message_failure("%s is above what binds you: %s of %s is lower", set, info->file,
				cgroup);
		message_hint("leave it out of the limits, or raise that one");
		return -ERANGE;
	}
	return 0;
}

int experiment_check_bounds(struct cg2_ctx *ctx, struct cg2_limits *limits, const char *set)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_check_unrefp) struct cg2_check *check = NULL;
	int r = 0;

	/* Where it can't be read the runs themselves tell what they got. */
	if (cg2_target_open(ctx, NULL, CG2_MANAGER_AUTO, &target, NULL) < 0 ||
	    cg2_check_read(target, NULL, &check, NULL) < 0)
		return 0;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		r = check_row(check, limits, i, set);
	return r;
}
