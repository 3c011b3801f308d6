/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/status-line.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"

#define START_OVER "\r\033[K"

void status_line_begin(struct status_line *line, bool is_wanted)
{
	const char *term = getenv("TERM");

	*line = (struct status_line){
		.is_wanted = is_wanted && isatty(STDERR_FILENO) && term &&
			     strcmp(term, "dumb") != 0 && tcgetpgrp(STDERR_FILENO) == getpgrp(),
	};
}

void status_line_show(struct status_line *line, const char *format, ...)
{
	_cleanup_free_ char *text = NULL, *shown = NULL;
	va_list args;

	if (!line->is_wanted)
		return;
	va_start(args, format);
	text = text_vformat(format, args);
	va_end(args);
	shown = text ? table_escape(text) : NULL;
	if (!shown)
		return;
	width_drop_items(shown, width_of_terminal(STDERR_FILENO) - 1);
	line->is_shown = dprintf(STDERR_FILENO, START_OVER "%s", shown) > 0;
}

void status_line_hide(struct status_line *line)
{
	if (line->is_shown && dprintf(STDERR_FILENO, START_OVER) < 0)
		line->is_wanted = false;
	line->is_shown = false;
}
