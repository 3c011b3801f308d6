/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fixtures: files of machines, real ones (made by tests/cgroupfs/dump) and made-up ones,
 * as the root directory of a context.
 */
#pragma once

#include "tests/scratch.h"

#ifndef TREES
#error "TREES must be the directory tests/cgroupfs/trees"
#endif

/* The user's scope of the dumps, which has pids, memory and cpu. */
#define APP_SLICE "/user.slice/user-1000.slice/user@1000.service/app.slice"
#define USER_SCOPE APP_SLICE "/dump.scope"

/* The system's service of the dumps, which has all controllers and all limits. */
#define SERVICE "/system.slice/dump.service"

#define MOUNT "sys/fs/cgroup"

static inline struct cg2_ctx *open_root(const char *root)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_ctx *ctx;

	if (cg2_ctx_new(root, &ctx, &err) < 0)
		fail_msg("%s: %s", root, strerror(err.code));
	return ctx;
}

/* A tree as it is in the sources, not to be written to. */
static inline struct cg2_ctx *open_tree(const char *tree)
{
	_cleanup_free_ char *root = path_of(TREES, tree);

	return open_root(root);
}

/* A tree of its own for a test that changes it. */
static inline struct cg2_ctx *open_copy(const char *tree, struct scratch *scratch)
{
	_cleanup_free_ char *root = path_of(TREES, tree);

	scratch_make(scratch);
	copy_tree(root, scratch->root);
	return open_root(scratch->root);
}

static inline struct cg2_group *open_group(struct cg2_ctx *ctx, const char *path)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_group *group;

	if (cg2_group_open(ctx, path, &group, &err) < 0)
		fail_msg("%s: %s", path, err.detail ? err.detail : strerror(err.code));
	return group;
}
