/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading what limits say while a process is stopped at a call that failed. For the tracer, a copy
 * of a program that may have threads: nothing is allocated.
 */
#pragma once

#include "base/macro.h"
#include "trace/trace-record.h"

#define LOOKER_COUNTERS 64

/* What was read once is good for this many times as long as it took. */
#define TRACE_WORTH 10

/* A cgroup's counter of refused forks. */
struct looker_counter {
	uint64_t key;	  /* of its path */
	uint64_t n_taken; /* refusals that failures were put down to */
};

/* What takes long to read, and is good for a moment, so that failures in a row cost little. */
struct looker_figure {
	uint64_t key, value;
	uint64_t until_usec;
};

struct trace_looker {
	struct cg2_ctx *ctx; /* its root_fd and hierarchy.mount_fd are all that is open */
	char own[TRACE_PATH_MAX]; /* the command's cgroup; "": not known */
	bool is_events_local; /* mount option pids_localevents: pids.events counts the old way */
	uint64_t n_oom;
	uint64_t n_filters; /* of seccomp, that the supervisor has */
	size_t n_counters;
	struct looker_counter counters[LOOKER_COUNTERS];
	struct looker_figure user_tasks, maps;
};

/*
 * The first look, when the command's process is in its cgroup and has not gone on. The ctx stays
 * the caller's, who has called hierarchy_detail() before the fork.
 */
void trace_looker_begin(struct trace_looker *looker, struct cg2_ctx *ctx, pid_t command);

/* What the call of the record and its errno are about; record: pid, tid and call. */
void trace_facts_read(struct trace_looker *looker, const struct trace_record *record,
		      struct trace_facts *ret_facts);

/* trace-levels.c, for the above: the cgroups of a thread, and the counters at the first look. */
void trace_levels_begin(struct trace_looker *looker, pid_t command);
void trace_levels_read(struct trace_looker *looker, pid_t tid, struct trace_facts *facts);
uint64_t trace_count_oom(const struct trace_looker *looker);
