/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Use beside limit, a row each. A figure that is not known has no row; a bar is drawn on
 * a terminal only, and no wider than that has room for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/output/spark.h"
#include "cmd/output/width.h"
#include "cmd/run/summary.h"

#define WIDTH_MAX 80
#define WIDTH_MIN 40
#define PREFIX_WIDTH 9 /* "cgscope: " */
#define LABEL_WIDTH 10
#define TEXT_COLUMN (PREFIX_WIDTH + LABEL_WIDTH)
#define LIMIT_WIDTH 7
#define BAR_MAX 20
#define BAR_MIN 5
#define FULL 10000 /* permyriad */

struct summary {
	const struct record_view *view;
	size_t width;
	bool is_terminal;
};

static void summary_init(struct summary *s, const struct record_view *view)
{
	const size_t width = width_of_terminal(STDERR_FILENO);

	*s = (struct summary){ .view = view, .width = WIDTH_MAX, .is_terminal = width > 0 };
	if (s->is_terminal)
		s->width = MAX(WIDTH_MIN, MIN(WIDTH_MAX, width));
}

/* ------------------------------------------------------------------------------------
 * Rows
 */

/* A text in as many lines as it needs; the label is in the first one. */
static void put_text(const struct summary *s, const char *label, const char *text)
{
	const size_t room = s->width - TEXT_COLUMN;

	do {
		size_t n = width_take(text, room, WIDTH_ITEMS);

		message_info("%-*s%.*s", LABEL_WIDTH, label, (int)n, text);
		text += n + strspn(text + n, " ");
		label = "";
	} while (*text);
}

static uint64_t share(uint64_t use, uint64_t limit)
{
	double part = limit > 0 ? (double)use / (double)limit : 1;

	return (uint64_t)(part * FULL);
}

/* "[####----------------]", nothing where it has no room. */
static void draw_bar(const struct summary *s, size_t room, uint64_t permyriad, char *buf)
{
	size_t n = MIN(room, (size_t)BAR_MAX), filled;

	*buf = '\0';
	if (!s->is_terminal || n < BAR_MIN)
		return;
	filled = (size_t)((MIN(permyriad, (uint64_t)FULL) * n + FULL / 2) / FULL);
	*buf++ = '[';
	memset(buf, '#', filled);
	memset(buf + filled, '-', n - filled);
	memcpy(buf + n, "]  ", sizeof("]  "));
}

/*
 * "memory       512M of 512M     [####################]  100%"; on a narrow terminal
 * "memory       512M of 512M  100%", and the percentage only where there is room.
 */
static void put_row(const struct summary *s, const char *label, human_fn format, uint64_t use,
		    uint64_t limit)
{
	const size_t used = TEXT_COLUMN + sizeof("1234567 of 1234567  []  100%") - 1;
	const bool is_narrow = s->width < used - (sizeof("[]  ") - 1);
	char text[HUMAN_MAX], limit_text[HUMAN_MAX], percent[HUMAN_MAX], bar[BAR_MAX + 8];
	_cleanup_free_ char *line = NULL;

	format(use, text);
	format(limit, limit_text);
	human_percent(share(use, limit), percent);
	draw_bar(s, s->width > used ? s->width - used : 0, share(use, limit), bar);
	line = text_format("%-*s%7s of %-*s  %s%*s", LABEL_WIDTH, label, text,
			   is_narrow ? 0 : LIMIT_WIDTH, limit_text, bar, is_narrow ? 0 : 4,
			   percent);
	if (!line)
		return;
	if (s->is_terminal)
		width_drop_items(line, s->width - PREFIX_WIDTH);
	message_info("%s", line);
}

static void put_figure_row(const struct summary *s, const char *label, human_fn format,
			   enum cg2_figure figure, const char *limit_name)
{
	uint64_t use, limit = 0;
	char text[HUMAN_MAX];

	if (!record_view_get(s->view, figure, &use))
		return;
	if (record_view_get_limit(s->view, limit_name, &limit) && limit > 0) {
		put_row(s, label, format, use, limit);
		return;
	}
	/* None of none is no news. */
	if (use == 0)
		return;
	format(use, text);
	message_info("%-*s%7s", LABEL_WIDTH, label, text);
}

/* ------------------------------------------------------------------------------------
 * Figures in a text
 */

struct part {
	const char *format; /* with one %s */
	enum cg2_figure figure;
	human_fn human;
	bool may_be_zero; /* worth a word even then */
};

/* "read 12M, written 3.4M": those that are known. */
static void put_parts(const struct summary *s, const char *label,
		      const struct part *parts, size_t n_parts)
{
	_cleanup_(text_discard) struct text parts_text = { .f = NULL };
	_cleanup_free_ char *text = NULL;
	FILE *f = text_open(&parts_text);

	if (!f)
		return;
	for (size_t i = 0; i < n_parts; i++) {
		char figure[HUMAN_MAX];
		uint64_t value;

		if (!record_view_get(s->view, parts[i].figure, &value) ||
		    (value == 0 && !parts[i].may_be_zero))
			continue;
		parts[i].human(value, figure);
		fprintf(f, "%s%s %s", ftell(f) > 0 ? ", " : "", parts[i].format, figure);
	}
	if (text_close(&parts_text, &text) == 0 && *text)
		put_text(s, label, text);
}

static void put_details(const struct summary *s)
{
	static const struct part cpu[] = {
		{ "user", CG2_FIGURE_CPU_USER_USEC, human_usec, true },
		{ "system", CG2_FIGURE_CPU_SYSTEM_USEC, human_usec, true },
		{ "throttled", CG2_FIGURE_CPU_THROTTLED_USEC, human_usec, false },
	};

	put_parts(s, "", cpu, ARRAY_SIZE(cpu));
}

static void put_rest(const struct summary *s)
{
	static const struct part forks[] = {
		{ "forks refused:", CG2_FIGURE_TASKS_REFUSED_COUNT, human_count, false },
		{ "left over:", CG2_FIGURE_LEFTOVERS_COUNT, human_count, false },
	};
	static const struct part io[] = {
		{ "read", CG2_FIGURE_IO_READ_BYTES, human_bytes, true },
		{ "written", CG2_FIGURE_IO_WRITE_BYTES, human_bytes, true },
	};
	static const struct part pressure[] = {
		{ "CPU", CG2_FIGURE_CPU_SOME_USEC, human_usec, true },
		{ "memory", CG2_FIGURE_MEMORY_SOME_USEC, human_usec, true },
		{ "I/O", CG2_FIGURE_IO_SOME_USEC, human_usec, true },
	};

	put_parts(s, "", forks, ARRAY_SIZE(forks));
	put_parts(s, "I/O", io, ARRAY_SIZE(io));
	put_parts(s, "pressure", pressure, ARRAY_SIZE(pressure));
}

/* ------------------------------------------------------------------------------------
 * The summary
 */

static void put_verdict(const struct summary *s, bool has_line)
{
	const struct record_view *view = s->view;
	const char *verdict = cg2_verdict_to_string(view->verdict), *signal_name;
	_cleanup_free_ char *text = NULL;

	signal_name = cg2_signal_to_string(view->exit_status);
	if (view->reason && !has_line)
		text = text_format("%s: %s", verdict, view->reason);
	else if (view->exit_code == CLD_EXITED && view->exit_status == 0)
		text = strdup(verdict);
	else if (view->exit_code == CLD_EXITED || !signal_name)
		text = text_format("%s: status %d", verdict, view->exit_status);
	else
		text = text_format("%s: %s", verdict, signal_name);
	put_text(s, "verdict", text ? text : verdict);
}

/* What the command used of its CPUs' time on average, where that is limited. */
static void put_cpu_use(const struct summary *s)
{
	uint64_t usage, wall, limit;

	if (record_view_get_limit(s->view, "cpu.max", &limit) &&
	    record_view_get(s->view, CG2_FIGURE_CPU_USAGE_USEC, &usage) &&
	    record_view_get(s->view, CG2_FIGURE_WALL_USEC, &wall) && wall > 0)
		put_row(s, "CPU use", human_percent, share(usage, wall), limit);
}

/* 100 % of a limit is no alarm where most of it can be dropped. */
static void put_cache(const struct summary *s)
{
	char text[HUMAN_MAX], line[HUMAN_MAX + 32];
	uint64_t peak, file;

	if (!record_view_get(s->view, CG2_FIGURE_MEMORY_PEAK_BYTES, &peak) ||
	    !record_view_get(s->view, CG2_FIGURE_CACHE_PEAK_BYTES, &file) || file < peak / 10)
		return;
	human_bytes(file, text);
	snprintf(line, sizeof(line), "up to %s of it file cache", text);
	put_text(s, "", line);
}

/* A line of blocks below the row of memory: of its limit, or of its peak. */
static void put_spark(const struct summary *s, const struct series *series)
{
	const size_t room = s->width - TEXT_COLUMN - (sizeof("  over time") - 1);
	const size_t n = MIN(room, (size_t)SPARK_COLUMNS_MAX);
	uint64_t values[SPARK_COLUMNS_MAX], wall, limit = 0;
	char spark[SPARK_MAX];

	if (!series || series->n_points < 3 || !spark_is_shown(STDERR_FILENO) ||
	    series_highest(series, SERIES_MEMORY_BYTES) == CG2_MAX ||
	    !record_view_get(s->view, CG2_FIGURE_WALL_USEC, &wall))
		return;
	record_view_get_limit(s->view, "memory.max", &limit);
	series_resample(series, SERIES_MEMORY_BYTES, wall, values, n);
	spark_put(values, n, limit, spark);
	message_info("%*s%s  over time", LABEL_WIDTH, "", spark);
}

static void put_notes(const struct summary *s)
{
	for (size_t i = 0; i < s->view->n_notes; i++)
		put_text(s, i == 0 ? "notes" : "", s->view->notes[i]);
}

void summary_print(const struct record_view *view, const struct series *series, bool has_line,
		   bool has_notes)
{
	struct summary s;

	summary_init(&s, view);
	put_verdict(&s, has_line);
	put_figure_row(&s, "time", human_usec, CG2_FIGURE_WALL_USEC, "time");
	put_figure_row(&s, "CPU time", human_usec, CG2_FIGURE_CPU_USAGE_USEC, "cpu_time");
	put_details(&s);
	put_cpu_use(&s);
	put_figure_row(&s, "memory", human_bytes, CG2_FIGURE_MEMORY_PEAK_BYTES, "memory.max");
	put_spark(&s, series);
	put_cache(&s);
	put_figure_row(&s, "swap", human_bytes, CG2_FIGURE_SWAP_PEAK_BYTES, "memory.swap.max");
	put_figure_row(&s, "tasks", human_count, CG2_FIGURE_TASKS_PEAK_COUNT, "pids.max");
	put_rest(&s);
	if (has_notes)
		put_notes(&s);
}
