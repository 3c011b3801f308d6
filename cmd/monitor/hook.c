/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The queue of hooks. Nothing in it could be started at the moment: an event is either the
 * next one of its target's, whose hook runs, or there are as many hooks as may be. So a new
 * event has to be looked at alone, and the queue when a hook has ended.
 */
#include "cmd/monitor/hook.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/output/tally.h"
#include "libcg2.h"

#define RUNNING_MAX 16	 /* a machine that has no tasks left needs no more of them */
#define WAITING_MAX 1024
#define WAITING_OF_TARGET_MAX 100
#define RETRY_USEC USEC_PER_SEC

static const char *const names[HOOK_VARIABLES] = {
	[HOOK_EVENT] = "CGSCOPE_EVENT",   [HOOK_TARGET] = "CGSCOPE_TARGET",
	[HOOK_CGROUP] = "CGSCOPE_CGROUP", [HOOK_VALUE] = "CGSCOPE_VALUE",
	[HOOK_LIMIT] = "CGSCOPE_LIMIT",   [HOOK_CAUSE] = "CGSCOPE_CAUSE",
	[HOOK_REASON] = "CGSCOPE_REASON",
};

/* An event with its place in the queue. */
struct job {
	struct job *next;
	char *variables[HOOK_VARIABLES + 1]; /* "NAME=VALUE" */
	char *json;
	size_t json_len;
	uint64_t target_hash;
	uint64_t end_usec; /* before it has to be started; 0: nothing was tried */
};

struct slot {
	struct job *job; /* NULL: free */
	bool is_late;	 /* was killed for it */
	uint64_t end_usec;
	struct hook_process process;
};

struct hooks {
	struct hook_setting setting;
	uint64_t timeout_usec;
	int epoll_fd;
	struct slot slots[RUNNING_MAX];
	struct job *first, **last;
	size_t n_waiting;
	uint64_t retry_usec; /* no process could be made: when to try again; 0: at once */
	bool is_stopping;
	struct hook_counts counts;
	struct tally failures;
	struct tally drops; /* there was no room */
	struct tally ends;  /* there was no time */
	char *failure; /* the last one in words */
};

/* ---- events ---- */

static uint64_t hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

	for (; text && *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h;
}

static struct job *job_free(struct job *job)
{
	for (size_t i = 0; job && i < HOOK_VARIABLES; i++)
		free(job->variables[i]);
	if (job)
		free(job->json);
	free(job);
	return NULL;
}

static struct job *job_new(const struct hook_event *event)
{
	struct job *job = calloc(1, sizeof(*job));
	bool failed = !job;

	for (size_t i = 0; job && i < HOOK_VARIABLES; i++) {
		const char *value = event->values[i] ? event->values[i] : "";

		job->variables[i] = text_format("%s=%s", names[i], value);
		failed |= !job->variables[i];
	}
	if (job) {
		job->json = malloc(event->json_len + 1);
		failed |= !job->json;
		job->json_len = event->json_len;
		job->target_hash = hash(event->values[HOOK_TARGET]);
	}
	if (failed)
		return job_free(job);
	memcpy(job->json, event->json, event->json_len);
	return job;
}

/* The targets of two jobs are the same. Most that are not differ in their hashes. */
static bool has_target_of(const struct job *a, const struct job *b)
{
	return a->target_hash == b->target_hash &&
	       strcmp(a->variables[HOOK_TARGET], b->variables[HOOK_TARGET]) == 0;
}

static const char *value_of(const struct job *job, enum hook_variable variable)
{
	return job->variables[variable] + strlen(names[variable]) + 1;
}

/* ---- telling ---- */

/* count: one of the counts. */
static _printf_(4, 5) void note_failure(struct hooks *hooks, uint64_t *count,
					const struct job *job, const char *format, ...)
{
	_cleanup_free_ char *why = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&why, format, args) < 0)
		why = NULL;
	va_end(args);
	free(hooks->failure);
	hooks->failure = text_format("%s, for %s of %s", why ? why : "failed",
				     value_of(job, HOOK_EVENT), value_of(job, HOOK_TARGET));
	(*count)++;
	tally_add(&hooks->failures, 1);
	hooks_tell(hooks, false);
}

static void note_drops(struct hooks *hooks, struct tally *tally, uint64_t n)
{
	hooks->counts.dropped += n;
	tally_add(tally, n);
	hooks_tell(hooks, false);
}

static void tell_drops(struct tally *tally, bool at_end, const char *why)
{
	const uint64_t n = tally_take(tally, at_end);

	if (n > 0)
		message_failure("hook: not run for %" PRIu64 " %s: %s", n,
				n == 1 ? "event" : "events", why);
}

void hooks_tell(struct hooks *hooks, bool at_end)
{
	uint64_t n = tally_take(&hooks->failures, at_end);

	if (n == 1)
		message_failure("hook: %s", hooks->failure ? hooks->failure : "failed");
	else if (n > 1)
		message_failure("hook: %" PRIu64 " failed, the last one: %s", n,
				hooks->failure ? hooks->failure : "out of memory");
	tell_drops(&hooks->drops, at_end, "too many were waiting");
	tell_drops(&hooks->ends, at_end, "cgscope exited before");
}

static void tell_output(const struct hook_process *process)
{
	const char *pos = process->output, *end = pos + process->n_output;

	while (pos < end) {
		const char *newline = memchr(pos, '\n', (size_t)(end - pos));
		const size_t len = (size_t)((newline ? newline : end) - pos);

		message_info("hook: %.*s", (int)strnlen(pos, len), pos);
		pos += len + 1;
	}
	if (process->n_thrown > 0)
		message_info("hook: (%zu more bytes)", process->n_thrown);
}

/* ---- running ---- */

static struct slot *free_slot(struct hooks *hooks)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (!hooks->slots[i].job)
			return &hooks->slots[i];
	return NULL;
}

static bool is_running(const struct hooks *hooks, const struct job *job)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (hooks->slots[i].job && has_target_of(hooks->slots[i].job, job))
			return true;
	return false;
}

static int watch(struct hooks *hooks, const struct slot *slot, int fd)
{
	struct epoll_event wanted = { .events = EPOLLIN };

	wanted.data.u64 = (uint64_t)(slot - hooks->slots);
	return epoll_ctl(hooks->epoll_fd, EPOLL_CTL_ADD, fd, &wanted) < 0 ? -errno : 0;
}

/* Takes the job if it returns 0. */
static int start(struct hooks *hooks, struct slot *slot, struct job *job)
{
	int r = hook_process_start(&slot->process, &hooks->setting, job->json, job->json_len,
				   (const char *const *)job->variables);

	if (r < 0)
		return r;
	r = watch(hooks, slot, slot->process.pidfd);
	if (r == 0)
		r = watch(hooks, slot, slot->process.output_fd);
	if (r < 0) {
		hook_process_kill(&slot->process);
		hook_process_reap(&slot->process);
		return r;
	}
	slot->job = job;
	slot->is_late = false;
	slot->end_usec = end_after(hooks->timeout_usec);
	return 0;
}

/*
 * Starts it if that is possible. Want of processes, which the event may be about, passes: it
 * is tried again for a while. True if it need not wait.
 */
static bool try_start(struct hooks *hooks, struct job *job)
{
	struct slot *slot = free_slot(hooks);
	int r;

	if (!slot || hooks->retry_usec > 0 || is_running(hooks, job))
		return false;
	r = start(hooks, slot, job);
	if (r == 0)
		return true;
	if (job->end_usec == 0)
		job->end_usec = end_after(hooks->timeout_usec);
	hooks->retry_usec = end_after(RETRY_USEC);
	if (now_usec() < job->end_usec)
		return false;
	note_failure(hooks, &hooks->counts.failed, job, "cannot start '%s': %s",
		     hooks->setting.command, strerror(-r));
	job_free(job);
	return true;
}

/* All that can be started, in the order of their events. */
static void start_waiting(struct hooks *hooks)
{
	struct job **at = &hooks->first;

	while (*at && free_slot(hooks) && hooks->retry_usec == 0) {
		struct job *job = *at, *next = job->next;

		if (!try_start(hooks, job)) {
			at = &job->next;
			continue;
		}
		*at = next;
		hooks->n_waiting--;
		if (!next)
			hooks->last = at;
	}
}

static bool has_room(const struct hooks *hooks, const struct job *job)
{
	size_t n = 0;

	if (hooks->n_waiting >= WAITING_MAX)
		return false;
	for (const struct job *other = hooks->first; other; other = other->next)
		n += has_target_of(other, job);
	return n < WAITING_OF_TARGET_MAX;
}

void hooks_add(struct hooks *hooks, const struct hook_event *event)
{
	struct job *job = hooks->is_stopping ? NULL : job_new(event);

	if (!job || !has_room(hooks, job)) {
		job_free(job);
		note_drops(hooks, hooks->is_stopping ? &hooks->ends : &hooks->drops, 1);
		return;
	}
	if (try_start(hooks, job))
		return;
	*hooks->last = job;
	hooks->last = &job->next;
	hooks->n_waiting++;
}

/* ---- ends ---- */

static void note_end(struct hooks *hooks, struct slot *slot, int status)
{
	struct hook_counts *counts = &hooks->counts;
	const char *command = hooks->setting.command;
	char usec[HUMAN_MAX];

	tell_output(&slot->process);
	human_usec(hooks->timeout_usec, usec);
	if (slot->is_late)
		note_failure(hooks, &counts->timed_out, slot->job, "'%s' was killed after %s",
			     command, usec);
	else if (WIFSIGNALED(status))
		note_failure(hooks, &counts->failed, slot->job, "'%s' was killed by %s",
			     command, cg2_signal_to_string(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		note_failure(hooks, &counts->failed, slot->job,
			     "'%s' exited with status %d", command, WEXITSTATUS(status));
	else
		counts->succeeded++;
}

static bool has_ended(const struct slot *slot)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)slot->process.pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0;
}

static void dispatch_slot(struct hooks *hooks, struct slot *slot)
{
	if (!slot->job)
		return;
	hook_process_read(&slot->process);
	if (!has_ended(slot)) {
		if (slot->is_late || now_usec() < slot->end_usec)
			return;
		slot->is_late = true;
		hook_process_kill(&slot->process);
		return;
	}
	note_end(hooks, slot, hook_process_reap(&slot->process));
	slot->job = job_free(slot->job);
}

void hooks_dispatch(struct hooks *hooks)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		dispatch_slot(hooks, &hooks->slots[i]);
	if (hooks->retry_usec > 0 && now_usec() >= hooks->retry_usec)
		hooks->retry_usec = 0;
	start_waiting(hooks);
	hooks_tell(hooks, false);
}

uint64_t hooks_get_deadline(const struct hooks *hooks)
{
	uint64_t end = hooks->retry_usec > 0 ? hooks->retry_usec : UINT64_MAX;

	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (hooks->slots[i].job && !hooks->slots[i].is_late)
			end = MIN(end, hooks->slots[i].end_usec);
	return end;
}

int hooks_get_fd(const struct hooks *hooks)
{
	return hooks->epoll_fd;
}

bool hooks_is_idle(const struct hooks *hooks)
{
	for (size_t i = 0; i < RUNNING_MAX; i++)
		if (hooks->slots[i].job)
			return false;
	return hooks->n_waiting == 0;
}

static void drop_waiting(struct hooks *hooks)
{
	struct job *job = hooks->first;

	if (hooks->n_waiting > 0)
		note_drops(hooks, &hooks->ends, hooks->n_waiting);
	while (job) {
		struct job *next = job->next;

		job_free(job);
		job = next;
	}
	hooks->first = NULL;
	hooks->last = &hooks->first;
	hooks->n_waiting = 0;
}

void hooks_stop(struct hooks *hooks, uint64_t end_usec)
{
	hooks->is_stopping = true;
	drop_waiting(hooks);
	for (size_t i = 0; i < RUNNING_MAX; i++)
		hooks->slots[i].end_usec = MIN(hooks->slots[i].end_usec, end_usec);
}

void hooks_get_counts(const struct hooks *hooks, struct hook_counts *ret_counts)
{
	*ret_counts = hooks->counts;
}

/* ---- the object ---- */

int hooks_new(const struct hook_setting *setting, uint64_t timeout_usec,
	      struct hooks **ret_hooks)
{
	struct hooks *hooks = calloc(1, sizeof(*hooks));
	int r;

	if (!hooks)
		return -ENOMEM;
	hooks->setting = *setting;
	hooks->timeout_usec = timeout_usec;
	hooks->last = &hooks->first;
	hooks->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (hooks->epoll_fd < 0) {
		r = -errno;
		free(hooks);
		return r;
	}
	*ret_hooks = hooks;
	return 0;
}

struct hooks *hooks_free(struct hooks *hooks)
{
	if (!hooks)
		return NULL;
	drop_waiting(hooks);
	for (size_t i = 0; i < RUNNING_MAX; i++) {
		struct slot *slot = &hooks->slots[i];

		if (!slot->job)
			continue;
		hook_process_kill(&slot->process);
		hook_process_reap(&slot->process);
		note_failure(hooks, &hooks->counts.failed, slot->job,
			     "'%s' was killed, as cgscope exited", hooks->setting.command);
		job_free(slot->job);
	}
	hooks_tell(hooks, true);
	close_fd(hooks->epoll_fd);
	free(hooks->failure);
	free(hooks);
	return NULL;
}
