/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The line of a terminal that says how far an experiment is. The command prints nothing meanwhile.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"

struct status_line {
	bool is_wanted, is_shown;
};

void status_line_begin(struct status_line *line, bool is_wanted);
void status_line_show(struct status_line *line, const char *format, ...) _printf_(2, 3);
void status_line_hide(struct status_line *line);
