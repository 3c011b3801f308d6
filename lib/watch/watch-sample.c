/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel does not notify of: use, read at intervals against thresholds and as samples.
 */
#include "watch/watch-internal.h"

#include <errno.h>

#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "evidence/use.h"
#include "process/procfs.h"
#include "watch/threshold.h"

#define LIMITS_USEC USEC_PER_SEC

/* ---- the machine ---- */

static uint64_t sysctl_or_max(struct cg2_ctx *ctx, const char *path)
{
	uint64_t value;

	return ctx_read_value(ctx, path, &value) < 0 ? CG2_MAX : value;
}

static const struct watch_machine *machine_memory(struct cg2_watch *watch)
{
	struct watch_machine *m = &watch->machine;
	uint64_t total, available;
	char buf[4096];
	size_t len;

	if (m->memory_round == watch->round)
		return m;
	m->memory_round = watch->round;
	m->memory_total = CG2_MAX;
	if (fsio_read_into(watch->ctx->root_fd, "proc/meminfo", buf, sizeof(buf), &len) < 0 ||
	    procfs_status_number(buf, "MemTotal", &total) < 0 ||
	    procfs_status_number(buf, "MemAvailable", &available) < 0)
		return m;
	m->memory_total = total * 1024;
	m->memory_used = (total - MIN(total, available)) * 1024;
	return m;
}

static const struct watch_machine *machine_tasks(struct cg2_watch *watch)
{
	struct watch_machine *m = &watch->machine;

	if (m->tasks_round == watch->round)
		return m;
	m->tasks_round = watch->round;
	if (procfs_count_tasks(watch->ctx, &m->threads) < 0)
		m->threads = UNKNOWN;
	if (m->limits_round >= watch->limits_round)
		return m;
	m->limits_round = watch->round;
	m->threads_max = sysctl_or_max(watch->ctx, "/proc/sys/kernel/threads-max");
	m->pid_max = sysctl_or_max(watch->ctx, "/proc/sys/kernel/pid_max");
	return m;
}

/* ---- the limit that leaves the least ---- */

struct binding {
	bool is_found;
	size_t level; /* SIZE_MAX: the machine's */
	const char *file;
	uint64_t limit;
	uint64_t used;
};

static void binding_consider(struct binding *best, size_t level, const char *file, uint64_t limit,
			     uint64_t used)
{
	if (limit >= UNKNOWN || used >= UNKNOWN)
		return;
	if (best->is_found &&
	    limit - MIN(limit, used) >= best->limit - MIN(best->limit, best->used))
		return;
	*best = (struct binding){ true, level, file, limit, used };
}

/*
 * The limit of a level that may bind. The scope around a run's leaf has the leaf's limits with
 * room for the holder: the user gave the leaf's, and unless somebody has tightened the scope they
 * are met first.
 */
static uint64_t limit_at(struct cg2_watch *watch, struct watch_target *target, size_t i,
			 enum watch_figure figure)
{
	uint64_t limit = watch_level_figure(watch, target->levels[i], figure);

	if (i == 0 || i >= target->n_own)
		return limit;
	return limit < watch_level_figure(watch, target->levels[0], figure) ? limit :
									      UNKNOWN;
}

static struct binding find_binding_tasks(struct cg2_watch *watch, struct watch_target *target)
{
	const struct watch_machine *m = machine_tasks(watch);
	struct binding best = { .is_found = false };

	for (size_t i = 0; i < target->n_levels; i++) {
		uint64_t max = limit_at(watch, target, i, FIGURE_TASKS_MAX);

		if (max < UNKNOWN)
			binding_consider(
				&best, i, "pids.max", max,
				watch_level_figure(watch, target->levels[i], FIGURE_TASKS));
	}
	binding_consider(&best, SIZE_MAX, "kernel.threads-max", m->threads_max, m->threads);
	binding_consider(&best, SIZE_MAX, "kernel.pid_max", m->pid_max, m->threads);
	return best;
}

/* Without the page cache that can be dropped at once. */
static uint64_t memory_used(struct cg2_watch *watch, struct watch_level *level)
{
	uint64_t used = watch_level_figure(watch, level, FIGURE_MEMORY);
	uint64_t cache = watch_level_figure(watch, level, FIGURE_CACHE);

	if (used >= UNKNOWN || cache >= UNKNOWN)
		return used;
	return used - MIN(used, cache);
}

/*
 * Whether any level can be over the threshold: with the cache it uses more than without it, and
 * the cache is expensive to ask for.
 */
static bool may_be_over(struct cg2_watch *watch, struct watch_target *target,
			const struct cg2_threshold *threshold)
{
	const struct watch_machine *m = machine_memory(watch);

	if (m->memory_total != CG2_MAX &&
	    m->memory_used >= threshold_point(threshold, m->memory_total))
		return true;
	for (size_t i = 0; i < target->n_levels; i++) {
		struct watch_level *level = target->levels[i];
		uint64_t max = watch_level_figure(watch, level, FIGURE_MEMORY_MAX);
		uint64_t used;

		if (max >= UNKNOWN)
			continue;
		used = watch_level_figure(watch, level, FIGURE_MEMORY);
		if (used < UNKNOWN && used >= threshold_point(threshold, max))
			return true;
	}
	return false;
}

static struct binding find_binding_memory(struct cg2_watch *watch, struct watch_target *target)
{
	const struct watch_machine *m = machine_memory(watch);
	struct binding best = { .is_found = false };

	for (size_t i = 0; i < target->n_levels; i++) {
		uint64_t max = limit_at(watch, target, i, FIGURE_MEMORY_MAX);

		if (max < UNKNOWN)
			binding_consider(&best, i, "memory.max", max,
					 memory_used(watch, target->levels[i]));
	}
	binding_consider(&best, SIZE_MAX, "ram", m->memory_total, m->memory_used);
	return best;
}

/* ---- thresholds ---- */

static void tell_crossed(struct cg2_watch *watch, struct watch_target *target,
			 const struct cg2_threshold *threshold, const struct binding *b)
{
	bool is_tasks = threshold->kind == CG2_THRESHOLD_TASKS;
	enum cg2_event_kind kind = is_tasks ? CG2_EVENT_TASKS : CG2_EVENT_MEMORY;
	struct cg2_event *event;

	if (!watch_wants(watch, kind))
		return;
	event = watch_target_event(watch, target, kind);
	if (!event)
		return;
	event_set_value(event, b->used);
	event->has_threshold = true;
	event->threshold = *threshold;
	/* So much was asked for, and there is no limit. */
	if (b->limit == CG2_MAX) {
		watch_tell(watch, event);
		return;
	}
	if (event_set_blame(event,
			    b->level == SIZE_MAX ? NULL : target->levels[b->level]->group->path,
			    b->file, b->limit, b->level < target->n_own, true) < 0) {
		event = cg2_event_unref(event);
		watch->n_lost++;
		return;
	}
	watch_tell(watch, event);
}

/* A number is of the cgroup itself, whatever the limits are. */
static struct binding binding_of_own(struct cg2_watch *watch, struct watch_target *target,
				     const struct cg2_threshold *threshold)
{
	bool is_tasks = threshold->kind == CG2_THRESHOLD_TASKS;
	struct watch_level *level = target->levels[0];
	struct binding own = {
		.file = is_tasks ? "pids.max" : "memory.max",
		.used = watch_level_figure(watch, level,
					   is_tasks ? FIGURE_TASKS : FIGURE_MEMORY),
	};

	if (own.used >= UNKNOWN)
		return own;
	if (!is_tasks && own.used >= threshold->value)
		own.used = memory_used(watch, level);
	own.is_found = true;
	own.limit = watch_level_figure(watch, level,
				       is_tasks ? FIGURE_TASKS_MAX : FIGURE_MEMORY_MAX);
	return own;
}

static void check_threshold(struct cg2_watch *watch, struct watch_target *target, size_t i)
{
	const struct cg2_threshold *threshold = &watch->thresholds[i];
	struct binding b;

	if (!threshold->is_share) {
		b = binding_of_own(watch, target, threshold);
	} else if (threshold->kind == CG2_THRESHOLD_TASKS) {
		b = find_binding_tasks(watch, target);
	} else if (!target->is_over[i] && !may_be_over(watch, target, threshold)) {
		return;
	} else {
		b = find_binding_memory(watch, target);
	}
	if (b.is_found &&
	    threshold_step(&target->is_over[i], threshold_point(threshold, b.limit), b.used))
		tell_crossed(watch, target, threshold, &b);
}

void watch_poll(struct cg2_watch *watch)
{
	uint64_t now = now_usec();

	if (now - watch->limits_usec >= LIMITS_USEC) {
		watch->limits_usec = now;
		watch->limits_round = watch->round;
	}
	for (struct watch_target *target = watch->targets; target; target = target->next)
		for (size_t i = 0; !target->is_gone && i < watch->n_thresholds; i++)
			if (watch->thresholds[i].kind != CG2_THRESHOLD_PRESSURE)
				check_threshold(watch, target, i);
}

/* ---- samples ---- */

/* Figures that share a file are in one read. -ENODEV: the cgroup is gone. */
static int sample_file(struct watch_target *target, uint64_t uses, const char *file,
		       struct cg2_event *event)
{
	char buf[4096];
	size_t len;
	int r;

	r = watch_level_read(target->levels[0], watch_file_by_name(file), buf, sizeof(buf), &len);
	for (unsigned int use = 0; r == 0 && use < N_USES; use++)
		if (uses & UINT64_C(1) << use && use_file(use) == file &&
		    use_parse(use, buf, len, &event->uses[use]))
			event->uses_known |= UINT64_C(1) << use;
	return r;
}

static int read_uses(struct watch_target *target, uint64_t uses, struct cg2_event *event)
{
	uint64_t left = uses;
	int r = 0;

	while (r != -ENODEV && left) {
		const char *file = use_file((enum cg2_use)__builtin_ctzll(left));

		r = sample_file(target, left, file, event);
		for (unsigned int use = 0; use < N_USES; use++)
			if (use_file(use) == file)
				left &= ~(UINT64_C(1) << use);
	}
	/* One that was gone before its files were open has none of them. */
	if (!event->uses_known && watch_target_is_removed(target))
		r = -ENODEV;
	return r == -ENODEV ? r : 0;
}

static void sample_target(struct cg2_watch *watch, struct watch_target *target)
{
	struct cg2_event *event = watch_target_event(watch, target, CG2_EVENT_SAMPLE);

	if (!event)
		return;
	if (read_uses(target, watch->sample_uses, event) < 0) {
		cg2_event_unref(event);
		watch_target_gone(watch, target);
		return;
	}
	watch_tell(watch, event);
}

void watch_sample(struct cg2_watch *watch)
{
	for (struct watch_target *target = watch->targets;
	     target && watch_wants(watch, CG2_EVENT_SAMPLE); target = target->next)
		if (!target->is_gone)
			sample_target(watch, target);
}
