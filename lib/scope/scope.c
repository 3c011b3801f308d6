/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes that exist: the object, and finding them in the tree of cgroups.
 *
 * The search has to pass by thousands of cgroups of others to find some of ours. It looks at each
 * of them once, by one fstatat(2), opens none that has no children, and reads attributes only of
 * those that belong to the user.
 */
#include "scope/scope.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* Cgroups in cgroups; a descriptor each is open on the way down. */
#define DEPTH_MAX 64

struct cg2_scope *scope_new(struct cg2_ctx *ctx, const char *path)
{
	_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = calloc(1, sizeof(*scope));
	struct unit_place place;
	const char *slash;

	if (!scope)
		return NULL;
	scope->n_ref = 1;
	scope->ctx = cg2_ctx_ref(ctx);
	scope->manager = CG2_MANAGER_SYSTEM;
	scope->manager_uid = CG2_MAX;
	scope->path = strdup(path);
	slash = strrchr(path, '/');
	if (unit_place_of(path, &place)) {
		scope->manager = place.manager;
		scope->manager_uid = place.uid;
		scope->is_unit = path[place.path_len] == '\0';
	}
	scope->name = scope->is_unit ? unit_place_name(&place)
				     : strdup(slash && slash[1] ? slash + 1 : path);
	return scope->path && scope->name ? take_ptr(&scope) : NULL;
}

CG2_EXPORT struct cg2_scope *cg2_scope_ref(struct cg2_scope *scope)
{
	if (scope)
		scope->n_ref++;
	return scope;
}

CG2_EXPORT struct cg2_scope *cg2_scope_unref(struct cg2_scope *scope)
{
	assert(!scope || scope->n_ref > 0);
	if (!scope || --scope->n_ref > 0)
		return NULL;
	cg2_scope_unref(scope->parent);
	cg2_group_unref(scope->group);
	cg2_error_clear(&scope->error);
	property_list_clear(&scope->properties);
	free(scope->path);
	free(scope->name);
	cg2_ctx_unref(scope->ctx);
	free(scope);
	return NULL;
}

CG2_EXPORT struct cg2_scope **cg2_scopes_free(struct cg2_scope **scopes)
{
	for (size_t i = 0; scopes && scopes[i]; i++)
		cg2_scope_unref(scopes[i]);
	free(scopes);
	return NULL;
}

bool scope_is_own(const struct cg2_scope *scope)
{
	return scope->mark.kind != MARK_NONE && scope->owner == geteuid();
}

bool scope_has_manager(const struct cg2_scope *scope)
{
	return scope->is_unit && (scope->manager == CG2_MANAGER_SYSTEM ||
				  scope->manager_uid == geteuid());
}

bool scope_is_of(const struct cg2_scope *scope, enum cg2_manager manager)
{
	if (manager == CG2_MANAGER_AUTO)
		return true;
	return scope->manager == manager &&
	       (manager == CG2_MANAGER_SYSTEM || scope->manager_uid == geteuid());
}

/* ---- the search ---- */

struct search {
	struct cg2_ctx *ctx;
	enum cg2_manager manager; /* AUTO: both */
	uint64_t flags;
	struct cg2_scope **found;
	size_t n;
	struct cg2_error unread; /* the first of those that could not be looked at */
	size_t n_unread;
};

/* An entry of a directory. */
struct entry {
	const char *name;
	const char *path;
	struct stat st;
	struct cg2_scope *above; /* the nearest one that was found */
};

static int add(struct search *s, struct cg2_scope *scope)
{
	struct cg2_scope **grown = reallocarray(s->found, s->n + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	s->found = grown;
	s->found[s->n++] = cg2_scope_ref(scope);
	s->found[s->n] = NULL;
	return 0;
}

static bool is_wanted(const struct search *s, const struct cg2_scope *scope)
{
	if (!scope_is_of(scope, s->manager))
		return false;
	if (scope_is_own(scope))
		return true;
	if (!scope->is_unit)
		return false;
	if (s->flags & CG2_SCOPES_UNITS)
		return true;
	return (s->flags & CG2_SCOPES_ANY) && unit_name_is_of(scope->name, ".scope");
}

/* A look at the name and the owner spares most of them the rest. */
static bool is_candidate(const struct search *s, const struct entry *e)
{
	if (s->flags & (CG2_SCOPES_ANY | CG2_SCOPES_UNITS))
		return true;
	return e->st.st_uid == geteuid();
}

/*
 * Other users' managers have nothing of ours, and a leaf of the command's own has only what it
 * made itself. A cgroup without children has two links.
 */
static bool is_passable(const struct search *s, const struct entry *e)
{
	char own[32];

	if (e->st.st_nlink == 2)
		return false;
	if (s->flags & (CG2_SCOPES_ANY | CG2_SCOPES_UNITS) || geteuid() == 0)
		return true;
	if (strncmp(e->name, "user-", 5) != 0 || !unit_name_is_of(e->name, ".slice"))
		return true;
	snprintf(own, sizeof(own), "user-%u.slice", (unsigned int)geteuid());
	return strcmp(e->name, own) == 0;
}

/* What has ended just now, or is hidden from us, is not missing. */
static void note_unread(struct search *s, int r, const char *path)
{
	if (is_gone(r) || r == -EACCES || r == -EPERM)
		return;
	if (s->n_unread++ == 0)
		error_set(&s->unread, CG2_OP_READ, r, path, NULL);
}

static void tell_unread(struct search *s)
{
	if (s->n_unread > 0)
		ctx_log(s->ctx, CG2_LOG_WARNING, NULL,
			"scopes may be missing: %zu cgroup%s could not be looked at: %s: %s",
			s->n_unread, s->n_unread == 1 ? "" : "s",
			s->unread.path ? s->unread.path : "", strerror(s->unread.code));
	cg2_error_clear(&s->unread);
}

static int search_in(struct search *s, DIR *dir, const char *path, struct cg2_scope *above,
		     unsigned int depth);

static int look_below(struct search *s, int dir_fd, const struct entry *e,
		      struct cg2_scope *above, unsigned int depth)
{
	_cleanup_(dir_closep) DIR *dir = NULL;

	if (depth >= DEPTH_MAX || !is_passable(s, e))
		return 0;
	dir = dir_open(dir_fd, e->name);
	if (dir)
		return search_in(s, dir, e->path, above, depth + 1);
	note_unread(s, -errno, e->path);
	return 0;
}

static int look_at(struct search *s, int dir_fd, const struct entry *e, unsigned int depth)
{
	_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = NULL;
	struct mark mark = { .kind = MARK_NONE };
	int r;

	if (is_candidate(s, e))
		mark_read(dir_fd, e->name, &mark);
	if (mark.kind == MARK_NONE && !(s->flags & (CG2_SCOPES_ANY | CG2_SCOPES_UNITS)))
		return look_below(s, dir_fd, e, e->above, depth);
	scope = scope_new(s->ctx, e->path);
	if (!scope)
		return -ENOMEM;
	scope->mark = mark;
	scope->owner = e->st.st_uid;
	if (!is_wanted(s, scope))
		return look_below(s, dir_fd, e, e->above, depth);
	scope->parent = cg2_scope_ref(e->above);
	r = add(s, scope);
	return r < 0 ? r : look_below(s, dir_fd, e, scope, depth);
}

static int search_in(struct search *s, DIR *dir, const char *path, struct cg2_scope *above,
		     unsigned int depth)
{
	struct dirent *entry;
	int r = 0;

	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		struct entry e = { .name = entry->d_name, .above = above };
		_cleanup_free_ char *child = NULL;

		if (!dir_is_child(entry))
			continue;
		e.path = child = path_join(path, e.name);
		if (!child)
			r = -ENOMEM;
		else if (fstatat(dirfd(dir), e.name, &e.st, AT_SYMLINK_NOFOLLOW) < 0)
			note_unread(s, -errno, child);
		else
			r = look_at(s, dirfd(dir), &e, depth);
	}
	if (!entry && errno)
		note_unread(s, -errno, path);
	return r;
}

/* Where to begin: the part of the tree that belongs to the manager, if it is there. */
static int open_top(struct search *s, const char *below, struct cg2_group **ret_top,
		    struct cg2_error *reterr)
{
	_cleanup_free_ char *path = unit_manager_path(CG2_MANAGER_USER);
	int r;

	if (below)
		return cg2_group_open(s->ctx, below, ret_top, reterr);
	r = hierarchy_detect(s->ctx, reterr);
	if (r < 0)
		return r;
	if (!path)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, NULL, NULL);
	if (s->manager == CG2_MANAGER_USER && !(s->flags & CG2_SCOPES_ANY) &&
	    cg2_group_open(s->ctx, path, ret_top, NULL) == 0)
		return 0;
	return cg2_group_open(s->ctx, s->ctx->hierarchy.mount_root, ret_top, reterr);
}

CG2_EXPORT int cg2_scopes_find(struct cg2_ctx *ctx, enum cg2_manager manager, const char *below,
			       uint64_t flags, struct cg2_scope ***ret_scopes,
			       struct cg2_error *err)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *top = NULL;
	_cleanup_(dir_closep) DIR *dir = NULL;
	struct search s = { .ctx = ctx, .manager = manager, .flags = flags };
	int r;

	r = open_top(&s, below, &top, err);
	if (r < 0)
		return r;
	dir = dir_open(top->fd, ".");
	if (!dir)
		return error_set(err, CG2_OP_OPEN, errno, top->path, NULL);
	s.found = calloc(1, sizeof(struct cg2_scope *));
	r = s.found ? search_in(&s, dir, top->path, NULL, 0) : -ENOMEM;
	tell_unread(&s);
	if (r < 0) {
		cg2_scopes_free(s.found);
		return error_set(err, CG2_OP_READ, r, top->path, NULL);
	}
	*ret_scopes = s.found;
	return 0;
}

/* ---- getters ---- */

CG2_EXPORT const char *cg2_scope_get_name(struct cg2_scope *scope)
{
	return scope->name;
}

CG2_EXPORT const char *cg2_scope_get_path(struct cg2_scope *scope)
{
	return scope->path;
}

CG2_EXPORT int cg2_scope_is_unit(struct cg2_scope *scope)
{
	return scope->is_unit;
}

CG2_EXPORT int cg2_scope_is_own(struct cg2_scope *scope)
{
	return scope_is_own(scope);
}

CG2_EXPORT uint64_t cg2_scope_get_owner(struct cg2_scope *scope)
{
	return scope->owner;
}

CG2_EXPORT enum cg2_manager cg2_scope_get_manager(struct cg2_scope *scope)
{
	return scope->manager;
}

CG2_EXPORT struct cg2_scope *cg2_scope_get_parent(struct cg2_scope *scope)
{
	return scope->parent;
}

CG2_EXPORT uint64_t cg2_scope_get_made_usec(struct cg2_scope *scope)
{
	return scope->mark.made_usec;
}

CG2_EXPORT const struct cg2_error *cg2_scope_get_error(struct cg2_scope *scope)
{
	return scope->error.code ? &scope->error : NULL;
}

CG2_EXPORT int cg2_scope_open_group(struct cg2_scope *scope, struct cg2_group **ret_group,
				    struct cg2_error *err)
{
	int r = 0;

	if (!scope->group)
		r = cg2_group_open(scope->ctx, scope->path, &scope->group, err);
	if (r < 0)
		return r;
	*ret_group = cg2_group_ref(scope->group);
	return 0;
}

/* ---- parts ---- */

CG2_EXPORT int cg2_scope_open_leaf(struct cg2_scope *scope, struct cg2_group **ret_group,
				   struct cg2_error *err)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	int r;

	r = cg2_scope_open_group(scope, &group, err);
	if (r < 0)
		return r;
	if (scope->mark.kind == MARK_RUN &&
	    group_open_child(group, MARK_LEAF_RUN, ret_group, NULL) == 0)
		return 0;
	*ret_group = take_ptr(&group);
	return 0;
}

struct cg2_group **parts_free(struct cg2_group **parts)
{
	for (size_t i = 0; parts && parts[i]; i++)
		cg2_group_unref(parts[i]);
	free(parts);
	return NULL;
}

static int add_part(struct cg2_group ***parts, size_t *n, struct cg2_group *part)
{
	struct cg2_group **grown = reallocarray(*parts, *n + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	*parts = grown;
	grown[(*n)++] = cg2_group_ref(part);
	grown[*n] = NULL;
	return 0;
}

static int add_children(struct cg2_group *group, const char *but, DIR *dir,
			struct cg2_group ***parts, size_t *n)
{
	struct dirent *entry;
	int r = 0;

	while (r == 0 && (entry = readdir(dir))) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *child = NULL;

		if (!dir_is_child(entry) || (but && strcmp(entry->d_name, but) == 0))
			continue;
		r = group_open_child(group, entry->d_name, &child, NULL);
		if (r == 0)
			r = add_part(parts, n, child);
		else if (is_gone(r))
			r = 0;
	}
	return r;
}

int group_open_children(struct cg2_group *group, const char *but,
			struct cg2_group ***ret_children)
{
	_cleanup_(parts_freep) struct cg2_group **children = NULL;
	_cleanup_(dir_closep) DIR *dir = dir_open(group->fd, ".");
	size_t n = 0;
	int r;

	if (!dir)
		return is_gone(-errno) ? 0 : -errno;
	r = add_children(group, but, dir, &children, &n);
	if (r == 0)
		*ret_children = take_ptr(&children);
	return r;
}

int scope_open_parts(struct cg2_scope *scope, struct cg2_group ***ret_parts,
		     struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(parts_freep) struct cg2_group **parts = NULL;
	size_t n = 0;
	int r;

	r = cg2_scope_open_group(scope, &group, reterr);
	if (r < 0)
		return r;
	if (scope_is_own(scope) && faccessat(group->fd, MARK_LEAF_HOLD, F_OK, 0) == 0)
		r = group_open_children(group, MARK_LEAF_HOLD, &parts);
	/* One that is just being made or has just ended has no children yet, or any more. */
	if (r == 0 && !parts)
		r = add_part(&parts, &n, group);
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, group->path, NULL);
	*ret_parts = take_ptr(&parts);
	return 0;
}
