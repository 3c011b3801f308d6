/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Levels of a watch: one cgroup each, its files kept open and read again by pread(2), its
 * counters at the last look.
 */
#include "watch/watch-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/cache.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "evidence/chain.h"

/* A kill and the counter of the limit that caused it move within this time. */
#define OOM_LASTS_USEC USEC_PER_SEC

/* memory.stat is the longest one. */
#define FILE_SIZE 8192

static const char *const file_names[N_WATCH_FILES] = {
	[FILE_CGROUP_EVENTS] = "cgroup.events",
	[FILE_MEMORY_EVENTS] = "memory.events",
	[FILE_MEMORY_LOCAL] = "memory.events.local",
	[FILE_PIDS_EVENTS] = "pids.events",
	[FILE_PIDS_LOCAL] = "pids.events.local",
	[FILE_TASKS] = "pids.current",
	[FILE_TASKS_MAX] = "pids.max",
	[FILE_MEMORY] = "memory.current",
	[FILE_MEMORY_MAX] = "memory.max",
	[FILE_MEMORY_STAT] = "memory.stat",
	[FILE_MEMORY_HIGH] = "memory.high",
	[FILE_MEMORY_PEAK] = "memory.peak",
	[FILE_SWAP] = "memory.swap.current",
	[FILE_SWAP_MAX] = "memory.swap.max",
	[FILE_TASKS_PEAK] = "pids.peak",
	[FILE_CPU_STAT] = "cpu.stat",
	[FILE_CPU_MAX] = "cpu.max",
	[FILE_CPU_WEIGHT] = "cpu.weight",
	[FILE_CPU_PRESSURE] = "cpu.pressure",
	[FILE_MEMORY_PRESSURE] = "memory.pressure",
	[FILE_IO_PRESSURE] = "io.pressure",
};

enum watch_file_id watch_file_by_name(const char *name)
{
	unsigned int id = 0;

	while (id < N_WATCH_FILES && strcmp(file_names[id], name) != 0)
		id++;
	return (enum watch_file_id)id;
}

/* ---- the object ---- */

/*
 * A process that was forked off meanwhile, by another thread or for a hook, holds a copy of the
 * descriptor until it executes something: as long epoll would tell of the file, by an address
 * that is nobody's any more.
 */
static void level_forget_file(struct cg2_watch *watch, struct watch_file *file)
{
	if (file->is_notified)
		epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, file->fd, NULL);
	file->is_notified = false;
}

static void on_notified(struct cg2_watch *watch, struct watch_source *source)
{
	struct watch_file *file = (struct watch_file *)source;
	struct watch_level *level = file->level;
	enum watch_file_id id = (enum watch_file_id)(file - level->files);

	/* Reading also arms the next notification. */
	if (watch_level_read_counters(level, id) == -ENODEV)
		level_forget_file(watch, file);
	level->dirty |= 1U << id;
	watch->is_dirty = true;
}

static void level_init(struct watch_level *level, struct cg2_group *group, uint64_t id)
{
	level->id = id;
	level->group = cg2_group_ref(group);
	level->now = chain_level(group, false);
	for (size_t i = 0; i < N_WATCH_FILES; i++)
		level->files[i] = (struct watch_file){ { on_notified }, level, -1, false, false };
	level->oom_before.value = level->oom_local_before.value = UNKNOWN;
}

/* NULL and errno. */
static struct watch_level *level_find(struct cg2_watch *watch, struct cg2_group *group)
{
	struct watch_level **bucket, *level;
	struct stat st;

	if (fstat(group->fd, &st) < 0)
		return NULL;
	bucket = &watch->buckets[(uint64_t)st.st_ino % LEVEL_BUCKETS];
	for (level = *bucket; level; level = level->next)
		if (level->id == st.st_ino)
			return level;
	level = calloc(1, sizeof(*level));
	if (!level)
		return NULL;
	level_init(level, group, st.st_ino);
	level->next = *bucket;
	*bucket = level;
	return level;
}

static int level_add_user(struct watch_level *level, struct watch_target *target)
{
	size_t n = level->n_ref;

	/* Grows by doubling: a slice may have thousands. */
	if ((n & (n - 1)) == 0) {
		struct watch_target **grown =
			reallocarray(level->users, n ? 2 * n : 1, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		level->users = grown;
	}
	level->users[n] = target;
	level->n_ref++;
	return 0;
}

static void level_bury(struct cg2_watch *watch, struct watch_level *level)
{
	struct watch_level **at = &watch->buckets[level->id % LEVEL_BUCKETS];

	assert(level->n_ref == 0);
	while (*at != level)
		at = &(*at)->next;
	*at = level->next;
	level->next = watch->dead_levels;
	watch->dead_levels = level;
	for (size_t i = 0; i < N_WATCH_FILES; i++) {
		level_forget_file(watch, &level->files[i]);
		level->files[i].fd = close_fd(level->files[i].fd);
	}
}

int watch_level_get(struct cg2_watch *watch, struct cg2_group *group, struct watch_target *target,
		    struct watch_level **ret_level)
{
	struct watch_level *level = level_find(watch, group);
	int r;

	if (!level)
		return -errno;
	r = level_add_user(level, target);
	if (r == 0)
		*ret_level = level;
	else if (level->n_ref == 0)
		level_bury(watch, level);
	return r;
}

void watch_level_release(struct cg2_watch *watch, struct watch_level *level,
			 struct watch_target *target)
{
	size_t i = level->n_ref;

	while (i > 0 && level->users[i - 1] != target)
		i--;
	assert(i > 0);
	level->users[i - 1] = level->users[--level->n_ref];
	if (level->n_ref == 0)
		level_bury(watch, level);
}

void watch_levels_sweep(struct cg2_watch *watch)
{
	while (watch->dead_levels) {
		struct watch_level *level = watch->dead_levels;

		watch->dead_levels = level->next;
		cg2_group_unref(level->group);
		free(level->users);
		free(level);
	}
}

/* ---- files ---- */

static int level_open_file(struct watch_level *level, enum watch_file_id id)
{
	struct watch_file *file = &level->files[id];
	int fd;

	assert(id < N_WATCH_FILES);
	if (file->fd >= 0)
		return 0;
	if (file->is_missing)
		return -ENOENT;
	fd = fsio_open(level->group->fd, file_names[id]);
	/* A controller that is enabled later is not looked for, time and again. */
	file->is_missing = fd == -ENOENT;
	if (fd < 0)
		return fd;
	file->fd = fd;
	return 0;
}

int watch_level_read(struct watch_level *level, enum watch_file_id id, char *buf, size_t size,
		     size_t *ret_len)
{
	int r = level_open_file(level, id);

	return r < 0 ? r : fsio_reread(level->files[id].fd, buf, size, ret_len);
}

/* The same of what is needed now and then: it is not kept open for that. */
static int level_read_once(struct watch_level *level, enum watch_file_id id, char *buf, size_t size,
			   size_t *ret_len)
{
	return level->files[id].fd >= 0
		       ? fsio_reread(level->files[id].fd, buf, size, ret_len)
		       : fsio_read_into(level->group->fd, file_names[id], buf, size, ret_len);
}

int watch_level_subscribe(struct cg2_watch *watch, struct watch_level *level,
			  enum watch_file_id id)
{
	struct watch_file *file = &level->files[id];
	int r;

	if (file->is_notified)
		return 0;
	r = level_open_file(level, id);
	if (r == 0)
		r = watch_level_read_counters(level, id);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = watch_add_fd(watch, file->fd, EPOLLPRI, &file->source);
	/* Not a file of cgroupfs: a dump, of which nobody notifies. */
	if (r == -EPERM)
		return 0;
	file->is_notified = r == 0;
	return r;
}

/* ---- counters ---- */

/*
 * An OOM is counted before its kill is, so the counter of the limit has to be remembered for a
 * while; one that moved some time ago has nothing to do with a kill now.
 */
static void note_oom(struct watch_counter *before, uint64_t old, uint64_t new)
{
	uint64_t now = now_usec();

	if (old == UNKNOWN || now - before->moved_usec > OOM_LASTS_USEC)
		before->value = old == UNKNOWN ? new : old;
	if (new != old)
		before->moved_usec = now;
}

int watch_level_read_counters(struct watch_level *level, enum watch_file_id id)
{
	uint64_t old = level->now.oom, old_local = level->now.oom_local;
	char buf[1024];
	size_t len;
	int r;

	r = level_read_once(level, id, buf, sizeof(buf), &len);
	if (r == 0)
		chain_parse_counters(&level->now, file_names[id], buf, len);
	if (r == 0 && id == FILE_MEMORY_EVENTS)
		note_oom(&level->oom_before, old, level->now.oom);
	if (r == 0 && id == FILE_MEMORY_LOCAL)
		note_oom(&level->oom_local_before, old_local, level->now.oom_local);
	return r;
}

typedef int (*read_fn)(struct watch_level *level, enum watch_file_id id, char *buf, size_t size,
		       size_t *ret_len);

static uint64_t level_read_value(struct watch_level *level, enum watch_file_id id, read_fn read)
{
	uint64_t value;
	char buf[64];
	size_t len;

	if (read(level, id, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_value(buf, len, &value) < 0)
		return UNKNOWN;
	return value;
}

void watch_level_read_limits(struct cg2_watch *watch, struct watch_level *level)
{
	if (level->limits_round == watch->round)
		return;
	level->limits_round = watch->round;
	watch_level_read_counters(level, FILE_MEMORY_LOCAL);
	watch_level_read_counters(level, FILE_PIDS_LOCAL);
	level->now.memory_max = level_read_value(level, FILE_MEMORY_MAX, level_read_once);
	level->now.memory_current = level_read_value(level, FILE_MEMORY, level_read_once);
	level->now.pids_max = level_read_value(level, FILE_TASKS_MAX, level_read_once);
	level->now.pids_current = level_read_value(level, FILE_TASKS, level_read_once);
	level->now.pids_peak = level_read_value(level, FILE_TASKS_PEAK, level_read_once);
}

/* ---- figures ---- */

static uint64_t level_read_cache(struct watch_level *level)
{
	char buf[FILE_SIZE];
	uint64_t cache;
	size_t len;

	if (watch_level_read(level, FILE_MEMORY_STAT, buf, sizeof(buf), &len) < 0)
		return UNKNOWN;
	return cache_parse(buf, len, &cache) < 0 ? UNKNOWN : cache;
}

uint64_t watch_level_figure(struct cg2_watch *watch, struct watch_level *level,
			    enum watch_figure figure)
{
	static const enum watch_file_id files[] = {
		[FIGURE_TASKS] = FILE_TASKS,	       [FIGURE_TASKS_MAX] = FILE_TASKS_MAX,
		[FIGURE_MEMORY] = FILE_MEMORY,	       [FIGURE_MEMORY_MAX] = FILE_MEMORY_MAX,
		[FIGURE_CACHE] = FILE_MEMORY_STAT,
	};
	bool is_limit = figure == FIGURE_TASKS_MAX || figure == FIGURE_MEMORY_MAX;

	static_assert(ARRAY_SIZE(files) == N_WATCH_FIGURES, "a file each");
	if (level->figure_rounds[figure] >= (is_limit ? watch->limits_round : watch->round))
		return level->figures[figure];
	level->figure_rounds[figure] = watch->round;
	level->figures[figure] = figure == FIGURE_CACHE
					 ? level_read_cache(level)
					 : level_read_value(level, files[figure], watch_level_read);
	return level->figures[figure];
}
