/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The figures of a cgroup: which file and key each one is read from.
 */
#include "evidence/figures.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"

/* Figures that are one value or one key of a flat keyed file; rows of a file are neighbours. */
static const struct {
	enum cg2_figure figure;
	const char *file;
	const char *key; /* NULL: the file is the value */
} rows[] = {
	{ CG2_FIGURE_CPU_USAGE_USEC, "cpu.stat", "usage_usec" },
	{ CG2_FIGURE_CPU_USER_USEC, "cpu.stat", "user_usec" },
	{ CG2_FIGURE_CPU_SYSTEM_USEC, "cpu.stat", "system_usec" },
	{ CG2_FIGURE_CPU_THROTTLED_USEC, "cpu.stat", "throttled_usec" },
	{ CG2_FIGURE_CPU_PERIODS_COUNT, "cpu.stat", "nr_periods" },
	{ CG2_FIGURE_CPU_THROTTLED_COUNT, "cpu.stat", "nr_throttled" },
	{ CG2_FIGURE_MEMORY_LOW_COUNT, "memory.events", "low" },
	{ CG2_FIGURE_MEMORY_HIGH_COUNT, "memory.events", "high" },
	{ CG2_FIGURE_MEMORY_MAX_COUNT, "memory.events", "max" },
	{ CG2_FIGURE_MEMORY_OOM_COUNT, "memory.events", "oom" },
	{ CG2_FIGURE_MEMORY_OOM_KILL_COUNT, "memory.events", "oom_kill" },
	{ CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT, "memory.events", "oom_group_kill" },
	{ CG2_FIGURE_MEMORY_PEAK_BYTES, "memory.peak", NULL },
	{ CG2_FIGURE_SWAP_PEAK_BYTES, "memory.swap.peak", NULL },
	{ CG2_FIGURE_TASKS_PEAK_COUNT, "pids.peak", NULL },
};

/* What a quota did, which is counted at one level of those that have it. */
static const enum cg2_figure throttling[] = {
	CG2_FIGURE_CPU_THROTTLED_USEC,
	CG2_FIGURE_CPU_PERIODS_COUNT,
	CG2_FIGURE_CPU_THROTTLED_COUNT,
};

/* Pressure files, with what some and full lines become. */
static const struct {
	const char *file;
	enum cg2_figure some;
	enum cg2_figure full;
} pressure_rows[] = {
	{ "cpu.pressure", CG2_FIGURE_CPU_SOME_USEC, CG2_FIGURE_CPU_FULL_USEC },
	{ "memory.pressure", CG2_FIGURE_MEMORY_SOME_USEC, CG2_FIGURE_MEMORY_FULL_USEC },
	{ "io.pressure", CG2_FIGURE_IO_SOME_USEC, CG2_FIGURE_IO_FULL_USEC },
};

static const struct {
	enum cg2_figure figure;
	const char *key;
} io_rows[] = {
	{ CG2_FIGURE_IO_READ_BYTES, "rbytes" },
	{ CG2_FIGURE_IO_WRITE_BYTES, "wbytes" },
	{ CG2_FIGURE_IO_READ_COUNT, "rios" },
	{ CG2_FIGURE_IO_WRITE_COUNT, "wios" },
};

void figures_set(struct figures *f, enum cg2_figure figure, uint64_t value)
{
	f->value[figure] = value;
	f->known |= UINT64_C(1) << figure;
}

void figures_set_max(struct figures *f, enum cg2_figure figure, uint64_t value)
{
	if (value >= figures_get(f, figure, 0))
		figures_set(f, figure, value);
}

uint64_t figures_get(const struct figures *f, enum cg2_figure figure, uint64_t otherwise)
{
	return f->known & UINT64_C(1) << figure ? f->value[figure] : otherwise;
}

/* The rows of one file, or of all (NULL). */
static void read_rows(struct figures *f, struct cg2_group *group, const char *only)
{
	const char *file = NULL;
	char buf[2048];
	size_t len = 0;
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value;

		if (only && strcmp(only, rows[i].file) != 0)
			continue;
		if (!file || strcmp(file, rows[i].file) != 0) {
			file = rows[i].file;
			r = fsio_read_into(group->fd, file, buf, sizeof(buf), &len);
		}
		if (r < 0)
			continue;
		if (rows[i].key ? cg2_parse_flat(buf, len, rows[i].key, &value) == 0
				: cg2_parse_value(buf, len, &value) == 0)
			figures_set(f, rows[i].figure, value);
	}
}

static void read_pressure(struct figures *f, struct cg2_group *group)
{
	for (size_t i = 0; i < ARRAY_SIZE(pressure_rows); i++) {
		struct cg2_psi psi;
		char buf[512];
		size_t len;

		if (fsio_read_into(group->fd, pressure_rows[i].file, buf, sizeof(buf), &len) < 0 ||
		    cg2_parse_psi(buf, len, &psi) < 0)
			continue;
		if (psi.mask & CG2_PSI_SOME)
			figures_set(f, pressure_rows[i].some, psi.some.total_usec);
		if (psi.mask & CG2_PSI_FULL)
			figures_set(f, pressure_rows[i].full, psi.full.total_usec);
	}
}

/* One line of io.stat: adds the devices up. */
static void add_io_line(struct figures *f, const char *line, size_t len)
{
	size_t name_len = 0;
	char name[32];

	while (name_len < len && line[name_len] != ' ')
		name_len++;
	if (name_len >= sizeof(name))
		return;
	memcpy(name, line, name_len);
	name[name_len] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(io_rows); i++) {
		uint64_t value;

		if (cg2_parse_nested(line, len, name, io_rows[i].key, &value) == 0)
			figures_set(f, io_rows[i].figure,
				    f->value[io_rows[i].figure] + value);
	}
}

static void read_io(struct figures *f, struct cg2_group *group)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;

	if (fsio_read(group->fd, "io.stat", &buf, &len) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(io_rows); i++)
		figures_set(f, io_rows[i].figure, 0);
	for (char *line = buf; line < buf + len;) {
		char *end = memchr(line, '\n', (size_t)(buf + len - line));

		if (!end)
			break;
		add_io_line(f, line, (size_t)(end + 1 - line));
		line = end + 1;
	}
}

void figures_read(struct figures *f, struct cg2_group *group)
{
	read_rows(f, group, NULL);
	read_pressure(f, group);
	read_io(f, group);
}

void figures_read_throttling(struct figures *f, struct cg2_group *around)
{
	struct figures there = { 0 };

	read_rows(&there, around, "cpu.stat");
	if (figures_get(&there, CG2_FIGURE_CPU_THROTTLED_USEC, 0) <=
	    figures_get(f, CG2_FIGURE_CPU_THROTTLED_USEC, 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(throttling); i++)
		figures_set(f, throttling[i], figures_get(&there, throttling[i], 0));
}

/* What of memory.stat stays when the processes have ended. */
static void sample_files(struct figures *f, const char *buf, size_t len)
{
	uint64_t value, inactive;

	if (cg2_parse_flat(buf, len, "file", &value) == 0)
		figures_set_max(f, CG2_FIGURE_FILE_PEAK_BYTES, value);
	if (cg2_parse_flat(buf, len, "active_file", &value) == 0 &&
	    cg2_parse_flat(buf, len, "inactive_file", &inactive) == 0)
		figures_set_max(f, CG2_FIGURE_CACHE_PEAK_BYTES, value + inactive);
}

void figures_sample_files(struct figures *f, struct cg2_group *group)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;

	if (fsio_read(group->fd, "memory.stat", &buf, &len) == 0)
		sample_files(f, buf, len);
}

void figures_sample(struct figures *f, struct cg2_group *group)
{
	_cleanup_free_ char *buf = NULL;
	uint64_t value;
	size_t len;

	if (fsio_read(group->fd, "memory.stat", &buf, &len) < 0)
		return;
	if (cg2_parse_flat(buf, len, "anon", &value) == 0)
		figures_set_max(f, CG2_FIGURE_ANON_PEAK_BYTES, value);
	sample_files(f, buf, len);
}
