/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/picture/svg.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/output/utf8.h"

/*
 * The contrast of each to its background is 4.5 to 1 or more, but for the lines of the grid, which
 * say nothing.
 */
static const char style[] =
	"text{font:13px system-ui,sans-serif;fill:#1a1a1a}"
	".paper{fill:#fff}.small{font-size:11px;fill:#595959}.head{font-size:15px;font-weight:600}"
	".grid{stroke:#e0e0e0}.axis{stroke:#595959}"
	".dot{fill:#0b57a4;fill-opacity:.55}"
	".bad{fill:none;stroke:#b3261e;stroke-width:1.5}"
	".badtext{font-size:11px;fill:#b3261e}"
	".mark{stroke:#1a1a1a;stroke-width:2}.box{fill:#0b57a4;fill-opacity:.15}"
	".one{fill:none;stroke:#0b57a4;stroke-width:1.5}"
	".two{fill:none;stroke:#8a4b00;stroke-width:1.5;stroke-dasharray:6 3}"
	".three{fill:none;stroke:#1a6b3a;stroke-width:1.5;stroke-dasharray:2 3}"
	".limit{fill:none;stroke:#b3261e;stroke-width:1.5;stroke-dasharray:8 4}"
	".event{stroke:#b3261e;stroke-width:1.5;stroke-dasharray:1 3}"
	"@media(prefers-color-scheme:dark){"
	"text{fill:#ececec}.paper{fill:#161616}.small{fill:#b0b0b0}"
	".grid{stroke:#333}.axis{stroke:#b0b0b0}"
	".dot{fill:#8ab8ff}.bad{stroke:#ff9b94}.badtext{fill:#ff9b94}"
	".mark{stroke:#ececec}.box{fill:#8ab8ff}"
	".one{stroke:#8ab8ff}.two{stroke:#f0b060}.three{stroke:#7bd69a}.limit{stroke:#ff9b94}"
	".event{stroke:#ff9b94}}";

/* Tenths of pixels, in integers: the decimal point of printf(3) is the locale's. */
static void put_number(FILE *f, double value)
{
	const bool is_negative = value < 0;
	const uint64_t tenths = (uint64_t)((is_negative ? -value : value) * 10 + 0.5);

	fprintf(f, "%s%" PRIu64, is_negative && tenths > 0 ? "-" : "", tenths / 10);
	if (tenths % 10)
		fprintf(f, ".%" PRIu64, tenths % 10);
}

static void put_attribute(FILE *f, const char *name, double value)
{
	fprintf(f, " %s=\"", name);
	put_number(f, value);
	fputc('"', f);
}

void put_xml(FILE *f, const char *text)
{
	_cleanup_free_ char *valid = utf8_from_bytes(text);

	for (const char *c = valid ? valid : ""; *c; c++) {
		if (*c == '&')
			fputs("&amp;", f);
		else if (*c == '<')
			fputs("&lt;", f);
		else if (*c == '>')
			fputs("&gt;", f);
		else if (*c == '"')
			fputs("&quot;", f);
		else if ((unsigned char)*c < ' ' || *c == 127)
			/* XML has no other control characters. */
			fputc(' ', f);
		else
			fputc(*c, f);
	}
}

static void put_element(FILE *f, const char *name, const char *attributes, const char *text)
{
	fprintf(f, "<%s%s>", name, attributes);
	put_xml(f, text);
	fprintf(f, "</%s>\n", name);
}

void svg_begin(struct svg *svg, FILE *f, int width, int height, const char *title,
	       const char *description, const char *metadata)
{
	*svg = (struct svg){ f, width, height };
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		"height=\"%d\" role=\"img\" aria-labelledby=\"title desc\">\n",
		width, height, width, height);
	put_element(f, "title", " id=\"title\"", title);
	put_element(f, "desc", " id=\"desc\"", description);
	if (metadata)
		put_element(f, "metadata", "", metadata);
	fprintf(f, "<style>%s</style>\n", style);
	svg_rect(svg, "paper", 0, 0, width, height);
}

void svg_end(struct svg *svg)
{
	fputs("</svg>\n", svg->f);
}

void svg_line(struct svg *svg, const char *class, double x1, double y1, double x2, double y2)
{
	fprintf(svg->f, "<line class=\"%s\"", class);
	put_attribute(svg->f, "x1", x1);
	put_attribute(svg->f, "y1", y1);
	put_attribute(svg->f, "x2", x2);
	put_attribute(svg->f, "y2", y2);
	fputs("/>\n", svg->f);
}

void svg_rect(struct svg *svg, const char *class, double x, double y, double width, double height)
{
	fprintf(svg->f, "<rect class=\"%s\"", class);
	put_attribute(svg->f, "x", x);
	put_attribute(svg->f, "y", y);
	put_attribute(svg->f, "width", width);
	put_attribute(svg->f, "height", height);
	fputs("/>\n", svg->f);
}

void svg_circle(struct svg *svg, const char *class, double x, double y, double radius)
{
	fprintf(svg->f, "<circle class=\"%s\"", class);
	put_attribute(svg->f, "cx", x);
	put_attribute(svg->f, "cy", y);
	put_attribute(svg->f, "r", radius);
	fputs("/>\n", svg->f);
}

void svg_text(struct svg *svg, const char *class, double x, double y, enum svg_anchor anchor,
	      const char *text)
{
	static const char *const anchors[] = { "start", "middle", "end" };

	fprintf(svg->f, "<text class=\"%s\" text-anchor=\"%s\"", class, anchors[anchor]);
	put_attribute(svg->f, "x", x);
	put_attribute(svg->f, "y", y);
	fputc('>', svg->f);
	put_xml(svg->f, text);
	fputs("</text>\n", svg->f);
}

void svg_path_begin(struct svg *svg, const char *class)
{
	fprintf(svg->f, "<path class=\"%s\" d=\"", class);
}

void svg_path_point(struct svg *svg, double x, double y, bool is_first)
{
	fputc(is_first ? 'M' : 'L', svg->f);
	put_number(svg->f, x);
	fputc(' ', svg->f);
	put_number(svg->f, y);
}

void svg_path_end(struct svg *svg)
{
	fputs("\"/>\n", svg->f);
}
