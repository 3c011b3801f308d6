/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text is valid in both of the formats that are about: the textfile collector reads that of
 * Prometheus (0.0.4), other tools read OpenMetrics. They differ in how the type of a counter is
 * declared ("NAME_total" here, "NAME" there), so counters have no type; Prometheus does not
 * need one for rate() and the like. There are no times of samples, which the collector refuses.
 */
#include "cmd/monitor/openmetrics.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/monitor/hook.h"
#include "cmd/output/message.h"
#include "cmd/output/utf8.h"
#include "cmd/run/record-file.h"

#define USES (CG2_USE_OOM_KILL_COUNT + 1)
#define KINDS (CG2_EVENT_EXIT + 1)

/* How long the counts of a cgroup that is gone are told: a few times of a collector's. */
#define GONE_USEC (5 * 60 * USEC_PER_SEC)
#define GONE_MAX 1000

/* A cgroup under a name. */
struct series {
	struct series *next;
	char *key;    /* target, newline, cgroup */
	char *labels; /* target="...",cgroup="..." */
	uint64_t known;
	uint64_t use[USES];
	uint64_t events[KINDS];
	uint64_t gone_usec; /* 0: it is there */
};

struct metrics {
	struct record_file file;
	struct series *first, **last; /* in the order in which they came */
	void *by_key;		      /* a tree of tsearch(3) */
	size_t n_gone;
	uint64_t events[KINDS];
	uint64_t n_failed;
	bool is_failing;
};

/* ---- formats ---- */

static void put_count(FILE *f, uint64_t value)
{
	fprintf(f, "%" PRIu64, value);
}

static void put_seconds(FILE *f, uint64_t usec)
{
	fprintf(f, "%" PRIu64 ".%06" PRIu64, usec / USEC_PER_SEC, usec % USEC_PER_SEC);
}

static void put_ratio(FILE *f, uint64_t permyriad)
{
	fprintf(f, "%" PRIu64 ".%04" PRIu64, permyriad / 10000, permyriad % 10000);
}

typedef void (*format_fn)(FILE *f, uint64_t value);

/* Of each cgroup, from its last sample. */
static const struct figure {
	const char *name;
	bool is_counter;
	enum cg2_use use;
	format_fn format;
	const char *help;
} figures[] = {
	{ "cgscope_memory_bytes", false, CG2_USE_MEMORY_BYTES, put_count,
	  "Memory in use, page cache included (memory.current)." },
	{ "cgscope_memory_limit_bytes", false, CG2_USE_MEMORY_MAX_BYTES, put_count,
	  "Limit of memory (memory.max)." },
	{ "cgscope_memory_high_bytes", false, CG2_USE_MEMORY_HIGH_BYTES, put_count,
	  "Memory from which on the kernel reclaims (memory.high)." },
	{ "cgscope_memory_peak_bytes", false, CG2_USE_MEMORY_PEAK_BYTES, put_count,
	  "Most memory that was in use (memory.peak)." },
	{ "cgscope_swap_bytes", false, CG2_USE_SWAP_BYTES, put_count,
	  "Swap space in use (memory.swap.current)." },
	{ "cgscope_swap_limit_bytes", false, CG2_USE_SWAP_MAX_BYTES, put_count,
	  "Limit of swap space (memory.swap.max)." },
	{ "cgscope_memory_oom_kills_total", true, CG2_USE_OOM_KILL_COUNT, put_count,
	  "Processes killed by the OOM killer (memory.events oom_kill)." },
	{ "cgscope_memory_max_reached_total", true, CG2_USE_MEMORY_MAX_COUNT, put_count,
	  "How often the limit of memory was reached (memory.events max)." },
	{ "cgscope_tasks", false, CG2_USE_TASKS_COUNT, put_count,
	  "Tasks, which are processes and threads (pids.current)." },
	{ "cgscope_tasks_limit", false, CG2_USE_TASKS_MAX_COUNT, put_count,
	  "Limit of tasks (pids.max)." },
	{ "cgscope_tasks_peak", false, CG2_USE_TASKS_PEAK_COUNT, put_count,
	  "Most tasks that there were (pids.peak)." },
	{ "cgscope_tasks_refused_total", true, CG2_USE_TASKS_REFUSED_COUNT, put_count,
	  "Forks that were refused (pids.events max)." },
	{ "cgscope_cpu_seconds_total", true, CG2_USE_CPU_USEC, put_seconds,
	  "CPU time used (cpu.stat usage_usec)." },
	{ "cgscope_cpu_throttled_seconds_total", true, CG2_USE_CPU_THROTTLED_USEC, put_seconds,
	  "Time for which tasks were throttled by the CPU limit (cpu.stat throttled_usec)." },
	{ "cgscope_cpu_limit_cpus", false, CG2_USE_CPU_MAX_PERMYRIAD, put_ratio,
	  "Limit of CPU time, in CPUs (cpu.max)." },
	{ "cgscope_cpu_pressure_some_ratio", false, CG2_USE_CPU_SOME_PERMYRIAD, put_ratio,
	  "Share of the last 10 s in which tasks waited for a CPU." },
	{ "cgscope_memory_pressure_some_ratio", false, CG2_USE_MEMORY_SOME_PERMYRIAD, put_ratio,
	  "Share of the last 10 s in which a task waited for memory." },
	{ "cgscope_memory_pressure_full_ratio", false, CG2_USE_MEMORY_FULL_PERMYRIAD, put_ratio,
	  "Share of the last 10 s in which all tasks waited for memory." },
	{ "cgscope_io_pressure_some_ratio", false, CG2_USE_IO_SOME_PERMYRIAD, put_ratio,
	  "Share of the last 10 s in which a task waited for a disk." },
	{ "cgscope_io_pressure_full_ratio", false, CG2_USE_IO_FULL_PERMYRIAD, put_ratio,
	  "Share of the last 10 s in which all tasks waited for a disk." },
};

static void put_family(FILE *f, const char *name, bool is_counter, const char *help)
{
	if (!is_counter)
		fprintf(f, "# TYPE %s gauge\n", name);
	fprintf(f, "# HELP %s %s\n", name, help);
}

/* ---- series ---- */

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct series *)a)->key, ((const struct series *)b)->key);
}

static void put_label(FILE *f, const char *name, const char *value)
{
	_cleanup_free_ char *text = utf8_from_bytes(value ? value : "");

	fprintf(f, "%s=\"", name);
	for (const char *c = text ? text : ""; *c; c++) {
		if (*c == '\n')
			fputs("\\n", f);
		else if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else
			fputc(*c, f);
	}
	fputc('"', f);
}

static char *make_labels(const char *target, const char *cgroup)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *labels;

	if (!f)
		return NULL;
	put_label(f, "target", target);
	fputc(',', f);
	put_label(f, "cgroup", cgroup);
	return text_close(&text, &labels) < 0 ? NULL : labels;
}

static struct series *series_free(struct series *series)
{
	free(series->key);
	free(series->labels);
	free(series);
	return NULL;
}

static struct series *series_new(const char *key, const char *target, const char *cgroup)
{
	struct series *series = calloc(1, sizeof(*series));

	if (!series)
		return NULL;
	series->key = strdup(key);
	series->labels = make_labels(target, cgroup);
	return series->key && series->labels ? series : series_free(series);
}

static struct series *find_series(struct metrics *metrics, struct cg2_event *event)
{
	const char *target = cg2_event_get_target(event);
	const char *cgroup = cg2_event_get_cgroup(event);
	_cleanup_free_ char *key = text_format("%s\n%s", target, cgroup ? cgroup : "");
	struct series *series, **found;

	if (!key)
		return NULL;
	found = tfind(&(struct series){ .key = key }, &metrics->by_key, compare_keys);
	if (found)
		return *found;
	series = series_new(key, target, cgroup);
	if (!series)
		return NULL;
	if (!tsearch(series, &metrics->by_key, compare_keys))
		return series_free(series);
	*metrics->last = series;
	metrics->last = &series->next;
	return series;
}

/* Forgets those that are gone for long, or are too many. */
static void forget_gone(struct metrics *metrics)
{
	const uint64_t now = now_usec();
	struct series **at = &metrics->first;

	while (*at) {
		struct series *series = *at;

		if (series->gone_usec == 0 || (metrics->n_gone <= GONE_MAX &&
					       now - series->gone_usec < GONE_USEC)) {
			at = &series->next;
			continue;
		}
		*at = series->next;
		tdelete(series, &metrics->by_key, compare_keys);
		series_free(series);
		metrics->n_gone--;
	}
	metrics->last = at;
}

static void take_figures(struct series *series, struct cg2_event *event)
{
	series->known = 0;
	for (unsigned int use = 0; use < USES; use++)
		if (cg2_event_get_use(event, (enum cg2_use)use, &series->use[use]) > 0)
			series->known |= UINT64_C(1) << use;
}

static void set_gone(struct metrics *metrics, struct series *series, bool is_gone)
{
	if (is_gone == (series->gone_usec > 0))
		return;
	series->gone_usec = is_gone ? now_usec() : 0;
	metrics->n_gone += is_gone ? 1 : (size_t)-1;
}

void metrics_add(struct metrics *metrics, struct cg2_event *event)
{
	const enum cg2_event_kind kind = cg2_event_get_kind(event);
	struct series *series = find_series(metrics, event);

	if (kind != CG2_EVENT_SAMPLE && (size_t)kind < KINDS)
		metrics->events[kind]++;
	if (!series)
		return;
	set_gone(metrics, series, kind == CG2_EVENT_GONE);
	if (kind == CG2_EVENT_SAMPLE)
		take_figures(series, event);
	else if ((size_t)kind < KINDS)
		series->events[kind]++;
	if (metrics->n_gone > GONE_MAX)
		forget_gone(metrics);
}

/* ---- the text ---- */

static void put_metric(FILE *f, const struct metrics *metrics, const struct figure *figure)
{
	bool has_any = false;

	for (const struct series *s = metrics->first; s; s = s->next) {
		if (!(s->known >> figure->use & 1) || (s->gone_usec > 0 && !figure->is_counter))
			continue;
		if (!has_any)
			put_family(f, figure->name, figure->is_counter, figure->help);
		has_any = true;
		fprintf(f, "%s{%s} ", figure->name, s->labels);
		if (s->use[figure->use] == CG2_MAX)
			fputs("+Inf", f);
		else
			figure->format(f, s->use[figure->use]);
		fputc('\n', f);
	}
}

/* Kinds that never happened are told as 0 for all cgroups together: an alert needs the step. */
static void put_events(FILE *f, const struct metrics *metrics)
{
	bool has_any = false;

	for (const struct series *s = metrics->first; s; s = s->next)
		for (unsigned int kind = CG2_EVENT_SAMPLE + 1; kind < KINDS; kind++) {
			if (s->events[kind] == 0)
				continue;
			if (!has_any)
				put_family(f, "cgscope_events_total", true,
					   "Events of the cgroup, by their kind.");
			has_any = true;
			fprintf(f, "cgscope_events_total{%s,event=\"%s\"} %" PRIu64 "\n",
				s->labels, cg2_event_kind_to_string(kind), s->events[kind]);
		}
	put_family(f, "cgscope_monitor_events_total", true, "Events of all cgroups.");
	for (unsigned int kind = CG2_EVENT_SAMPLE + 1; kind < KINDS; kind++)
		fprintf(f, "cgscope_monitor_events_total{event=\"%s\"} %" PRIu64 "\n",
			cg2_event_kind_to_string(kind), metrics->events[kind]);
}

static void put_self(FILE *f, const struct metrics *metrics, const struct metrics_self *self)
{
	const struct hook_counts *hooks = self->hooks;

	put_family(f, "cgscope_monitor_lost_events_total", true,
		   "Events that were lost because there were too many.");
	fprintf(f, "cgscope_monitor_lost_events_total %" PRIu64 "\n", self->lost);
	if (self->unjoined) {
		put_family(f, "cgscope_monitor_unjoined_processes_total", true,
			   "Processes whose cgroup could not be determined.");
		fprintf(f, "cgscope_monitor_unjoined_processes_total %" PRIu64 "\n",
			*self->unjoined);
	}
	put_family(f, "cgscope_monitor_write_failures_total", true,
		   "How often this file could not be written.");
	fprintf(f, "cgscope_monitor_write_failures_total %" PRIu64 "\n", metrics->n_failed);
	if (!hooks)
		return;
	put_family(f, "cgscope_monitor_hooks_total", true, "Hooks, by what became of them.");
	fprintf(f, "cgscope_monitor_hooks_total{result=\"succeeded\"} %" PRIu64 "\n",
		hooks->succeeded);
	fprintf(f, "cgscope_monitor_hooks_total{result=\"failed\"} %" PRIu64 "\n",
		hooks->failed);
	fprintf(f, "cgscope_monitor_hooks_total{result=\"timed_out\"} %" PRIu64 "\n",
		hooks->timed_out);
	fprintf(f, "cgscope_monitor_hooks_total{result=\"dropped\"} %" PRIu64 "\n",
		hooks->dropped);
}

char *metrics_to_text(struct metrics *metrics, const struct metrics_self *self, size_t *ret_len)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *result;

	if (!f)
		return NULL;
	forget_gone(metrics);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		put_metric(f, metrics, &figures[i]);
	put_events(f, metrics);
	put_self(f, metrics, self);
	fputs("# EOF\n", f);
	if (text_close(&text, &result) < 0)
		return NULL;
	*ret_len = strlen(result);
	return result;
}

/* ---- the file ---- */

/* A full disk stays full for a while: its first failure is told, and its end. */
void metrics_write(struct metrics *metrics, const struct metrics_self *self)
{
	size_t len = 0;
	_cleanup_free_ char *text = metrics_to_text(metrics, self, &len);
	int r = text ? record_file_put(&metrics->file, text, len) : -ENOMEM;

	if (r < 0) {
		metrics->n_failed++;
		if (!metrics->is_failing)
			message_failure("cannot write the metrics: %s: %s", metrics->file.name,
					strerror(-r));
	} else if (metrics->is_failing) {
		message_info("the metrics are written again: %s", metrics->file.name);
	}
	metrics->is_failing = r < 0;
}

int metrics_new(const char *path, struct metrics **ret_metrics)
{
	_cleanup_(metrics_freep) struct metrics *metrics = calloc(1, sizeof(*metrics));
	int r;

	if (!metrics)
		return -ENOMEM;
	metrics->last = &metrics->first;
	r = record_file_open(&metrics->file, "the metrics", path, false);
	if (r < 0)
		return r;
	if (metrics->file.kind != RECORD_FILE_REPLACED) {
		message_failure("cannot write the metrics: %s: not a regular file", path);
		return -EINVAL;
	}
	*ret_metrics = take_ptr(&metrics);
	return 0;
}

struct metrics *metrics_free(struct metrics *metrics)
{
	struct series *series = metrics ? metrics->first : NULL;

	if (!metrics)
		return NULL;
	while (series) {
		struct series *next = series->next;

		tdelete(series, &metrics->by_key, compare_keys);
		series_free(series);
		series = next;
	}
	record_file_close(&metrics->file);
	free(metrics);
	return NULL;
}
