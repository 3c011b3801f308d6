/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limits a cgroup has, as the set that takes them off.
 */
#include "manage/lift.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "cgroup/group.h"
#include "value/error.h"

static const enum cg2_limit lifted[] = {
	CG2_LIMIT_MEMORY_MAX, CG2_LIMIT_MEMORY_HIGH, CG2_LIMIT_SWAP_MAX,    CG2_LIMIT_CPU_MAX,
	CG2_LIMIT_TASKS_MAX,  CG2_LIMIT_CPUSET_CPUS, CG2_LIMIT_CPUSET_MEMS, CG2_LIMIT_IO_MAX,
};

/* A cgroup with processes takes no empty list (ENOSPC): all that the one above has is no limit. */
static int lift_list(struct cg2_limits *limits, enum cg2_limit limit, struct cg2_group *group)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *parent = NULL;
	_cleanup_free_ char *file = NULL, *buf = NULL;
	_cleanup_free_ uint8_t *list = calloc(1, LIST_BITS / 8);
	size_t len;

	file = text_format("%s.effective", limit_row(limit)->info.file);
	if (!list || !file)
		return -ENOMEM;
	if (group_open_parent(group, &parent, NULL) < 0 || !parent ||
	    cg2_group_read(parent, file, &buf, &len, NULL) < 0)
		return 0;
	buf[strcspn(buf, "\n")] = '\0';
	if (cg2_list_from_string(buf, list, LIST_BITS, NULL) < 0)
		return 0;
	free(limits->list[limit]);
	limits->list[limit] = take_ptr(&list);
	limits->set |= UINT64_C(1) << limit;
	return 0;
}

/* The device of one line of io.max, which has a line only where it has a limit. */
static int lift_device(struct cg2_limits *limits, struct scan *line)
{
	struct io_limit io = { .mask = (1U << N_IO_KEYS) - 1 }, *grown;
	struct scan word = scan_until(line, ':');
	uint64_t major, minor;

	if (scan_u64(&word, &major) < 0)
		return 0;
	word = scan_until(line, ' ');
	if (scan_u64(&word, &minor) < 0)
		return 0;
	io.major = (unsigned int)major;
	io.minor = (unsigned int)minor;
	for (size_t i = 0; i < limits->n_io; i++)
		if (limits->io[i].major == io.major && limits->io[i].minor == io.minor)
			return 0;
	for (size_t k = 0; k < N_IO_KEYS; k++)
		io.value[k] = CG2_MAX;
	grown = reallocarray(limits->io, limits->n_io + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	limits->io = grown;
	limits->io[limits->n_io++] = io;
	limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
	return 0;
}

static int lift_io(struct cg2_limits *limits, const char *buf, size_t len)
{
	struct scan s = scan_of(buf, len);
	int r = 0;

	while (r == 0 && !scan_done(&s)) {
		struct scan line = scan_until(&s, '\n');

		r = lift_device(limits, &line);
	}
	return r;
}

static bool is_unlimited(const struct cg2_limit_info *info, const char *buf)
{
	return info->unit == CG2_UNIT_LIST || info->unit == CG2_UNIT_IO
		       ? buf[0] == '\0' || buf[0] == '\n'
		       : strncmp(buf, "max", 3) == 0;
}

static int lift(struct cg2_limits *limits, enum cg2_limit limit, struct cg2_group *group)
{
	const struct cg2_limit_info *info = &limit_row(limit)->info;
	_cleanup_free_ char *buf = NULL;
	size_t len;

	if (cg2_group_read(group, info->file, &buf, &len, NULL) < 0 || is_unlimited(info, buf))
		return 0;
	if (info->unit == CG2_UNIT_IO)
		return lift_io(limits, buf, len);
	if (limits_has(limits, limit))
		return 0;
	return info->unit == CG2_UNIT_LIST ? lift_list(limits, limit, group)
					   : cg2_limits_set(limits, limit, CG2_MAX);
}

int lift_limits(struct cg2_limits *limits, struct cg2_group *group, struct cg2_error *reterr)
{
	for (size_t i = 0; i < ARRAY_SIZE(lifted); i++) {
		int r = lift(limits, lifted[i], group);

		if (r < 0)
			return error_set(reterr, CG2_OP_WRITE, r, group->path, NULL);
	}
	return 0;
}
