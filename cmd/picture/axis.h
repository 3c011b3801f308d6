/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From values to pixels, and where an axis has its marks: round values in the unit of the reader.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cmd/output/human.h"
#include "cmd/picture/svg.h"

struct axis {
	double from, to;  /* pixels */
	uint64_t low, high; /* values */
	bool is_logarithmic;
	uint64_t step; /* between marks; not of a logarithmic one */
	human_fn format;
};

/* From 0 on, to a round value at or above the highest. base: 10, or 2 for bytes. */
void axis_linear(struct axis *axis, double from, double to, uint64_t highest, unsigned int base,
		 human_fn format);

/* From the lowest, above 0, to the highest value. */
void axis_logarithmic(struct axis *axis, double from, double to, uint64_t lowest,
		      uint64_t highest, human_fn format);

double axis_at(const struct axis *axis, uint64_t value);

/* The marks with their labels: of a horizontal axis along y, of a vertical one along x. */
void axis_draw_horizontal(const struct axis *axis, struct svg *svg, double top, double bottom);
void axis_draw_vertical(const struct axis *axis, struct svg *svg, double left, double right);
