/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event as a line for a person.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/text.h"
#include "cmd/monitor/failure.h"
#include "cmd/monitor/monitor.h"
#include "cmd/output/human.h"
#include "cmd/output/width.h"
#include "cmd/scope/list-row.h"

/* ---- the limit ---- */

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static void put_limit(FILE *f, const struct cg2_blame *blame)
{
	char buf[HUMAN_MAX];

	if (blame->limit == CG2_MAX)
		return;
	if (strncmp(blame->file, "memory.", 7) == 0 || strcmp(blame->file, "ram") == 0)
		human_bytes(blame->limit, buf);
	else
		human_count(blame->limit, buf);
	fprintf(f, " %s", buf);
}

/* ": probably pids.max 64 of user-1000.slice" */
static void put_blame(FILE *f, struct cg2_event *event)
{
	struct cg2_blame blame = { .size = sizeof(blame) };

	if (cg2_event_get_blame(event, &blame) <= 0 || !blame.file)
		return;
	fprintf(f, ": %s%s", blame.is_certain ? "" : "probably ", blame.file);
	put_limit(f, &blame);
	if (blame.is_own)
		fputs(" of this cgroup", f);
	else if (blame.cgroup)
		fprintf(f, " of %s", last_component(blame.cgroup));
}

/* " (tasks:80%)" */
static void put_threshold(FILE *f, struct cg2_event *event)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };
	_cleanup_free_ char *text = NULL;

	if (cg2_event_get_threshold(event, &threshold) > 0 &&
	    cg2_threshold_to_string(&threshold, &text) == 0)
		fprintf(f, " (%s)", text);
}

/* ---- what each kind says ---- */

static uint64_t value_of(struct cg2_event *event)
{
	uint64_t value = 0;

	return cg2_event_get_value(event, &value) > 0 ? value : 0;
}

static void put_tasks(FILE *f, struct cg2_event *event)
{
	fprintf(f, "%" PRIu64 " tasks", value_of(event));
}

static void put_memory(FILE *f, struct cg2_event *event)
{
	char buf[HUMAN_MAX];

	human_bytes(value_of(event), buf);
	fprintf(f, "%s of memory", buf);
}

static void put_refused(FILE *f, struct cg2_event *event)
{
	uint64_t n = value_of(event);

	fprintf(f, "%" PRIu64 " %s refused", n, n == 1 ? "fork" : "forks");
}

static void put_oom(FILE *f, struct cg2_event *event)
{
	uint64_t n = value_of(event);

	fprintf(f, "%" PRIu64 " %s killed by the OOM killer", n,
		n == 1 ? "process" : "processes");
}

static void put_oomd(FILE *f, struct cg2_event *event _unused_)
{
	fputs("killed by systemd-oomd", f);
}

static void put_pressure(FILE *f, struct cg2_event *event)
{
	char buf[HUMAN_MAX];

	human_percent(value_of(event), buf);
	fprintf(f, "stalled %s of the time", buf);
}

static const char *last_line(struct cg2_event *event)
{
	const char *line, *last = NULL;

	for (size_t i = 0; (line = cg2_event_get_line(event, i)); i++)
		last = line;
	return last;
}

/* What systemd calls it, and how the main process ended. */
static void put_failed(FILE *f, struct cg2_event *event)
{
	const char *result = cg2_event_get_result(event);
	int code, status;

	fprintf(f, "the unit failed, %s", result ? result : "result unknown");
	if (cg2_event_get_exit(event, &code, &status) > 0) {
		if (code == CLD_EXITED)
			fprintf(f, ", status %d", status);
		else
			fprintf(f, ", %s", cg2_signal_to_string(status));
	}
}

/* Why, or what was heard of the unit last. */
static void put_why(FILE *f, struct cg2_event *event, const struct failure *failure)
{
	const char *line = last_line(event);

	if (failure_says_more(failure))
		fprintf(f, ": %s%s%s",
			failure->certainty == CG2_CERTAINTY_CERTAIN
				? ""
				: cg2_certainty_to_string(failure->certainty),
			failure->certainty == CG2_CERTAINTY_CERTAIN ? "" : " ", failure->reason);
	else if (line)
		fprintf(f, ": %s", line);
}

static void put_frozen(FILE *f, struct cg2_event *event _unused_)
{
	fputs("frozen", f);
}

static void put_empty(FILE *f, struct cg2_event *event _unused_)
{
	fputs("no processes left", f);
}

static void put_gone(FILE *f, struct cg2_event *event _unused_)
{
	fputs("the cgroup is gone", f);
}

static void put_sample(FILE *f, struct cg2_event *event)
{
	static const char *const columns[] = { "memory", "tasks", "cpu", "pressure" };
	struct list_row row;

	monitor_get_row(event, &row);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct list_column *column =
			list_column_find(columns[i], strlen(columns[i]));
		_cleanup_free_ char *text = column ? column->text(&row, false) : NULL;

		fprintf(f, "%s%s %s", i > 0 ? ", " : "", columns[i],
			text && *text ? text : "unknown");
	}
}

/* "make (1234)" */
static void put_process(FILE *f, struct cg2_process *process)
{
	const char *command = cg2_process_get_command(process);

	put_escaped(f, command ? command : "unknown", SIZE_MAX);
	fprintf(f, " (%d)", (int)cg2_process_get_pid(process));
}

static void put_fork(FILE *f, struct cg2_event *event)
{
	struct cg2_process *process = cg2_event_get_process(event);

	if (!process)
		return;
	put_process(f, process);
	if (cg2_process_get_ppid(process) > 0)
		fprintf(f, " by %d", (int)cg2_process_get_ppid(process));
}

static void put_exec(FILE *f, struct cg2_event *event)
{
	if (cg2_event_get_process(event))
		put_process(f, cg2_event_get_process(event));
}

static void put_end(FILE *f, struct cg2_process *process)
{
	const char *name;
	int code, status;

	if (cg2_process_get_exit(process, &code, &status) <= 0) {
		fputs(", exit status unknown", f);
		return;
	}
	name = code == CLD_EXITED ? NULL : cg2_signal_to_string(status);
	if (name)
		fprintf(f, " by %s", name);
	else
		fprintf(f, " %s %d", code == CLD_EXITED ? "with" : "by signal", status);
}

/* ", waited 12ms for CPU, 3ms for I/O"; what is under a millisecond everybody waits. */
static void put_delays(FILE *f, struct cg2_process *process)
{
	static const struct {
		enum cg2_process_figure figure;
		const char *label;
	} rows[] = {
		{ CG2_PROCESS_CPU_DELAY_USEC, "CPU" },
		{ CG2_PROCESS_IO_DELAY_USEC, "I/O" },
		{ CG2_PROCESS_RECLAIM_DELAY_USEC, "reclaim" },
		{ CG2_PROCESS_SWAP_DELAY_USEC, "swap" },
		{ CG2_PROCESS_THRASHING_DELAY_USEC, "thrashing" },
	};
	const char *begin = ", waited ";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char buf[HUMAN_MAX];
		uint64_t usec;

		if (cg2_process_get_figure(process, rows[i].figure, &usec) <= 0 ||
		    usec < USEC_PER_MSEC)
			continue;
		human_usec(usec, buf);
		fprintf(f, "%s%s for %s", begin, buf, rows[i].label);
		begin = ", ";
	}
}

static void put_exit(FILE *f, struct cg2_event *event)
{
	struct cg2_process *process = cg2_event_get_process(event);
	char buf[HUMAN_MAX];
	uint64_t value;

	if (!process)
		return;
	put_process(f, process);
	put_end(f, process);
	if (cg2_process_get_figure(process, CG2_PROCESS_CPU_USEC, &value) > 0) {
		human_usec(value, buf);
		fprintf(f, ", %s of CPU", buf);
	}
	if (cg2_process_get_figure(process, CG2_PROCESS_PEAK_RSS_BYTES, &value) > 0) {
		human_bytes(value, buf);
		fprintf(f, ", %s of memory", buf);
	}
	put_delays(f, process);
}

typedef void (*put_fn)(FILE *f, struct cg2_event *event);

static const put_fn by_kind[] = {
	[CG2_EVENT_SAMPLE] = put_sample,     [CG2_EVENT_TASKS] = put_tasks,
	[CG2_EVENT_MEMORY] = put_memory,     [CG2_EVENT_REFUSED] = put_refused,
	[CG2_EVENT_OOM] = put_oom,	     [CG2_EVENT_OOMD] = put_oomd,
	[CG2_EVENT_PRESSURE] = put_pressure, [CG2_EVENT_FAILED] = put_failed,
	[CG2_EVENT_FROZEN] = put_frozen,     [CG2_EVENT_EMPTY] = put_empty,
	[CG2_EVENT_GONE] = put_gone,	     [CG2_EVENT_FORK] = put_fork,
	[CG2_EVENT_EXEC] = put_exec,	     [CG2_EVENT_EXIT] = put_exit,
};

/* ---- the line ---- */

void monitor_get_row(struct cg2_event *event, struct list_row *ret_row)
{
	*ret_row = (struct list_row){ .age_usec = CG2_MAX };
	for (unsigned int use = 0; use < LIST_USES; use++)
		if (cg2_event_get_use(event, (enum cg2_use)use, &ret_row->use[use]) > 0)
			ret_row->known |= UINT64_C(1) << use;
}

const char *monitor_put_number(char *buf, int known, uint64_t value)
{
	if (known <= 0 || value == CG2_MAX)
		return NULL;
	snprintf(buf, MONITOR_NUMBER_MAX, "%" PRIu64, value);
	return buf;
}

char *monitor_event_to_text(struct cg2_event *event, const struct failure *failure)
{
	const unsigned int kind = cg2_event_get_kind(event);
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *result;

	if (!f)
		return NULL;
	if (kind < ARRAY_SIZE(by_kind) && by_kind[kind])
		by_kind[kind](f, event);
	if (kind == CG2_EVENT_FAILED)
		put_why(f, event, failure);
	put_threshold(f, event);
	put_blame(f, event);
	return text_close(&text, &result) < 0 ? NULL : result;
}

static void put_time(FILE *f, uint64_t usec)
{
	const time_t seconds = (time_t)(usec / USEC_PER_SEC);
	char text[32];
	struct tm tm;

	if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), "%H:%M:%S", &tm) > 0)
		fputs(text, f);
}

/* "TARGET: TEXT" */
static void put_target(FILE *f, struct cg2_event *event, const char *text)
{
	const char *target = cg2_event_get_target(event);

	put_escaped(f, target ? target : "", SIZE_MAX);
	fputs(": ", f);
	put_escaped(f, text, SIZE_MAX);
}

char *monitor_event_to_message(struct cg2_event *event, const char *text)
{
	const char *kind = cg2_event_kind_to_string(cg2_event_get_kind(event));
	_cleanup_(text_discard) struct text line = { .f = NULL };
	FILE *f = text_open(&line);
	char *result;

	if (!f)
		return NULL;
	fprintf(f, "%s ", kind ? kind : "unknown");
	put_target(f, event, text);
	return text_close(&line, &result) < 0 ? NULL : result;
}

static char *target_to_text(struct cg2_event *event, const char *text)
{
	_cleanup_(text_discard) struct text told = { .f = NULL };
	FILE *f = text_open(&told);
	char *result;

	if (!f)
		return NULL;
	put_target(f, event, text);
	return text_close(&told, &result) < 0 ? NULL : result;
}

/* "12:34:56 pressure  " */
#define TEXT_COLUMN 19

char *monitor_event_to_line(struct cg2_event *event, const char *text)
{
	const char *kind = cg2_event_kind_to_string(cg2_event_get_kind(event));
	_cleanup_(text_discard) struct text line = { .f = NULL };
	_cleanup_free_ char *told = NULL;
	FILE *f = text_open(&line);
	char *result;

	/* A line that does not say of whom is none. */
	told = target_to_text(event, text);
	if (!f || !told)
		return NULL;
	put_time(f, cg2_event_get_time_usec(event));
	fprintf(f, " %-8s  ", kind ? kind : "unknown");
	width_put(f, told, TEXT_COLUMN, TEXT_COLUMN,
		  width_of_terminal(STDOUT_FILENO), WIDTH_ITEMS);
	return text_close(&line, &result) < 0 ? NULL : result;
}
