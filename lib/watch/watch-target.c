/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Targets of a watch: a cgroup with those above it, and what the kernel notifies of it.
 */
#include "watch/watch-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "evidence/chain.h"
#include "value/error.h"

/* ---- its end ---- */

static void target_free(struct cg2_watch *watch, struct watch_target *target)
{
	watch_removal_forget(watch, target);
	watch_psi_end(target);
	watch_processes_remove(watch, target);
	for (size_t i = 0; i < target->n_levels; i++)
		watch_level_release(watch, target->levels[i], target);
	free(target->levels);
	free(target->before);
	free(target->is_over);
	free(target->oomd);
	free(target->name);
	free(target);
}

void watch_target_drop(struct watch_target *target)
{
	target->is_gone = true;
	target->on_gone = NULL;
}

void watch_targets_sweep(struct cg2_watch *watch)
{
	struct watch_target **at = &watch->targets;

	if (!watch->has_gone_targets)
		return;
	watch->has_gone_targets = false;
	while (*at) {
		struct watch_target *target = *at;

		if (!target->is_gone) {
			at = &target->next;
			continue;
		}
		assert(watch->n_targets > 0);
		*at = target->next;
		watch->n_targets--;
		target_free(watch, target);
	}
	if (watch->n_targets == 0)
		watch->due[DUE_POLL] = watch->due[DUE_SAMPLE] = CG2_MAX;
}

/* ---- cgroup.events ---- */

static int read_state(struct watch_target *target, uint64_t *ret_populated,
		      uint64_t *ret_frozen)
{
	char buf[256];
	size_t len;
	int r;

	r = watch_level_read(target->levels[0], FILE_CGROUP_EVENTS, buf, sizeof(buf), &len);
	/* The root has no such file, and is neither empty nor frozen ever. */
	if (r == -ENOENT && group_is_real_root(target->levels[0]->group)) {
		*ret_populated = 1;
		*ret_frozen = 0;
		return 0;
	}
	if (r < 0)
		return r;
	*ret_frozen = 0;
	cg2_parse_flat(buf, len, "frozen", ret_frozen);
	return cg2_parse_flat(buf, len, "populated", ret_populated);
}

static void update_state(struct cg2_watch *watch, struct watch_target *target)
{
	uint64_t populated, frozen;
	int r = read_state(target, &populated, &frozen);

	if (r == -ENODEV || r == -ENOENT) {
		watch_target_gone(watch, target);
		return;
	}
	if (r < 0)
		return;
	if (target->is_populated && !populated) {
		watch_target_explain_empty(watch, target);
		watch_target_tell(watch, target, CG2_EVENT_EMPTY);
		/* Only an empty one can be removed, and nobody notifies of that. */
		watch_removal_expect(watch, target);
	} else if (!target->is_populated && populated) {
		watch_removal_forget(watch, target);
	}
	if (!target->is_frozen && frozen)
		watch_target_tell(watch, target, CG2_EVENT_FROZEN);
	target->is_populated = populated;
	target->is_frozen = frozen;
}

/* ---- notifications ---- */

/*
 * Who is to be asked: of its own files everybody, of an ancestor's those whose forks it may have
 * refused. An ancestor's memory events only keep level->now up to date.
 */
static void dispatch_user(struct cg2_watch *watch, struct watch_level *level,
			  struct watch_target *target)
{
	const unsigned int own = 1U << FILE_MEMORY_EVENTS | 1U << FILE_PIDS_EVENTS |
				 1U << FILE_PIDS_LOCAL;
	bool is_own = target->levels[0] == level;

	if (target->is_gone)
		return;
	if (level->dirty & (is_own ? own : 1U << FILE_PIDS_LOCAL))
		watch_target_explain(watch, target);
	if (is_own && level->dirty & 1U << FILE_CGROUP_EVENTS)
		update_state(watch, target);
}

void watch_targets_dispatch(struct cg2_watch *watch)
{
	if (!watch->is_dirty)
		return;
	watch->is_dirty = false;
	for (size_t b = 0; b < LEVEL_BUCKETS; b++)
		for (struct watch_level *level = watch->buckets[b]; level; level = level->next) {
			for (size_t i = 0; level->dirty && i < level->n_ref; i++)
				dispatch_user(watch, level, level->users[i]);
			level->dirty = 0;
		}
}

/*
 * Refused forks are counted where the limit is (and hierarchically in pids.events of those
 * above), or before kernel 6.11 in the forking cgroup.
 */
static int target_subscribe(struct cg2_watch *watch, struct watch_target *target)
{
	int r;

	r = watch_level_subscribe(watch, target->levels[0], FILE_CGROUP_EVENTS);
	for (size_t i = 0; i < target->n_levels; i++) {
		struct watch_level *level = target->levels[i];

		if (r == 0 && watch_wants(watch, CG2_EVENT_OOM))
			r = watch_level_subscribe(watch, level,
						  i == 0 ? FILE_MEMORY_EVENTS
							 : FILE_MEMORY_LOCAL);
		if (r == 0 && watch_wants(watch, CG2_EVENT_REFUSED))
			r = watch_level_subscribe(watch, level,
						  i == 0 && !watch->is_events_local
							  ? FILE_PIDS_EVENTS
							  : FILE_PIDS_LOCAL);
	}
	return r;
}

/* ---- adding one ---- */

static int target_add_levels(struct cg2_watch *watch, struct watch_target *target,
			     struct cg2_group *group)
{
	struct cg2_group *g = cg2_group_ref(group);
	int r = 0;

	target->levels = calloc(CHAIN_MAX, sizeof(struct watch_level *));
	target->before = calloc(CHAIN_MAX, sizeof(*target->before));
	target->oomd = calloc(CHAIN_MAX, sizeof(*target->oomd));
	if (!target->levels || !target->before || !target->oomd)
		r = -ENOMEM;
	while (r == 0 && g && target->n_levels < CHAIN_MAX) {
		struct watch_level *level = NULL;
		struct cg2_group *parent;

		if (group_open_parent(g, &parent, NULL) < 0)
			parent = NULL;
		/* The real root counts and limits nothing; watched only if asked for. */
		if (!parent && target->n_levels > 0 && group_is_real_root(g))
			break;
		r = watch_level_get(watch, g, target, &level);
		if (r == 0)
			target->levels[target->n_levels++] = level;
		cg2_group_unref(g);
		g = parent;
	}
	cg2_group_unref(g);
	return r;
}

/* The leaf of a run shares its scope with the run's holder alone. */
static size_t count_own(const struct watch_target *target)
{
	struct mark mark;

	if (target->n_levels < 2)
		return 1;
	mark_read(target->levels[1]->group->fd, ".", &mark);
	return mark.kind == MARK_RUN ? 2 : 1;
}

/* What there is from the beginning is no event. */
static int target_begin(struct cg2_watch *watch, struct watch_target *target, bool is_new)
{
	uint64_t populated, frozen;
	int r;

	r = target_subscribe(watch, target);
	if (r == 0)
		r = watch_psi_begin(watch, target);
	if (r == 0)
		r = read_state(target, &populated, &frozen);
	if (r < 0)
		return r == -ENODEV ? -ENOENT : r;
	target->is_populated = populated;
	target->is_frozen = frozen;
	target->n_own = count_own(target);
	watch_target_begin(watch, target, is_new);
	if (!populated)
		watch_removal_expect(watch, target);
	return 0;
}

static int watch_target_new(struct cg2_watch *watch, struct cg2_group *group, const char *name,
			    bool is_new, struct watch_target **ret_target)
{
	struct watch_target *target = calloc(1, sizeof(*target));
	int r = -ENOMEM;

	if (!target)
		return r;
	target->removal_wd = -1;
	target->name = strdup(name ? name : group->path);
	target->is_over = calloc(watch->n_thresholds + 1, sizeof(bool));
	if (target->name && target->is_over)
		r = target_add_levels(watch, target, group);
	if (r == 0)
		r = target_begin(watch, target, is_new);
	if (r < 0) {
		target_free(watch, target);
		return r;
	}
	*ret_target = target;
	return 0;
}

static int target_error(struct cg2_group *group, int r, struct cg2_error *reterr)
{
	if (r == -ENOENT)
		return error_setf(reterr, CG2_OP_OPEN, r, group->path, NULL,
				  "the cgroup was removed in the meantime");
	if (r == -EOPNOTSUPP)
		return error_setf(reterr, CG2_OP_OPEN, r, group->path, NULL,
				  "the kernel reports no such pressure for this cgroup");
	error_set(reterr, CG2_OP_OPEN, r, group->path, NULL);
	if (r == -EMFILE)
		error_hint(reterr, "each watched cgroup takes some descriptors: raise ulimit -n");
	return r;
}

int watch_target_add(struct cg2_watch *watch, struct cg2_group *group, const char *name,
		     bool is_new, struct watch_target **ret_target, struct cg2_error *reterr)
{
	struct watch_target *target;
	int r;

	r = watch_target_new(watch, group, name, is_new, &target);
	if (r < 0)
		return target_error(group, r, reterr);
	r = watch_processes_add(watch, target, reterr);
	if (r < 0) {
		target_free(watch, target);
		return r;
	}
	target->next = watch->targets;
	watch->targets = target;
	watch->n_targets++;
	if (watch->is_polled && watch->due[DUE_POLL] == CG2_MAX)
		watch_set_due(watch, DUE_POLL, now_usec());
	if (watch->sample_usec != CG2_MAX && watch->due[DUE_SAMPLE] == CG2_MAX)
		watch_set_due(watch, DUE_SAMPLE, now_usec());
	if (is_new)
		watch_target_explain(watch, target);
	if (ret_target)
		*ret_target = target;
	return 0;
}
