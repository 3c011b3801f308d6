/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What binds the caller. A scope is made by a manager, in a slice of its own choice, and so may
 * be out of reach of limits that the caller has: a service with MemoryMax that runs something by
 * cgscope must not get more that way.
 */
#include "place/bound.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "systemd/unit-name.h"

/* DefaultTasksMax= as systemd has it where nobody has changed it. */
#define DEFAULT_TASKS_PERCENT 15

/* A slice with at least this share of the machine's tasks has systemd's stock limit. */
#define STOCK_TASKS_PERCENT 33

static const struct {
	enum cg2_limit limit;
	const char *file;
} rows[N_BOUNDS] = {
	{ CG2_LIMIT_MEMORY_MAX, "memory.max" },
	{ CG2_LIMIT_SWAP_MAX, "memory.swap.max" },
	{ CG2_LIMIT_TASKS_MAX, "pids.max" },
	{ CG2_LIMIT_CPU_MAX, "cpu.max" },
};

static uint64_t read_limit(struct cg2_group *group, size_t row)
{
	_cleanup_free_ char *buf = NULL;
	struct cg2_cpu_max max;
	uint64_t value;
	size_t len;

	if (rows[row].limit != CG2_LIMIT_CPU_MAX)
		return cg2_group_read_value(group, rows[row].file, &value, NULL) < 0 ? CG2_MAX
										    : value;
	if (cg2_group_read(group, rows[row].file, &buf, &len, NULL) < 0 ||
	    cg2_parse_cpu_max(buf, len, &max) < 0 || max.quota_usec == CG2_MAX)
		return CG2_MAX;
	return max.quota_usec * 10000 / max.period_usec;
}

/*
 * Every user's slice has a third of the machine's tasks from systemd. Nobody meant to bind root
 * by that, who would be told of it at every run from a login.
 */
static bool is_stock(struct cg2_group *group, size_t row, uint64_t value)
{
	const char *suffix = strrchr(group->path, '.');
	uint64_t tasks;

	if (rows[row].limit != CG2_LIMIT_TASKS_MAX || !suffix || strcmp(suffix, ".slice") != 0)
		return false;
	tasks = limits_machine_tasks(group->ctx);
	return tasks > 0 && value >= tasks / 100 * STOCK_TASKS_PERCENT;
}

/* Every service and scope has that many tasks from its manager. */
static bool is_default(struct cg2_group *group, size_t row, uint64_t value)
{
	return rows[row].limit == CG2_LIMIT_TASKS_MAX &&
	       value == limits_machine_tasks(group->ctx) * DEFAULT_TASKS_PERCENT / 100;
}

static void take(struct bound *bound, struct cg2_group *group, size_t row)
{
	uint64_t value = read_limit(group, row);
	char *path;

	if (value >= bound->value || is_stock(group, row, value))
		return;
	path = strdup(group->path);
	if (!path)
		return;
	free(bound->cgroup);
	bound->cgroup = path;
	bound->value = value;
	bound->is_default = is_default(group, row, value);
}

/* The cgroups of path, from the whole of it up to its first common_len characters. */
static void read_levels(struct cg2_ctx *ctx, const char *path, size_t common_len,
			struct bound bounds[N_BOUNDS])
{
	_cleanup_free_ char *part = strdup(path);

	while (part && strlen(part) > MAX(common_len, 1)) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
		char *slash = strrchr(part, '/');

		if (cg2_group_open(ctx, part, &group, NULL) == 0)
			for (size_t i = 0; i < N_BOUNDS; i++)
				take(&bounds[i], group, i);
		if (!slash)
			break;
		*slash = '\0';
	}
}

/* The length of the longest path that both are, or are below. */
static size_t common_length(const char *a, const char *b)
{
	size_t common = 0, i = 0;

	for (; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			common = i;
	if ((a[i] == '\0' || a[i] == '/') && (b[i] == '\0' || b[i] == '/'))
		common = i;
	return common;
}

static void start_with_none(struct bound bounds[N_BOUNDS])
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		bounds[i] = (struct bound){ .limit = rows[i].limit, .value = CG2_MAX };
}

static bool is_any(const struct bound bounds[N_BOUNDS])
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (bounds[i].value != CG2_MAX)
			return true;
	return false;
}

void bounds_read_for(struct cg2_ctx *ctx, const char *home, const char *target,
		     struct bound ret_bounds[N_BOUNDS])
{
	size_t common = common_length(home, target);
	struct bound there[N_BOUNDS];

	start_with_none(ret_bounds);
	read_levels(ctx, home, common, ret_bounds);
	if (!is_any(ret_bounds))
		return;
	/* What the scope's own ancestors allow no more of is nothing new. */
	start_with_none(there);
	read_levels(ctx, target, common, there);
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (there[i].value <= ret_bounds[i].value)
			ret_bounds[i].value = CG2_MAX;
	bounds_clear(there);
}

void bounds_read(struct cg2_ctx *ctx, const char *home, enum cg2_manager manager,
		 const char *slice, struct bound ret_bounds[N_BOUNDS])
{
	_cleanup_free_ char *target = NULL;

	if (!slice)
		slice = bus_manager(manager) == CG2_MANAGER_USER ? "app.slice" : "system.slice";
	start_with_none(ret_bounds);
	if (unit_slice_cgroup(manager, slice, &target) == 0)
		bounds_read_for(ctx, home, target, ret_bounds);
}

void bounds_clear(struct bound bounds[N_BOUNDS])
{
	for (size_t i = 0; i < N_BOUNDS; i++) {
		free(bounds[i].cgroup);
		bounds[i].cgroup = NULL;
	}
}
