/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One cgroup: a directory handle and its path, and the files in it.
 */
#include "cgroup/group.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/lock.h"
#include "value/error.h"
#include "value/unknown.h"

static int group_new(struct cg2_ctx *ctx, int fd, const char *path,
		     struct cg2_group **ret_group)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = calloc(1, sizeof(*group));

	if (!group) {
		close_fd(fd);
		return -ENOMEM;
	}
	group->n_ref = 1;
	group->fd = fd;
	group->lock_fd = -1;
	group->ctx = cg2_ctx_ref(ctx);
	group->path = strdup(path);
	if (!group->path)
		return -ENOMEM;
	*ret_group = take_ptr(&group);
	return 0;
}

/* No cgroup has that name; a path with it could lead out of the hierarchy. */
static bool goes_up(const char *path)
{
	for (; path; path = strchr(path, '/')) {
		path += strspn(path, "/");
		if (strcspn(path, "/") == 2 && path[0] == '.' && path[1] == '.')
			return true;
	}
	return false;
}

/* A mount of a part of the tree shows "/part/x" as "x". */
const char *group_below_mount(struct cg2_ctx *ctx, const char *path)
{
	const char *root = ctx->hierarchy.mount_root;
	size_t len = strlen(root);

	if (goes_up(path))
		return NULL;
	if (len > 1) {
		if (strncmp(path, root, len) != 0 || (path[len] != '/' && path[len] != '\0'))
			return NULL;
		path += len;
	}
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

/* With O_PATH, where it may not be read; xattrs are slower then. */
static int open_directory(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 && errno == EACCES ? openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC)
					 : fd;
}

CG2_EXPORT int cg2_group_open(struct cg2_ctx *ctx, const char *path,
			      struct cg2_group **ret_group, struct cg2_error *err)
{
	const char *below;
	int fd, r;

	r = hierarchy_detect(ctx, err);
	if (r < 0)
		return r;
	below = group_below_mount(ctx, path);
	if (!below) {
		r = error_setf(err, CG2_OP_OPEN, ENOENT, path, NULL,
			       "this cgroup is outside of what is mounted here");
		error_hint(err, "run it outside the container");
		return r;
	}
	fd = open_directory(ctx->hierarchy.mount_fd, below);
	if (fd < 0)
		return error_set(err, CG2_OP_OPEN, errno, path, NULL);
	r = group_new(ctx, fd, path, ret_group);
	return r < 0 ? error_set(err, CG2_OP_OPEN, r, path, NULL) : 0;
}

int group_path_of_line(struct cg2_ctx *ctx, const char *line, char **ret_path)
{
	/* What can't be used has no namespace that would matter. */
	if (hierarchy_detect(ctx, NULL) == 0 && ctx->hierarchy.namespace_root)
		return namespace_resolve(ctx->hierarchy.namespace_root, line, ret_path);
	*ret_path = strdup(line);
	return *ret_path ? 0 : -ENOMEM;
}

int group_path_of_pid(struct cg2_ctx *ctx, pid_t pid, char **ret_path,
		      struct cg2_error *reterr)
{
	_cleanup_free_ char *raw = NULL;
	int r;

	r = namespace_read_path(ctx, pid, &raw, reterr);
	if (r < 0)
		return r;
	r = group_path_of_line(ctx, raw, ret_path);
	return r < 0 ? error_set(reterr, CG2_OP_READ, r, raw, NULL) : 0;
}

CG2_EXPORT int cg2_group_open_pid(struct cg2_ctx *ctx, pid_t pid,
				  struct cg2_group **ret_group, struct cg2_error *err)
{
	_cleanup_free_ char *path = NULL;
	int r;

	r = group_path_of_pid(ctx, pid, &path, err);
	if (r < 0)
		return r;
	return cg2_group_open(ctx, path, ret_group, err);
}

int group_open_parent(struct cg2_group *group, struct cg2_group **ret_parent,
		      struct cg2_error *reterr)
{
	_cleanup_free_ char *path = strdup(group->path);
	char *slash;

	if (!path)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, group->path, NULL);
	slash = strrchr(path, '/');
	if (!slash || strcmp(path, "/") == 0 ||
	    strcmp(path, group->ctx->hierarchy.mount_root) == 0) {
		*ret_parent = NULL;
		return 0;
	}
	slash[slash == path] = '\0';
	return cg2_group_open(group->ctx, path, ret_parent, reterr);
}

int group_step_up(struct cg2_group **group, struct cg2_error *reterr)
{
	struct cg2_group *parent;
	int r = group_open_parent(*group, &parent, reterr);

	if (r < 0)
		return r;
	cg2_group_unref(*group);
	*group = parent;
	return 0;
}

char *path_join(const char *path, const char *file)
{
	return text_format("%s/%s", strcmp(path, "/") == 0 ? "" : path, file);
}

char *group_join(struct cg2_group *group, const char *file)
{
	return path_join(group->path, file);
}

CG2_EXPORT int cg2_group_create(struct cg2_group *parent, const char *name,
				struct cg2_group **ret_group, struct cg2_error *err)
{
	_cleanup_free_ char *path = group_join(parent, name);
	int fd, r;

	if (!path)
		return error_set(err, CG2_OP_CREATE, ENOMEM, name, NULL);
	if (mkdirat(parent->fd, name, 0755) < 0) {
		r = error_set(err, CG2_OP_CREATE, errno, path, NULL);
		if (r == -EAGAIN)
			error_hint(err, "see cgroup.max.depth and cgroup.max.descendants "
					"of the cgroups above");
		return r;
	}
	/* Not O_PATH: whoever made a cgroup may want to lock or mark it. */
	fd = openat(parent->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : group_new(parent->ctx, fd, path, ret_group);
	if (r == 0) {
		(*ret_group)->parent = cg2_group_ref(parent);
		return 0;
	}
	error_set(err, fd < 0 ? CG2_OP_OPEN : CG2_OP_CREATE, r, path, NULL);
	/* Nobody else would. */
	unlinkat(parent->fd, name, AT_REMOVEDIR);
	return r;
}

int group_open_child(struct cg2_group *parent, const char *name, struct cg2_group **ret_group,
		     struct cg2_error *reterr)
{
	_cleanup_free_ char *path = group_join(parent, name);
	int fd, r;

	if (!path)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, name, NULL);
	fd = open_directory(parent->fd, name);
	if (fd < 0)
		return error_set(reterr, CG2_OP_OPEN, errno, path, NULL);
	r = group_new(parent->ctx, fd, path, ret_group);
	return r < 0 ? error_set(reterr, CG2_OP_OPEN, r, path, NULL) : 0;
}

uint64_t group_get_id(struct cg2_group *group)
{
	struct stat st;

	if (!group->id && fstat(group->fd, &st) == 0)
		group->id = st.st_ino;
	return group->id;
}

/*
 * Whether name, in the directory above, is this cgroup and not one that was made again. rmdir(2)
 * takes a name only: in between it would have to be removed and made once more.
 */
static bool is_entry(int above_fd, const char *name, struct cg2_group *group)
{
	struct stat found;

	return fstatat(above_fd, name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
	       group_get_id(group) == found.st_ino;
}

static int remove_entry(struct cg2_group *group)
{
	_cleanup_close_ int opened_fd = -1;
	const char *end = group->path + strlen(group->path), *begin;
	char name[NAME_MAX + 1];
	int above_fd;

	while (end > group->path && end[-1] == '/')
		end--;
	for (begin = end; begin > group->path && begin[-1] != '/'; begin--)
		;
	/* The root. */
	if (begin == end)
		return -EBUSY;
	if ((size_t)(end - begin) > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, begin, (size_t)(end - begin));
	name[end - begin] = '\0';
	/* No cgroup ever gets another parent. */
	above_fd = group->parent ? group->parent->fd : -1;
	if (above_fd < 0)
		above_fd = opened_fd = openat(group->fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (above_fd < 0)
		return -errno;
	if (!is_entry(above_fd, name, group))
		return -ENOENT;
	return unlinkat(above_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

CG2_EXPORT int cg2_group_remove(struct cg2_group *group, struct cg2_error *err)
{
	int r = remove_entry(group);

	return r < 0 ? error_set(err, CG2_OP_REMOVE, r, group->path, NULL) : 0;
}

CG2_EXPORT struct cg2_group *cg2_group_ref(struct cg2_group *group)
{
	if (group)
		group->n_ref++;
	return group;
}

CG2_EXPORT struct cg2_group *cg2_group_unref(struct cg2_group *group)
{
	assert(!group || group->n_ref > 0);
	if (!group || --group->n_ref > 0)
		return NULL;
	close_fd(group->fd);
	lock_end(group->lock_fd);
	cg2_group_unref(group->parent);
	free(group->path);
	cg2_ctx_unref(group->ctx);
	free(group);
	return NULL;
}

CG2_EXPORT const char *cg2_group_get_path(struct cg2_group *group)
{
	return group->path;
}

CG2_EXPORT int cg2_group_get_fd(struct cg2_group *group)
{
	return group->fd;
}

/* Which controller a file belongs to, -1 for cgroup.* and the like. */
static int controller_of_file(const char *file)
{
	char name[16];
	size_t len = strcspn(file, ".");

	if (len >= sizeof(name))
		return -1;
	memcpy(name, file, len);
	name[len] = '\0';
	return cg2_controller_from_string(name);
}

/* Says what the kernel means by an error here; only asked after one. */
static void explain(struct cg2_group *group, const char *file, int r, struct cg2_error *reterr)
{
	int controller = controller_of_file(file);
	uint64_t mask;

	if (!reterr)
		return;
	if (r == -ENOENT && controller >= 0 &&
	    cg2_group_read_controllers(group, &mask, NULL) == 0) {
		if (mask & UINT64_C(1) << controller)
			error_hint(reterr, "this kernel has no %s", file);
		else
			error_hint(reterr, "the %s controller is not enabled for this cgroup",
				   cg2_controller_to_string((unsigned int)controller));
	} else if (r == -EBUSY && strcmp(file, "cgroup.subtree_control") == 0) {
		error_hint(reterr, "a cgroup that gives controllers to its children can hold "
				   "no processes; move them into a child first");
	} else if (r == -EBUSY && strcmp(file, "cgroup.procs") == 0) {
		error_hint(reterr, "it gives controllers to its children, so that it can hold no "
				   "processes; name one of them");
	} else if (r == -EACCES || r == -EPERM) {
		error_hint(reterr, "this cgroup is not delegated to you");
	} else if (r == -EROFS) {
		error_hint(reterr, "cgroupfs is mounted read-only here, as containers do");
	}
}

static int group_error(struct cg2_group *group, enum cg2_op op, int code, const char *file,
		       const char *value, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = reterr ? group_join(group, file) : NULL;
	int r = error_set(reterr, op, code, path, value);

	explain(group, file, r, reterr);
	return r;
}

CG2_EXPORT int cg2_group_read(struct cg2_group *group, const char *file, char **ret_buf,
			      size_t *ret_len, struct cg2_error *err)
{
	int r = fsio_read(group->fd, file, ret_buf, ret_len);

	ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "read %s/%s: %s", group->path, file,
		r < 0 ? strerror(-r) : *ret_buf);
	return r < 0 ? group_error(group, CG2_OP_READ, r, file, NULL, err) : 0;
}

CG2_EXPORT int cg2_group_read_value(struct cg2_group *group, const char *file,
				    uint64_t *ret_value, struct cg2_error *err)
{
	char buf[64];
	size_t len;
	int r;

	r = fsio_read_into(group->fd, file, buf, sizeof(buf), &len);
	ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "read %s/%s: %s", group->path, file,
		r < 0 ? strerror(-r) : buf);
	if (r == 0)
		r = cg2_parse_value(buf, len, ret_value);
	return r < 0 ? group_error(group, CG2_OP_READ, r, file, NULL, err) : 0;
}

CG2_EXPORT int cg2_group_read_flat(struct cg2_group *group, const char *file, const char *key,
				   uint64_t *ret_value, struct cg2_error *err)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;
	int r;

	r = cg2_group_read(group, file, &buf, &len, err);
	if (r < 0)
		return r;
	r = cg2_parse_flat(buf, len, key, ret_value);
	if (r == -ENOENT) {
		_cleanup_free_ char *path = group_join(group, file);

		/* The file is there; what a missing file means would mislead. */
		return error_setf(err, CG2_OP_READ, r, path, NULL, "it has no line %s", key);
	}
	return r < 0 ? group_error(group, CG2_OP_READ, r, file, NULL, err) : 0;
}

CG2_EXPORT int cg2_group_write(struct cg2_group *group, const char *file, const char *value,
			       struct cg2_error *err)
{
	int r = fsio_write(group->fd, file, value);

	ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "write '%s' to %s/%s: %s", value, group->path,
		file, r < 0 ? strerror(-r) : "done");
	return r < 0 ? group_error(group, CG2_OP_WRITE, r, file, value, err) : 0;
}

int group_write_read(struct cg2_group *group, const char *file, const char *value, char *buf,
		     size_t size, size_t *ret_len, struct cg2_error *reterr)
{
	int r = fsio_write_read(group->fd, file, value, buf, size, ret_len);

	ctx_log(group->ctx, CG2_LOG_DEBUG, NULL, "write '%s' to %s/%s: %s", value, group->path,
		file, r < 0 ? strerror(-r) : buf);
	return r < 0 ? group_error(group, CG2_OP_WRITE, r, file, value, reterr) : 0;
}

CG2_EXPORT int cg2_group_move(struct cg2_group *group, pid_t pid, struct cg2_error *err)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", (int)pid);
	return cg2_group_write(group, "cgroup.procs", text, err);
}

CG2_EXPORT int cg2_group_read_controllers(struct cg2_group *group, uint64_t *ret_mask,
					  struct cg2_error *err)
{
	char buf[512];
	const char *word;
	size_t len, word_len, pos = 0;
	uint64_t mask = 0;
	int r;

	r = fsio_read_into(group->fd, "cgroup.controllers", buf, sizeof(buf), &len);
	if (r < 0)
		return group_error(group, CG2_OP_READ, r, "cgroup.controllers", NULL, err);
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		char name[32];
		int controller;

		snprintf(name, sizeof(name), "%.*s", (int)word_len, word);
		controller = cg2_controller_from_string(name);
		if (controller >= 0)
			mask |= UINT64_C(1) << controller;
	}
	*ret_mask = mask;
	return 0;
}

CG2_EXPORT int cg2_group_enable_controllers(struct cg2_group *group, uint64_t mask,
					    struct cg2_error *err)
{
	char text[128] = "";
	const char *name;
	size_t len = 0;

	for (unsigned int i = 0; (name = cg2_controller_to_string(i)); i++)
		if (mask & UINT64_C(1) << i)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s+%s",
						len ? " " : "", name);
	if (len == 0)
		return 0;
	return cg2_group_write(group, "cgroup.subtree_control", text, err);
}

CG2_EXPORT int cg2_group_kill(struct cg2_group *group, struct cg2_error *err)
{
	return cg2_group_write(group, "cgroup.kill", "1", err);
}

CG2_EXPORT int cg2_group_is_populated(struct cg2_group *group, struct cg2_error *err)
{
	uint64_t populated;
	int r;

	r = cg2_group_read_flat(group, "cgroup.events", "populated", &populated, err);
	return r < 0 ? r : populated != 0;
}

uint64_t group_peek_value(struct cg2_group *group, const char *file)
{
	char buf[64];
	uint64_t value;
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_value(buf, len, &value) < 0)
		return UNKNOWN;
	return value;
}

uint64_t group_peek_flat(struct cg2_group *group, const char *file, const char *key)
{
	char buf[1024];
	uint64_t value;
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_flat(buf, len, key, &value) < 0)
		return UNKNOWN;
	return value;
}
