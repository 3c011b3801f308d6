/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A run's trace: the tracer is started before all other processes of the run, and its records are
 * read as they come. Whom the command leaves behind it follows without us.
 */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/copyout.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "child/block-signals.h"
#include "value/error.h"

/* What may still be folded is told after some time without a record. */
#define TICK_USEC (250 * USEC_PER_MSEC)
#define TICKS_USEC (2 * USEC_PER_SEC)

/* How long it may take to say that it follows nobody any more, when the command is gone. */
#define FINISH_MSEC 50

CG2_EXPORT int cg2_run_set_trace(struct cg2_run *run, const struct cg2_trace_wish *wish,
				 struct cg2_error *err)
{
	struct cg2_trace_wish w = { .size = sizeof(w) };
	int r;

	if (run->state != RUN_NEW)
		return error_set(err, CG2_OP_TRACE, EBUSY, run->file, NULL);
	if (wish)
		memcpy(&w, wish, MIN(wish->size, sizeof(w)));
	if (w.kinds & ~TRACE_KINDS_ALL)
		return error_set(err, CG2_OP_TRACE, EINVAL, run->file, NULL);
	trace_filter_clear(&run->trace.filter);
	r = trace_filter_make(w.kinds ? w.kinds : TRACE_KINDS_ALL, &run->trace.filter, err);
	if (r < 0)
		return r;
	run->trace.is_wanted = true;
	run->trace.fn = w.fn;
	run->trace.userdata = w.userdata;
	return 0;
}

CG2_EXPORT struct cg2_trace *cg2_run_get_trace(struct cg2_run *run)
{
	return run->trace.trace;
}

int run_trace_prepare(struct cg2_run *run, struct cg2_error *reterr)
{
	struct run_trace *t = &run->trace;
	sigset_t saved;
	int r;

	if (!t->is_wanted)
		return 0;
	t->tracer.trace.filter = t->filter.instructions;
	t->tracer.trace.n_filter = t->filter.n;
	run->plan.trace = &t->tracer.trace;
	/* Where there is none, there are no cgroups to look at. */
	if (hierarchy_detail(run->ctx, NULL) < 0)
		errno = 0;
	block_signals(&saved);
	r = tracer_start(&t->tracer, run->ctx, reterr);
	restore_signals(&saved);
	return r;
}

int run_trace_make(struct cg2_run *run, struct cg2_error *reterr)
{
	struct run_trace *t = &run->trace;
	const struct cg2_group *top = run->scope ? run->scope : run->group;
	const struct trace_setup setup = {
		.started_usec = run->started_mono_usec,
		.place = {
			.cgroup = run->group ? run->group->path : NULL,
			.own = top && !run->inside ? top->path : NULL,
		},
		.fn = t->fn,
		.userdata = t->userdata,
	};
	int r;

	if (!t->is_wanted)
		return 0;
	r = trace_new(&setup, &t->trace);
	return r < 0 ? error_set(reterr, CG2_OP_TRACE, r, run->file, NULL) : 0;
}

void run_trace_begin(struct cg2_run *run)
{
	if (run->trace.is_wanted)
		tracer_begun(&run->trace.tracer);
}

static void stop_reading(struct cg2_run *run)
{
	run->trace.has_finished = true;
	if (run->epoll_fd >= 0)
		epoll_ctl(run->epoll_fd, EPOLL_CTL_DEL, run->trace.tracer.socket_fd, NULL);
}

static void expect_tick(struct cg2_run *run)
{
	struct run_trace *t = &run->trace;
	const uint64_t now = now_usec();

	if (!t->fn)
		return;
	t->tick_usec = now + TICK_USEC;
	t->tick_end_usec = now + TICKS_USEC;
}

static void take_record(struct cg2_run *run, const struct trace_record *record)
{
	struct run_trace *t = &run->trace;

	trace_fold_add(t->trace, record);
	if (record->type == TRACE_ENDED && record->pid == run->pid)
		t->has_command_ended = true;
	if (record->type == TRACE_FINISHED)
		t->has_finished = true;
}

void run_trace_dispatch(struct cg2_run *run)
{
	struct run_trace *t = &run->trace;
	struct trace_record record;
	int r = 0;

	if (!t->trace || t->has_finished)
		return;
	while (!t->has_finished && (r = tracer_receive(&t->tracer, &record)) > 0) {
		take_record(run, &record);
		expect_tick(run);
	}
	if (r < 0)
		ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
			"the tracer was killed, and the command with all that it started");
	if (t->has_finished || r < 0)
		stop_reading(run);
}

void run_trace_tick(struct cg2_run *run, uint64_t now)
{
	struct run_trace *t = &run->trace;

	if (now < t->tick_usec)
		return;
	trace_fold_tick(t->trace, now);
	t->tick_usec = now < t->tick_end_usec ? now + TICK_USEC : CG2_MAX;
}

bool run_trace_is_complete(const struct cg2_run *run)
{
	const struct run_trace *t = &run->trace;

	return !t->trace || t->has_command_ended || t->has_finished;
}

void run_trace_end(struct cg2_run *run)
{
	struct run_trace *t = &run->trace;
	const uint64_t end_usec = end_after(FINISH_MSEC * USEC_PER_MSEC);

	if (!t->trace)
		return;
	while (!t->has_finished && usec_until(end_usec) > 0) {
		struct pollfd fd = { .fd = t->tracer.socket_fd, .events = POLLIN };

		if (poll(&fd, 1, (int)(msec_until(end_usec))) > 0)
			run_trace_dispatch(run);
	}
	trace_fold_end(t->trace, now_usec());
	tracer_leave(&t->tracer);
}

void run_trace_stop(struct cg2_run *run)
{
	tracer_stop(&run->trace.tracer);
	/* Of a command that has not begun there is nothing to tell. */
	run->trace.trace = cg2_trace_unref(run->trace.trace);
}

void run_trace_close(struct run_trace *t)
{
	tracer_stop(&t->tracer);
	trace_filter_clear(&t->filter);
	t->trace = cg2_trace_unref(t->trace);
}
