/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/compare-plot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/experiment/comparison-text.h"
#include "cmd/experiment/limit-plot.h"
#include "cmd/picture/axis.h"
#include "cmd/picture/page.h"
#include "cmd/picture/svg.h"

#define WIDTH 780
#define LEFT 190
#define RIGHT 590
#define TOP 64
#define ROW 34
#define BOTTOM 48

/* Of so many runs a set all dots are drawn; of more, each n-th. */
#define DOTS_MAX 200

/* The metadata is not to make the picture large. */
#define METADATA_MAX (100 * KIB)

static double row_at(size_t set)
{
	return TOP + ROW * ((double)set + 0.5);
}

/* Times that differ more than that are shown on a logarithmic axis. */
#define LOGARITHMIC_RATIO 20

static void make_axis(const struct comparison *c, struct axis *axis)
{
	uint64_t longest = 1, shortest = CG2_MAX;

	for (size_t i = 0; i < c->n_trials; i++) {
		const uint64_t wall = c->trials[i].values[METRIC_WALL];

		if (c->trials[i].is_warmup || wall == CG2_MAX)
			continue;
		longest = MAX(longest, wall);
		shortest = MIN(shortest, MAX(wall, UINT64_C(1)));
	}
	if (shortest != CG2_MAX && longest / shortest >= LOGARITHMIC_RATIO)
		axis_logarithmic(axis, LEFT, RIGHT, shortest - shortest / 4,
				 longest + longest / 4, human_usec);
	else
		axis_linear(axis, LEFT, RIGHT, longest, 10, human_usec);
}

/* Dots lie a little apart, each run of a round at the same height. */
static void draw_dots(struct svg *svg, const struct comparison *c, size_t set,
		      const struct axis *axis)
{
	const size_t every = 1 + c->n_rounds / DOTS_MAX;

	for (size_t i = 0; i < c->n_trials; i++) {
		const struct trial *trial = &c->trials[i];
		const double aside = ((double)(trial->round % 7) - 3) * 2.4;

		if (trial->is_warmup || trial->set != set || trial->round % every != 0 ||
		    trial->values[METRIC_WALL] == CG2_MAX)
			continue;
		svg_circle(svg, trial->verdict == CG2_VERDICT_OK ? "dot" : "bad",
			   axis_at(axis, trial->values[METRIC_WALL]), row_at(set) + aside, 3);
	}
}

static void draw_row(struct svg *svg, const struct comparison *c, const struct judgement *j,
		     size_t set, const struct axis *axis)
{
	const struct judged_set *judged = &j->sets[set];
	const struct stats_summary *time = &judged->figures[METRIC_WALL];
	const double y = row_at(set);
	_cleanup_free_ char *label = text_format("%zu %s", set + 1, c->sets[set].name);
	_cleanup_free_ char *failed = NULL;
	char text[HUMAN_MAX] = "-";

	if (time->n > 0) {
		const double q1 = axis_at(axis, time->q1), q3 = axis_at(axis, time->q3);
		const double median = axis_at(axis, time->median);

		svg_rect(svg, "box", q1, y - 11, MAX(q3 - q1, 1), 22);
		svg_line(svg, "mark", median, y - 13, median, y + 13);
		human_usec(time->median, text);
	}
	draw_dots(svg, c, set, axis);
	svg_text(svg, "label", LEFT - 12, y + 4, SVG_END, label ? label : "");
	svg_text(svg, "label", RIGHT + 60, y + 4, SVG_END, text);
	if (judged->n_passed == judged->n_runs)
		return;
	failed = text_format("%zu of %zu failed", judged->n_runs - judged->n_passed,
			     judged->n_runs);
	svg_text(svg, "badtext", RIGHT + 70, y + 4, SVG_START, failed ? failed : "");
}

/* What the picture says, without the picture. */
static char *first_sentence(const struct comparison *c, const char *sentences)
{
	const size_t len = strcspn(sentences, "\n");

	return len > 0 ? strndup(sentences, len)
		       : text_format("%zu sets of limits: all take the same time", c->n_sets);
}

static int draw(FILE *f, const struct comparison *c, const struct judgement *j,
		const char *metadata)
{
	_cleanup_free_ char *headline = comparison_headline(c);
	_cleanup_free_ char *sentences = comparison_sentences(c, j);
	_cleanup_free_ char *title = sentences ? first_sentence(c, sentences) : NULL;
	const int bottom = TOP + ROW * (int)c->n_sets;
	const int below = limit_plot_fits(c) ? LIMIT_PLOT_HEIGHT : 0;
	struct svg svg;
	struct axis axis;

	if (!headline || !title)
		return -ENOMEM;
	svg_begin(&svg, f, WIDTH, bottom + BOTTOM + below, title, *sentences ? sentences : headline,
		  metadata && strlen(metadata) <= METADATA_MAX ? metadata : NULL);
	svg_text(&svg, "head", 16, 26, SVG_START, title);
	svg_text(&svg, "small", 16, 46, SVG_START, headline);
	make_axis(c, &axis);
	axis_draw_horizontal(&axis, &svg, TOP, bottom);
	for (size_t i = 0; i < c->n_sets; i++)
		draw_row(&svg, c, j, i, &axis);
	svg_text(&svg, "small", 16, bottom + 36, SVG_START,
		 "Each dot is a run, each ring one that failed; the line is the median, the bar "
		 "the middle half of those that passed.");
	if (below)
		limit_plot_draw(c, j, &svg, bottom + BOTTOM);
	svg_end(&svg);
	return 0;
}

int comparison_to_svg(const struct comparison *c, const struct judgement *j, const char *metadata,
		      char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f || draw(f, c, j, metadata) < 0)
		return -ENOMEM;
	return text_close(&text, ret_text);
}

/* ---- the page ---- */

static void put_summary(FILE *f, const struct grid *grid)
{
	page_table_begin(f, "Medians of the runs that passed", false);
	page_table_row_begin(f);
	for (size_t k = 0; k < grid->n_columns; k++)
		page_table_cell(f, grid->columns[k].name, true, grid->columns[k].is_right);
	page_table_row_end(f);
	for (size_t i = 0; i < grid->n_rows; i++) {
		page_table_row_begin(f);
		for (size_t k = 0; k < grid->n_columns; k++)
			page_table_cell(f, grid->rows[i][k], false, grid->columns[k].is_right);
		page_table_row_end(f);
	}
	page_table_end(f, false);
}

static void put_run(FILE *f, const struct comparison *c, const struct trial *trial)
{
	_cleanup_free_ char *round = text_format("%zu", trial->round);
	char text[HUMAN_MAX] = "-";

	page_table_row_begin(f);
	page_table_cell(f, round ? round : "", false, true);
	page_table_cell(f, c->sets[trial->set].name, false, false);
	page_table_cell(f, cg2_verdict_to_string(trial->verdict), false, false);
	if (trial->values[METRIC_WALL] != CG2_MAX)
		human_usec(trial->values[METRIC_WALL], text);
	page_table_cell(f, text, false, true);
	page_table_row_end(f);
}

#define RUNS_SHOWN_MAX 1000

static void put_runs(FILE *f, const struct comparison *c)
{
	static const char *const names[] = { "round", "set", "verdict", "time" };

	page_table_begin(f, "All runs", true);
	page_table_row_begin(f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		page_table_cell(f, names[i], true, i == 0 || i == 3);
	page_table_row_end(f);
	for (size_t i = 0; i < MIN(c->n_trials, (size_t)RUNS_SHOWN_MAX); i++)
		if (!c->trials[i].is_warmup)
			put_run(f, c, &c->trials[i]);
	page_table_end(f, true);
}

int comparison_to_html(const struct comparison *c, const struct judgement *j, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_(grid_clear) struct grid grid = { .rows = NULL };
	_cleanup_free_ char *sentences = comparison_sentences(c, j);
	FILE *f = text_open(&text);

	if (!f || !sentences || grid_make(c, j, &grid) < 0)
		return -ENOMEM;
	page_begin(f, c->command[0] ? c->command[0] : "compare");
	if (draw(f, c, j, NULL) < 0)
		return -ENOMEM;
	page_put_lines(f, sentences);
	put_summary(f, &grid);
	put_runs(f, c);
	page_end(f);
	return text_close(&text, ret_text);
}
