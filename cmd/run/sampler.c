/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/run/sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/output/message.h"
#include "cmd/picture/timeline.h"

static const struct {
	const char *ending;
	int (*make)(const struct timeline *timeline, char **ret_text);
} kinds[] = {
	{ ".svg", timeline_to_svg },
	{ ".html", timeline_to_html },
	{ ".json", timeline_to_json },
	{ ".csv", timeline_to_csv },
};

/* SIZE_MAX: it is none of them. */
static size_t kind_of(const char *name)
{
	const size_t len = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const size_t n = strlen(kinds[i].ending);

		if (len > n && strcmp(name + len - n, kinds[i].ending) == 0)
			return i;
	}
	return SIZE_MAX;
}

bool sampler_knows(const char *name)
{
	return kind_of(name) != SIZE_MAX;
}

int sampler_open(struct sampler *sampler, const char *name, uint64_t interval_usec)
{
	int r = 0;

	sampler->has_file = name;
	if (name)
		r = record_file_open(&sampler->file, "the timeline", name, false);
	if (r < 0)
		return r;
	r = series_init(&sampler->series, interval_usec);
	if (r < 0)
		message_failure("out of memory");
	return r;
}

/* ---- samples ---- */

static uint64_t read_cpu(struct sampler *sampler, struct cg2_group *group, uint64_t now)
{
	const uint64_t since = now - sampler->cpu_at_usec, before = sampler->cpu_usec;
	uint64_t used;

	if (cg2_group_read_use(group, CG2_USE_CPU_USEC, &used) <= 0)
		return CG2_MAX;
	sampler->cpu_usec = used;
	sampler->cpu_at_usec = now;
	/* Of a moment it is no share. */
	return since >= USEC_PER_MSEC && used >= before ? (used - before) * 10000 / since : CG2_MAX;
}

static uint64_t read_use(struct cg2_group *group, enum cg2_use use)
{
	uint64_t value;

	return cg2_group_read_use(group, use, &value) > 0 ? value : CG2_MAX;
}

/* What was counted since the sample before, which happened at the latest now. */
static void note_events(struct sampler *sampler, struct cg2_group *group, uint64_t at_usec)
{
	static const enum cg2_use uses[] = {
		[TIMELINE_MEMORY_HIGH] = CG2_USE_MEMORY_HIGH_COUNT,
		[TIMELINE_MEMORY_MAX] = CG2_USE_MEMORY_MAX_COUNT,
		[TIMELINE_OOM_KILL] = CG2_USE_OOM_KILL_COUNT,
		[TIMELINE_TASKS_REFUSED] = CG2_USE_TASKS_REFUSED_COUNT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		const uint64_t value = read_use(group, uses[i]);
		const uint64_t before = sampler->events[i];

		if (value == CG2_MAX || value <= before)
			continue;
		sampler->events[i] = value;
		if (sampler->n_marks < TIMELINE_MARKS_MAX)
			sampler->marks[sampler->n_marks++] = (struct timeline_mark){
				at_usec, (enum timeline_event)i, value - before
			};
	}
}

static void take_sample(struct sampler *sampler)
{
	struct cg2_group *group = cg2_run_get_group(sampler->run);
	const uint64_t now = now_usec();
	uint64_t values[SERIES_FIGURE_COUNT];

	if (!group)
		return;
	for (size_t i = 0; i < SERIES_FIGURE_COUNT; i++)
		values[i] = CG2_MAX;
	values[SERIES_MEMORY_BYTES] = read_use(group, CG2_USE_MEMORY_BYTES);
	if (!sampler->has_file) {
		series_add(&sampler->series, now - sampler->start_usec, values);
		return;
	}
	values[SERIES_ANON_BYTES] = read_use(group, CG2_USE_ANON_BYTES);
	values[SERIES_FILE_BYTES] = read_use(group, CG2_USE_FILE_BYTES);
	values[SERIES_TASKS_COUNT] = read_use(group, CG2_USE_TASKS_COUNT);
	values[SERIES_CPU_PERMYRIAD] = read_cpu(sampler, group, now);
	values[SERIES_PRESSURE_PERMYRIAD] = read_use(group, CG2_USE_MEMORY_SOME_PERMYRIAD);
	series_add(&sampler->series, now - sampler->start_usec, values);
	note_events(sampler, group, now - sampler->start_usec);
}

void sampler_begin(struct sampler *sampler, struct cg2_run *run)
{
	sampler->run = run;
	sampler->start_usec = sampler->cpu_at_usec = now_usec();
	take_sample(sampler);
	sampler->next_usec = end_after(sampler->series.interval_usec);
}

int sampler_tick(struct sampler *sampler)
{
	if (!sampler->run)
		return -1;
	if (now_usec() >= sampler->next_usec) {
		take_sample(sampler);
		sampler->next_usec = end_after(sampler->series.interval_usec);
	}
	return msec_until(sampler->next_usec);
}

/* ---- the file ---- */

static uint64_t limit_of(const struct record_view *view, const char *name)
{
	uint64_t value;

	return record_view_get_limit(view, name, &value) ? value : CG2_MAX;
}

static uint64_t figure_of(const struct record_view *view, enum cg2_figure figure)
{
	uint64_t value;

	return record_view_get(view, figure, &value) ? value : CG2_MAX;
}

static void add_note(struct timeline *timeline, const char *note)
{
	if (note && timeline->n_notes < TIMELINE_NOTES_MAX)
		timeline->notes[timeline->n_notes++] = note;
}

static int make_text(const struct sampler *sampler, const struct record_view *view,
		     char **ret_text)
{
	_cleanup_free_ char *command = strdup(view->command[0]), *title = NULL;
	struct timeline timeline = {
		.series = &sampler->series,
		.wall_usec = figure_of(view, CG2_FIGURE_WALL_USEC),
		.memory_max = limit_of(view, "memory.max"),
		.memory_high = limit_of(view, "memory.high"),
		.memory_peak = figure_of(view, CG2_FIGURE_MEMORY_PEAK_BYTES),
		.tasks_max = limit_of(view, "pids.max"),
		.tasks_peak = figure_of(view, CG2_FIGURE_TASKS_PEAK_COUNT),
		.cpu_max = limit_of(view, "cpu.max"),
		.marks = sampler->marks,
		.n_marks = sampler->n_marks,
	};

	for (size_t i = 1; command && view->command[i]; i++) {
		char *longer = text_format("%s %s", command, view->command[i]);

		free(command);
		command = longer;
	}
	title = text_format("%s: %s", view->command[0],
			    view->reason ? view->reason : cg2_verdict_to_string(view->verdict));
	if (!command || !title)
		return -ENOMEM;
	if (timeline.wall_usec == CG2_MAX)
		timeline.wall_usec = now_usec() - sampler->start_usec;
	timeline.title = title;
	timeline.command = command;
	for (size_t i = 0; i < view->n_notes; i++)
		add_note(&timeline, view->notes[i]);
	return kinds[kind_of(sampler->file.name)].make(&timeline, ret_text);
}

void sampler_write(struct sampler *sampler, const struct record_view *view)
{
	_cleanup_free_ char *text = NULL;

	if (!sampler->run)
		return;
	take_sample(sampler);
	if (!sampler->has_file)
		return;
	if (make_text(sampler, view, &text) < 0)
		message_failure("cannot make the timeline: %s", strerror(ENOMEM));
	else
		record_file_write(&sampler->file, text, strlen(text));
}

void sampler_close(struct sampler *sampler)
{
	record_file_close(&sampler->file);
	series_clear(&sampler->series);
	sampler->run = NULL;
}
