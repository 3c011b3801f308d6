/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every cgroup of the machine that is near to one of its limits. A tree may have ten
 * thousand of them, so no more is read than is needed to pass one over: the limits, and
 * the use of those that have any. Where there are no children, the directory is not
 * listed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "base/dir.h"
#include "cgroup/cache.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/mark.h"
#include "libcg2.h"
#include "limit/limit.h"
#include "value/error.h"

/* kernfs: its name, its ".", and the ".." of each child. */
#define NLINK_OF_LEAF 2

struct entry {
	char *path;
	enum cg2_resource resource;
	uint64_t limit;
	uint64_t current;
	uint64_t headroom;
};

struct cg2_worst {
	unsigned int n_ref;
	struct entry *entries;
	size_t n;
	uint64_t n_cgroups;
};

struct walk {
	struct cg2_worst *worst;
	uint64_t share; /* in permyriad of the limit */
	char *path;	/* of the cgroup at hand, "" for the root */
	size_t len;
	size_t size;
};

/* ---- one cgroup ---- */

static int read_file_value(int dir_fd, const char *file, uint64_t *ret_value)
{
	char buf[64];
	size_t len;
	int r;

	r = fsio_read_into(dir_fd, file, buf, sizeof(buf), &len);
	return r < 0 ? r : cg2_parse_value(buf, len, ret_value);
}

static const struct {
	enum cg2_resource resource;
	const char *max;
	const char *current;
} limits[] = {
	{ CG2_RESOURCE_TASKS, "pids.max", "pids.current" },
	{ CG2_RESOURCE_MEMORY, "memory.max", "memory.current" },
	{ CG2_RESOURCE_SWAP, "memory.swap.max", "memory.swap.current" },
};

static int add_entry(struct walk *walk, enum cg2_resource resource, uint64_t limit,
		     uint64_t current, uint64_t headroom)
{
	struct cg2_worst *worst = walk->worst;
	struct entry *grown = reallocarray(worst->entries, worst->n + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	worst->entries = grown;
	grown += worst->n;
	*grown = (struct entry){ strdup(walk->path), resource, limit, current, headroom };
	if (!grown->path)
		return -ENOMEM;
	worst->n++;
	return 0;
}

/*
 * In a scope of ours the command's cgroup has the limit that was asked for, and the scope around it
 * that and a little more for what is beside it: one row says it all. The scope's was added before,
 * with at most its other children in between.
 */
static bool replace_scope(struct walk *walk, enum cg2_resource resource, uint64_t limit,
			  uint64_t current, uint64_t headroom)
{
	const size_t len = walk->len - MIN(walk->len, strlen("/" MARK_LEAF_RUN));
	const struct allowance *extra = &allowance_of_holder;
	uint64_t more = resource == CG2_RESOURCE_MEMORY	 ? extra->bytes
			: resource == CG2_RESOURCE_TASKS ? extra->tasks
							 : 0;

	if (strcmp(walk->path + len, "/" MARK_LEAF_RUN) != 0)
		return false;
	for (size_t i = walk->worst->n; i-- > 0;) {
		struct entry *e = &walk->worst->entries[i];

		if (strncmp(e->path, walk->path, len) != 0)
			return false;
		if (e->path[len] || e->resource != resource || e->limit != limit + more)
			continue;
		free(e->path);
		*e = (struct entry){ strdup(walk->path), resource, limit, current, headroom };
		return e->path != NULL;
	}
	return false;
}

static bool is_low_headroom(const struct walk *walk, uint64_t headroom, uint64_t limit)
{
	return headroom < limit / 10000 * walk->share + limit % 10000 * walk->share / 10000 ||
	       headroom == 0;
}

static int read_cgroup(struct walk *walk, int dir_fd)
{
	int r = 0;

	walk->worst->n_cgroups++;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(limits); i++) {
		uint64_t limit, current, headroom;

		/* No swap at all is what somebody wanted. */
		if (read_file_value(dir_fd, limits[i].max, &limit) < 0 || limit == CG2_MAX ||
		    (limit == 0 && limits[i].resource == CG2_RESOURCE_SWAP) ||
		    read_file_value(dir_fd, limits[i].current, &current) < 0)
			continue;
		headroom = limit - MIN(limit, current);
		if (limits[i].resource == CG2_RESOURCE_MEMORY &&
		    is_low_headroom(walk, headroom, limit)) {
			uint64_t cache;

			if (cache_read(dir_fd, &cache) == 0)
				headroom += MIN(cache, limit - headroom);
		}
		if (is_low_headroom(walk, headroom, limit) &&
		    !replace_scope(walk, limits[i].resource, limit, current, headroom))
			r = add_entry(walk, limits[i].resource, limit, current, headroom);
	}
	return r;
}

/* ---- the tree ---- */

static int walk_children(struct walk *walk, int dir_fd);

static int set_length(struct walk *walk, size_t len)
{
	char *grown;

	if (len + 1 > walk->size) {
		grown = realloc(walk->path, len * 2 + 256);
		if (!grown)
			return -ENOMEM;
		walk->path = grown;
		walk->size = len * 2 + 256;
	}
	walk->len = len;
	walk->path[len] = '\0';
	return 0;
}

/* One that goes away meanwhile is none. */
static int walk_child(struct walk *walk, int parent_fd, const char *name)
{
	_cleanup_close_ int fd = openat(parent_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t len = walk->len, name_len = strlen(name);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	r = set_length(walk, len + 1 + name_len);
	if (r < 0)
		return r;
	walk->path[len] = '/';
	memcpy(walk->path + len + 1, name, name_len);
	r = read_cgroup(walk, fd);
	if (r == 0 && st.st_nlink != NLINK_OF_LEAF)
		r = walk_children(walk, fd);
	return r < 0 ? r : set_length(walk, len);
}

static int walk_children(struct walk *walk, int dir_fd)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(dir_fd, ".");
	struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir)))
		if (dir_is_child(entry))
			r = walk_child(walk, dir_fd, entry->d_name);
	return r;
}

/* The least headroom first, as a share of the limit; then by name. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	long double left = (long double)x->headroom * (long double)y->limit;
	long double right = (long double)y->headroom * (long double)x->limit;

	if (left < right || left > right)
		return left < right ? -1 : 1;
	return strcmp(x->path, y->path);
}

CG2_EXPORT int cg2_worst_read(struct cg2_ctx *ctx, uint64_t share_permyriad,
			      struct cg2_worst **ret_worst, struct cg2_error *err)
{
	_cleanup_(cg2_worst_unrefp) struct cg2_worst *worst = calloc(1, sizeof(*worst));
	struct walk walk = { .worst = worst, .share = share_permyriad };
	int r;

	if (!worst)
		return error_set(err, CG2_OP_READ, ENOMEM, "/", NULL);
	worst->n_ref = 1;
	r = hierarchy_detect(ctx, err);
	if (r < 0)
		return r;
	r = set_length(&walk, 0);
	/* In a container the root has limits too. */
	if (r == 0)
		r = read_cgroup(&walk, ctx->hierarchy.mount_fd);
	if (r == 0)
		r = walk_children(&walk, ctx->hierarchy.mount_fd);
	free(walk.path);
	if (r < 0)
		return error_set(err, CG2_OP_READ, r, "/", NULL);
	if (worst->n > 0)
		qsort(worst->entries, worst->n, sizeof(*worst->entries), compare_entries);
	*ret_worst = take_ptr(&worst);
	return 0;
}

/* ---- the object ---- */

CG2_EXPORT struct cg2_worst *cg2_worst_ref(struct cg2_worst *worst)
{
	if (worst)
		worst->n_ref++;
	return worst;
}

CG2_EXPORT struct cg2_worst *cg2_worst_unref(struct cg2_worst *worst)
{
	if (!worst || --worst->n_ref > 0)
		return NULL;
	for (size_t i = 0; i < worst->n; i++)
		free(worst->entries[i].path);
	free(worst->entries);
	free(worst);
	return NULL;
}

CG2_EXPORT uint64_t cg2_worst_get_count(struct cg2_worst *worst)
{
	return worst->n_cgroups;
}

CG2_EXPORT int cg2_worst_get(struct cg2_worst *worst, size_t i, struct cg2_worst_entry *entry)
{
	const struct entry *e;
	struct cg2_worst_entry full;

	if (i >= worst->n)
		return 0;
	e = &worst->entries[i];
	full = (struct cg2_worst_entry){
		.resource = e->resource,
		.cgroup = *e->path ? e->path : "/",
		.limit = e->limit,
		.current = e->current,
		.headroom = e->headroom,
	};
	return copy_out(entry, &entry->size, &full, sizeof(full));
}
