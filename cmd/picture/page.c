/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/picture/page.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/picture/svg.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	"<style>:root{color-scheme:light dark}"
	"body{font:15px system-ui,sans-serif;max-width:56em;margin:2em auto;padding:0 1em}"
	"svg{max-width:100%;height:auto}table{border-collapse:collapse;margin:1em 0}"
	"th,td{text-align:left;padding:.2em .8em;border-bottom:1px solid #7777}"
	".r{text-align:right;font-variant-numeric:tabular-nums}caption{text-align:left}</style>\n";

void page_begin(FILE *f, const char *title)
{
	fputs(head, f);
	fputs("<title>", f);
	put_xml(f, title);
	fputs("</title>\n</head>\n<body>\n<h1>", f);
	put_xml(f, title);
	fputs("</h1>\n", f);
}

void page_put_lines(FILE *f, const char *text)
{
	while (*text) {
		const size_t len = strcspn(text, "\n");
		_cleanup_free_ char *line = strndup(text, len);

		fputs("<p>", f);
		put_xml(f, line ? line : "");
		fputs("</p>\n", f);
		text += len + (text[len] == '\n');
	}
}

void page_table_begin(FILE *f, const char *caption, bool is_folded)
{
	if (is_folded) {
		fputs("<details><summary>", f);
		put_xml(f, caption);
		fputs("</summary>\n<table>\n", f);
		return;
	}
	fputs("<table>\n<caption>", f);
	put_xml(f, caption);
	fputs("</caption>\n", f);
}

void page_table_row_begin(FILE *f)
{
	fputs("<tr>", f);
}

void page_table_cell(FILE *f, const char *text, bool is_heading, bool is_right)
{
	const char *name = is_heading ? "th" : "td";

	fprintf(f, "<%s%s>", name, is_right ? " class=\"r\"" : "");
	put_xml(f, text);
	fprintf(f, "</%s>", name);
}

void page_table_row_end(FILE *f)
{
	fputs("</tr>\n", f);
}

void page_table_end(FILE *f, bool is_folded)
{
	fputs(is_folded ? "</table></details>\n" : "</table>\n", f);
}

void page_end(FILE *f)
{
	fputs("</body>\n</html>\n", f);
}
