/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The library's own scopes, those to come as well: inotify on the directories that may get one. A
 * new cgroup is ours when its mark is written, which is news of its attributes.
 */
#include "watch/watch-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "scope/scope.h"
#include "value/error.h"

/* Cgroups in cgroups; a descriptor each is open on the way down. */
#define DEPTH_MAX 64

#define WATCHED (IN_CREATE | IN_ATTRIB | IN_DELETE)

/* A directory; wd only ever grows, so they are in order. */
struct own_dir {
	int wd;
	char *path;
};

struct watch_own {
	struct watch_source source;
	struct watch_own *next;
	enum cg2_manager manager; /* AUTO: both */
	int fd;
	struct own_dir *dirs;
	size_t n_dirs;
	bool is_first; /* what has happened in a scope before is not told */
	bool is_full;  /* inotify has no room for more, which was told */
};

/* ---- directories ---- */

static struct own_dir *find_dir(const struct watch_own *own, int wd)
{
	size_t low = 0, high = own->n_dirs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (own->dirs[middle].wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low < own->n_dirs && own->dirs[low].wd == wd ? &own->dirs[low] : NULL;
}

static void forget_dir(struct watch_own *own, int wd)
{
	struct own_dir *dir = find_dir(own, wd);

	if (!dir)
		return;
	free(dir->path);
	own->n_dirs--;
	memmove(dir, dir + 1, (size_t)(own->dirs + own->n_dirs - dir) * sizeof(*dir));
}

/*
 * The kernel keeps the watch of a cgroup that was removed, and the cgroup's inode with it: only the
 * directory above tells of the end.
 */
static void forget_below(struct watch_own *own, const char *path)
{
	for (size_t i = own->n_dirs; i-- > 0;) {
		const int wd = own->dirs[i].wd;

		if (!path_is_within(own->dirs[i].path, path))
			continue;
		inotify_rm_watch(own->fd, wd);
		forget_dir(own, wd);
	}
}

static int add_dir(struct watch_own *own, int fd, const char *path)
{
	struct own_dir *grown;
	char name[64];
	int wd;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(own->fd, name, WATCHED | IN_ONLYDIR);
	if (wd < 0)
		return -errno;
	if (find_dir(own, wd))
		return 0;
	if (own->n_dirs % 64 == 0) {
		grown = reallocarray(own->dirs, own->n_dirs + 64, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		own->dirs = grown;
	}
	own->dirs[own->n_dirs] = (struct own_dir){ wd, strdup(path) };
	return own->dirs[own->n_dirs].path ? (own->n_dirs++, 0) : -ENOMEM;
}

/* Those to come there are not seen: that has to be said, once. */
static void watch_directory_of(struct cg2_watch *watch, struct watch_own *own, int fd,
			       const char *path)
{
	const struct cg2_error full = {
		.hint = (char *)"raise the sysctl: sysctl fs.inotify.max_user_watches=N",
	};
	int r = add_dir(own, fd, path);

	if (r == 0 || own->is_full)
		return;
	own->is_full = true;
	ctx_log(watch->ctx, CG2_LOG_WARNING, r == -ENOSPC ? &full : NULL,
		"new scopes may be missed below %s: %s", path, strerror(-r));
}

/* ---- scopes ---- */

/* The leaf of the command stands for the scope. */
static bool is_level_of(const struct watch_target *target, const struct watch_level *level)
{
	for (size_t i = 0; i < target->n_own; i++)
		if (target->levels[i] == level)
			return true;
	return false;
}

static bool is_watched(struct cg2_watch *watch, struct watch_own *own, uint64_t id)
{
	const struct watch_level *level = watch->buckets[id % LEVEL_BUCKETS];

	while (level && level->id != id)
		level = level->next;
	for (size_t i = 0; level && i < level->n_ref; i++)
		if (level->users[i]->owner == own && is_level_of(level->users[i], level))
			return true;
	return false;
}

static void add_scope(struct cg2_watch *watch, struct watch_own *own, struct cg2_scope *scope)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	struct watch_target *target;
	int r;

	r = cg2_scope_open_leaf(scope, &group, &err);
	if (r == 0)
		r = watch_target_add(watch, group, scope->name, !own->is_first, &target, &err);
	if (r == 0)
		target->owner = own;
	else if (!is_gone(r))
		ctx_log(watch->ctx, CG2_LOG_WARNING, &err, "cannot watch %s: %s", scope->name,
			err.detail ? err.detail : strerror(-r));
}

/* The cgroup NAME of the directory, if it is ours and not watched yet. */
static void consider_scope(struct cg2_watch *watch, struct watch_own *own, int fd, const char *path)
{
	_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = NULL;
	struct mark mark = { .kind = MARK_NONE };
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_uid != geteuid())
		return;
	mark_read(fd, ".", &mark);
	if (mark.kind == MARK_NONE || is_watched(watch, own, st.st_ino))
		return;
	scope = scope_new(watch->ctx, path);
	if (!scope) {
		watch->n_lost++;
		return;
	}
	scope->owner = st.st_uid;
	scope->mark = mark;
	if (scope_is_of(scope, own->manager))
		add_scope(watch, own, scope);
}

/* A directory's child; NULL: no memory, and what it may be is lost. */
static char *child_path(struct cg2_watch *watch, const char *path, const char *name)
{
	char *child = text_format("%s/%s", strcmp(path, "/") == 0 ? "" : path, name);

	if (!child)
		watch->n_lost++;
	return child;
}

static void scan_directory(struct cg2_watch *watch, struct watch_own *own, int dirfd,
			   const char *name, const char *path, unsigned int depth);

static void scan_children(struct cg2_watch *watch, struct watch_own *own, int fd, const char *path,
			  unsigned int depth)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(fd, ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		_cleanup_free_ char *child = NULL;

		if (!dir_is_child(entry))
			continue;
		child = child_path(watch, path, entry->d_name);
		if (!child)
			break;
		scan_directory(watch, own, fd, entry->d_name, child, depth + 1);
	}
}

/*
 * A directory and what is below it. Only in those of the caller's can there be scopes of the
 * caller's; on the way to them are some of others.
 */
static void scan_directory(struct cg2_watch *watch, struct watch_own *own, int dirfd,
			   const char *name, const char *path, unsigned int depth)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	/* It may be gone, or none of our business. */
	if (fd < 0 || fstat(fd, &st) < 0 || depth > DEPTH_MAX)
		return;
	if (st.st_uid == geteuid())
		watch_directory_of(watch, own, fd, path);
	consider_scope(watch, own, fd, path);
	scan_children(watch, own, fd, path, depth);
}

static void scan_tree(struct cg2_watch *watch, struct watch_own *own)
{
	const struct hierarchy *h = &watch->ctx->hierarchy;

	scan_directory(watch, own, h->mount_fd, ".", h->mount_root, 0);
}

/* ---- news ---- */

static void take_inotify_event(struct cg2_watch *watch, struct watch_own *own,
			       const struct inotify_event *event, const char *name)
{
	_cleanup_free_ char *path = NULL;
	const struct own_dir *dir;

	if (event->mask & IN_Q_OVERFLOW) {
		scan_tree(watch, own);
		return;
	}
	if (event->mask & IN_IGNORED) {
		forget_dir(own, event->wd);
		return;
	}
	dir = find_dir(own, event->wd);
	if (!dir || !(event->mask & IN_ISDIR) || event->len == 0)
		return;
	path = child_path(watch, dir->path, name);
	if (!path)
		return;
	if (event->mask & IN_DELETE)
		forget_below(own, path);
	/* By its path: what has the name now is looked at, whatever had it. */
	if (event->mask & (IN_CREATE | IN_ATTRIB)) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;

		if (cg2_group_open(watch->ctx, path, &group, NULL) < 0)
			return;
		if (event->mask & IN_CREATE)
			scan_directory(watch, own, group->fd, ".", path, 0);
		else
			consider_scope(watch, own, group->fd, path);
	}
}

static void on_own_inotify(struct cg2_watch *watch, struct watch_source *source)
{
	struct watch_own *own = (struct watch_own *)source;
	_Alignas(struct inotify_event) char buf[16384];
	ssize_t n;

	while ((n = read(own->fd, buf, sizeof(buf))) > 0) {
		for (size_t pos = 0; pos + sizeof(struct inotify_event) <= (size_t)n;) {
			struct inotify_event event;

			memcpy(&event, buf + pos, sizeof(event));
			take_inotify_event(watch, own, &event, buf + pos + sizeof(event));
			pos += sizeof(event) + event.len;
		}
	}
}

/* ---- the object ---- */

static void own_free(struct watch_own *own)
{
	for (size_t i = 0; i < own->n_dirs; i++)
		free(own->dirs[i].path);
	free(own->dirs);
	close_fd(own->fd);
	free(own);
}

void watch_owns_free(struct cg2_watch *watch)
{
	while (watch->owns) {
		struct watch_own *own = watch->owns;

		watch->owns = own->next;
		own_free(own);
	}
}

CG2_EXPORT int cg2_watch_add_own(struct cg2_watch *watch, enum cg2_manager manager,
				 struct cg2_error *err)
{
	struct watch_own *own = calloc(1, sizeof(*own));
	int r;

	if (!own)
		return error_set(err, CG2_OP_OPEN, ENOMEM, NULL, NULL);
	own->source.ready = on_own_inotify;
	own->manager = manager;
	own->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	r = own->fd < 0 ? -errno : watch_add_fd(watch, own->fd, EPOLLIN, &own->source);
	if (r < 0) {
		own_free(own);
		error_set(err, CG2_OP_OPEN, r, "inotify", NULL);
		if (r == -EMFILE)
			error_hint(err, "raise the sysctl fs.inotify.max_user_instances");
		return r;
	}
	own->next = watch->owns;
	watch->owns = own;
	own->is_first = true;
	scan_tree(watch, own);
	own->is_first = false;
	return 0;
}
