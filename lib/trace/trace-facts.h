/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading what limits say while a process is stopped at a call that failed. The supervisor begins;
 * the tracer, which is forked after that and allocates nothing, reads.
 */
#pragma once

#include "base/macro.h"
#include "trace/trace-record.h"

#define LOOKER_COUNTERS 64

/* A cgroup's counter of refused forks, as far as failures were put down to it. */
struct looker_counter {
	uint64_t key; /* of its path; 0: not used */
	uint64_t n_taken;
};

/* What takes long to read, and is good for a moment, so that failures in a row cost little. */
struct looker_figure {
	uint64_t key, value;
	uint64_t until_usec;
};

struct trace_looker {
	int mount_fd; /* O_PATH: where cgroup v2 is mounted; -1: nowhere */
	int proc_fd;  /* O_PATH: /proc */
	char root[TRACE_PATH_MAX]; /* what goes before the paths of /proc */
	char own[TRACE_PATH_MAX];  /* the command's cgroup; "": it has none of its own */
	bool is_events_local; /* mount option pids_localevents: pids.events counts the old way */
	uint64_t n_oom;
	uint64_t n_filters; /* of seccomp, that the supervisor has */
	size_t n_counters;
	struct looker_counter counters[LOOKER_COUNTERS];
	struct looker_figure user_tasks, maps;
};

/*
 * The first look, before the command is there. group: its cgroup, or NULL. What cannot be read is
 * not known later. looker: end it with trace_looker_end(), in each process that has it.
 */
void trace_looker_begin(struct trace_looker *looker, struct cg2_ctx *ctx, struct cg2_group *group);
void trace_looker_end(struct trace_looker *looker);

/* What the call of the record and its errno are about; record: pid, tid and call. */
void trace_facts_read(struct trace_looker *looker, const struct trace_record *record,
		      struct trace_facts *ret_facts);
