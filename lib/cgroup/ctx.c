/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context: the root directory that everything is read below, and the log.
 */
#include "cgroup/ctx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/fsio.h"
#include "value/error.h"
#include "value/unknown.h"

CG2_EXPORT int cg2_ctx_new(const char *root, struct cg2_ctx **ret_ctx, struct cg2_error *err)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;

	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return error_set(err, CG2_OP_OPEN, ENOMEM, root, NULL);
	ctx->n_ref = 1;
	ctx->hierarchy.mount_fd = -1;
	ctx->is_real_root = !root || strcmp(root, "/") == 0;
	ctx->root_fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ctx->root_fd < 0)
		return error_set(err, CG2_OP_OPEN, errno, root ? root : "/", NULL);
	*ret_ctx = take_ptr(&ctx);
	return 0;
}

CG2_EXPORT struct cg2_ctx *cg2_ctx_ref(struct cg2_ctx *ctx)
{
	if (ctx)
		ctx->n_ref++;
	return ctx;
}

void hierarchy_clear(struct hierarchy *h)
{
	free(h->mount_point);
	free(h->mount_root);
	free(h->namespace_root);
	close_fd(h->mount_fd);
	memset(h, 0, sizeof(*h));
	h->mount_fd = -1;
}

CG2_EXPORT struct cg2_ctx *cg2_ctx_unref(struct cg2_ctx *ctx)
{
	assert(!ctx || ctx->n_ref > 0);
	if (!ctx || --ctx->n_ref > 0)
		return NULL;
	hierarchy_clear(&ctx->hierarchy);
	close_fd(ctx->root_fd);
	free(ctx->debug_rooms);
	free(ctx);
	return NULL;
}

CG2_EXPORT void cg2_ctx_set_log(struct cg2_ctx *ctx, cg2_log_fn fn, void *userdata,
				enum cg2_log_level level)
{
	const char *rooms = secure_getenv("CG2_DEBUG");

	ctx->log_fn = fn;
	ctx->log_userdata = userdata;
	ctx->log_level = level;
	free(ctx->debug_rooms);
	ctx->debug_rooms = rooms ? strdup(rooms) : NULL;
}

/* "systemd" of "../lib/systemd/bus.c". */
static const char *room_of(const char *file, size_t *ret_len)
{
	const char *end = strrchr(file, '/'), *begin;

	assert(end);
	for (begin = end; begin > file && begin[-1] != '/'; begin--)
		;
	*ret_len = (size_t)(end - begin);
	return begin;
}

/* Whether the list of rooms has the file's; "1" and "all" have all. */
static bool is_listed(const char *list, const char *file)
{
	size_t len;
	const char *room = room_of(file, &len);

	if (strcmp(list, "1") == 0 || strcmp(list, "all") == 0)
		return true;
	for (;;) {
		size_t n = strcspn(list, ",");

		if (n == len && strncmp(list, room, n) == 0)
			return true;
		if (list[n] == '\0')
			return false;
		list += n + 1;
	}
}

bool ctx_wants_log_of(struct cg2_ctx *ctx, enum cg2_log_level level, const char *file)
{
	if (!ctx || !ctx->log_fn)
		return false;
	return level <= ctx->log_level || (ctx->debug_rooms && is_listed(ctx->debug_rooms, file));
}

void ctx_log_of(struct cg2_ctx *ctx, enum cg2_log_level level, const char *file,
		const struct cg2_error *err, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	char cut[256];
	va_list ap;

	if (!ctx_wants_log_of(ctx, level, file))
		return;
	va_start(ap, format);
	text = text_vformat(format, ap);
	va_end(ap);
	/* Without memory it is cut, not lost: nothing else may tell of what failed. */
	if (!text) {
		va_start(ap, format);
		vsnprintf(cut, sizeof(cut), format, ap);
		va_end(ap);
	}
	ctx->log_fn(ctx->log_userdata, level, text ? text : cut, err);
}

/* A path below the root, as openat(2) wants it. */
static const char *relative(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

int ctx_open_dir(struct cg2_ctx *ctx, const char *path)
{
	int fd = openat(ctx->root_fd, relative(path), O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int ctx_read_into(struct cg2_ctx *ctx, const char *path, char *buf, size_t size,
		  size_t *ret_len)
{
	return fsio_read_into(ctx->root_fd, relative(path), buf, size, ret_len);
}

int ctx_read_value(struct cg2_ctx *ctx, const char *path, uint64_t *ret_value)
{
	char buf[64];
	size_t len;
	int r;

	r = ctx_read_into(ctx, path, buf, sizeof(buf), &len);
	if (r < 0)
		return r;
	return cg2_parse_value(buf, len, ret_value);
}

uint64_t ctx_peek_value(struct cg2_ctx *ctx, const char *path)
{
	uint64_t value;

	return ctx_read_value(ctx, path, &value) < 0 ? UNKNOWN : value;
}
