/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The steps of a start, from what its manager notes of it. A start's steps follow each other: what
 * is before the first command is the queue, and what is after the last is the wait for READY=1.
 */
#include "explain/explain-start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/scan.h"
#include "base/text.h"
#include "explain/explain-internal.h"

/* A wait for RestartSec= that is shorter is none. */
#define WAIT_MIN_USEC USEC_PER_MSEC

/* ---- the queue ---- */

static bool is_after(const struct explain_unit *about, const char *name)
{
	const char *item;

	for (size_t i = 0; (item = unit_get_item(about->properties, "After", i)); i++)
		if (strcmp(item, name) == 0)
			return true;
	return false;
}

static const char *unit_of(const struct journal_entry *entry)
{
	const char *name = journal_get(entry, JOURNAL_UNIT);

	return *name ? name : journal_get(entry, JOURNAL_USER_UNIT);
}

uint64_t explain_job_of(const struct journal_entry *entry)
{
	struct scan word = scan_of_string(journal_get(entry, JOURNAL_JOB_ID));
	uint64_t job;

	return scan_u64(&word, &job) == 0 ? job : 0;
}

int explain_queue_find(const struct journal_list *jobs, const struct explain_unit *about,
		       uint64_t job, struct explain_queue *ret_queue)
{
	struct explain_queue queue = { .since = 0 };
	const char *behind = NULL, *manager = NULL;
	uint64_t behind_usec = 0;

	for (size_t i = 0; job && i < jobs->n; i++) {
		const struct journal_entry *entry = jobs->entries[i];

		/* What the manager says arrives later than it happens, but in its order. */
		if (!explain_is_managers(entry, about))
			continue;
		if (!manager && explain_job_of(entry) == job)
			manager = journal_get(entry, JOURNAL__PID);
		/* One that is started again numbers its jobs anew. */
		if (!manager || !journal_has(entry, JOURNAL__PID, manager) ||
		    explain_job_of(entry) == job)
			continue;
		/* The last to be done before it could go on. */
		if (!behind && *journal_get(entry, JOURNAL_JOB_RESULT) &&
		    is_after(about, unit_of(entry))) {
			behind = unit_of(entry);
			behind_usec = entry->monotonic_usec;
		}
		if (explain_job_of(entry) > job)
			queue.since = entry->monotonic_usec;
	}
	if (queue.since && behind && behind_usec >= queue.since) {
		queue.behind = strdup(behind);
		if (!queue.behind)
			return -ENOMEM;
	}
	*ret_queue = queue;
	return 0;
}

/* ---- steps ---- */

struct builder {
	struct explain_start *start;
	const struct explain_times *times;
	uint64_t to; /* where the last step ended */
	int code;
};

/* Takes what over. */
static struct explain_step_time *add(struct builder *b, const char *kind, char *what, uint64_t from,
				     uint64_t to)
{
	struct explain_start *start = b->start;
	struct explain_step_time *grown;

	if (!what || b->code < 0) {
		b->code = -ENOMEM;
		free(what);
		return NULL;
	}
	grown = reallocarray(start->steps, start->n_steps + 1, sizeof(*grown));
	if (!grown) {
		free(what);
		b->code = -ENOMEM;
		return NULL;
	}
	start->steps = grown;
	grown += start->n_steps++;
	*grown = (struct explain_step_time){ .kind = kind, .what = what, .from = from, .to = to };
	b->to = MAX(b->to, to);
	return grown;
}

/* "ExecStartPre=/bin/sh -c ..." */
static char *command_text(const char *setting, const struct unit_command *command)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	char *what = NULL;

	if (!text_open(&text))
		return NULL;
	fprintf(text.f, "%s=%s", setting, command->path);
	for (size_t i = 1; command->argv && command->argv[0] && command->argv[i]; i++)
		fprintf(text.f, " %s", command->argv[i]);
	return text_close(&text, &what) < 0 ? NULL : what;
}

static void add_command(struct builder *b, const char *setting, const struct unit_command *command)
{
	const struct explain_start *start = b->start;
	uint64_t from = command->start_monotonic_usec, to = command->exit_monotonic_usec;
	struct explain_step_time *step;
	bool is_open = to < from;

	if (from < start->from || from > start->to)
		return;
	step = add(b, "command", command_text(setting, command), from,
		   is_open ? start->to : MIN(to, start->to));
	if (!step)
		return;
	step->is_open = is_open && strcmp(start->result, "starting") == 0;
	step->code = is_open ? 0 : command->code;
	step->status = is_open ? 0 : command->status;
}

static void add_commands(struct builder *b, const char *setting,
			 const struct unit_command *commands)
{
	for (; commands && commands->path; commands++)
		add_command(b, setting, commands);
}

/* Where its first command after it was ready began. */
static uint64_t first_post(const struct explain_times *times, const struct explain_start *start)
{
	const struct unit_command *post = times->post_commands;

	return post && post->path && post->start_monotonic_usec >= start->from &&
			       post->start_monotonic_usec <= start->to
		       ? post->start_monotonic_usec
		       : start->to;
}

/* What a type of service waits for, NULL: nothing. */
static char *awaited(const struct explain_times *times)
{
	const char *type = times->type ? times->type : "";

	if (strncmp(type, "notify", strlen("notify")) == 0)
		return strdup("until READY=1");
	if (strcmp(type, "dbus") == 0)
		return text_format("until it had the name %s on the bus",
				   times->bus_name ? times->bus_name : "of BusName=");
	if (strcmp(type, "forking") == 0)
		return strdup("until its first process ended");
	if (strcmp(type, "exec") == 0)
		return strdup("until the program was executed");
	return NULL;
}

static bool is_in(const struct explain_start *start, uint64_t usec)
{
	return usec >= start->from && usec <= start->to && usec > 0;
}

static uint64_t main_start(const struct builder *b)
{
	const struct unit_command *command = b->times->commands;

	if (is_in(b->start, b->times->main))
		return b->times->main;
	return command && command->path && is_in(b->start, command->start_monotonic_usec)
		       ? command->start_monotonic_usec
		       : 0;
}

/* From the fork to the moment at which it counted as ready. */
static void add_main(struct builder *b)
{
	const struct explain_times *times = b->times;
	uint64_t from = main_start(b), to = first_post(times, b->start);
	struct explain_step_time *step;
	char *what;

	if (times->type && strcmp(times->type, "oneshot") == 0) {
		add_commands(b, "ExecStart", times->commands);
		return;
	}
	what = awaited(times);
	if (!what || from == 0) {
		free(what);
		return;
	}
	if (is_in(b->start, times->handoff) && times->handoff > from && times->handoff <= to) {
		add(b, "setup", strdup("systemd's own steps before the program"), from,
		    times->handoff);
		from = times->handoff;
	}
	step = add(b, "ready", what, from, to);
	if (step)
		step->is_open = strcmp(b->start->result, "starting") == 0;
}

/* ---- all ---- */

static bool is_state(const struct explain_times *times, const char *state)
{
	return times->state && strcmp(times->state, state) == 0;
}

/* When it was over, and with what. */
static void find_end(const struct explain_times *times, struct explain_start *start)
{
	if (times->active >= start->from && times->active > 0) {
		start->to = times->active;
		start->result = "started";
	} else if (is_state(times, "activating") || is_state(times, "reloading")) {
		start->to = times->now;
		start->result = "starting";
	} else {
		start->to = MAX(times->inactive, start->from);
		start->result = is_state(times, "failed") ? "failed" : "done";
	}
}

static void add_queue(struct builder *b, const struct explain_queue *queue)
{
	if (queue->since == 0 || queue->since >= b->start->from)
		return;
	add(b, "queue",
	    queue->behind ? text_format("queued behind %s", queue->behind) : strdup("queued"),
	    queue->since, b->start->from);
	b->start->from = queue->since;
}

int explain_start_make(const struct explain_times *times, const struct explain_queue *queue,
		       struct explain_start *ret_start)
{
	struct explain_start start = { .from = times->begun };
	struct builder b = { .start = &start, .times = times };
	/* A restart leaves the state inactive when its wait begins. */
	bool has_waited = times->condition > times->begun + WAIT_MIN_USEC;

	if (times->begun == 0)
		return -ENOENT;
	if (times->condition && times->condition < start.from)
		start.from = times->condition;
	find_end(times, &start);
	add_queue(&b, queue);
	if (has_waited && is_in(&start, times->condition))
		add(&b, "restart", strdup("RestartSec= before it was started again"), times->begun,
		    times->condition);
	add_commands(&b, "ExecCondition", times->condition_commands);
	add_commands(&b, "ExecStartPre", times->pre_commands);
	add_main(&b);
	add_commands(&b, "ExecStartPost", times->post_commands);
	if (b.code < 0) {
		explain_start_clear(&start);
		return b.code;
	}
	*ret_start = start;
	return 0;
}

void explain_start_clear(struct explain_start *start)
{
	for (size_t i = 0; i < start->n_steps; i++)
		free(start->steps[i].what);
	free(start->steps);
	*start = (struct explain_start){ .n_steps = 0 };
}
