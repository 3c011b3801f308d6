/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits as the settings of a unit file: what limits-bus.c makes for a running manager, for one
 * that reads it later.
 */
#include "limit/limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "value/error.h"

/* "/dev/sda" of 8:0: numbers may be others after a reboot. ret_path: free with free(). */
static int device_path(struct cg2_ctx *ctx, const struct io_limit *io, char **ret_path)
{
	char path[64], buf[1024];
	char *name = NULL;
	size_t len;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/uevent", io->major, io->minor);
	if (ctx_read_into(ctx, path, buf, sizeof(buf), &len) == 0)
		name = strstr(buf, "DEVNAME=");
	if (name) {
		name += strlen("DEVNAME=");
		name[strcspn(name, "\n")] = '\0';
		*ret_path = text_format("/dev/%s", name);
	} else {
		*ret_path = text_format("/dev/block/%u:%u", io->major, io->minor);
	}
	return *ret_path ? 0 : -ENOMEM;
}

static int io_line(const struct io_limit *io, size_t key, const char *path, char **ret_setting)
{
	const char *property = io_keys[key].property;

	if (io->value[key] == CG2_MAX)
		*ret_setting = text_format("%s=%s infinity", property, path);
	else
		*ret_setting = text_format("%s=%s %" PRIu64, property, path, io->value[key]);
	return *ret_setting ? 1 : -ENOMEM;
}

/* The i-th of all devices and keys. 0: there are not so many. */
static int io_setting(const struct cg2_limits *limits, size_t i, char **ret_setting)
{
	for (size_t d = 0; d < limits->n_io; d++) {
		const struct io_limit *io = &limits->io[d];

		for (size_t k = 0; k < N_IO_KEYS; k++) {
			_cleanup_free_ char *path = NULL;

			if (!(io->mask & 1U << k) || i-- > 0)
				continue;
			if (device_path(limits->ctx, io, &path) < 0)
				return -ENOMEM;
			return io_line(io, k, path, ret_setting);
		}
	}
	return 0;
}

/* No limit is "infinity" in a unit file, but for a quota, which is then emptied. */
static const char *unlimited_of(const struct limit_row *row)
{
	return row->info.unit == CG2_UNIT_PERMYRIAD ? "" : "infinity";
}

static int setting_of(struct cg2_limits *limits, const struct limit_row *row, char **ret_setting)
{
	_cleanup_free_ char *value = NULL;
	uint64_t number = limits->value[row->info.limit];

	if (row->takes_max && number == CG2_MAX) {
		*ret_setting = text_format("%s=%s", row->info.property, unlimited_of(row));
	} else {
		int r = cg2_limits_to_string(limits, (enum cg2_limit)row->info.limit, &value);

		if (r < 0)
			return r;
		*ret_setting = text_format("%s=%s", row->info.property, value);
	}
	return *ret_setting ? 1 : -ENOMEM;
}

CG2_EXPORT int cg2_limits_get_setting(struct cg2_limits *limits, enum cg2_limit limit, size_t i,
				      char **ret_setting)
{
	const struct limit_row *row;

	if (!limit_exists(limit))
		return -EINVAL;
	row = limit_row(limit);
	if (!limits_has(limits, limit))
		return 0;
	if (!row->info.property)
		return -EOPNOTSUPP;
	if (row->info.unit == CG2_UNIT_IO)
		return io_setting(limits, i, ret_setting);
	return i == 0 ? setting_of(limits, row, ret_setting) : 0;
}
