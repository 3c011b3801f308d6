/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of an observed process: what is known of it, put together from its events, the records of
 * its threads and /proc.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "process/taskstats.h"

#define N_PROCESS_FIGURES (CG2_PROCESS_THRASHING_DELAY_USEC + 1)

struct cg2_process {
	unsigned int n_ref;
	pid_t pid;
	pid_t ppid; /* 0: not known */
	char command[16];
	struct cg2_group *group; /* the one that is observed, which may be above its own */
	bool is_threaded;
	bool has_delayacct; /* the kernel counts its delays */
	bool is_missing;    /* not found by the scan after a loss */
	bool is_listed;	    /* in the table of a run */

	/* Its end, as far as it was told. */
	bool has_leader_code;
	bool is_dead; /* the record of its last thread is there */
	bool has_ended;
	uint32_t leader_code; /* wait statuses */
	uint32_t last_code;

	uint64_t known; /* bit i: figures[i] */
	uint64_t figures[N_PROCESS_FIGURES];

	struct cg2_process *next; /* in its bucket of the set */
};

/* NULL: out of memory. */
struct cg2_process *process_new(pid_t pid, pid_t ppid, struct cg2_group *group);

/* One of its own that does not change with the other. NULL: out of memory. */
struct cg2_process *process_copy(const struct cg2_process *process);

/* The record of one of its threads. */
void process_merge(struct cg2_process *process, const struct taskstats_record *record);
