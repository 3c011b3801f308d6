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
	{ CG2_LIMIT_MEMORY_HIGH, "memory.high" },
	{ CG2_LIMIT_SWAP_MAX, "memory.swap.max" },
	{ CG2_LIMIT_TASKS_MAX, "pids.max" },
	{ CG2_LIMIT_CPU_MAX, "cpu.max" },
	/* What the kernel makes of all the sets up to there. */
	{ CG2_LIMIT_CPUSET_CPUS, "cpuset.cpus.effective" },
	{ CG2_LIMIT_CPUSET_MEMS, "cpuset.mems.effective" },
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

static void take_cgroup(struct bound *bound, struct cg2_group *group)
{
	char *path = strdup(group->path);

	if (!path)
		return;
	free(bound->cgroup);
	bound->cgroup = path;
}

static void take_value(struct bound *bound, struct cg2_group *group, size_t row)
{
	uint64_t value = read_limit(group, row);

	if (value >= bound->value || is_stock(group, row, value))
		return;
	take_cgroup(bound, group);
	bound->value = value;
	bound->is_default = is_default(group, row, value);
}

/* The lowest cgroup that has such a set tells it; it is that of the highest one with the same. */
static void take_set(struct bound *bound, struct cg2_group *group, size_t row)
{
	_cleanup_free_ char *list = NULL;
	size_t len;

	if (cg2_group_read(group, rows[row].file, &list, &len, NULL) < 0)
		return;
	list[strcspn(list, "\n")] = '\0';
	if (bound->list && strcmp(bound->list, list) != 0)
		return;
	take_cgroup(bound, group);
	if (!bound->list)
		bound->list = take_ptr(&list);
}

static bool is_set(size_t row)
{
	return limit_row(rows[row].limit)->info.unit == CG2_UNIT_LIST;
}

static void take(struct bound *bound, struct cg2_group *group, size_t row)
{
	if (is_set(row))
		take_set(bound, group, row);
	else
		take_value(bound, group, row);
}

/* Whether the file is there, by the cgroup's controllers: most sessions have two of the four. */
static bool has_file(uint64_t controllers, size_t row)
{
	return controllers & controller_bit(limit_row(rows[row].limit)->info.controller);
}

static void take_all(struct bound bounds[N_BOUNDS], struct cg2_group *group)
{
	uint64_t controllers;

	if (cg2_group_read_controllers(group, &controllers, NULL) < 0)
		controllers = UINT64_MAX;
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (has_file(controllers, i))
			take(&bounds[i], group, i);
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
			take_all(bounds, group);
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

bool bound_is_there(const struct bound *bound)
{
	return bound->value != CG2_MAX || bound->list;
}

void bound_drop(struct bound *bound)
{
	bound->value = CG2_MAX;
	free(bound->list);
	bound->list = NULL;
}

static bool is_any(const struct bound bounds[N_BOUNDS])
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (bound_is_there(&bounds[i]))
			return true;
	return false;
}

/* The set of the nearest cgroup, from path upwards, that has one. Free with free(); NULL: none. */
static char *read_set_around(struct cg2_ctx *ctx, const char *path, size_t row)
{
	_cleanup_free_ char *part = strdup(path);
	struct bound found = { .value = CG2_MAX };

	while (part && !found.list) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
		char *slash = strrchr(part, '/');

		if (cg2_group_open(ctx, *part ? part : "/", &group, NULL) == 0)
			take_set(&found, group, row);
		if (!slash)
			break;
		*slash = '\0';
	}
	free(found.cgroup);
	return found.list;
}

/* What the scope's own ancestors allow no more of is nothing new. */
static void drop_known(struct cg2_ctx *ctx, const char *target, size_t common,
		       struct bound bounds[N_BOUNDS])
{
	struct bound there[N_BOUNDS];

	start_with_none(there);
	read_levels(ctx, target, common, there);
	for (size_t i = 0; i < N_BOUNDS; i++) {
		_cleanup_free_ char *set = NULL;

		if (bounds[i].list)
			set = read_set_around(ctx, target, i);
		if (set ? limits_is_set_within(set, bounds[i].list)
			: there[i].value <= bounds[i].value)
			bound_drop(&bounds[i]);
	}
	bounds_clear(there);
}

void bounds_read_for(struct cg2_ctx *ctx, const char *home, const char *target,
		     struct bound ret_bounds[N_BOUNDS])
{
	size_t common = common_length(home, target);

	start_with_none(ret_bounds);
	read_levels(ctx, home, common, ret_bounds);
	if (is_any(ret_bounds))
		drop_known(ctx, target, common, ret_bounds);
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
		bound_drop(&bounds[i]);
		free(bounds[i].cgroup);
		bounds[i].cgroup = NULL;
	}
}
