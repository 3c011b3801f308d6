/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Times against the one limit that the sets of a comparison differ in, on a logarithmic axis.
 */
#pragma once

#include <stdbool.h>

#include "cmd/experiment/comparison.h"
#include "cmd/picture/svg.h"

/* How high such a plot is. */
#define LIMIT_PLOT_HEIGHT 260

/* Whether there is one such limit, and enough sets for a line. */
bool limit_plot_fits(const struct comparison *c);

/* From top on, as wide as the picture. */
void limit_plot_draw(const struct comparison *c, const struct judgement *j, struct svg *svg,
		     double top);
