/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a cgroup uses now, one figure and one file at a time: who shows three columns reads three
 * files.
 */
#include "evidence/use.h"

#include <errno.h>

#include "cgroup/fsio.h"
#include "cgroup/group.h"

/* How the figure stands in its file. */
enum shape {
	SHAPE_VALUE,
	SHAPE_FLAT,
	SHAPE_CPU_MAX,
	SHAPE_SOME, /* avg10 of the line */
	SHAPE_FULL,
	SHAPE_CACHE, /* pages of files, but for those of tmpfs, which nobody can drop */
};

static const struct {
	const char *file;
	enum shape shape;
	const char *key;
} sources[] = {
	[CG2_USE_MEMORY_BYTES] = { "memory.current", SHAPE_VALUE, NULL },
	[CG2_USE_MEMORY_MAX_BYTES] = { "memory.max", SHAPE_VALUE, NULL },
	[CG2_USE_MEMORY_HIGH_BYTES] = { "memory.high", SHAPE_VALUE, NULL },
	[CG2_USE_MEMORY_PEAK_BYTES] = { "memory.peak", SHAPE_VALUE, NULL },
	[CG2_USE_SWAP_BYTES] = { "memory.swap.current", SHAPE_VALUE, NULL },
	[CG2_USE_SWAP_MAX_BYTES] = { "memory.swap.max", SHAPE_VALUE, NULL },
	[CG2_USE_TASKS_COUNT] = { "pids.current", SHAPE_VALUE, NULL },
	[CG2_USE_TASKS_MAX_COUNT] = { "pids.max", SHAPE_VALUE, NULL },
	[CG2_USE_TASKS_PEAK_COUNT] = { "pids.peak", SHAPE_VALUE, NULL },
	[CG2_USE_TASKS_REFUSED_COUNT] = { "pids.events", SHAPE_FLAT, "max" },
	[CG2_USE_CPU_USEC] = { "cpu.stat", SHAPE_FLAT, "usage_usec" },
	[CG2_USE_CPU_THROTTLED_USEC] = { "cpu.stat", SHAPE_FLAT, "throttled_usec" },
	[CG2_USE_CPU_MAX_PERMYRIAD] = { "cpu.max", SHAPE_CPU_MAX, NULL },
	[CG2_USE_CPU_WEIGHT] = { "cpu.weight", SHAPE_VALUE, NULL },
	[CG2_USE_CPU_SOME_PERMYRIAD] = { "cpu.pressure", SHAPE_SOME, NULL },
	[CG2_USE_MEMORY_SOME_PERMYRIAD] = { "memory.pressure", SHAPE_SOME, NULL },
	[CG2_USE_MEMORY_FULL_PERMYRIAD] = { "memory.pressure", SHAPE_FULL, NULL },
	[CG2_USE_IO_SOME_PERMYRIAD] = { "io.pressure", SHAPE_SOME, NULL },
	[CG2_USE_IO_FULL_PERMYRIAD] = { "io.pressure", SHAPE_FULL, NULL },
	[CG2_USE_POPULATED] = { "cgroup.events", SHAPE_FLAT, "populated" },
	[CG2_USE_FROZEN] = { "cgroup.events", SHAPE_FLAT, "frozen" },
	[CG2_USE_MEMORY_HIGH_COUNT] = { "memory.events", SHAPE_FLAT, "high" },
	[CG2_USE_MEMORY_MAX_COUNT] = { "memory.events", SHAPE_FLAT, "max" },
	[CG2_USE_OOM_KILL_COUNT] = { "memory.events", SHAPE_FLAT, "oom_kill" },
	[CG2_USE_FILE_BYTES] = { "memory.stat", SHAPE_CACHE, NULL },
	[CG2_USE_ANON_BYTES] = { "memory.stat", SHAPE_FLAT, "anon" },
};

static int parse(enum shape shape, const char *key, const char *buf, size_t len,
		 uint64_t *ret_value)
{
	struct cg2_cpu_max max;
	struct cg2_psi psi;
	uint64_t more;
	int r;

	switch (shape) {
	case SHAPE_VALUE:
		return cg2_parse_value(buf, len, ret_value);
	case SHAPE_FLAT:
		return cg2_parse_flat(buf, len, key, ret_value);
	case SHAPE_CPU_MAX:
		r = cg2_parse_cpu_max(buf, len, &max);
		if (r < 0)
			return r;
		*ret_value = max.quota_usec == CG2_MAX || !max.period_usec
				     ? CG2_MAX
				     : max.quota_usec * 10000 / max.period_usec;
		return 0;
	case SHAPE_CACHE:
		r = cg2_parse_flat(buf, len, "active_file", ret_value);
		if (r == 0)
			r = cg2_parse_flat(buf, len, "inactive_file", &more);
		if (r == 0)
			*ret_value += more;
		return r;
	case SHAPE_SOME:
	case SHAPE_FULL:
		r = cg2_parse_psi(buf, len, &psi);
		if (r < 0)
			return r;
		if (!(psi.mask & (shape == SHAPE_SOME ? CG2_PSI_SOME : CG2_PSI_FULL)))
			return -ENOENT;
		*ret_value = shape == SHAPE_SOME ? psi.some.avg10_permyriad
						 : psi.full.avg10_permyriad;
		return 0;
	}
	return -EINVAL;
}

const char *use_file(enum cg2_use use)
{
	return (size_t)use < ARRAY_SIZE(sources) ? sources[use].file : NULL;
}

bool use_parse(enum cg2_use use, const char *buf, size_t len, uint64_t *ret_value)
{
	return parse(sources[use].shape, sources[use].key, buf, len, ret_value) == 0;
}

CG2_EXPORT int cg2_group_read_use(struct cg2_group *group, enum cg2_use use,
				  uint64_t *ret_value)
{
	char buf[4096];
	size_t len;

	if (!use_file(use) ||
	    fsio_read_into(group->fd, use_file(use), buf, sizeof(buf), &len) < 0)
		return 0;
	return use_parse(use, buf, len, ret_value);
}
