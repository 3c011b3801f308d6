/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tree with cgroups in it that have our mark, or have none. The mark stands in an extended
 * attribute, which not every file system has: such tests are skipped there.
 */
#pragma once

#include <sys/xattr.h>

#include "tree.h"

#define MARK "user.cgscope"

struct world_entry {
	const char *path;
	const char *mark; /* NULL: none */
};

struct world {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	bool has_marks;
};

static inline int world_make(void **state, const struct world_entry *entries, size_t n)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->ctx = open_copy("trixie", &w->scratch);
	w->has_marks = true;
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *file = NULL, *dir = NULL, *path = NULL;

		assert_true(asprintf(&file, MOUNT "%s/cgroup.procs", entries[i].path) > 0);
		assert_true(asprintf(&dir, MOUNT "%s", entries[i].path) > 0);
		put_file(w->scratch.root, file, "");
		path = path_of(w->scratch.root, dir);
		if (entries[i].mark &&
		    setxattr(path, MARK, entries[i].mark, strlen(entries[i].mark), 0) < 0)
			w->has_marks = false;
	}
	*state = w;
	return 0;
}

static inline int world_end(void **state)
{
	struct world *w = *state;

	cg2_ctx_unref(w->ctx);
	scratch_remove(&w->scratch);
	free(w);
	return 0;
}

static inline struct world *world_get(void **state)
{
	struct world *w = *state;

	if (!w->has_marks)
		skip();
	return w;
}
