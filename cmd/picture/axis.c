/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/picture/axis.h"

#include "base/macro.h"
#include "cmd/output/real.h"

#define MARKS 5
#define LABEL_GAP 15

/* 1, 2 or 5 times a power of ten; a power of two. */
static uint64_t round_step(uint64_t raw, unsigned int base)
{
	static const unsigned int factors[] = { 1, 2, 5 };
	uint64_t power = 1;

	if (base == 2) {
		while (power < raw)
			power *= 2;
		return power;
	}
	for (;; power *= 10)
		for (size_t i = 0; i < ARRAY_SIZE(factors); i++)
			if (factors[i] * power >= raw)
				return factors[i] * power;
}

void axis_linear(struct axis *axis, double from, double to, uint64_t highest, unsigned int base,
		 human_fn format)
{
	*axis = (struct axis){ .from = from, .to = to, .format = format };
	/* No axis of ours ends where a step more would not fit. */
	highest = MIN(highest, UINT64_C(1) << 60);
	axis->step = round_step(MAX(highest / MARKS, UINT64_C(1)), base);
	axis->high = (MAX(highest, UINT64_C(1)) + axis->step - 1) / axis->step * axis->step;
}

void axis_logarithmic(struct axis *axis, double from, double to, uint64_t lowest,
		      uint64_t highest, human_fn format)
{
	*axis = (struct axis){ .from = from, .to = to, .format = format, .is_logarithmic = true };
	axis->low = MAX(lowest, UINT64_C(1));
	axis->high = MAX(highest, axis->low + 1);
}

double axis_at(const struct axis *axis, uint64_t value)
{
	double share;

	if (axis->is_logarithmic)
		share = real_log((double)MAX(value, axis->low) / (double)axis->low) /
			real_log((double)axis->high / (double)axis->low);
	else
		share = (double)(value - axis->low) / (double)(axis->high - axis->low);
	return axis->from + share * (axis->to - axis->from);
}

/* The next mark; 0: there is none. */
static uint64_t next_mark(const struct axis *axis, uint64_t mark)
{
	if (axis->is_logarithmic)
		return mark <= axis->high / 2 ? 2 * mark : 0;
	return mark + axis->step <= axis->high ? mark + axis->step : 0;
}

static uint64_t first_mark(const struct axis *axis)
{
	uint64_t mark = 1;

	while (axis->is_logarithmic && mark < axis->low)
		mark *= 2;
	return axis->is_logarithmic ? mark : axis->step;
}

void axis_draw_horizontal(const struct axis *axis, struct svg *svg, double top, double bottom)
{
	char text[HUMAN_MAX];

	if (!axis->is_logarithmic)
		svg_text(svg, "small", axis->from, bottom + LABEL_GAP, SVG_MIDDLE, "0");
	for (uint64_t mark = first_mark(axis); mark && mark <= axis->high;
	     mark = next_mark(axis, mark)) {
		const double x = axis_at(axis, mark);

		axis->format(mark, text);
		svg_line(svg, "grid", x, top, x, bottom);
		svg_text(svg, "small", x, bottom + LABEL_GAP, SVG_MIDDLE, text);
	}
	svg_line(svg, "axis", axis->from, bottom, axis->to, bottom);
}

void axis_draw_vertical(const struct axis *axis, struct svg *svg, double left, double right)
{
	char text[HUMAN_MAX];

	svg_text(svg, "small", left - 6, axis->from + 4, SVG_END, "0");
	for (uint64_t mark = first_mark(axis); mark; mark = next_mark(axis, mark)) {
		const double y = axis_at(axis, mark);

		axis->format(mark, text);
		svg_line(svg, "grid", left, y, right, y);
		svg_text(svg, "small", left - 6, y + 4, SVG_END, text);
	}
	svg_line(svg, "axis", left, axis->from, right, axis->from);
}
