/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What all of a watch stands on: the queue of its events, its epoll descriptor, its timer, and
 * the inotify descriptor that is opened when something needs it.
 */
#include "watch/watch-internal.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/group.h"

/* A caller who does not take events may fall behind by so many, and some for each target. */
#define QUEUE_MIN 1024
#define QUEUE_PER_TARGET 4

/* ---- the queue ---- */

void watch_tell(struct cg2_watch *watch, struct cg2_event *event)
{
	if (!event || watch->n_queued >= QUEUE_MIN + QUEUE_PER_TARGET * watch->n_targets) {
		watch->n_lost++;
		cg2_event_unref(event);
		return;
	}
	if (watch->queue)
		watch->queue_last->next = event;
	else
		watch->queue = event;
	watch->queue_last = event;
	watch->n_queued++;
}

struct cg2_event *watch_target_event(struct cg2_watch *watch, struct watch_target *target,
				     enum cg2_event_kind kind)
{
	struct cg2_event *event =
		event_new(kind, target->name, target->levels[0]->group->path);

	if (!event)
		watch->n_lost++;
	return event;
}

void watch_target_tell(struct cg2_watch *watch, struct watch_target *target,
		       enum cg2_event_kind kind)
{
	struct cg2_event *event;

	if (!watch_wants(watch, kind))
		return;
	event = watch_target_event(watch, target, kind);
	if (event)
		watch_tell(watch, event);
}

/* ---- epoll and the timer ---- */

int watch_add_fd(struct cg2_watch *watch, int fd, uint32_t events, struct watch_source *source)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

void watch_arm(struct cg2_watch *watch)
{
	struct itimerspec spec = { { 0, 0 }, { 0, 0 } };
	uint64_t usec = CG2_MAX;

	for (size_t i = 0; i < N_WATCH_DUES; i++)
		usec = MIN(usec, watch->due[i]);
	if (usec == watch->armed_usec)
		return;
	if (usec != CG2_MAX) {
		/* 0 would disarm it. */
		spec.it_value.tv_sec = (time_t)(usec / USEC_PER_SEC);
		spec.it_value.tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC) + 1;
	}
	if (timerfd_settime(watch->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
		watch->armed_usec = usec;
}

void watch_set_due(struct cg2_watch *watch, enum watch_due what, uint64_t usec)
{
	watch->due[what] = MIN(watch->due[what], usec);
	watch_arm(watch);
}

/* ---- inotify ---- */

static void on_inotify(struct cg2_watch *watch, struct watch_source *source)
{
	_Alignas(struct inotify_event) char buf[4096];

	while (read(watch->inotify_fd, buf, sizeof(buf)) > 0)
		;
	/* Whatever it was, something was removed, or a trigger fired: this dispatch looks. */
	watch->due[DUE_REMOVAL] = watch->due[DUE_TRIGGERS] = 0;
}

int watch_open_inotify(struct cg2_watch *watch)
{
	int r;

	if (watch->inotify_fd >= 0)
		return 0;
	watch->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->inotify_fd < 0)
		return -errno;
	watch->inotify_source.ready = on_inotify;
	r = watch_add_fd(watch, watch->inotify_fd, EPOLLIN, &watch->inotify_source);
	if (r < 0)
		watch->inotify_fd = close_fd(watch->inotify_fd);
	return r;
}
