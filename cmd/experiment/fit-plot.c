/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What fit found as a picture: a row a resource, the limits that were tried along it, a dot for
 * each run that passed and a ring for each that failed, and the answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/experiment/fit.h"
#include "cmd/experiment/stats.h"
#include "cmd/picture/axis.h"
#include "cmd/picture/page.h"
#include "cmd/picture/svg.h"

#define WIDTH 760
#define LEFT 110
#define RIGHT 720
#define TOP 70
#define PANEL 150
#define PASSED_AT 30
#define FAILED_AT 75
#define AXIS_AT 110
#define BOTTOM 30

/* "memory.max: 84M passed 10 of 10, 82M failed 3 of 3" */
static void put_title(FILE *f, const struct fit_found *found)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_search *s = &found->search;
	const struct fit_tally *passed = fit_search_tally(s, s->hi);
	const struct fit_tally *failed = fit_search_tally(s, s->lo);
	char text[HUMAN_MAX];

	info->format(s->hi, text);
	fprintf(f, "%s: %s passed %zu of %zu", info->file, text, passed->passed,
		passed->passed + passed->failed);
	if (s->lo > 0) {
		info->format(s->lo, text);
		fprintf(f, ", %s failed %zu of %zu", text, failed->failed,
			failed->passed + failed->failed);
	}
	if (found->value == CG2_MAX)
		fputs(": not confirmed", f);
}

static char *make_title(const struct fit_result *result)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *title;

	for (size_t i = 0; f && i < result->n_found; i++) {
		if (i > 0)
			fputs("; ", f);
		put_title(f, &result->found[i]);
	}
	return f && text_close(&text, &title) == 0 ? title : NULL;
}

static void find_range(const struct fit_search *s, uint64_t *ret_low, uint64_t *ret_high)
{
	*ret_low = CG2_MAX;
	*ret_high = 1;
	for (size_t i = 0; i < s->n_tallies; i++) {
		*ret_low = MIN(*ret_low, s->tallies[i].value);
		*ret_high = MAX(*ret_high, s->tallies[i].value);
	}
	/* Room on both sides, and some marks. */
	*ret_low = *ret_low == CG2_MAX ? 1 : MAX(*ret_low - *ret_low / 4, UINT64_C(1));
	*ret_high = MAX(*ret_high + *ret_high / 4, *ret_low * 2);
}

/* Runs under the same limit are piled up. */
static void draw_runs(struct svg *svg, double x, double y, const char *class, size_t n)
{
	for (size_t i = 0; i < MIN(n, (size_t)10); i++)
		svg_circle(svg, class, x, y - 3 * (double)i, 4);
}

static void draw_panel(struct svg *svg, const struct fit_found *found, double top)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_search *s = &found->search;
	uint64_t low, high;
	char value[HUMAN_MAX];
	struct axis axis;

	find_range(s, &low, &high);
	axis_logarithmic(&axis, LEFT, RIGHT, low, high, info->format);
	svg_text(svg, "label", 16, top + PASSED_AT + 4, SVG_START, "passed");
	svg_text(svg, "badtext", 16, top + FAILED_AT + 4, SVG_START, "failed");
	svg_text(svg, "small", 16, top + AXIS_AT + 15, SVG_START, info->file);
	axis_draw_horizontal(&axis, svg, top, top + AXIS_AT);
	if (found->value != CG2_MAX) {
		const double x = axis_at(&axis, found->value);

		info->format(found->value, value);
		svg_line(svg, "mark", x, top - 6, x, top + AXIS_AT);
		svg_text(svg, "label", x + 5, top - 2, SVG_START, value);
	}
	for (size_t i = 0; i < s->n_tallies; i++) {
		const struct fit_tally *tally = &s->tallies[i];
		const double x = axis_at(&axis, tally->value);

		draw_runs(svg, x, top + PASSED_AT + 12, "dot", tally->passed);
		draw_runs(svg, x, top + FAILED_AT + 12, "bad", tally->failed);
	}
}

static int draw(FILE *f, const struct fit_result *result)
{
	_cleanup_free_ char *title = make_title(result);
	_cleanup_free_ char *trust = text_format(
		"%zu runs; a dot is a run that passed, a ring one that failed. %zu of %zu says "
		"with 95 %% confidence that at least %u of 100 pass.",
		result->n_trials, result->plan->n_confirm, result->plan->n_confirm,
		(unsigned int)(stats_pass_share(result->plan->n_confirm) * 100));
	struct svg svg;

	if (!title || !trust)
		return -ENOMEM;
	svg_begin(&svg, f, WIDTH, TOP + PANEL * (int)result->n_found + BOTTOM, title, trust, NULL);
	svg_text(&svg, "head", 16, 26, SVG_START, title);
	for (size_t i = 0; i < result->n_found; i++)
		draw_panel(&svg, &result->found[i], TOP + PANEL * (double)i);
	svg_text(&svg, "small", 16, TOP + PANEL * (double)result->n_found + 14, SVG_START, trust);
	svg_end(&svg);
	return 0;
}

int fit_to_svg(const struct fit_result *result, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f || draw(f, result) < 0)
		return -ENOMEM;
	return text_close(&text, ret_text);
}

/* ---- the page ---- */

static void put_trial(FILE *f, const struct fit_trial *trial)
{
	const bool has_limit = trial->resource != FIT_RESOURCE_COUNT && trial->value != CG2_MAX;
	char value[HUMAN_MAX] = "-", wall[HUMAN_MAX] = "-";

	if (has_limit)
		fit_resources[trial->resource].format(trial->value, value);
	if (trial->wall_usec != CG2_MAX)
		human_usec(trial->wall_usec, wall);
	page_table_row_begin(f);
	page_table_cell(f, has_limit ? fit_resources[trial->resource].file : "no limit", false,
			false);
	page_table_cell(f, value, false, true);
	page_table_cell(f, fit_why_to_string(trial->why), false, false);
	page_table_cell(f, wall, false, true);
	page_table_cell(f, trial->reason ? trial->reason : "", false, false);
	page_table_row_end(f);
}

int fit_to_html(const struct fit_result *result, char **ret_text)
{
	static const char *const names[] = { "limit", "value", "says", "time", "why" };
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	page_begin(f, result->command[0]);
	if (draw(f, result) < 0)
		return -ENOMEM;
	page_table_begin(f, "All runs", true);
	page_table_row_begin(f);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		page_table_cell(f, names[i], true, i == 1 || i == 3);
	page_table_row_end(f);
	for (size_t i = 0; i < result->n_trials; i++)
		put_trial(f, &result->trials[i]);
	page_table_end(f, true);
	page_end(f);
	return text_close(&text, ret_text);
}
