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

	if (has_iocost(ctx) || has_bfq(ctx))
		return 0;
	path = group_join(group, "io.weight");
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, NULL,
		       "it has no effect: no disk uses bfq or iocost");
	error_hint(reterr, "as root, for a disk sda: echo bfq >/sys/block/sda/queue/scheduler");
	return r;
}

static uint64_t value_or_0(struct cg2_group *group, const char *file)
{
	uint64_t value;

	return cg2_group_read_value(group, file, &value, NULL) < 0 ? 0 : value;
}

/* What the cgroup has to give to those below it. */
static uint64_t protection_of(struct cg2_group *group, const char *file)
{
	const uint64_t value = value_or_0(group, file);

	/* What is never reclaimed is not reclaimed early either. */
	return strcmp(file, "memory.low") == 0 ? MAX(value, value_or_0(group, "memory.min"))
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
static int check_protection(const char *file, const char *property, struct cg2_group *group,
			    struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);
	const uint64_t wanted = MAX(value_or_0(group, file), 1);

	for (;;) {
		struct cg2_group *parent;
		uint64_t value;
		int r;

		r = group_open_parent(g, &parent, reterr);
		if (r < 0)
			return r;
		cg2_group_unref(g);
		g = parent;
		/* The root has no such file, and shares out all there is. */
		if (!g || faccessat(g->fd, file, F_OK, 0) < 0)
			return 0;
		value = protection_of(g, file);
		if (value < wanted)
			return tell_weak_protection(file, property, g, value, reterr);
	}
}

static bool is_same_list(const char *a, const char *b)
{
	_cleanup_free_ uint8_t *one = calloc(1, LIST_BITS / 8), *other = calloc(1, LIST_BITS / 8);

	return one && other && cg2_list_from_string(a, one, LIST_BITS, NULL) == 0 &&
	       cg2_list_from_string(b, other, LIST_BITS, NULL) == 0 &&
	       memcmp(one, other, LIST_BITS / 8) == 0;
}

/* The kernel takes any set, and uses what the cgroups above allow of it; all of theirs if none. */
static int check_set(const char *file, const char *effective, struct cg2_group *group,
		     struct cg2_error *reterr)
{
	_cleanup_free_ char *wanted = NULL, *have = NULL, *path = NULL;
	size_t len;
	int r;

	if (cg2_group_read(group, file, &wanted, &len, NULL) < 0 ||
	    cg2_group_read(group, effective, &have, &len, NULL) < 0)
		return 0;
	wanted[strcspn(wanted, "\n")] = have[strcspn(have, "\n")] = '\0';
	if (!*wanted || is_same_list(wanted, have))
		return 0;
	path = group_join(group, effective);
	r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, path, wanted,
		       "the cgroups above it allow only others: %s", have);
	error_hint(reterr, "see %s of the cgroups above, or AllowedCPUs= and "
			   "AllowedMemoryNodes= of their units", effective);
	return r;
}

int limits_effect_check(struct cg2_ctx *ctx, enum cg2_limit limit, struct cg2_group *group,
		 struct cg2_error *reterr)
{
	if (limit == CG2_LIMIT_IO_WEIGHT)
		return check_io_weight(ctx, group, reterr);
	if (limit == CG2_LIMIT_MEMORY_LOW)
		return check_protection("memory.low", "MemoryLow", group, reterr);
	if (limit == CG2_LIMIT_MEMORY_MIN)
		return check_protection("memory.min", "MemoryMin", group, reterr);
	if (limit == CG2_LIMIT_CPUSET_CPUS)
		return check_set("cpuset.cpus", "cpuset.cpus.effective", group, reterr);
	if (limit == CG2_LIMIT_CPUSET_MEMS)
		return check_set("cpuset.mems", "cpuset.mems.effective", group, reterr);
	return 0;
}
