/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is shown again and again: in place on a terminal, one after the other in a pipe.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Writes all of it to the standard output. Returns the exit status; other than 0 ends it. */
typedef int (*live_fn)(void *data);

/*
 * Calls it every step_usec until q or Ctrl-C on a terminal, which gets back what it showed before,
 * or until nobody reads any more. Returns the exit status.
 */
int live_show(uint64_t step_usec, live_fn fn, void *data);

/* How many lines can be seen at once; SIZE_MAX where they are not shown in place. */
size_t live_count_lines(void);
