/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The disk that a limit on I/O is about: of a path on it, of a partition, of what dm has made of it
 * (LVM, LUKS). systemd looks for it in the same way, so that a limit is on the same disk whoever
 * writes it.
 */
#include "limit/limit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/scan.h"
#include "cgroup/ctx.h"
#include "value/error.h"

/* More than anybody stacks. */
#define LAYERS_MAX 16

/* "254:16" in a file. */
static bool read_device(struct cg2_ctx *ctx, const char *path, dev_t *ret_dev)
{
	uint64_t n[2] = { 0, 0 };
	struct scan s;
	char buf[32];
	size_t len;

	if (ctx_read_into(ctx, path, buf, sizeof(buf), &len) < 0)
		return false;
	s = scan_of_string(buf);
	if (scan_u64(&s, &n[0]) < 0 || !scan_char(&s, ':') || scan_u64(&s, &n[1]) < 0 || n[0] == 0)
		return false;
	*ret_dev = makedev((unsigned int)n[0], (unsigned int)n[1]);
	return true;
}

/* The disk of a partition: io.max takes whole disks. */
static dev_t whole_disk(struct cg2_ctx *ctx, dev_t dev)
{
	char path[96];
	uint64_t partition;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(dev), minor(dev));
	if (ctx_read_value(ctx, path, &partition) < 0)
		return dev;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", major(dev), minor(dev));
	read_device(ctx, path, &dev);
	return dev;
}

/* What a device is made of, if that is all on one disk. */
static bool step_down(struct cg2_ctx *ctx, dev_t *dev)
{
	_cleanup_(dir_closep) DIR *dir = NULL;
	const struct dirent *entry;
	dev_t found = 0;
	char path[96];

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u/slaves", major(*dev), minor(*dev));
	dir = dir_open(ctx->root_fd, path);
	while (dir && (entry = readdir(dir))) {
		char file[sizeof(path) + sizeof(entry->d_name) + 8];
		dev_t below;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "/%s/%s/dev", path, entry->d_name);
		if (!read_device(ctx, file, &below))
			return false;
		if (found && whole_disk(ctx, below) != whole_disk(ctx, found))
			return false;
		found = below;
	}
	if (!found)
		return false;
	*dev = found;
	return true;
}

/* "vda" */
static void read_name(struct cg2_ctx *ctx, struct io_limit *io)
{
	char path[64], link[512];
	const char *name;
	ssize_t n;

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u", io->major, io->minor);
	n = readlinkat(ctx->root_fd, path, link, sizeof(link) - 1);
	if (n < 0)
		return;
	link[n] = '\0';
	name = strrchr(link, '/');
	snprintf(io->name, sizeof(io->name), "%.*s", (int)sizeof(io->name) - 1,
		 name ? name + 1 : link);
}

int limits_find_disk(struct cg2_ctx *ctx, const char *path, struct io_limit *io,
		     struct cg2_error *reterr)
{
	struct stat st;
	dev_t dev;

	if (stat(path, &st) < 0)
		return error_set(reterr, CG2_OP_PARSE, errno, NULL, path);
	dev = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	if (major(dev) == 0)
		return error_setf(reterr, CG2_OP_PARSE, ENODEV, NULL, path,
				  "is on no block device; name the disk itself, as in /dev/sda");
	for (int i = 0; i < LAYERS_MAX && step_down(ctx, &dev); i++)
		;
	dev = whole_disk(ctx, dev);
	io->major = major(dev);
	io->minor = minor(dev);
	read_name(ctx, io);
	return 0;
}
