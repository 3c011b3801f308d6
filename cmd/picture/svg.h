/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Pictures as SVG: text stays text, light and dark are the reader's choice, and nothing is loaded
 * or executed. What a shape means is said by its class, which the style sheet knows, and by a label
 * beside it: colour is never all there is.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/macro.h"

enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END };

struct svg {
	FILE *f;
	int width, height;
};

/*
 * title: the verdict in a sentence; description: its figures, in sentences. metadata: JSON, NULL:
 * none. All of them may be any bytes.
 */
void svg_begin(struct svg *svg, FILE *f, int width, int height, const char *title,
	       const char *description, const char *metadata);
void svg_end(struct svg *svg);

/* Coordinates are pixels, from the top left. */
void svg_line(struct svg *svg, const char *class, double x1, double y1, double x2, double y2);
void svg_rect(struct svg *svg, const char *class, double x, double y, double width, double height);
void svg_circle(struct svg *svg, const char *class, double x, double y, double radius);
void svg_text(struct svg *svg, const char *class, double x, double y, enum svg_anchor anchor,
	      const char *text);

/* A line through points, one after the other. */
void svg_path_begin(struct svg *svg, const char *class);
void svg_path_point(struct svg *svg, double x, double y, bool is_first);
void svg_path_end(struct svg *svg);

/* A text within XML or HTML: any bytes. */
void put_xml(FILE *f, const char *text);
