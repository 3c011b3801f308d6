/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The standard streams, before anything is opened and after everything is printed.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"

/* Keeps descriptors 0 to 2 from being given to files of ours. 0 or -errno. */
int streams_guard(void) _must_check_;

/*
 * Whether cgscope was started with these three open and no descriptor more, as far as the kernel
 * tells it without a look at each.
 */
bool streams_are_all(void);

/* Ends the printing on stdout. Returns status, or STATUS_FAILED after a write error. */
int streams_close_stdout(int status) _must_check_;
