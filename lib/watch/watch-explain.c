/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose limit refused a fork or made the kernel kill: the verdict's reasoning, from the counters
 * that were told of already to those of now.
 */
#include "watch/watch-internal.h"

#include "cgroup/group.h"
#include "cgroup/oomd-marks.h"
#include "evidence/chain.h"
#include "verdict/verdict-counter.h"

/* From the lowest level that counts: what is known of the target's chain now. */
static void read_after(struct cg2_watch *watch, struct watch_target *target,
		       struct verdict_level *after)
{
	for (size_t i = 0; i < target->n_levels; i++) {
		struct watch_level *level = target->levels[i];

		watch_level_read_limits(watch, level);
		after[i] = level->now;
		after[i].is_own = i < target->n_own;
		if (i > 0) {
			/* What is counted here is of others too, and not notified of. */
			after[i].oom = after[i].oom_kill = UNKNOWN;
			after[i].oom_group_kill = after[i].pids_events = UNKNOWN;
		}
	}
}

/* The later of two values of a counter. */
static uint64_t later_count(uint64_t a, uint64_t b)
{
	return is_known(a) && is_known(b) ? MAX(a, b) : MIN(a, b);
}

/* An OOM of long ago is not the cause of a kill now. */
static void age_ooms(struct watch_target *target)
{
	for (size_t i = 0; i < target->n_levels; i++) {
		const struct watch_level *level = target->levels[i];
		struct verdict_level *before = &target->before[i];

		if (i == 0)
			before->oom = later_count(before->oom, level->oom_before.value);
		before->oom_local = later_count(before->oom_local, level->oom_local_before.value);
	}
}

/* What was told of is not told again; an OOM is not over before its kill is counted. */
static void advance_before(struct watch_target *target, const struct verdict_level *after,
			   bool is_oom_told)
{
	for (size_t i = 0; i < target->n_levels; i++) {
		struct verdict_level *before = &target->before[i];
		uint64_t oom = before->oom, oom_local = before->oom_local;

		*before = after[i];
		if (!is_oom_told) {
			before->oom = oom;
			before->oom_local = oom_local;
		}
	}
}

static void begin_with_0(uint64_t *counter)
{
	if (is_known(*counter))
		*counter = 0;
}

void watch_target_begin(struct cg2_watch *watch, struct watch_target *target, bool is_new)
{
	struct verdict_level *own = target->before;

	read_after(watch, target, target->before);
	if (is_new) {
		begin_with_0(&own->oom);
		begin_with_0(&own->oom_local);
		begin_with_0(&own->oom_kill);
		begin_with_0(&own->oom_group_kill);
		begin_with_0(&own->pids_events);
		begin_with_0(&own->pids_local);
	}
	for (size_t i = 0; i < target->n_levels; i++)
		target->oomd[i] = oomd_read_decisions(target->levels[i]->group);
}

static struct cg2_event *new_blamed_event(struct cg2_watch *watch, struct watch_target *target,
					  enum cg2_event_kind kind, const struct cause *cause,
					  uint64_t count)
{
	const char *cgroup = cause->level == SIZE_MAX
				     ? NULL
				     : target->levels[cause->level]->group->path;
	struct cg2_event *event = watch_target_event(watch, target, kind);

	if (!event)
		return NULL;
	if (is_known(count))
		event_set_value(event, count);
	if (event_set_blame(event, cgroup, cause->file, cause->limit,
			    cause->level < target->n_own,
			    cause->is_certain) == 0)
		return event;
	watch->n_lost++;
	return cg2_event_unref(event);
}

static void tell_refused(struct cg2_watch *watch, struct watch_target *target,
			 struct evidence *e)
{
	struct cg2_event *event;

	find_refused_forks(e);
	if (!e->tasks.is_found || !watch_wants(watch, CG2_EVENT_REFUSED))
		return;
	/* Nobody is in there who could have forked. */
	if (e->tasks.level > 0 && !e->tasks.is_counted && !target->is_populated)
		return;
	event = new_blamed_event(watch, target, CG2_EVENT_REFUSED, &e->tasks, e->tasks.count);
	if (event)
		watch_tell(watch, event);
}

/* Whether there was one. */
static bool tell_oom(struct cg2_watch *watch, struct watch_target *target, struct evidence *e)
{
	const struct verdict_input *in = e->in;
	uint64_t killed = counter_delta(in, 0, COUNTER(oom_kill));
	struct cg2_event *event;
	struct cause hit;

	if (!is_known(killed) || killed == 0)
		return false;
	hit = lowest_hit(in, COUNTER(oom), COUNTER(oom_local), !in->machine.is_memory_local);
	hit.file = hit.is_found ? "memory.max" : "ram";
	/* No limit of the chain: the machine's memory, or that of a level that is not seen. */
	if (!hit.is_found)
		hit.is_certain = !in->machine.is_namespaced;
	else if (!hit.is_below)
		hit.limit = level_limit(in, hit.level, offsetof(struct verdict_level, memory_max));
	event = watch_wants(watch, CG2_EVENT_OOM)
			? new_blamed_event(watch, target, CG2_EVENT_OOM, &hit, killed)
			: NULL;
	if (event)
		watch_tell(watch, event);
	return true;
}

void watch_target_explain(struct cg2_watch *watch, struct watch_target *target)
{
	struct verdict_level after[CHAIN_MAX];
	const struct verdict_input in = {
		.before = target->before,
		.after = after,
		.n_levels = target->n_levels,
		.machine = { .is_namespaced = watch->is_namespaced,
			     .is_events_local = watch->is_events_local,
			     .is_memory_local = watch->is_memory_local },
	};
	struct evidence e = { .in = &in };

	read_after(watch, target, after);
	age_ooms(target);
	tell_refused(watch, target, &e);
	advance_before(target, after, tell_oom(watch, target, &e));
}

/* Of a group that systemd-oomd kills nobody is left. */
void watch_target_explain_empty(struct cg2_watch *watch, struct watch_target *target)
{
	for (size_t i = 0; i < target->n_levels && watch_wants(watch, CG2_EVENT_OOMD); i++) {
		struct cg2_group *group = target->levels[i]->group;
		uint64_t times = oomd_read_decisions(group), killed = oomd_read_kills(group);
		const struct cause cause = { .is_certain = true,
					     .level = i,
					     .file = "user.oomd_kill",
					     .limit = CG2_MAX };
		struct cg2_event *event;

		if (times == target->oomd[i])
			continue;
		target->oomd[i] = times;
		event = new_blamed_event(watch, target, CG2_EVENT_OOMD, &cause,
					 killed > 0 ? killed : UNKNOWN);
		if (event)
			watch_tell(watch, event);
		return;
	}
}
