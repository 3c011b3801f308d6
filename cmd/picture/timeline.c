/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/picture/timeline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"
#include "cmd/picture/axis.h"
#include "cmd/picture/page.h"
#include "cmd/picture/svg.h"

#define NONE UINT64_MAX

#define WIDTH 800
#define LEFT 80
#define RIGHT 690
#define TOP 84
#define PANEL 120
#define PLOT 84
#define NOTE 18
#define BOTTOM 44
#define LABEL_HEIGHT 13
#define COMMAND_MAX 110 /* characters that have room */

/* The lines of one kind of figure, and what they are measured against. */
struct panel {
	const char *name;
	human_fn format;
	unsigned int base;
	struct {
		enum series_figure figure;
		const char *class, *label;
	} lines[3];
	size_t n_lines;
	struct {
		uint64_t value;
		const char *label;
	} limits[3];
};

static void fill_panels(const struct timeline *t, struct panel panels[4])
{
	panels[0] = (struct panel){
		"memory", human_bytes, 2,
		{ { SERIES_MEMORY_BYTES, "one", "all" },
		  { SERIES_ANON_BYTES, "two", "anonymous" },
		  { SERIES_FILE_BYTES, "three", "files" } },
		3,
		{ { t->memory_max, "memory.max" },
		  { t->memory_high, "memory.high" },
		  { t->memory_peak, "peak" } },
	};
	panels[1] = (struct panel){
		"tasks", human_count, 10,
		{ { SERIES_TASKS_COUNT, "one", "tasks" } }, 1,
		{ { t->tasks_max, "pids.max" }, { t->tasks_peak, "peak" }, { NONE, NULL } },
	};
	panels[2] = (struct panel){
		"CPU", human_percent, 10,
		{ { SERIES_CPU_PERMYRIAD, "one", "of one CPU" } }, 1,
		{ { t->cpu_max, "cpu.max" }, { NONE, NULL }, { NONE, NULL } },
	};
	panels[3] = (struct panel){
		"stalled", human_percent, 10,
		{ { SERIES_PRESSURE_PERMYRIAD, "one", "for memory" } }, 1,
		{ { NONE, NULL }, { NONE, NULL }, { NONE, NULL } },
	};
}

static bool is_known_panel(const struct timeline *t, const struct panel *panel)
{
	for (size_t i = 0; i < panel->n_lines; i++)
		if (series_highest(t->series, panel->lines[i].figure) != NONE)
			return true;
	return false;
}

/* A limit far above what was used is written, not drawn: it would flatten everything else. */
static uint64_t highest_of(const struct timeline *t, const struct panel *panel)
{
	uint64_t highest = 1;

	for (size_t i = 0; i < panel->n_lines; i++) {
		const uint64_t value = series_highest(t->series, panel->lines[i].figure);

		highest = value == NONE ? highest : MAX(highest, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(panel->limits); i++)
		if (panel->limits[i].value / 4 <= highest)
			highest = MAX(highest, panel->limits[i].value);
	return highest;
}

static void draw_line(struct svg *svg, const struct timeline *t, const struct axis *x,
		      const struct axis *y, enum series_figure figure, const char *class)
{
	bool is_first = true;

	svg_path_begin(svg, class);
	for (size_t i = 0; i < t->series->n_points; i++) {
		const struct series_point *point = &t->series->points[i];
		const double at = axis_at(x, point->at_usec);

		if (point->last[figure] == NONE)
			continue;
		/* A merged point has a range. */
		if (point->high[figure] != point->last[figure])
			svg_path_point(svg, at, axis_at(y, point->high[figure]), is_first);
		is_first = is_first && point->high[figure] == point->last[figure];
		svg_path_point(svg, at, axis_at(y, point->last[figure]), is_first);
		is_first = false;
	}
	svg_path_end(svg);
}

/* free: the highest place that no label has. */
static void draw_limit(struct svg *svg, const struct axis *y, const struct panel *panel, size_t i,
		       double top, double *free_at)
{
	const uint64_t value = panel->limits[i].value;
	_cleanup_free_ char *label = NULL;
	char text[HUMAN_MAX];
	double at;

	if (value == NONE)
		return;
	panel->format(value, text);
	label = text_format("%s %s", panel->limits[i].label, text);
	at = value <= y->high ? axis_at(y, value) : top;
	if (value <= y->high)
		svg_line(svg, "limit", LEFT, at, RIGHT, at);
	at = MAX(at, *free_at);
	*free_at = at + LABEL_HEIGHT;
	svg_text(svg, "small", RIGHT + 6, at + 4, SVG_START, label ? label : "");
}

static const struct {
	enum series_figure figure; /* of the panel that shows it */
	const char *key;
	const char *text; /* with the count */
} events[TIMELINE_EVENT_COUNT] = {
	[TIMELINE_MEMORY_HIGH] = { SERIES_MEMORY_BYTES, "memory_high", "memory.high reached" },
	[TIMELINE_MEMORY_MAX] = { SERIES_MEMORY_BYTES, "memory_max", "memory.max reached" },
	[TIMELINE_OOM_KILL] = { SERIES_MEMORY_BYTES, "oom_kill", "OOM kill" },
	[TIMELINE_TASKS_REFUSED] = { SERIES_TASKS_COUNT, "tasks_refused", "forks refused" },
};

/* So far from the one before of its kind a mark has to be to say the same again. */
#define MARK_GAP 8
#define MARK_ROWS 3

/* "OOM kill", "forks refused: 3" */
static void draw_mark(struct svg *svg, const struct timeline_mark *mark, double at, double top,
		      size_t row, bool is_counted)
{
	const double y = top + PLOT - 6 - LABEL_HEIGHT * (double)(row % MARK_ROWS);
	const bool is_late = at > (LEFT + RIGHT) / 2.0;
	_cleanup_free_ char *label =
		is_counted && mark->count > 1
			? text_format("%s: %" PRIu64, events[mark->event].text, mark->count)
			: strdup(events[mark->event].text);

	svg_line(svg, "event", at, top, at, top + PLOT);
	svg_text(svg, "badtext", at + (is_late ? -4 : 4), y, is_late ? SVG_END : SVG_START,
		 label ? label : "");
}

/* Where a limit was met again and again the first time counts, and each OOM kill. */
static void draw_marks(struct svg *svg, const struct timeline *t, const struct panel *panel,
		       const struct axis *x, double top)
{
	double last[TIMELINE_EVENT_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < TIMELINE_EVENT_COUNT; i++)
		last[i] = -1;
	for (size_t i = 0; i < t->n_marks; i++) {
		const struct timeline_mark *mark = &t->marks[i];
		const double at = axis_at(x, MIN(mark->at_usec, x->high));
		const bool is_limit = mark->event == TIMELINE_MEMORY_HIGH ||
				      mark->event == TIMELINE_MEMORY_MAX;

		if (events[mark->event].figure != panel->lines[0].figure ||
		    (last[mark->event] >= 0 &&
		     (is_limit || at - last[mark->event] < MARK_GAP)))
			continue;
		draw_mark(svg, mark, at, top, n++, !is_limit);
		last[mark->event] = at;
	}
}

static void draw_panel(struct svg *svg, const struct timeline *t, const struct panel *panel,
		       const struct axis *x, double top)
{
	const double bottom = top + PLOT;
	double free_at = top - 12;
	struct axis y;

	axis_linear(&y, bottom, top, highest_of(t, panel), panel->base, panel->format);
	axis_draw_vertical(&y, svg, LEFT, RIGHT);
	svg_text(svg, "label", 12, top - 8, SVG_START, panel->name);
	for (size_t i = 0; i < panel->n_lines; i++) {
		const double at = LEFT + 110.0 * (double)i;

		if (series_highest(t->series, panel->lines[i].figure) == NONE)
			continue;
		draw_line(svg, t, x, &y, panel->lines[i].figure, panel->lines[i].class);
		svg_line(svg, panel->lines[i].class, at, top - 12, at + 24, top - 12);
		svg_text(svg, "small", at + 30, top - 8, SVG_START, panel->lines[i].label);
	}
	for (size_t i = 0; i < ARRAY_SIZE(panel->limits); i++)
		draw_limit(svg, &y, panel, i, top, &free_at);
	draw_marks(svg, t, panel, x, top);
}

/* The notes, a sentence each. */
static char *describe(const struct timeline *t)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char wall[HUMAN_MAX], *result;

	if (!f)
		return NULL;
	human_usec(t->wall_usec, wall);
	fprintf(f, "%s, %s", t->command, wall);
	for (size_t i = 0; i < t->n_notes; i++)
		fprintf(f, "; %s", t->notes[i]);
	return text_close(&text, &result) < 0 ? NULL : result;
}

static int draw(FILE *f, const struct timeline *t)
{
	_cleanup_free_ char *description = describe(t), *command = table_escape(t->command);
	struct panel panels[4];
	size_t n = 0;
	int height, row = 0;
	struct svg svg;
	struct axis x;

	if (!description || !command)
		return -ENOMEM;
	width_cut(command, COMMAND_MAX);
	fill_panels(t, panels);
	for (size_t i = 0; i < ARRAY_SIZE(panels); i++)
		n += is_known_panel(t, &panels[i]);
	height = TOP + PANEL * (int)n + NOTE * (int)t->n_notes + BOTTOM;
	svg_begin(&svg, f, WIDTH, height, t->title, description, NULL);
	svg_text(&svg, "head", 12, 26, SVG_START, t->title);
	svg_text(&svg, "small", 12, 46, SVG_START, command);
	axis_linear(&x, LEFT, RIGHT, MAX(t->wall_usec, UINT64_C(1)), 10, human_usec);
	/* Time ends where the run does. */
	x.high = MAX(t->wall_usec, UINT64_C(1));
	axis_draw_horizontal(&x, &svg, TOP - 14, TOP + PANEL * (double)n - PANEL + PLOT);
	for (size_t i = 0; i < ARRAY_SIZE(panels); i++)
		if (is_known_panel(t, &panels[i]))
			draw_panel(&svg, t, &panels[i], &x, TOP + PANEL * (double)row++);
	for (size_t i = 0; i < t->n_notes; i++)
		svg_text(&svg, "label", 12, TOP + PANEL * (double)n + NOTE * (double)i + 8,
			 SVG_START, t->notes[i]);
	svg_end(&svg);
	return 0;
}

int timeline_to_svg(const struct timeline *t, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f || draw(f, t) < 0)
		return -ENOMEM;
	return text_close(&text, ret_text);
}

/* ---- figures ---- */

static const struct {
	const char *key;
	human_fn format;
} columns[SERIES_FIGURE_COUNT] = {
	[SERIES_MEMORY_BYTES] = { "memory_bytes", human_bytes },
	[SERIES_ANON_BYTES] = { "anon_bytes", human_bytes },
	[SERIES_FILE_BYTES] = { "file_bytes", human_bytes },
	[SERIES_TASKS_COUNT] = { "tasks", human_count },
	[SERIES_CPU_PERMYRIAD] = { "cpu_permyriad", human_percent },
	[SERIES_PRESSURE_PERMYRIAD] = { "memory_some_permyriad", human_percent },
};

static void put_samples(FILE *f, const struct series *series)
{
	page_table_begin(f, "Samples", true);
	page_table_row_begin(f);
	page_table_cell(f, "time", true, true);
	for (size_t k = 0; k < SERIES_FIGURE_COUNT; k++)
		page_table_cell(f, columns[k].key, true, true);
	page_table_row_end(f);
	for (size_t i = 0; i < series->n_points; i += 1 + series->n_points / 200) {
		char text[HUMAN_MAX];

		page_table_row_begin(f);
		human_usec(series->points[i].at_usec, text);
		page_table_cell(f, text, false, true);
		for (size_t k = 0; k < SERIES_FIGURE_COUNT; k++) {
			memcpy(text, "-", 2);
			if (series->points[i].last[k] != NONE)
				columns[k].format(series->points[i].last[k], text);
			page_table_cell(f, text, false, true);
		}
		page_table_row_end(f);
	}
	page_table_end(f, true);
}

int timeline_to_html(const struct timeline *t, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	page_begin(f, t->title);
	if (draw(f, t) < 0)
		return -ENOMEM;
	put_samples(f, t->series);
	page_end(f);
	return text_close(&text, ret_text);
}

int timeline_to_csv(const struct timeline *t, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	fputs("at_usec", f);
	for (size_t k = 0; k < SERIES_FIGURE_COUNT; k++)
		fprintf(f, ",%s", columns[k].key);
	fputc('\n', f);
	for (size_t i = 0; i < t->series->n_points; i++) {
		fprintf(f, "%" PRIu64, t->series->points[i].at_usec);
		for (size_t k = 0; k < SERIES_FIGURE_COUNT; k++) {
			fputc(',', f);
			if (t->series->points[i].last[k] != NONE)
				fprintf(f, "%" PRIu64, t->series->points[i].last[k]);
		}
		fputc('\n', f);
	}
	return text_close(&text, ret_text);
}

/* Numbers and keys of our own alone: nothing that would have to be escaped. */
int timeline_to_json(const struct timeline *t, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	fprintf(f, "{\"schema\":1,\"wall_usec\":%" PRIu64 ",\"interval_usec\":%" PRIu64
		   ",\"samples\":[",
		t->wall_usec, t->series->interval_usec);
	for (size_t i = 0; i < t->series->n_points; i++) {
		fprintf(f, "%s{\"at_usec\":%" PRIu64, i > 0 ? "," : "",
			t->series->points[i].at_usec);
		for (size_t k = 0; k < SERIES_FIGURE_COUNT; k++) {
			fprintf(f, ",\"%s\":", columns[k].key);
			if (t->series->points[i].last[k] == NONE)
				fputs("null", f);
			else
				fprintf(f, "%" PRIu64, t->series->points[i].last[k]);
		}
		fputc('}', f);
	}
	fputs("],\"marks\":[", f);
	for (size_t i = 0; i < t->n_marks; i++)
		fprintf(f, "%s{\"at_usec\":%" PRIu64 ",\"event\":\"%s\",\"count\":%" PRIu64
			   "}", i > 0 ? "," : "", t->marks[i].at_usec,
			events[t->marks[i].event].key, t->marks[i].count);
	fputs("]}\n", f);
	return text_close(&text, ret_text);
}
