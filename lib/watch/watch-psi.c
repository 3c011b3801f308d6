/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Thresholds of pressure: the kernel's triggers, which cost nothing until tasks stall; where they
 * are refused (another's cgroup, a window that only CAP_SYS_RESOURCE may have), the totals are
 * read four times a window.
 *
 * A trigger tells once, to whoever polls it first. An epoll descriptor that is polled itself, as
 * a watch's is, asks everything in it, and has nothing left to tell when it is waited on. So
 * triggers are in no epoll set: since kernel 6.6 a cgroup's wake up inotify, and then they are
 * asked. Before, nobody but their pollers is woken, and the totals are read.
 */
#include "watch/watch-internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "watch/threshold.h"

#define PERMYRIAD_ALL 10000

/* How the reads of a window are spread. */
#define PARTS 4
#define PART_MIN_USEC (50 * USEC_PER_MSEC)

struct psi_total {
	uint64_t usec; /* when it was read */
	uint64_t total;
};

struct watch_psi {
	struct watch_target *target;
	const struct cg2_threshold *threshold;
	int fd; /* the trigger's; -1: the totals are read */
	bool is_over;
	bool has_fired;
	struct psi_total last[PARTS + 1]; /* the newest first; of a trigger only that */
	size_t n_last;
};

static enum watch_file_id pressure_file(const struct cg2_threshold *threshold)
{
	static const enum watch_file_id files[] = {
		[CG2_PRESSURE_CPU] = FILE_CPU_PRESSURE,
		[CG2_PRESSURE_MEMORY] = FILE_MEMORY_PRESSURE,
		[CG2_PRESSURE_IO] = FILE_IO_PRESSURE,
	};

	static_assert(ARRAY_SIZE(files) == CG2_PRESSURE_IO + 1, "a file each");
	assert(threshold->pressure < ARRAY_SIZE(files));
	return files[threshold->pressure];
}

/* -EOPNOTSUPP: the kernel does not have that line. */
static int read_total(struct watch_psi *psi, struct psi_total *ret_total)
{
	const struct cg2_threshold *threshold = psi->threshold;
	struct cg2_psi values;
	char buf[512];
	size_t len;
	int r;

	r = watch_level_read(psi->target->levels[0], pressure_file(threshold), buf, sizeof(buf),
			     &len);
	if (r == 0)
		r = cg2_parse_psi(buf, len, &values);
	if (r == 0 && !(values.mask & (threshold->is_full ? CG2_PSI_FULL : CG2_PSI_SOME)))
		r = -EOPNOTSUPP;
	if (r < 0)
		return r == -ENOENT ? -EOPNOTSUPP : r;
	ret_total->usec = now_usec();
	ret_total->total = threshold->is_full ? values.full.total_usec : values.some.total_usec;
	return 0;
}

/* The share of the time between two reads; where that was long ago, at least the threshold. */
static uint64_t share_between(const struct watch_psi *psi, const struct psi_total *old,
			      const struct psi_total *new)
{
	uint64_t elapsed = new->usec - old->usec, share = 0;

	if (elapsed > 0 && elapsed <= 2 * psi->threshold->window_usec)
		share = (new->total - old->total) * PERMYRIAD_ALL / elapsed;
	return MIN(MAX(share, psi->threshold->permyriad), PERMYRIAD_ALL);
}

static void tell_pressure(struct cg2_watch *watch, struct watch_psi *psi, uint64_t share)
{
	struct cg2_event *event;

	if (!watch_wants(watch, CG2_EVENT_PRESSURE))
		return;
	event = watch_target_event(watch, psi->target, CG2_EVENT_PRESSURE);
	if (!event)
		return;
	event_set_value(event, share);
	event->has_limit = event->has_threshold = true;
	event->limit = psi->threshold->permyriad;
	event->threshold = *psi->threshold;
	watch_tell(watch, event);
}

/* ---- triggers ---- */

/*
 * A trigger fires up to once a window as long as the pressure lasts. One window without it, and
 * the next one is a new crossing. The first one that some kernels let an unprivileged caller see
 * is for any stall at all.
 */
static void trigger_fired(struct cg2_watch *watch, struct watch_psi *psi)
{
	const struct cg2_threshold *threshold = psi->threshold;
	struct psi_total now, old = psi->last[0];

	if (psi->target->is_gone || read_total(psi, &now) < 0) {
		/* Its cgroup is gone, or its pressure was turned off. */
		psi->fd = close_fd(psi->fd);
		return;
	}
	psi->last[0] = now;
	if (!psi->has_fired && now.total - old.total < threshold_stall_usec(threshold))
		return;
	if (!psi->has_fired || now.usec - old.usec > 2 * threshold->window_usec)
		tell_pressure(watch, psi, share_between(psi, &old, &now));
	psi->has_fired = true;
}

void watch_psi_dispatch(struct cg2_watch *watch)
{
	for (struct watch_target *target = watch->targets; target; target = target->next)
		for (size_t i = 0; i < target->n_psis; i++) {
			struct watch_psi *psi = &target->psis[i];
			struct pollfd fd = { .fd = psi->fd, .events = POLLPRI };

			if (psi->fd >= 0 && poll(&fd, 1, 0) > 0)
				trigger_fired(watch, psi);
		}
}

/* The inotify watch goes with the file. */
static int expect_wake_up(struct cg2_watch *watch, int group_fd, const char *file)
{
	char path[96];
	int r;

	r = watch_open_inotify(watch);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", group_fd, file);
	return inotify_add_watch(watch->inotify_fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

static bool does_trigger_notify(void)
{
	struct utsname name;
	struct scan scan;
	uint64_t major, minor;

	if (uname(&name) < 0)
		return false;
	scan = scan_of_string(name.release);
	return scan_u64(&scan, &major) == 0 && scan_char(&scan, '.') &&
	       scan_u64(&scan, &minor) == 0 && (major > 6 || (major == 6 && minor >= 6));
}

static int set_trigger(struct cg2_watch *watch, struct watch_psi *psi)
{
	static const char *const names[] = {
		[CG2_PRESSURE_CPU] = "cpu.pressure",
		[CG2_PRESSURE_MEMORY] = "memory.pressure",
		[CG2_PRESSURE_IO] = "io.pressure",
	};
	const struct cg2_threshold *threshold = psi->threshold;
	char text[64];
	int r;

	/* In a dump the words would be written to a file. */
	if (!watch->ctx->is_real_root || !does_trigger_notify())
		return -EOPNOTSUPP;
	snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64,
		 threshold->is_full ? "full" : "some", threshold_stall_usec(threshold),
		 threshold->window_usec);
	psi->fd = fsio_open_trigger(psi->target->levels[0]->group->fd,
				    names[threshold->pressure], text);
	if (psi->fd < 0)
		return psi->fd;
	r = expect_wake_up(watch, psi->target->levels[0]->group->fd, names[threshold->pressure]);
	if (r < 0)
		psi->fd = close_fd(psi->fd);
	return r;
}

/* ---- totals ---- */

static uint64_t part_usec(const struct watch_psi *psi)
{
	return MAX(psi->threshold->window_usec / PARTS, PART_MIN_USEC);
}

/* What tasks stalled in a window that ends now. */
static void sample_total(struct cg2_watch *watch, struct watch_psi *psi)
{
	uint64_t window = psi->threshold->window_usec, growth, elapsed;
	const struct psi_total *oldest;
	struct psi_total now;

	if (now_usec() < psi->last[0].usec + part_usec(psi) || read_total(psi, &now) < 0)
		return;
	for (size_t i = MIN(psi->n_last, PARTS); i > 0; i--)
		psi->last[i] = psi->last[i - 1];
	psi->last[0] = now;
	psi->n_last = MIN(psi->n_last + 1, PARTS + 1);
	oldest = &psi->last[psi->n_last - 1];
	growth = now.total - oldest->total;
	elapsed = now.usec - oldest->usec;
	if (elapsed > window)
		growth = growth * window / elapsed;
	if (threshold_step(&psi->is_over, threshold_stall_usec(psi->threshold), growth))
		tell_pressure(watch, psi, share_between(psi, oldest, &now));
}

void watch_psi_poll(struct cg2_watch *watch)
{
	uint64_t next = CG2_MAX;

	for (struct watch_target *target = watch->targets; target; target = target->next)
		for (size_t i = 0; !target->is_gone && i < target->n_psis; i++) {
			struct watch_psi *psi = &target->psis[i];

			if (psi->fd >= 0 || psi->has_fired)
				continue;
			sample_total(watch, psi);
			next = MIN(next, now_usec() + part_usec(psi));
		}
	if (next != CG2_MAX)
		watch_set_due(watch, DUE_PRESSURE, next);
}

/* ---- of a target ---- */

static int psi_begin(struct cg2_watch *watch, struct watch_psi *psi)
{
	struct cg2_group *group = psi->target->levels[0]->group;
	int r;

	r = read_total(psi, &psi->last[0]);
	psi->n_last = 1;
	if (r < 0)
		return r;
	r = set_trigger(watch, psi);
	if (r == 0)
		return 0;
	ctx_log(watch->ctx, CG2_LOG_INFO, NULL,
		"%s: no trigger on %s.pressure, reading its total instead", group->path,
		pressure_to_string(psi->threshold->pressure));
	watch_set_due(watch, DUE_PRESSURE, now_usec() + part_usec(psi));
	return 0;
}

int watch_psi_begin(struct cg2_watch *watch, struct watch_target *target)
{
	int r = 0;

	target->psis = calloc(watch->n_thresholds + 1, sizeof(*target->psis));
	if (!target->psis)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < watch->n_thresholds; i++) {
		struct watch_psi *psi = &target->psis[target->n_psis];

		if (watch->thresholds[i].kind != CG2_THRESHOLD_PRESSURE)
			continue;
		*psi = (struct watch_psi){
			.target = target, .threshold = &watch->thresholds[i], .fd = -1
		};
		target->n_psis++;
		r = psi_begin(watch, psi);
	}
	return r;
}

void watch_psi_end(struct watch_target *target)
{
	for (size_t i = 0; i < target->n_psis; i++)
		close_fd(target->psis[i].fd);
	free(target->psis);
}
