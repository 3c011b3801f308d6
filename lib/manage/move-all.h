/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A set of processes moved to one place, and whoever they fork meanwhile.
 */
#pragma once

#include "manage/move.h"

struct chase {
	struct held_list *procs;
	struct move_target *to;
	bool with_children;
	bool is_forced;    /* children that are in a scope of ours, too */
	bool is_any_moved; /* here and below: what came of it */
	int failed;        /* named ones that were not moved, and children that have not ended */
	unsigned int left; /* children that stay in scopes of ours; the first, and its unit */
	char left_label[96];
	char *left_unit;
};

/*
 * Moves all, and goes on with the others where one fails: each is a warning to the log, and
 * counted. An error is what let nobody be looked for any more.
 */
int chase_all(struct chase *chase, struct cg2_error *reterr) _must_check_;
