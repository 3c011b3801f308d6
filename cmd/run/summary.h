/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "--summary": a record as a few lines on stderr that a person reads at a glance.
 */
#pragma once

#include "cmd/run/record.h"

/* has_line: the verdict's own line follows, which gives the reason. */
void summary_print(const struct record_view *view, bool has_line, bool has_notes);
