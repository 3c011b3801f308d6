/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "--summary": a record as a few lines on stderr that a person reads at a glance.
 */
#pragma once

#include "record.h"

/* quiet: without the notes. */
void summary_print(const struct record_view *view, bool quiet);
