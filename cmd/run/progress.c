/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command writes to the same terminal, and nothing of what it writes may be lost. So the line
 * is not written where the cursor is: the last row is taken out of what scrolls, as package
 * managers do it, and the cursor is put back after each drawing.
 */
#include "cmd/run/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"

#define STEP_USEC (500 * USEC_PER_MSEC)
#define ROWS_MIN 4

/* Control sequences of ECMA-48 and of the VT100, which every terminal has that scrolls. */
#define CURSOR_SAVE "\0337"
#define CURSOR_RESTORE "\0338"
#define DOWN_SCROLLING "\033D"
#define UP "\033[1A"
#define CLEAR_TO_END_OF_LINE "\033[K"

static bool is_capable_terminal(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

void progress_begin(struct progress *progress, struct cg2_run *run, const char *name)
{
	*progress = (struct progress){ .run = run, .name = name };
	progress->start_usec = progress->cpu_at_usec = now_usec();
	progress->next_usec = is_capable_terminal() ? end_after(STEP_USEC) : CG2_MAX;
}

/* ---- what is shown ---- */

/* "tasks 12 of 200", "memory 1.2G" */
static void put_progress_use(FILE *f, struct cg2_group *group, const char *label, human_fn format,
			     enum cg2_use use, enum cg2_use limit)
{
	uint64_t value, max;
	char text[HUMAN_MAX];

	if (cg2_group_read_use(group, use, &value) <= 0)
		return;
	format(value, text);
	fprintf(f, "  %s %s", label, text);
	if (cg2_group_read_use(group, limit, &max) <= 0 || max == CG2_MAX)
		return;
	format(max, text);
	fprintf(f, " of %s", text);
}

/* Of one CPU, since the last look. */
static void put_cpu(struct progress *progress, FILE *f, struct cg2_group *group)
{
	uint64_t used, now = now_usec(), since = now - progress->cpu_at_usec;
	char text[HUMAN_MAX];

	if (since == 0 || cg2_group_read_use(group, CG2_USE_CPU_USEC, &used) <= 0)
		return;
	human_percent((used - MIN(progress->cpu_usec, used)) * 10000 / since, text);
	fprintf(f, "  CPU %s", text);
	progress->cpu_usec = used;
	progress->cpu_at_usec = now;
}

static void put_progress_pressure(FILE *f, struct cg2_group *group)
{
	static const struct {
		const char *label;
		enum cg2_use use;
	} rows[] = {
		{ "CPU", CG2_USE_CPU_SOME_PERMYRIAD },
		{ "memory", CG2_USE_MEMORY_SOME_PERMYRIAD },
		{ "I/O", CG2_USE_IO_SOME_PERMYRIAD },
	};
	const char *begin = "  pressure: ";

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[HUMAN_MAX];
		uint64_t value;

		/* Less than one percent is no news. */
		if (cg2_group_read_use(group, rows[i].use, &value) <= 0 || value < 100)
			continue;
		human_percent(value, text);
		fprintf(f, "%s%s %s", begin, rows[i].label, text);
		begin = ", ";
	}
}

/* Free with free(); NULL: out of memory, or the cgroup is gone. */
static char *make_text(struct progress *progress)
{
	struct cg2_group *group = cg2_run_get_group(progress->run);
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = group ? text_open(&text) : NULL;
	char age[HUMAN_MAX], *result;

	if (!f)
		return NULL;
	human_usec((now_usec() - progress->start_usec) / USEC_PER_SEC * USEC_PER_SEC, age);
	fprintf(f, "%s  %s", progress->name, age);
	put_progress_use(f, group, "tasks", human_count, CG2_USE_TASKS_COUNT,
			 CG2_USE_TASKS_MAX_COUNT);
	put_progress_use(f, group, "memory", human_bytes, CG2_USE_MEMORY_BYTES,
			 CG2_USE_MEMORY_MAX_BYTES);
	put_cpu(progress, f, group);
	put_progress_pressure(f, group);
	return text_close(&text, &result) < 0 ? NULL : result;
}

/* ---- where it is shown ---- */

/* A status line that can't be written is no reason for anything. */
static void put(const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, text, len);

		if (n < 0 && errno != EINTR)
			return;
		text += MAX(n, 0);
		len -= (size_t)MAX(n, 0);
	}
}

/* Takes the last row out of what scrolls. Where the cursor is there, all moves up by one. */
static void take_row(struct progress *progress, unsigned int rows)
{
	char text[64];

	snprintf(text, sizeof(text), DOWN_SCROLLING UP CURSOR_SAVE "\033[1;%ur" CURSOR_RESTORE,
		 rows - 1);
	put(text);
	progress->rows = rows;
}

static void draw_line(const struct progress *progress, const char *text, unsigned int columns)
{
	_cleanup_free_ char *shown = table_escape(text), *line = NULL;

	if (!shown)
		return;
	width_drop_items(shown, columns);
	line = text_format(CURSOR_SAVE "\033[%u;1H%s" CLEAR_TO_END_OF_LINE CURSOR_RESTORE,
			   progress->rows, shown);
	if (line)
		put(line);
}

void progress_hide(struct progress *progress)
{
	char text[64];

	if (progress->rows == 0)
		return;
	snprintf(text, sizeof(text),
		 CURSOR_SAVE "\033[%u;1H" CLEAR_TO_END_OF_LINE "\033[r" CURSOR_RESTORE,
		 progress->rows);
	put(text);
	progress->rows = 0;
}

/* Somebody else has the terminal: we are in the background, or the command has its own group. */
static bool is_foreground(void)
{
	return tcgetpgrp(STDERR_FILENO) == getpgrp();
}

static void show_progress(struct progress *progress)
{
	struct winsize size = { 0 };
	char *text;

	if (!is_foreground() || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 ||
	    size.ws_row < ROWS_MIN)
		return;
	if (progress->rows != size.ws_row) {
		progress_hide(progress);
		take_row(progress, size.ws_row);
	}
	text = make_text(progress);
	if (text)
		draw_line(progress, text, size.ws_col);
	free(text);
}

int progress_tick(struct progress *progress)
{
	if (progress->next_usec == CG2_MAX)
		return -1;
	if (now_usec() >= progress->next_usec) {
		show_progress(progress);
		progress->next_usec = end_after(STEP_USEC);
	}
	return msec_until(progress->next_usec);
}
