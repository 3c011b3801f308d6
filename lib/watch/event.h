/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of an event.
 */
#pragma once

#include "base/macro.h"
#include "evidence/use.h"
#include "libcg2.h"

struct cg2_event {
	unsigned int n_ref;
	enum cg2_event_kind kind;
	uint64_t time_usec; /* CLOCK_REALTIME */
	char *target;
	char *cgroup; /* NULL: it has none */
	bool has_value;
	bool has_limit;
	bool has_threshold;
	bool has_blame;
	uint64_t value;
	uint64_t limit;
	struct cg2_threshold threshold;
	struct cg2_blame blame; /* file is static */
	char *blame_cgroup;
	char *result;   /* of a failed unit */
	int exit_code;  /* 0: unknown */
	int exit_status;
	char **lines;   /* ended by NULL, or NULL */
	uint64_t uses_known; /* bit i: uses[i] */
	uint64_t uses[N_USES];
	struct cg2_process *process; /* of its fork, exec or exit; else NULL */
	struct cg2_event *next; /* in the queue */
};

/* Stamped with the time that it is now; cgroup may be NULL. NULL: out of memory. */
struct cg2_event *event_new(enum cg2_event_kind kind, const char *target, const char *cgroup);

void event_set_value(struct cg2_event *event, uint64_t value);

/* Also sets the limit. cgroup: NULL for the machine's. file: static. -ENOMEM. */
int event_set_blame(struct cg2_event *event, const char *cgroup, const char *file,
		    uint64_t limit, bool is_own, bool is_certain) _must_check_;
