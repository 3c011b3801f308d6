/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a unit failed, as explain would say it, for the event that it did.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "libcg2.h"

struct failure {
	const char *cause;	/* explain's; NULL: it is not known, and nothing else is set */
	unsigned int certainty; /* enum cg2_certainty */
	char *reason;
	char *hint; /* NULL: none */
};

/* How many were asked about lately; zeros begin it. */
struct failure_pace {
	uint64_t spent_usec;
};

/* Of an event of another kind, or where too many fail at once, nothing. */
void failure_explain(struct cg2_ctx *ctx, enum cg2_manager manager, struct cg2_event *event,
		     struct failure_pace *pace, struct failure *failure);

/* Whether it tells more than the event's result and exit status. */
bool failure_says_more(const struct failure *failure);

void failure_clear(struct failure *failure);
