/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that a kernel file takes and that do nothing all the same: an I/O weight where no disk
 * has a scheduler that looks at it, a protection that no ancestor passes on, CPUs that none allows.
 */
#include "limit/limits-effect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "value/error.h"
#include "value/unknown.h"

/* iocost: a line "8:0 enable=1 ..." in the root's io.cost.qos. */
static bool has_iocost(struct cg2_ctx *ctx)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;

	return fsio_read(ctx->hierarchy.mount_fd, "io.cost.qos", &buf, &len) == 0 &&
	       strstr(buf, "enable=1");
}

/* The scheduler in use stands in brackets. */
static bool has_bfq(struct cg2_ctx *ctx)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, "sys/block");
	bool found = false;
	struct dirent *entry;

	while (dir && !found && (entry = readdir(dir))) {
		char path[sizeof(entry->d_name) + 32], buf[256];
		size_t len;

		snprintf(path, sizeof(path), "/sys/block/%s/queue/scheduler", entry->d_name);
		found = ctx_read_into(ctx, path, buf, sizeof(buf), &len) == 0 &&
			strstr(buf, "[bfq]");
	}
	return found;
}

static int check_io_weight(struct cg2_ctx *ctx, struct cg2_group *group,
			   struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL;
	int r;

	/* A kernel may have a bfq that knows no cgroups. */
	if (has_iocost(ctx) || (has_bfq(ctx) && limits_has_bfq_weight(group)))
		return 0;
	path = group_join(group, "io.weight");
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, NULL,
		       "it has no effect: no disk uses bfq or iocost");
	error_hint(reterr, "as root, for a disk sda: echo bfq >/sys/block/sda/queue/scheduler");
	return r;
}

/* 0 is none. */
static uint64_t own_protection(struct cg2_group *group, const char *file)
{
	const uint64_t value = group_peek_value(group, file);

	return is_known(value) ? value : 0;
}

/* What the cgroup has to give to those below it. */
static uint64_t protection_of(struct cg2_group *group, const char *file)
{
	const uint64_t value = own_protection(group, file);

	/* What is never reclaimed is not reclaimed early either. */
	return strcmp(file, "memory.low") == 0 ? MAX(value, own_protection(group, "memory.min"))
					       : value;
}

static int tell_weak_protection(const char *file, const char *property, struct cg2_group *above,
				uint64_t value, struct cg2_error *reterr)
{
	_cleanup_free_ char *size = NULL;
	int r;

	if (value > 0 && cg2_size_to_string(value, &size) == 0)
		r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, file, NULL,
			       "it has no effect beyond %s, which %s above it has", size,
			       above->path);
	else
		r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, file, NULL,
			       "it has no effect: %s above it has no such protection",
			       above->path);
	error_hint(reterr, "give every cgroup above it as much: systemctl "
			   "set-property %s %s=...", strrchr(above->path, '/') + 1, property);
	return r;
}

/*
 * A protection is worth at most what the parent has to give, so every ancestor below the root
 * needs one of its own, of that size.
 */
static int check_protection(uint64_t wanted, const char *file, const char *property,
			    struct cg2_group *group, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);

	for (;;) {
		uint64_t value;
		int r;

		r = group_step_up(&g, reterr);
		if (r < 0)
			return r;
		/* The root has no such file, and shares out all there is. */
		if (!g || faccessat(g->fd, file, F_OK, 0) < 0)
			return 0;
		value = protection_of(g, file);
		if (value < MAX(wanted, 1))
			return tell_weak_protection(file, property, g, value, reterr);
	}
}

/* The file of the nearest cgroup above that has it. Free with free(), NULL: none has. */
static char *read_above(struct cg2_group *group, const char *file)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);
	char *buf = NULL;
	size_t len;

	do
		if (group_step_up(&g, NULL) < 0 || !g)
			return NULL;
	while (cg2_group_read(g, file, &buf, &len, NULL) < 0);
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

/* The kernel takes any set, and uses what the cgroups above allow of it; all of theirs if none. */
static int check_set(const struct cg2_limits *limits, enum cg2_limit limit, const char *effective,
		     struct cg2_group *group, struct cg2_error *reterr)
{
	_cleanup_free_ char *allowed = read_above(group, effective), *wanted = NULL;
	int r;

	if (!allowed || !limits->list[limit] ||
	    limits_is_list_within(limits->list[limit], allowed))
		return 0;
	if (cg2_limits_to_string((struct cg2_limits *)limits, limit, &wanted) < 0)
		wanted = NULL;
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, effective, wanted,
		       "the cgroups above allow only %s", allowed);
	error_hint(reterr, "see AllowedCPUs= and AllowedMemoryNodes= of the units around it, and "
			   "%s of their cgroups", effective);
	return r;
}

int limits_effect_check(const struct cg2_limits *limits, enum cg2_limit limit,
			struct cg2_group *group, struct cg2_error *reterr)
{
	const uint64_t wanted = limits->value[limit];

	if (limit == CG2_LIMIT_IO_WEIGHT)
		return check_io_weight(limits->ctx, group, reterr);
	if (limit == CG2_LIMIT_MEMORY_LOW)
		return check_protection(wanted, "memory.low", "MemoryLow", group, reterr);
	if (limit == CG2_LIMIT_MEMORY_MIN)
		return check_protection(wanted, "memory.min", "MemoryMin", group, reterr);
	if (limit == CG2_LIMIT_CPUSET_CPUS)
		return check_set(limits, limit, "cpuset.cpus.effective", group, reterr);
	if (limit == CG2_LIMIT_CPUSET_MEMS)
		return check_set(limits, limit, "cpuset.mems.effective", group, reterr);
	return 0;
}
