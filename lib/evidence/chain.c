/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups from a command's up to the root, and their counters.
 */
#include "evidence/chain.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "cgroup/oomd-marks.h"

/* What can't be opened ends the chain: the verdict then knows less. */
static void open_groups(struct chain *chain)
{
	struct cg2_group *g = cg2_group_ref(chain->own);

	while (g && chain->n < CHAIN_MAX) {
		struct cg2_group *parent;

		if (group_open_parent(g, &parent, NULL) < 0)
			parent = NULL;
		if (!parent && group_is_real_root(g))
			break;
		chain->groups[chain->n++] = g;
		g = parent;
	}
	cg2_group_unref(g);
}

/* Only a run that lasts, or has something to explain, is worth the memory. */
static void open_levels(struct chain *chain)
{
	chain->groups = calloc(CHAIN_MAX, sizeof(struct cg2_group *));
	chain->before = calloc(CHAIN_MAX, sizeof(*chain->before));
	chain->after = calloc(CHAIN_MAX, sizeof(*chain->after));
	if (chain->groups && chain->before && chain->after)
		open_groups(chain);
}

void chain_close(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++)
		cg2_group_unref(chain->groups[i]);
	free(chain->groups);
	free(chain->before);
	free(chain->after);
	if (chain->own)
		close_fd(chain->mark_fd);
	*chain = (struct chain){ .own = cg2_group_unref(chain->own), .mark_fd = -1 };
}

struct verdict_level chain_level(const struct cg2_group *group, bool is_own)
{
	return (struct verdict_level){
		.path = group->path,
		.is_own = is_own,
		.memory_max = UNKNOWN,
		.memory_current = UNKNOWN,
		.oom = UNKNOWN,
		.oom_local = UNKNOWN,
		.oom_kill = UNKNOWN,
		.oom_group_kill = UNKNOWN,
		.pids_max = UNKNOWN,
		.pids_current = UNKNOWN,
		.pids_peak = UNKNOWN,
		.pids_events = UNKNOWN,
		.pids_local = UNKNOWN,
	};
}

/* What verdict and record say of memory.events is from the same moment. */
static void take_memory_events(struct verdict_level *level, const struct figures *f)
{
	level->oom = figures_get(f, CG2_FIGURE_MEMORY_OOM_COUNT, UNKNOWN);
	level->oom_kill = figures_get(f, CG2_FIGURE_MEMORY_OOM_KILL_COUNT, UNKNOWN);
	level->oom_group_kill =
		figures_get(f, CG2_FIGURE_MEMORY_OOM_GROUP_KILL_COUNT, UNKNOWN);
}

/* Which key of which file is which counter. */
static const struct {
	const char *file;
	const char *key;
	size_t offset;
} counters[] = {
	{ "memory.events", "oom", offsetof(struct verdict_level, oom) },
	{ "memory.events", "oom_kill", offsetof(struct verdict_level, oom_kill) },
	{ "memory.events", "oom_group_kill", offsetof(struct verdict_level, oom_group_kill) },
	{ "memory.events.local", "oom", offsetof(struct verdict_level, oom_local) },
	{ "pids.events", "max", offsetof(struct verdict_level, pids_events) },
	{ "pids.events.local", "max", offsetof(struct verdict_level, pids_local) },
};

void chain_parse_counters(struct verdict_level *level, const char *file, const char *buf,
			  size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t value;

		if (strcmp(counters[i].file, file) == 0 &&
		    cg2_parse_flat(buf, len, counters[i].key, &value) == 0)
			memcpy((char *)level + counters[i].offset, &value, sizeof(value));
	}
}

static void read_counters_of(struct verdict_level *level, struct cg2_group *group,
			     const char *file)
{
	char buf[1024];
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) == 0)
		chain_parse_counters(level, file, buf, len);
}

static void read_memory_events(struct verdict_level *level, struct cg2_group *group)
{
	read_counters_of(level, group, "memory.events");
}

static void read_counters(struct verdict_level *level, struct cg2_group *group)
{
	read_counters_of(level, group, "memory.events.local");
	read_counters_of(level, group, "pids.events");
	read_counters_of(level, group, "pids.events.local");
	level->has_oomd_kill = oomd_read_decisions(group) || oomd_read_kills(group);
}

/*
 * The forks that were refused anywhere below the topmost cgroup: one small file for the whole
 * chain, since kernel 6.11 counts a refusal in all cgroups above it. Before, the forking cgroup
 * counts, which is the command's own.
 */
static int open_mark(struct chain *chain)
{
	const struct hierarchy *h = &chain->own->ctx->hierarchy;
	const char *path = chain->own->path;
	char file[300];
	int fd;

	if (strcmp(h->mount_root, "/") != 0)
		path += MIN(strlen(path), strlen(h->mount_root));
	path += strspn(path, "/");
	/* Only the root of a namespace has it there. */
	fd = fsio_open(h->mount_fd, "pids.events");
	if (fd >= 0)
		return fd;
	snprintf(file, sizeof(file), "%.*s/pids.events", (int)strcspn(path, "/"), path);
	fd = fsio_open(h->mount_fd, file);
	return fd < 0 ? -1 : fd;
}

static uint64_t read_mark(struct chain *chain)
{
	char buf[64];
	uint64_t value;
	size_t len;

	if (chain->mark_fd < 0 || fsio_reread(chain->mark_fd, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_flat(buf, len, "max", &value) < 0)
		return UNKNOWN;
	return value;
}

void chain_begin(struct chain *chain, struct cg2_group *group, size_t n_own)
{
	chain->own = cg2_group_ref(group);
	chain->n_own = n_own;
	chain->mark_fd = open_mark(chain);
	chain->mark = read_mark(chain);
}

void chain_settle(struct chain *chain)
{
	if (chain->is_settled)
		return;
	open_levels(chain);
	for (size_t i = 0; i < chain->n; i++) {
		chain->before[i] = chain_level(chain->groups[i], i < chain->n_own);
		if (i < chain->n_own)
			continue;
		read_memory_events(&chain->before[i], chain->groups[i]);
		read_counters(&chain->before[i], chain->groups[i]);
	}
	chain->is_settled = true;
	/* Last, so that what happened while we read is seen here. */
	chain->is_exact = chain->mark == read_mark(chain);
	chain->is_memory_exact = group_peek_flat(chain->own, "memory.events", "oom_kill") == 0;
}

/* The counters of cgroups that were made for the run began with 0. */
static void begin_with_0(struct verdict_level *level)
{
	level->oom = level->oom_local = level->oom_kill = level->oom_group_kill = 0;
	level->pids_events = level->pids_local = 0;
}

/* Nothing of that kind happened: it was before as it is now. */
static void copy_pids(struct verdict_level *before, const struct verdict_level *after)
{
	before->pids_events = after->pids_events;
	before->pids_local = after->pids_local;
}

static void copy_memory(struct verdict_level *before, const struct verdict_level *after)
{
	before->oom = after->oom;
	before->oom_local = after->oom_local;
	before->oom_kill = after->oom_kill;
	before->oom_group_kill = after->oom_group_kill;
}

/* A nested run tells of its own, or is to be asked. */
static bool is_nested_run(struct cg2_group *group)
{
	struct mark mark;

	mark_read(group->fd, ".", &mark);
	return mark.kind == MARK_NESTED;
}

static void add(uint64_t *sum, uint64_t n)
{
	if (n != UNKNOWN)
		*sum = *sum == UNKNOWN ? n : *sum + n;
}

static void add_refusals(struct cg2_group *group, void *userdata)
{
	if (is_nested_run(group))
		return;
	add(userdata, group_peek_flat(group, "pids.events", "max"));
	group_for_each_child(group, add_refusals, userdata);
}

static void add_memory_events(struct cg2_group *group, void *userdata)
{
	struct verdict_level child = chain_level(group, true), *level = userdata;

	if (is_nested_run(group))
		return;
	read_memory_events(&child, group);
	add(&level->oom, child.oom);
	add(&level->oom_kill, child.oom_kill);
	add(&level->oom_group_kill, child.oom_group_kill);
	group_for_each_child(group, add_memory_events, level);
}

/* Whether memory.events has only what happened in the cgroup itself. */
static bool is_memory_local(struct cg2_ctx *ctx)
{
	return hierarchy_detail(ctx, NULL) == 0 &&
	       ctx->hierarchy.flags & CG2_HIERARCHY_MEMORY_LOCAL;
}

/*
 * What each cgroup counts for itself alone: refused forks before kernel 6.11, and all of
 * memory.events with the mount option memory_localevents. Those below are the run's too.
 */
static void add_children(struct verdict_level *level, struct cg2_group *group)
{
	if (group_count_children(group) == 0)
		return;
	if (level->pids_local == UNKNOWN)
		group_for_each_child(group, add_refusals, &level->pids_events);
	if (is_memory_local(group->ctx))
		group_for_each_child(group, add_memory_events, level);
}

/*
 * What was refused below the topmost cgroup and not by a limit of the run's own, which its own
 * counters tell of.
 */
static uint64_t refused_by_others(struct chain *chain)
{
	uint64_t now = read_mark(chain), n;
	const struct verdict_level *own;

	if (now == UNKNOWN || now < chain->mark || chain->n < chain->n_own)
		return 0;
	own = &chain->after[chain->n_own - 1];
	n = now - chain->mark;
	if (own->pids_local == UNKNOWN || own->pids_events == UNKNOWN)
		return n;
	return n - MIN(n, own->pids_events);
}

/* One of the run's own that is still there never had the counters that it does not have. */
static void forget_missing(struct verdict_level *before, const struct verdict_level *after,
			   struct cg2_group *group)
{
	const bool has_memory = after->oom_kill != UNKNOWN;
	const bool has_pids = after->pids_events != UNKNOWN;

	if ((has_memory && has_pids) || cg2_group_is_populated(group, NULL) < 0)
		return;
	if (!has_memory)
		before->oom = before->oom_local = before->oom_kill = before->oom_group_kill =
			UNKNOWN;
	if (!has_pids)
		before->pids_events = before->pids_local = UNKNOWN;
}

static void subtract(uint64_t *counter, uint64_t n)
{
	if (is_known(*counter))
		*counter -= MIN(*counter, n);
}

/* What nested runs have told of is theirs. The scope around the command's cgroup counts it too. */
static void leave_out_nested(struct chain *chain)
{
	const struct ledger *nested = &chain->nested;
	const bool has_kills = nested->oom > 0 && !is_memory_local(chain->own->ctx);
	const size_t n_own = MIN(chain->n_own, chain->n);

	for (size_t i = 0; i < n_own; i++) {
		struct verdict_level *level = &chain->after[i];

		if (has_kills) {
			subtract(&level->oom, nested->oom);
			subtract(&level->oom_kill, nested->oom_kill);
			subtract(&level->oom_group_kill, nested->oom_group_kill);
		}
		/* Else each cgroup counts its own forks, and not by whom they were refused. */
		if (is_known(level->pids_local))
			subtract(&level->pids_events, nested->refused);
		else if (i == 0 && is_known(level->pids_events))
			level->pids_events += nested->refused_above;
	}
}

void chain_read_after(struct chain *chain, const struct figures *own)
{
	const bool was_settled = chain->is_settled;

	if (!was_settled)
		open_levels(chain);
	for (size_t i = 0; i < chain->n; i++) {
		struct verdict_level *before = &chain->before[i], *after = &chain->after[i];

		*after = chain_level(chain->groups[i], i < chain->n_own);
		read_counters(after, chain->groups[i]);
		if (i == 0) {
			take_memory_events(after, own);
			add_children(after, chain->groups[i]);
		} else {
			read_memory_events(after, chain->groups[i]);
		}
		if (!was_settled) {
			*before = chain_level(chain->groups[i], i < chain->n_own);
			before->has_oomd_kill = i >= chain->n_own && after->has_oomd_kill;
		}
		if (!chain->is_memory_exact)
			copy_memory(before, after);
		if (!chain->is_exact)
			copy_pids(before, after);
		if (i < chain->n_own) {
			begin_with_0(before);
			forget_missing(before, after, chain->groups[i]);
		}
		/* One that was there before is not of this run. */
		if (before->has_oomd_kill)
			after->has_oomd_kill = false;
	}
	chain->n_unplaced = chain->is_exact ? 0 : refused_by_others(chain);
	ledger_read(chain->own, &chain->nested);
	leave_out_nested(chain);
	chain->is_oom_unplaced = !chain->is_memory_exact && chain->n > 0 &&
				 chain->after[0].oom_kill != UNKNOWN &&
				 chain->after[0].oom_kill > 0;
	chain->is_settled = true;
}

/* The lowest level that others use too and that has both a limit and such events. */
static size_t find_candidate(const struct chain *chain, bool is_memory)
{
	for (size_t i = chain->n_own; i < chain->n; i++) {
		const struct verdict_level *level = &chain->after[i];
		uint64_t limit = is_memory ? level->memory_max : level->pids_max;
		uint64_t n = is_memory ? level->oom_local : level->pids_local;

		if (limit < UNKNOWN && n != UNKNOWN && n > 0)
			return i;
	}
	return SIZE_MAX;
}

bool chain_estimate(struct chain *chain)
{
	bool is_estimated = false;
	size_t level;

	level = chain->n_unplaced > 0 ? find_candidate(chain, false) : SIZE_MAX;
	for (size_t i = level; i < chain->n; i++) {
		if (i == level)
			subtract(&chain->before[i].pids_local, chain->n_unplaced);
		subtract(&chain->before[i].pids_events, chain->n_unplaced);
		is_estimated = true;
	}
	level = chain->is_oom_unplaced && chain->after[0].oom == 0 ? find_candidate(chain, true)
								   : SIZE_MAX;
	for (size_t i = level; i < chain->n; i++) {
		if (i == level)
			subtract(&chain->before[i].oom_local, 1);
		subtract(&chain->before[i].oom, 1);
		is_estimated = true;
	}
	return is_estimated || chain->is_oom_unplaced;
}

bool chain_may_have_oom(const struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		const uint64_t before = chain->before[i].oom_kill, after = chain->after[i].oom_kill;

		/* Above others are counted too, but without a kill there was none here. */
		if (is_known(after))
			return !is_known(before) || after != before;
		/* It was there, and is gone with its cgroup. */
		if (is_known(before))
			return true;
	}
	return false;
}

/* Counted as 0, or by nobody: the controller is not with cgroup v2, or not with this part of it. */
static bool is_nothing(struct chain *chain, uint64_t count, const char *controller)
{
	if (count != UNKNOWN)
		return count == 0;
	return !(hierarchy_controllers(chain->own->ctx) & controller_bit(controller));
}

bool chain_is_quiet(struct chain *chain)
{
	uint64_t killed = group_peek_flat(chain->own, "memory.events", "oom_kill");
	uint64_t refused = group_peek_flat(chain->own, "pids.events", "max");

	/* Older kernels count the refusals of child cgroups nowhere else. */
	return group_count_children(chain->own) == 0 && is_nothing(chain, killed, "memory") &&
	       is_nothing(chain, refused, "pids") && chain->mark == read_mark(chain);
}

void chain_read_limits(struct chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		struct verdict_level *level = &chain->after[i];
		struct cg2_group *group = chain->groups[i];

		level->memory_max = group_peek_value(group, "memory.max");
		level->memory_current = group_peek_value(group, "memory.current");
		level->pids_max = group_peek_value(group, "pids.max");
		level->pids_current = group_peek_value(group, "pids.current");
		level->pids_peak = group_peek_value(group, "pids.peak");
	}
}
