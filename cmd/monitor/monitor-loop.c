/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of a monitor: one poll(2) over the watch, signals, hooks and the standard output.
 * Nobody is waited for: a reader's lines wait in the outbox, hooks in their queue, and both
 * count what finds no room.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/monitor/failure.h"
#include "cmd/monitor/hook.h"
#include "cmd/monitor/monitor.h"
#include "cmd/monitor/openmetrics.h"
#include "cmd/monitor/service.h"
#include "cmd/output/message.h"
#include "cmd/output/outbox.h"
#include "cmd/output/status.h"
#include "cmd/output/tally.h"

/* Events at a time: the others want their turn. */
#define EVENTS_MAX 256

/* What is written more often is read by nobody. */
#define METRICS_PAUSE_USEC USEC_PER_SEC

/* For a reader, and for hooks after a signal. */
#define LAST_WORDS_USEC (5 * USEC_PER_SEC)

struct monitor {
	const struct monitor_options *opts;
	struct cg2_watch *watch;
	struct jsonc json;
	struct outbox out;
	struct hooks *hooks;	 /* NULL: none are wanted */
	struct metrics *metrics; /* the same */
	struct service service;
	int signal_fd;
	uint64_t end_usec;	   /* of --timeout */
	uint64_t metrics_usec;	   /* when the file is due; UINT64_MAX: nothing is new */
	uint64_t metrics_done_usec; /* when it was written */
	char *counted;		   /* the target that --count is counted by */
	uint64_t n_counted;
	struct tally lost, unprinted;
	struct failure_pace pace;
	bool is_over;
	int status;
};

static void end_monitor(struct monitor *m, int status)
{
	if (!m->is_over)
		m->status = status;
	m->is_over = true;
}

/* ---- an event ---- */

static void print_event(struct monitor *m, struct cg2_event *event,
			const struct failure *failure, const char *json, size_t json_len)
{
	_cleanup_free_ char *text = NULL, *line = NULL;

	if (m->opts->json && !m->service.has_journal) {
		outbox_add(&m->out, json, json_len);
		return;
	}
	text = monitor_event_to_text(event, failure);
	if (m->service.has_journal) {
		line = text ? monitor_event_to_message(event, text) : NULL;
		monitor_log_event(&m->service, event, failure, m->opts->json ? json : line);
		return;
	}
	line = text ? monitor_event_to_line(event, text) : NULL;
	if (line)
		outbox_add(&m->out, line, strlen(line));
	else
		tally_add(&m->unprinted, 1);
}

static void hook_event(struct monitor *m, struct cg2_event *event, const struct failure *failure,
		       const char *json, size_t len)
{
	char value_text[MONITOR_NUMBER_MAX], limit_text[MONITOR_NUMBER_MAX];
	uint64_t value = 0, limit = 0;
	int has_value = cg2_event_get_value(event, &value);
	int has_limit = cg2_event_get_limit(event, &limit);
	const struct hook_event hook = {
		.json = json,
		.json_len = len,
		.values = {
			[HOOK_EVENT] = cg2_event_kind_to_string(cg2_event_get_kind(event)),
			[HOOK_TARGET] = cg2_event_get_target(event),
			[HOOK_CGROUP] = cg2_event_get_cgroup(event),
			[HOOK_VALUE] = monitor_put_number(value_text, has_value, value),
			[HOOK_LIMIT] = monitor_put_number(limit_text, has_limit, limit),
			[HOOK_CAUSE] = failure->cause,
			[HOOK_REASON] = failure->reason,
		},
	};

	hooks_add(m->hooks, &hook);
}

static bool is_of_counted(const struct monitor *m, struct cg2_event *event)
{
	return m->counted && strcmp(m->counted, cg2_event_get_target(event)) == 0;
}

/*
 * All targets have their samples at the same time, and the one that had the first sample counts
 * for all of them. When it is gone another one takes its place.
 */
static void count_sample(struct monitor *m, struct cg2_event *event)
{
	const enum cg2_event_kind kind = cg2_event_get_kind(event);

	if (m->opts->count == 0 || (kind != CG2_EVENT_SAMPLE && kind != CG2_EVENT_GONE))
		return;
	if (!m->counted && kind == CG2_EVENT_SAMPLE)
		m->counted = strdup(cg2_event_get_target(event));
	if (!is_of_counted(m, event))
		return;
	if (kind == CG2_EVENT_GONE) {
		free(m->counted);
		m->counted = NULL;
	} else if (++m->n_counted == m->opts->count) {
		end_monitor(m, STATUS_OK);
	}
}

/* Whether or not it is told: it may be what was waited for. */
static void end_after_event(struct monitor *m, struct cg2_event *event)
{
	count_sample(m, event);
	if ((int)cg2_event_get_kind(event) == m->opts->until)
		end_monitor(m, STATUS_OK);
}

static void note_metrics(struct monitor *m, struct cg2_event *event)
{
	metrics_add(m->metrics, event);
	if (m->metrics_usec == UINT64_MAX)
		m->metrics_usec = MAX(now_usec(), m->metrics_done_usec +
								METRICS_PAUSE_USEC);
}

static void take_event(struct monitor *m, struct cg2_event *event)
{
	const enum cg2_event_kind kind = cg2_event_get_kind(event);
	_cleanup_(failure_clear) struct failure failure = { .cause = NULL };
	_cleanup_free_ char *json = NULL;
	size_t len = 0;

	if (m->metrics)
		note_metrics(m, event);
	/* A sample for the metrics alone. */
	if (kind == CG2_EVENT_SAMPLE && m->opts->interval_usec == CG2_MAX)
		return;
	if (!(m->opts->on >> kind & 1)) {
		end_after_event(m, event);
		return;
	}
	failure_explain(m->opts->ctx, (enum cg2_manager)m->opts->manager, event, &m->pace,
			&failure);
	if ((m->opts->json || m->hooks) &&
	    monitor_event_to_json(&m->json, event, &failure, &json, &len) < 0) {
		tally_add(&m->unprinted, 1);
		return;
	}
	print_event(m, event, &failure, json, len);
	if (m->hooks)
		hook_event(m, event, &failure, json, len);
	end_after_event(m, event);
}

/* It is over, and the round of samples that was the last one, too. */
static bool is_beyond(const struct monitor *m, struct cg2_event *event)
{
	return m->is_over &&
	       (cg2_event_get_kind(event) != CG2_EVENT_SAMPLE || is_of_counted(m, event));
}

/* Whether there may be more. */
static bool take_events(struct monitor *m)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	for (unsigned int i = 0; i < EVENTS_MAX; i++) {
		_cleanup_(cg2_event_unrefp) struct cg2_event *event = NULL;
		int r = cg2_watch_dispatch(m->watch, &event, &err);

		if (r < 0) {
			message_error(&err);
			end_monitor(m, STATUS_FAILED);
		}
		if (r <= 0 || is_beyond(m, event))
			return false;
		take_event(m, event);
	}
	return true;
}

/* ---- what else there is to do ---- */

static void take_signals(struct monitor *m)
{
	struct signalfd_siginfo si;

	while (read(m->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		/* The second one is not to wait for anything. */
		if (m->hooks)
			hooks_stop(m->hooks, m->is_over ? 0 : end_after(LAST_WORDS_USEC));
		end_monitor(m, m->opts->until < 0 ? STATUS_OK : STATUS_FAILED);
	}
}

static void write_metrics(struct monitor *m)
{
	struct metrics_self self = { .lost = cg2_watch_get_lost(m->watch) };
	const uint64_t unjoined = cg2_watch_get_unjoined(m->watch);
	struct hook_counts counts;

	if (m->hooks) {
		hooks_get_counts(m->hooks, &counts);
		self.hooks = &counts;
	}
	if (m->opts->processes)
		self.unjoined = &unjoined;
	metrics_write(m->metrics, &self);
	m->metrics_usec = UINT64_MAX;
	m->metrics_done_usec = now_usec();
}

static void tell_losses(struct monitor *m, bool at_end)
{
	uint64_t n;

	m->lost.n = cg2_watch_get_lost(m->watch);
	n = tally_take(&m->lost, at_end);
	if (n > 0)
		message_failure("%" PRIu64 " %s lost: too many at once", n,
				n == 1 ? "event was" : "events were");
	tally_add(&m->unprinted, m->out.n_dropped);
	m->out.n_dropped = 0;
	n = m->out.error ? 0 : tally_take(&m->unprinted, at_end);
	if (n > 0)
		message_failure("%" PRIu64 " %s not printed: the reader of the standard output is "
				"too slow", n, n == 1 ? "event was" : "events were");
}

/* No failure: on a busy machine some end before anybody can ask whose they are. */
static void tell_unjoined(const struct monitor *m)
{
	const uint64_t n = cg2_watch_get_unjoined(m->watch);

	if (n > 0)
		message_info("%" PRIu64 " %s left out: %s not known", n,
			     n == 1 ? "process was" : "processes were",
			     n == 1 ? "its cgroup is" : "their cgroups are");
}

/* Nothing can happen any more, and what has happened was told. */
static void end_without_targets(struct monitor *m, bool has_more)
{
	if (m->is_over || has_more || cg2_watch_has_targets(m->watch))
		return;
	if (m->opts->until >= 0)
		message_failure("the target ended without the event '%s'", m->opts->until_word);
	end_monitor(m, m->opts->until < 0 ? STATUS_OK : STATUS_FAILED);
}

static void do_what_is_due(struct monitor *m, bool has_more)
{
	if (m->out.error)
		end_monitor(m, STATUS_FAILED);
	end_without_targets(m, has_more);
	if (now_usec() >= m->end_usec)
		end_monitor(m, STATUS_TIMEOUT);
	if (m->metrics && now_usec() >= m->metrics_usec)
		write_metrics(m);
	service_ping(&m->service);
	tell_losses(m, false);
}

static int msec_until_due(const struct monitor *m)
{
	uint64_t due = MIN(m->end_usec, m->service.deadline_usec);

	if (m->metrics)
		due = MIN(due, m->metrics_usec);
	if (m->hooks)
		due = MIN(due, hooks_get_deadline(m->hooks));
	/* What was told of once is counted, and has to be told of again some time. */
	if (m->unprinted.n > m->unprinted.n_told || m->lost.n > m->lost.n_told)
		due = MIN(due, end_after(TALLY_USEC));
	return msec_until(due);
}

static void turn(struct monitor *m, bool with_events, int msec)
{
	struct pollfd fds[] = {
		{ .fd = m->signal_fd, .events = POLLIN },
		{ .fd = outbox_get_fd(&m->out), .events = outbox_get_events(&m->out) },
		{ .fd = m->hooks ? hooks_get_fd(m->hooks) : -1, .events = POLLIN },
		{ .fd = with_events ? cg2_watch_get_fd(m->watch) : -1, .events = POLLIN },
	};

	if (poll(fds, ARRAY_SIZE(fds), msec) < 0)
		return;
	if (fds[0].revents)
		take_signals(m);
	if (fds[1].revents)
		outbox_dispatch(&m->out, fds[1].revents);
	if (m->hooks)
		hooks_dispatch(m->hooks);
}

/* What is under way when it is over: hooks that run and wait, and lines. */
static void wind_up(struct monitor *m)
{
	const uint64_t hooks_end_usec = end_after(m->opts->hook_timeout_usec);

	service_notify(&m->service, "STOPPING=1");
	while (m->hooks && !hooks_is_idle(m->hooks)) {
		if (now_usec() >= hooks_end_usec)
			hooks_stop(m->hooks, 0);
		turn(m, false,
		     msec_until(MIN(MIN(hooks_end_usec, hooks_get_deadline(m->hooks)),
					      m->service.deadline_usec)));
		service_ping(&m->service);
	}
	outbox_flush(&m->out, end_after(LAST_WORDS_USEC));
	if (m->metrics)
		write_metrics(m);
	tell_losses(m, true);
	tell_unjoined(m);
}

int monitor_live(struct monitor *m)
{
	bool has_more = true;

	service_notify(&m->service, "READY=1");
	while (!m->is_over) {
		has_more = take_events(m);
		do_what_is_due(m, has_more);
		if (!m->is_over)
			turn(m, true, has_more ? 0 : msec_until_due(m));
	}
	wind_up(m);
	if (m->out.error) {
		message_failure("cannot write to the standard output: %s",
				strerror(m->out.error));
		m->status = STATUS_FAILED;
	}
	return m->status;
}

/* ---- its parts ---- */

static int open_signals(struct monitor *m)
{
	static const int ending[] = { SIGTERM, SIGINT, SIGHUP };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	m->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return m->signal_fd < 0 ? -errno : 0;
}

static int open_parts(struct monitor *m, const struct hook_setting *setting)
{
	int r;

	if ((m->opts->json || m->opts->hook) && jsonc_load(&m->json) < 0) {
		message_failure("--%s: libjson-c is missing", m->opts->json ? "json" : "hook");
		message_hint("install it (Debian: apt install libjson-c5)");
		return -ENOENT;
	}
	r = open_signals(m);
	if (r == 0 && m->opts->hook)
		r = hooks_new(setting, m->opts->hook_timeout_usec, &m->hooks);
	if (r < 0) {
		message_failure("cannot start: %s", strerror(-r));
		return r;
	}
	return m->opts->openmetrics ? metrics_new(m->opts->openmetrics, &m->metrics) : 0;
}

int monitor_open(const struct monitor_options *opts, struct cg2_watch *watch,
		 const struct hook_setting *setting, struct monitor **ret_monitor)
{
	_cleanup_(monitor_closep) struct monitor *m = calloc(1, sizeof(*m));
	int r;

	if (!m) {
		message_failure("out of memory");
		return -ENOMEM;
	}
	m->opts = opts;
	m->watch = watch;
	m->signal_fd = -1;
	m->end_usec = end_after(opts->timeout_usec);
	m->metrics_usec = UINT64_MAX;
	service_init(&m->service);
	outbox_init(&m->out);
	r = open_parts(m, setting);
	if (r == 0)
		*ret_monitor = take_ptr(&m);
	return r;
}

struct monitor *monitor_close(struct monitor *m)
{
	if (!m)
		return NULL;
	hooks_free(m->hooks);
	metrics_free(m->metrics);
	outbox_clear(&m->out);
	close_fd(m->signal_fd);
	free(m->counted);
	free(m);
	return NULL;
}
