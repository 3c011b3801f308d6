/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A watch: its settings, its epoll descriptor and timer, and the queue of events.
 */
#include "watch/watch-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "evidence/use.h"
#include "value/error.h"
#include "watch/threshold.h"

#define POLL_DEFAULT_USEC (250 * USEC_PER_MSEC)

/* More often than this nobody is served better. */
#define INTERVAL_MIN_USEC USEC_PER_MSEC

/* How many descriptors are asked at once. */
#define BATCH 64

#define KINDS_DEFAULT (CG2_EVENT_BIT(CG2_EVENT_FORK) - 1)

/* What cgscope list shows. */
#define USES_DEFAULT                                                                      \
	(USE(MEMORY_BYTES) | USE(MEMORY_MAX_BYTES) | USE(TASKS_COUNT) | USE(TASKS_MAX_COUNT) | \
	 USE(SWAP_BYTES) | USE(SWAP_MAX_BYTES) | USE(CPU_USEC) | USE(CPU_MAX_PERMYRIAD) |  \
	 USE(CPU_SOME_PERMYRIAD) | USE(MEMORY_SOME_PERMYRIAD) | USE(IO_SOME_PERMYRIAD))
#define USE(name) (UINT64_C(1) << CG2_USE_##name)

/* ---- the queue ---- */

static struct cg2_event *dequeue(struct cg2_watch *watch)
{
	struct cg2_event *event = watch->queue;

	assert(event && watch->n_queued > 0);
	watch->queue = event->next;
	event->next = NULL;
	watch->n_queued--;
	return event;
}

/* ---- epoll and the timer ---- */

static void on_timer(struct cg2_watch *watch, struct watch_source *source)
{
	uint64_t expirations;

	/* What is due is looked at in any case; this only quiets the descriptor. */
	if (read(watch->timer_fd, &expirations, sizeof(expirations)) > 0)
		watch->armed_usec = CG2_MAX;
}

/* Whether it is due; if so, the next time is an interval later, without those that were missed. */
static bool take_due(struct cg2_watch *watch, enum watch_due what, uint64_t now, uint64_t interval)
{
	uint64_t due = watch->due[what];

	if (now < due)
		return false;
	if (interval == CG2_MAX)
		watch->due[what] = CG2_MAX;
	else
		watch->due[what] = due + (1 + (now - due) / interval) * interval;
	return true;
}

static void dispatch_due(struct cg2_watch *watch)
{
	uint64_t now = now_usec();

	if (take_due(watch, DUE_POLL, now, watch->poll_usec))
		watch_poll(watch);
	if (take_due(watch, DUE_SAMPLE, now, watch->sample_usec))
		watch_sample(watch);
	if (take_due(watch, DUE_PRESSURE, now, CG2_MAX))
		watch_psi_poll(watch);
	if (take_due(watch, DUE_TRIGGERS, now, CG2_MAX))
		watch_psi_dispatch(watch);
	if (take_due(watch, DUE_BUS, now, CG2_MAX))
		watch_buses_dispatch_due(watch);
	if (take_due(watch, DUE_PROCESSES, now, CG2_MAX))
		watch_processes_take(watch);
	if (take_due(watch, DUE_REMOVAL, now, CG2_MAX))
		watch_removal_dispatch(watch);
}

static int dispatch_ready(struct cg2_watch *watch)
{
	struct epoll_event events[BATCH];
	int n;

	do {
		n = epoll_wait(watch->epoll_fd, events, BATCH, 0);
		for (int i = 0; i < n; i++) {
			struct watch_source *source = events[i].data.ptr;

			source->ready(watch, source);
		}
	} while (n == BATCH);
	return n < 0 && errno != EINTR ? -errno : 0;
}

CG2_EXPORT int cg2_watch_dispatch(struct cg2_watch *watch, struct cg2_event **ret_event,
				  struct cg2_error *err)
{
	int r = 0;

	if (!watch->queue) {
		watch->round++;
		r = dispatch_ready(watch);
		watch_targets_dispatch(watch);
		dispatch_due(watch);
		watch_targets_sweep(watch);
		watch_levels_sweep(watch);
		watch_arm(watch);
	}
	if (r < 0)
		return error_set(err, CG2_OP_READ, r, "epoll", NULL);
	if (!watch->queue)
		return 0;
	*ret_event = dequeue(watch);
	return 1;
}

/* ---- the object ---- */

static int open_fds(struct cg2_watch *watch)
{
	watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (watch->epoll_fd < 0)
		return -errno;
	watch->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (watch->timer_fd < 0)
		return -errno;
	watch->timer_source.ready = on_timer;
	return watch_add_fd(watch, watch->timer_fd, EPOLLIN, &watch->timer_source);
}

CG2_EXPORT int cg2_watch_new(struct cg2_ctx *ctx, struct cg2_watch **ret_watch,
			     struct cg2_error *err)
{
	_cleanup_(cg2_watch_unrefp) struct cg2_watch *watch = NULL;
	int r;

	r = hierarchy_detail(ctx, err);
	if (r < 0)
		return r;
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return error_set(err, CG2_OP_OPEN, ENOMEM, NULL, NULL);
	watch->n_ref = 1;
	watch->ctx = cg2_ctx_ref(ctx);
	watch->epoll_fd = watch->timer_fd = watch->inotify_fd = -1;
	watch->armed_usec = CG2_MAX;
	for (size_t i = 0; i < N_WATCH_DUES; i++)
		watch->due[i] = CG2_MAX;
	watch->round = watch->limits_round = 1;
	watch->kinds = KINDS_DEFAULT;
	watch->poll_usec = POLL_DEFAULT_USEC;
	watch->sample_usec = CG2_MAX;
	watch->is_events_local = ctx->hierarchy.flags & CG2_HIERARCHY_PIDS_LOCAL;
	watch->is_memory_local = ctx->hierarchy.flags & CG2_HIERARCHY_MEMORY_LOCAL;
	watch->is_namespaced = ctx->hierarchy.flags & CG2_HIERARCHY_NAMESPACED ||
			       hierarchy_is_in_namespace(ctx);
	r = open_fds(watch);
	if (r < 0)
		return error_set(err, CG2_OP_OPEN, r, "epoll", NULL);
	*ret_watch = take_ptr(&watch);
	return 0;
}

CG2_EXPORT struct cg2_watch *cg2_watch_ref(struct cg2_watch *watch)
{
	if (watch)
		watch->n_ref++;
	return watch;
}

CG2_EXPORT struct cg2_watch *cg2_watch_unref(struct cg2_watch *watch)
{
	if (!watch || --watch->n_ref > 0)
		return NULL;
	watch_buses_free(watch);
	watch_owns_free(watch);
	for (struct watch_target *target = watch->targets; target; target = target->next)
		watch_target_drop(target);
	watch->has_gone_targets = true;
	watch_targets_sweep(watch);
	watch_levels_sweep(watch);
	while (watch->queue)
		cg2_event_unref(dequeue(watch));
	cg2_processes_unref(watch->processes);
	free(watch->thresholds);
	free(watch->removals);
	close_fd(watch->inotify_fd);
	close_fd(watch->timer_fd);
	close_fd(watch->epoll_fd);
	cg2_ctx_unref(watch->ctx);
	free(watch);
	return NULL;
}

CG2_EXPORT int cg2_watch_get_fd(struct cg2_watch *watch)
{
	return watch->epoll_fd;
}

CG2_EXPORT uint64_t cg2_watch_get_lost(struct cg2_watch *watch)
{
	return watch->n_lost +
	       (watch->processes ? cg2_processes_get_lost(watch->processes) : 0);
}

/* ---- settings ---- */

/* There are targets, or some may come. */
static bool has_targets(const struct cg2_watch *watch)
{
	return watch->n_targets > 0 || watch->owns || watch_buses_have_wishes(watch);
}

CG2_EXPORT int cg2_watch_has_targets(struct cg2_watch *watch)
{
	return has_targets(watch);
}

CG2_EXPORT int cg2_watch_set_kinds(struct cg2_watch *watch, uint64_t kinds)
{
	if (has_targets(watch))
		return -EBUSY;
	watch->kinds = kinds;
	return 0;
}

CG2_EXPORT int cg2_watch_add_threshold(struct cg2_watch *watch,
				       const struct cg2_threshold *threshold,
				       struct cg2_error *err)
{
	struct cg2_threshold t, *grown;
	int r;

	r = threshold_take(threshold, &t);
	if (r < 0)
		return error_set(err, CG2_OP_PARSE, r, NULL, NULL);
	if (has_targets(watch))
		return error_setf(err, CG2_OP_OPEN, EBUSY, NULL, NULL,
				  "thresholds have to be added before the first target");
	grown = reallocarray(watch->thresholds, watch->n_thresholds + 1, sizeof(*grown));
	if (!grown)
		return error_set(err, CG2_OP_OPEN, ENOMEM, NULL, NULL);
	watch->thresholds = grown;
	grown[watch->n_thresholds++] = t;
	watch->is_polled = watch->is_polled || t.kind != CG2_THRESHOLD_PRESSURE;
	return 0;
}

CG2_EXPORT int cg2_watch_set_poll(struct cg2_watch *watch, uint64_t usec)
{
	if (has_targets(watch))
		return -EBUSY;
	if (usec < INTERVAL_MIN_USEC || usec == CG2_MAX)
		return -ERANGE;
	watch->poll_usec = usec;
	return 0;
}

CG2_EXPORT int cg2_watch_set_sample(struct cg2_watch *watch, uint64_t usec, uint64_t uses)
{
	if (has_targets(watch))
		return -EBUSY;
	if (usec < INTERVAL_MIN_USEC)
		return -ERANGE;
	if (uses >> N_USES)
		return -EINVAL;
	watch->sample_usec = usec;
	watch->sample_uses = uses ? uses : USES_DEFAULT;
	return 0;
}

CG2_EXPORT int cg2_watch_add_group(struct cg2_watch *watch, struct cg2_group *group,
				   const char *name, struct cg2_error *err)
{
	return watch_target_add(watch, group, name, false, NULL, err);
}
