/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The levels from a target's cgroup up to the root: use and limits, a dozen small files
 * each. Of controllers that a level does not have nothing is read.
 */
#include "check/check-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/cache.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "process/procfs.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* More siblings than that are not asked for their weights. */
#define SIBLINGS_MAX 256

static uint64_t read_figure(int fd, const char *file)
{
	char buf[64];
	uint64_t value;
	size_t len;

	if (fsio_read_into(fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_value(buf, len, &value) < 0)
		return UNKNOWN;
	return value;
}

static bool is_one(int fd, const char *file)
{
	return read_figure(fd, file) == 1;
}

/* Without the newline at the end. -ENOMEM; no file is no error. */
static int read_file_text(int fd, const char *file, char **ret_text)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;
	int r;

	r = fsio_read(fd, file, &buf, &len);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (len > 0 && buf[len - 1] == '\n')
		buf[len - 1] = '\0';
	*ret_text = take_ptr(&buf);
	return 0;
}

/* ---- one level ---- */

static void read_memory(int fd, uint64_t *figures)
{
	uint64_t cache;

	figures[CG2_LEVEL_MEMORY_BYTES] = read_figure(fd, "memory.current");
	figures[CG2_LEVEL_MEMORY_MAX_BYTES] = read_figure(fd, "memory.max");
	figures[CG2_LEVEL_MEMORY_HIGH_BYTES] = read_figure(fd, "memory.high");
	figures[CG2_LEVEL_SWAP_BYTES] = read_figure(fd, "memory.swap.current");
	figures[CG2_LEVEL_SWAP_MAX_BYTES] = read_figure(fd, "memory.swap.max");
	/* Expensive for the kernel, and of interest below a limit only. */
	if (is_limit(figures[CG2_LEVEL_MEMORY_MAX_BYTES]) && cache_read(fd, &cache) == 0)
		figures[CG2_LEVEL_CACHE_BYTES] = cache;
}

static void read_cpu(int fd, struct check_level *level)
{
	struct cg2_cpu_max max;
	char buf[64];
	size_t len;

	level->figures[CG2_LEVEL_CPU_WEIGHT] = read_figure(fd, "cpu.weight");
	if (level->figures[CG2_LEVEL_CPU_WEIGHT] <= 1)
		level->is_idle = is_one(fd, "cpu.idle");
	if (fsio_read_into(fd, "cpu.max", buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_cpu_max(buf, len, &max) < 0 || max.period_usec == 0)
		return;
	level->figures[CG2_LEVEL_CPU_MAX_PERMYRIAD] =
		max.quota_usec == CG2_MAX ? CG2_MAX : max.quota_usec * 10000 / max.period_usec;
}

/* Also at the root, which has these two files. */
static int read_cpuset(int fd, struct check_level *level)
{
	int r;

	r = read_file_text(fd, "cpuset.cpus.effective", &level->texts[CG2_LEVEL_CPUS]);
	if (r == 0)
		r = read_file_text(fd, "cpuset.mems.effective", &level->texts[CG2_LEVEL_MEMS]);
	return r;
}

static int level_set_unit(struct check_level *level)
{
	struct unit_place place;

	level->manager = CG2_MANAGER_SYSTEM;
	level->uid = CG2_MAX;
	if (strcmp(level->path, "/") == 0) {
		level->unit = strdup("-.slice");
		return level->unit ? 0 : -ENOMEM;
	}
	if (!unit_place_of(level->path, &place))
		return 0;
	level->manager = place.manager;
	level->uid = place.uid;
	/* What a unit made below its own cgroup has no name of systemd's. */
	if (place.path_len != strlen(level->path))
		return 0;
	level->unit = unit_place_name(&place);
	if (!level->unit)
		return -ENOMEM;
	/* Whoever owns a cgroup makes any names below it; a fix is a line for a shell. */
	if (!unit_name_is_valid(level->unit)) {
		free(level->unit);
		level->unit = NULL;
	}
	return 0;
}

static int read_level(struct check_level *level, struct cg2_group *group, struct cg2_error *reterr)
{
	uint64_t controllers;
	int r;

	*level = (struct check_level){ .weights = UNKNOWN };
	for (size_t i = 0; i < N_LEVEL_FIGURES; i++)
		level->figures[i] = UNKNOWN;
	level->path = strdup(group->path);
	r = level->path ? level_set_unit(level) : -ENOMEM;
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, group->path, NULL);
	r = cg2_group_read_controllers(group, &controllers, NULL);
	if (r == -ENOENT || r == -ENODEV)
		return error_setf(reterr, CG2_OP_READ, ENOENT, group->path, NULL,
				  "the cgroup was removed in the meantime");
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, group->path, NULL);
	level->is_frozen = is_one(group->fd, "cgroup.freeze");
	if (controllers & controller_bit("memory"))
		read_memory(group->fd, level->figures);
	if (controllers & controller_bit("pids")) {
		level->figures[CG2_LEVEL_TASKS_COUNT] = read_figure(group->fd, "pids.current");
		level->figures[CG2_LEVEL_TASKS_MAX_COUNT] = read_figure(group->fd, "pids.max");
	}
	if (controllers & controller_bit("cpu"))
		read_cpu(group->fd, level);
	if (controllers & controller_bit("cpuset"))
		r = read_cpuset(group->fd, level);
	if (r == 0 && controllers & controller_bit("io"))
		r = read_file_text(group->fd, "io.max", &level->texts[CG2_LEVEL_IO_MAX]);
	return r < 0 ? error_set(reterr, CG2_OP_READ, r, group->path, NULL) : 0;
}

/* ---- siblings ---- */

static uint64_t weight_of(int dir_fd, const char *name)
{
	_cleanup_close_ int fd = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t weight, populated;
	char buf[128];
	size_t len;

	if (fd < 0)
		return 0;
	weight = read_figure(fd, "cpu.weight");
	if (!is_limit(weight) || (weight <= 1 && is_one(fd, "cpu.idle")))
		return 0;
	if (fsio_read_into(fd, "cgroup.events", buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_flat(buf, len, "populated", &populated) < 0 || populated == 0)
		return 0;
	return weight;
}

/* What all children of a level with processes weigh together. */
static uint64_t sum_weights(struct cg2_group *parent)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(parent->fd, ".");
	struct dirent *entry;
	uint64_t sum = 0;
	size_t n = 0;

	if (!dir)
		return UNKNOWN;
	while (n <= SIBLINGS_MAX && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
			continue;
		sum += weight_of(dirfd(dir), entry->d_name);
		n++;
	}
	return n > SIBLINGS_MAX ? UNKNOWN : sum;
}

/* ---- all levels ---- */

static int add_level(struct cg2_check *check, struct cg2_group *group, struct cg2_error *reterr)
{
	struct check_level *grown =
		reallocarray(check->levels, check->n_levels + 1, sizeof(*grown));

	if (!grown)
		return error_set(reterr, CG2_OP_READ, ENOMEM, group->path, NULL);
	check->levels = grown;
	return read_level(&check->levels[check->n_levels++], group, reterr);
}

int check_read_levels(struct cg2_check *check, struct cg2_group *group, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *g = cg2_group_ref(group);
	int r;

	do {
		struct cg2_group *parent;
		struct check_level *level;

		r = add_level(check, g, reterr);
		if (r == 0)
			r = group_open_parent(g, &parent, reterr);
		if (r < 0)
			return r;
		level = &check->levels[check->n_levels - 1];
		if (parent && is_known(level->figures[CG2_LEVEL_CPU_WEIGHT]))
			level->weights = sum_weights(parent);
		/* The real root can be neither frozen nor empty, and has no such file. */
		if (!parent)
			check->machine.is_namespaced = !group_is_real_root(g);
		cg2_group_unref(g);
		g = parent;
	} while (g);
	check->levels[0].is_pressure_off = read_figure(group->fd, "cgroup.pressure") == 0;
	return 0;
}

/* ---- the machine ---- */

/* "MemTotal:  3012345 kB". */
static uint64_t meminfo(const char *text, const char *key)
{
	uint64_t kib;

	return procfs_status_number(text, key, &kib) < 0 ? UNKNOWN : kib * 1024;
}

static uint64_t count_cpus(struct cg2_ctx *ctx)
{
	uint8_t bitmap[1024] = { 0 };
	uint64_t n = 0;
	char buf[1024];
	size_t len;

	if (ctx_read_into(ctx, "/sys/devices/system/cpu/online", buf, sizeof(buf), &len) < 0)
		return UNKNOWN;
	buf[strcspn(buf, "\n")] = '\0';
	if (cg2_list_from_string(buf, bitmap, sizeof(bitmap) * 8, NULL) < 0)
		return UNKNOWN;
	for (size_t i = 0; i < sizeof(bitmap); i++)
		n += (uint64_t)__builtin_popcount(bitmap[i]);
	return n;
}

int check_read_machine(struct cg2_check *check, struct cg2_group *group)
{
	struct check_machine *m = &check->machine;
	struct cg2_ctx *ctx = group->ctx;
	_cleanup_free_ char *text = NULL;
	uint64_t last;
	size_t len;
	int r;

	r = fsio_read(ctx->root_fd, "proc/meminfo", &text, &len);
	if (r == -ENOMEM)
		return r;
	m->memory_total = r < 0 ? UNKNOWN : meminfo(text, "MemTotal");
	m->memory_available = r < 0 ? UNKNOWN : meminfo(text, "MemAvailable");
	m->swap_total = r < 0 ? UNKNOWN : meminfo(text, "SwapTotal");
	m->swap_free = r < 0 ? UNKNOWN : meminfo(text, "SwapFree");
	m->n_cpus = count_cpus(ctx);
	m->threads_max = ctx_peek_value(ctx, "/proc/sys/kernel/threads-max");
	m->pid_max = ctx_peek_value(ctx, "/proc/sys/kernel/pid_max");
	if (procfs_count_tasks(ctx, &m->threads) < 0)
		m->threads = UNKNOWN;
	last = ctx_peek_value(ctx, "/proc/sys/kernel/cap_last_cap");
	m->capabilities = last < 63 ? (UINT64_C(1) << (last + 1)) - 1 : UINT64_MAX;
	m->has_pressure = faccessat(ctx->root_fd, "proc/pressure", F_OK, 0) == 0;
	if (hierarchy_detail(ctx, NULL) == 0 && ctx->hierarchy.flags & CG2_HIERARCHY_NAMESPACED)
		m->is_namespaced = true;
	return 0;
}
