/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The exit statuses of cgscope itself, and what the help and the man page say about them.
 * A run that was started ends as its command did, with one of these only where a row says
 * so.
 */
#pragma once

#include <stddef.h>

enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_TIMEOUT = 124,
	STATUS_REFUSED = 125,
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
};

struct status {
	const char *status;
	const char *brief; /* for the short help, NULL: not there */
	const char *help;
	const char *verb; /* the only one it is of, NULL: all that the table is for */
};

/* The rows for a run, then those for the other verbs. */
extern const struct status run_statuses[];
extern const size_t n_run_statuses;
extern const struct status other_statuses[];
extern const size_t n_other_statuses;
