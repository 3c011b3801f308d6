/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --progress: while the command runs, what it uses of its limits, in the last line of the terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcg2.h"

struct progress {
	struct cg2_run *run;
	const char *name; /* the command's */
	uint64_t start_usec;
	uint64_t next_usec;
	uint64_t cpu_usec; /* used, when it was looked at last */
	uint64_t cpu_at_usec;
	unsigned int rows; /* of the terminal, as the line was drawn; 0: there is none */
};

/* Begins to count. Nothing is shown if the standard error is no terminal. */
void progress_begin(struct progress *progress, struct cg2_run *run, const char *name);

/*
 * Draws the line if it is time to. Returns the milliseconds until it will be, as poll(2) takes
 * them: -1 for never.
 */
int progress_tick(struct progress *progress);

/* Takes the line away; a later tick draws it again. */
void progress_hide(struct progress *progress);
