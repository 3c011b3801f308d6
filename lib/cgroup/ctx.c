/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The context: the root directory that everything is read below, and the log.
 */
#include "cgroup/ctx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/fsio.h"
#include "value/error.h"

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
	if (secure_getenv("CG2_DEBUG"))
		ctx->log_level = CG2_LOG_DEBUG;
	*ret_ctx = take_ptr(&ctx);
	return 0;
}

CG2_EXPORT struct cg2_ctx *cg2_ctx_ref(struct cg2_ctx *ctx)
{
	if (ctx)
		ctx->n_ref++;
	return ctx;
}

CG2_EXPORT struct cg2_ctx *cg2_ctx_unref(struct cg2_ctx *ctx)
{
	if (!ctx || --ctx->n_ref > 0)
		return NULL;
	hierarchy_clear(&ctx->hierarchy);
	close_fd(ctx->root_fd);
	free(ctx);
	return NULL;
}

CG2_EXPORT void cg2_ctx_set_log(struct cg2_ctx *ctx, cg2_log_fn fn, void *userdata,
				enum cg2_log_level level)
{
	ctx->log_fn = fn;
	ctx->log_userdata = userdata;
	ctx->log_level = secure_getenv("CG2_DEBUG") ? CG2_LOG_DEBUG : level;
}

bool ctx_wants_log(struct cg2_ctx *ctx, enum cg2_log_level level)
{
	return ctx->log_fn && level <= ctx->log_level;
}

void ctx_log(struct cg2_ctx *ctx, enum cg2_log_level level, const struct cg2_error *err,
	     const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	if (!ctx_wants_log(ctx, level))
		return;
	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return;
	}
	ctx->log_fn(ctx->log_userdata, level, text, err);
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
