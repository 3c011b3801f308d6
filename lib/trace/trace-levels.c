/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups of a process whose fork failed, from its own up, and which of them has counted a
 * refusal since the last look. Several processes can fail before the first is looked at: of the
 * run's own cgroups each refusal is put down to one failure. Above, where others fail as well, a
 * counter that grew says no more than that.
 */
#include <stdio.h>
#include <string.h>

#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "process/procfs.h"
#include "trace/trace-facts.h"
#include "value/unknown.h"

/* ---- files of a cgroup ---- */

/* The file's length in buf; -errno. */
static int read_file(const struct trace_looker *looker, const char *path, const char *file,
		     char *buf, size_t size)
{
	const char *below = group_below_mount(looker->ctx, path);
	char name[TRACE_PATH_MAX + 32];
	size_t len;
	int r;

	if (!below)
		return -ENOENT;
	snprintf(name, sizeof(name), "%s/%s", below, file);
	r = fsio_read_into(looker->ctx->hierarchy.mount_fd, name, buf, size, &len);
	return r < 0 ? r : (int)len;
}

static uint64_t read_value(const struct trace_looker *looker, const char *path, const char *file)
{
	char buf[64];
	int len = read_file(looker, path, file, buf, sizeof(buf));
	uint64_t value;

	return len < 0 || cg2_parse_value(buf, (size_t)len, &value) < 0 ? UNKNOWN : value;
}

static uint64_t read_key(const struct trace_looker *looker, const char *path, const char *file,
			 const char *key)
{
	char buf[512];
	int len = read_file(looker, path, file, buf, sizeof(buf));
	uint64_t value;

	return len < 0 || cg2_parse_flat(buf, (size_t)len, key, &value) < 0 ? UNKNOWN : value;
}

uint64_t trace_count_oom(const struct trace_looker *looker)
{
	return looker->own[0] ? read_key(looker, looker->own, "memory.events", "oom") : UNKNOWN;
}

/* ---- counters ---- */

/* The refusals of the cgroup's own limit; before 6.11 those of its own tasks. */
static uint64_t count_refused(const struct trace_looker *looker, const char *path,
			      bool *ret_is_local)
{
	uint64_t n = UNKNOWN;

	if (!looker->is_events_local)
		n = read_key(looker, path, "pids.events.local", "max");
	*ret_is_local = is_known(n);
	return is_known(n) ? n : read_key(looker, path, "pids.events", "max");
}

/* FNV-1a. */
static uint64_t key_of(const char *path)
{
	uint64_t key = UINT64_C(0xcbf29ce484222325);

	for (; *path; path++)
		key = (key ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
	return key;
}

/* NULL: there was no first look at it, and there can be none. */
static struct looker_counter *find_counter(struct trace_looker *looker, const char *path,
					   uint64_t n_at_first)
{
	const uint64_t key = key_of(path);

	for (size_t i = 0; i < looker->n_counters; i++)
		if (looker->counters[i].key == key)
			return &looker->counters[i];
	if (looker->n_counters == LOOKER_COUNTERS)
		return NULL;
	looker->counters[looker->n_counters] = (struct looker_counter){ key, n_at_first };
	return &looker->counters[looker->n_counters++];
}

/* Whether it has counted one more than the failures before. */
static bool take_refusal(struct trace_looker *looker, const char *path, uint64_t n)
{
	const bool is_own = looker->own[0] && path_is_within(path, looker->own);
	/* A cgroup below the command's was made by the command. */
	struct looker_counter *counter = find_counter(looker, path, is_own ? 0 : n);

	if (!is_known(n) || !counter || n <= counter->n_taken)
		return false;
	counter->n_taken = is_own ? counter->n_taken + 1 : n;
	return true;
}

/* ---- levels ---- */

/* Cuts the last part of a path off; false: that was the root. */
static bool step_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

/* The path of the thread's cgroup below the mount, as group_path_of_pid() has it. */
static bool read_path(const struct trace_looker *looker, pid_t tid, char *ret_path)
{
	const char *root = looker->ctx->hierarchy.namespace_root;
	char buf[PROCFS_BUF_SIZE], *path, *end;

	if (procfs_read(looker->ctx, tid, "cgroup", buf, sizeof(buf)) < 0)
		return false;
	path = strncmp(buf, "0::", 3) == 0 ? buf : strstr(buf, "\n0::");
	if (!path)
		return false;
	path = strstr(path, "::") + 2;
	end = path + strcspn(path, "\n");
	*end = '\0';
	/* Beside the namespace's root. */
	if (strncmp(path, "/..", 3) == 0)
		return false;
	if (root && strcmp(root, "/") != 0)
		return snprintf(ret_path, TRACE_PATH_MAX, "%s%s", root, path[1] ? path : "") <
		       TRACE_PATH_MAX;
	return snprintf(ret_path, TRACE_PATH_MAX, "%s", path) < TRACE_PATH_MAX;
}

void trace_levels_begin(struct trace_looker *looker, pid_t command)
{
	char level[TRACE_PATH_MAX];

	if (!read_path(looker, command, looker->own)) {
		looker->own[0] = '\0';
		return;
	}
	memcpy(level, looker->own, sizeof(level));
	do {
		bool is_local;
		uint64_t n = count_refused(looker, level, &is_local);

		if (is_known(n))
			find_counter(looker, level, n);
	} while (step_up(level));
}

void trace_levels_read(struct trace_looker *looker, pid_t tid, struct trace_facts *facts)
{
	char path[TRACE_PATH_MAX];
	bool is_counted = false;

	if (!read_path(looker, tid, facts->cgroup))
		return;
	memcpy(path, facts->cgroup, sizeof(path));
	do {
		struct trace_level *level = &facts->levels[facts->n_levels];
		uint64_t n = count_refused(looker, path, &level->is_local);

		level->path_length = (uint32_t)strlen(path);
		level->max = read_value(looker, path, "pids.max");
		level->current = read_value(looker, path, "pids.current");
		/* The old way the lowest that counts has all of the process's refusals. */
		if (level->is_local || !is_counted)
			level->has_moved = take_refusal(looker, path, n);
		is_counted = is_counted || is_known(n);
		facts->n_levels++;
	} while (facts->n_levels < TRACE_LEVELS_MAX && step_up(path));
}
