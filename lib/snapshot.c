/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups from a command's up to the root, and their counters.
 */
#include "snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "fsio.h"
#include "group.h"

/* The xattrs that systemd-oomd counts its kills in. */
static const char *const oomd_xattrs[] = { "user.oomd_kill", "user.oomd_ooms" };

int chain_open(struct chain *chain, struct cg2_group *group, size_t n_own,
	       struct cg2_error *reterr)
{
	struct cg2_group *g = cg2_group_ref(group);
	int r = 0;

	chain->n_own = n_own;
	while (g && chain->n < CHAIN_MAX) {
		struct cg2_group *parent;

		r = group_open_parent(g, &parent, reterr);
		/* The root limits nothing and has no counters. */
		if (r < 0 || !parent) {
			cg2_group_unref(g);
			break;
		}
		chain->groups[chain->n++] = g;
		g = parent;
		if (chain->n == CHAIN_MAX)
			cg2_group_unref(g);
	}
	if (r < 0)
		chain_close(chain);
	return r;
}

void chain_close(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		cg2_group_unref(chain->groups[i]);
	chain->n = 0;
}

static uint64_t read_flat(struct cg2_group *group, const char *file, const char *key)
{
	char buf[1024];
	uint64_t value;
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_flat(buf, len, key, &value) < 0)
		return VERDICT_UNKNOWN;
	return value;
}

static uint64_t read_value(struct cg2_group *group, const char *file)
{
	char buf[64];
	uint64_t value;
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_value(buf, len, &value) < 0)
		return VERDICT_UNKNOWN;
	return value;
}

/* xattrs can't be read through an O_PATH descriptor, but through its name in /proc. */
static bool has_oomd_kill(struct cg2_group *group)
{
	char path[64], value[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", group->fd);
	for (size_t i = 0; i < ARRAY_SIZE(oomd_xattrs); i++)
		if (getxattr(path, oomd_xattrs[i], value, sizeof(value)) > 0)
			return true;
	return false;
}

static void level_clear(struct verdict_level *level, struct cg2_group *group, bool is_own)
{
	*level = (struct verdict_level){
		.path = group->path,
		.is_own = is_own,
		.memory_max = VERDICT_UNKNOWN,
		.memory_current = VERDICT_UNKNOWN,
		.oom = VERDICT_UNKNOWN,
		.oom_local = VERDICT_UNKNOWN,
		.oom_kill = VERDICT_UNKNOWN,
		.oom_group_kill = VERDICT_UNKNOWN,
		.pids_max = VERDICT_UNKNOWN,
		.pids_current = VERDICT_UNKNOWN,
		.pids_peak = VERDICT_UNKNOWN,
		.pids_events = VERDICT_UNKNOWN,
		.pids_local = VERDICT_UNKNOWN,
	};
}

/* What verdict and record say of memory.events is from the same moment. */
static void take_memory_events(struct verdict_level *level, const struct figures *f)
{
	level->oom = figures_get(f, CG2_FIGURE_MEMORY_OOM_COUNT, VERDICT_UNKNOWN);
	level->oom_kill = figures_get(f, CG2_FIGURE_MEMORY_OOM_KILL_COUNT, VERDICT_UNKNOWN);
	level->oom_group_kill =
		figures_get(f, CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT, VERDICT_UNKNOWN);
}

static void read_memory_events(struct verdict_level *level, struct cg2_group *group)
{
	char buf[1024];
	size_t len;

	if (fsio_read_into(group->fd, "memory.events", buf, sizeof(buf), &len) < 0)
		return;
	cg2_parse_flat(buf, len, "oom", &level->oom);
	cg2_parse_flat(buf, len, "oom_kill", &level->oom_kill);
	cg2_parse_flat(buf, len, "oom_group_kill", &level->oom_group_kill);
}

static void read_counters(struct verdict_level *level, struct cg2_group *group)
{
	level->oom_local = read_flat(group, "memory.events.local", "oom");
	level->pids_events = read_flat(group, "pids.events", "max");
	level->pids_local = read_flat(group, "pids.events.local", "max");
	level->has_oomd_kill = has_oomd_kill(group);
}

void chain_read_before(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct verdict_level *level = &chain->before[i];

		level_clear(level, chain->groups[i], i < chain->n_own);
		if (level->is_own) {
			level->oom = level->oom_local = 0;
			level->oom_kill = level->oom_group_kill = 0;
			level->pids_events = level->pids_local = 0;
		} else {
			read_memory_events(level, chain->groups[i]);
			read_counters(level, chain->groups[i]);
		}
	}
}

/* One of the run's own that is still there never had the counters that it does not have. */
static void forget_missing(struct verdict_level *before, const struct verdict_level *after,
			   struct cg2_group *group)
{
	const bool has_memory = after->oom_kill != VERDICT_UNKNOWN;
	const bool has_pids = after->pids_events != VERDICT_UNKNOWN;

	if (!before->is_own || (has_memory && has_pids) ||
	    cg2_group_is_populated(group, NULL) < 0)
		return;
	if (!has_memory)
		before->oom = before->oom_local = before->oom_kill = before->oom_group_kill =
			VERDICT_UNKNOWN;
	if (!has_pids)
		before->pids_events = before->pids_local = VERDICT_UNKNOWN;
}

void chain_read_after(struct chain *chain, const struct figures *own)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct verdict_level *level = &chain->after[i];

		level_clear(level, chain->groups[i], i < chain->n_own);
		if (i == 0)
			take_memory_events(level, own);
		else
			read_memory_events(level, chain->groups[i]);
		read_counters(level, chain->groups[i]);
		/* One that was there before is not of this run. */
		if (chain->before[i].has_oomd_kill)
			level->has_oomd_kill = false;
		forget_missing(&chain->before[i], level, chain->groups[i]);
	}
}

void chain_read_limits(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct verdict_level *level = &chain->after[i];
		struct cg2_group *group = chain->groups[i];

		level->memory_max = read_value(group, "memory.max");
		level->memory_current = read_value(group, "memory.current");
		level->pids_max = read_value(group, "pids.max");
		level->pids_current = read_value(group, "pids.current");
		level->pids_peak = read_value(group, "pids.peak");
	}
}
