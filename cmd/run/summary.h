/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "--summary": a record as a few lines on stderr that a person reads at a glance.
 */
#pragma once

#include "cmd/picture/series.h"
#include "cmd/run/record.h"

/*
 * series: samples, for what only a terminal shows; NULL: none. has_line: the verdict's own line
 * follows, which gives the reason.
 */
void summary_print(const struct record_view *view, const struct series *series, bool has_line,
		   bool has_notes);
