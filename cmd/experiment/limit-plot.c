/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/limit-plot.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/picture/axis.h"

#define SETS_MIN 3
#define LEFT 80
#define RIGHT 600
#define UNLIMITED 690 /* where a set without the limit is */
#define BELOW 50      /* room for labels */
#define LABEL_ROOM 44

/* The limit of that name; NULL: that set has none. */
static const struct compared_limit *limit_of(const struct compared_set *set, const char *name)
{
	for (size_t i = 0; i < set->n_limits; i++)
		if (strcmp(set->limits[i].name, name) == 0)
			return &set->limits[i];
	return NULL;
}

/* Both sets have the same of all limits but that one. */
static bool differ_in(const struct compared_set *a, const struct compared_set *b, const char *name)
{
	for (size_t i = 0; i < a->n_limits; i++) {
		const struct compared_limit *other = limit_of(b, a->limits[i].name);

		if (strcmp(a->limits[i].name, name) != 0 &&
		    (!other || strcmp(other->text, a->limits[i].text) != 0))
			return false;
	}
	return a->n_limits - !!limit_of(a, name) == b->n_limits - !!limit_of(b, name);
}

/* Each value once, and two of them at least. */
static bool is_varied(const struct comparison *c, const char *name)
{
	size_t n_values = 0;

	for (size_t i = 0; i < c->n_sets; i++) {
		const struct compared_limit *limit = limit_of(&c->sets[i], name);

		if (limit && limit->value == CG2_MAX)
			return false;
		n_values += limit != NULL;
		for (size_t k = 0; k < i; k++) {
			const struct compared_limit *other = limit_of(&c->sets[k], name);
			const uint64_t value = limit ? limit->value : CG2_MAX;

			if (value == (other ? other->value : CG2_MAX) ||
			    !differ_in(&c->sets[i], &c->sets[k], name))
				return false;
		}
	}
	return n_values > 1;
}

static const char *varied_limit(const struct comparison *c)
{
	for (size_t i = 0; i < c->n_sets; i++)
		for (size_t k = 0; k < c->sets[i].n_limits; k++)
			if (is_varied(c, c->sets[i].limits[k].name))
				return c->sets[i].limits[k].name;
	return NULL;
}

bool limit_plot_fits(const struct comparison *c)
{
	return c->n_sets >= SETS_MIN && varied_limit(c);
}

static human_fn format_of(const char *unit)
{
	static const struct {
		const char *unit;
		human_fn format;
	} rows[] = {
		{ "bytes", human_bytes }, { "permyriad", human_percent }, { "usec", human_usec },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (strcmp(rows[i].unit, unit) == 0)
			return rows[i].format;
	return human_count;
}

struct plot {
	const struct comparison *c;
	const struct judgement *j;
	struct svg *svg;
	const char *name;
	struct axis x, y;
	double top, bottom;
};

static void make_axes(struct plot *p)
{
	uint64_t low = CG2_MAX, high = 1, longest = 1;
	human_fn format = human_count;

	for (size_t i = 0; i < p->c->n_sets; i++) {
		const struct compared_limit *limit = limit_of(&p->c->sets[i], p->name);

		longest = MAX(longest, p->j->sets[i].figures[METRIC_WALL].max);
		if (!limit)
			continue;
		low = MIN(low, limit->value);
		high = MAX(high, limit->value);
		format = format_of(limit->unit);
	}
	axis_logarithmic(&p->x, LEFT, RIGHT, MAX(low - low / 4, UINT64_C(1)), high + high / 4,
			 format);
	axis_linear(&p->y, p->bottom, p->top, longest, 10, human_usec);
}

static double x_of(const struct plot *p, size_t set)
{
	const struct compared_limit *limit = limit_of(&p->c->sets[set], p->name);

	return limit ? axis_at(&p->x, limit->value) : UNLIMITED;
}

static void draw_set(const struct plot *p, size_t set, double *label_at)
{
	const struct judged_set *judged = &p->j->sets[set];
	const struct stats_summary *time = &judged->figures[METRIC_WALL];
	const struct compared_limit *limit = limit_of(&p->c->sets[set], p->name);
	const double x = x_of(p, set);
	_cleanup_free_ char *failed = NULL;

	for (size_t i = 0; i < p->c->n_trials; i++) {
		const struct trial *trial = &p->c->trials[i];
		const double aside = ((double)(trial->round % 7) - 3) * 2;

		if (!trial->is_warmup && trial->set == set &&
		    trial->verdict == CG2_VERDICT_OK && trial->values[METRIC_WALL] != CG2_MAX)
			svg_circle(p->svg, "dot", x + aside,
				   axis_at(&p->y, trial->values[METRIC_WALL]), 3);
	}
	if (time->n > 0)
		svg_line(p->svg, "mark", x - 10, axis_at(&p->y, time->median), x + 10,
			 axis_at(&p->y, time->median));
	svg_line(p->svg, "grid", x, p->top, x, p->bottom);
	if (x - *label_at >= LABEL_ROOM || *label_at < 0) {
		svg_text(p->svg, "label", x, p->bottom + 18, SVG_MIDDLE,
			 limit ? limit->text : "no limit");
		*label_at = x;
	}
	if (judged->n_passed == judged->n_runs)
		return;
	failed = text_format("%zu of %zu failed", judged->n_runs - judged->n_passed,
			     judged->n_runs);
	svg_text(p->svg, "badtext", x, p->bottom + 34, SVG_MIDDLE, failed ? failed : "");
}

/* Not their places: those are computed to more digits than are kept, with -m32. */
static uint64_t value_of(const struct plot *p, size_t set)
{
	const struct compared_limit *limit = limit_of(&p->c->sets[set], p->name);

	return limit ? limit->value : CG2_MAX;
}

/* From left to right: the set after that one, SIZE_MAX before the first and after the last. */
static size_t next_set(const struct plot *p, size_t before)
{
	size_t next = SIZE_MAX;

	for (size_t i = 0; i < p->c->n_sets; i++) {
		if (before != SIZE_MAX && value_of(p, i) <= value_of(p, before))
			continue;
		if (next == SIZE_MAX || value_of(p, i) < value_of(p, next))
			next = i;
	}
	return next;
}

static void draw_medians(const struct plot *p)
{
	bool is_first = true;

	svg_path_begin(p->svg, "one");
	for (size_t i = next_set(p, SIZE_MAX); i != SIZE_MAX; i = next_set(p, i)) {
		const struct stats_summary *time = &p->j->sets[i].figures[METRIC_WALL];

		if (time->n == 0)
			continue;
		svg_path_point(p->svg, x_of(p, i), axis_at(&p->y, time->median), is_first);
		is_first = false;
	}
	svg_path_end(p->svg);
}

void limit_plot_draw(const struct comparison *c, const struct judgement *j, struct svg *svg,
		     double top)
{
	struct plot p = { .c = c, .j = j, .svg = svg, .name = varied_limit(c), .top = top + 20,
			  .bottom = top + LIMIT_PLOT_HEIGHT - BELOW };
	double label_at = -1;

	make_axes(&p);
	svg_text(svg, "label", 16, top + 8, SVG_START, "time");
	svg_text(svg, "label", RIGHT, top + 8, SVG_END, p.name);
	axis_draw_vertical(&p.y, svg, LEFT, UNLIMITED + 20);
	draw_medians(&p);
	for (size_t i = next_set(&p, SIZE_MAX); i != SIZE_MAX; i = next_set(&p, i))
		draw_set(&p, i, &label_at);
}
