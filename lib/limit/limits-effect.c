/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that a kernel file takes and that do nothing all the same: an I/O weight where no disk
 * has a scheduler that looks at it, a protection that no ancestor passes on.
 */
#include "limit/limits-effect.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
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

/*
 * A protection is worth at most what the parent has to give, so every ancestor below the root
 * needs one of its own.
 */
static int check_protection(const char *file, const char *property, struct cg2_group *group,
			    struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);

	for (;;) {
		struct cg2_group *parent;
		uint64_t low = 0, min = 0;
		int r;

		r = group_open_parent(g, &parent, reterr);
		if (r < 0)
			return r;
		cg2_group_unref(g);
		g = parent;
		/* The root has no such file, and shares out all there is. */
		if (!g || cg2_group_read_value(g, file, &low, NULL) == -ENOENT)
			return 0;
		if (strcmp(file, "memory.low") == 0 &&
		    cg2_group_read_value(g, "memory.min", &min, NULL) < 0)
			min = 0;
		if (low > 0 || min > 0)
			continue;
		r = error_setf(reterr, CG2_OP_VERIFY, EOPNOTSUPP, file, NULL,
			       "it has no effect: %s above it has no such protection", g->path);
		error_hint(reterr, "give every cgroup above it as much: systemctl "
				   "set-property %s %s=...", strrchr(g->path, '/') + 1, property);
		return r;
	}
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
	return 0;
}
