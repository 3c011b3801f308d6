/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes of a scope, without the library's own, and what they were started as.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "scope/scope.h"
#include "value/error.h"

static int add_pids(struct cg2_group *group, pid_t **pids, size_t *n)
{
	_cleanup_free_ char *buf = NULL;
	const char *word;
	size_t len, word_len, pos = 0;

	/* One that has just gone has no processes; a threaded one lists them at its root. */
	if (fsio_read(group->fd, "cgroup.procs", &buf, &len) < 0)
		return 0;
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		uint64_t pid;

		if (cg2_parse_value(word, word_len, &pid) < 0 || pid == 0 || pid > INT32_MAX)
			continue;
		if (*n % 64 == 0) {
			pid_t *grown = reallocarray(*pids, *n + 64, sizeof(*grown));

			if (!grown)
				return -ENOMEM;
			*pids = grown;
		}
		(*pids)[(*n)++] = (pid_t)pid;
	}
	return 0;
}

/* Those of the command come before those of the runs that it made inside. */
static void put_leaf_first(struct cg2_group **groups)
{
	for (size_t i = 1; groups && groups[0] && groups[i]; i++) {
		struct cg2_group *group = groups[i];

		if (strcmp(strrchr(group->path, '/') + 1, MARK_LEAF_MAIN) != 0)
			continue;
		groups[i] = groups[0];
		groups[0] = group;
	}
}

static int add_pids_below(struct cg2_group *group, pid_t **pids, size_t *n)
{
	_cleanup_(parts_freep) struct cg2_group **children = NULL;
	int r;

	r = add_pids(group, pids, n);
	if (r == 0)
		r = group_open_children(group, NULL, &children);
	put_leaf_first(children);
	for (size_t i = 0; r == 0 && children && children[i]; i++)
		r = add_pids_below(children[i], pids, n);
	return r;
}

CG2_EXPORT int cg2_scope_list_pids(struct cg2_scope *scope, pid_t **ret_pids, size_t *ret_n,
				   struct cg2_error *err)
{
	_cleanup_(parts_freep) struct cg2_group **parts = NULL;
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;
	int r;

	r = scope_open_parts(scope, &parts, err);
	if (r < 0)
		return r;
	for (size_t i = 0; r == 0 && parts[i]; i++)
		r = add_pids_below(parts[i], &pids, &n);
	if (r < 0)
		return error_set(err, CG2_OP_READ, r, scope->path, NULL);
	*ret_pids = take_ptr(&pids);
	*ret_n = n;
	return 0;
}

CG2_EXPORT int cg2_scope_read_command(struct cg2_scope *scope, pid_t pid, char **ret_buf,
				      size_t *ret_len)
{
	_cleanup_free_ char *words = NULL, *name = NULL;
	struct cg2_ctx *ctx = scope->ctx;
	char file[32];
	size_t len;
	int r;

	snprintf(file, sizeof(file), "proc/%d/cmdline", (int)pid);
	r = fsio_read(ctx->root_fd, file, &words, &len);
	/* It has none: a thread of the kernel's, or one that is just ending. */
	if (r == 0 && len == 0) {
		snprintf(file, sizeof(file), "proc/%d/comm", (int)pid);
		r = fsio_read(ctx->root_fd, file, &name, &len);
		if (r == 0 && len > 0 && name[len - 1] == '\n')
			name[len - 1] = '\0';
	}
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	*ret_buf = name ? take_ptr(&name) : take_ptr(&words);
	*ret_len = len;
	return 0;
}
