/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of the observed processes. observer.c reads and joins what the kernel tells,
 * observer-scan.c asks /proc and the cgroups where that is not enough, observer-set.c keeps
 * the processes.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "process/connector.h"
#include "process/process.h"
#include "process/taskstats.h"

#define OBSERVER_BUCKETS 1024
#define OBSERVER_EVENTS 512

/* Records of which it is not known yet whose they are. */
struct observer_record {
	struct taskstats_record record;
	bool is_old; /* received before the events that are handled now */
};

struct observer_group {
	struct cg2_group *group;
	bool is_open; /* strangers may come in: they are looked for when they execute something */
};

struct cg2_processes {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	int epoll_fd;
	struct connector source;
	struct taskstats taskstats;
	struct observer_group *groups;
	size_t n_groups;
	size_t n_open;
	struct cg2_process *buckets[OBSERVER_BUCKETS];
	struct cg2_process *told; /* what the last dispatch returned */

	/* What was received together. */
	struct connector_event events[OBSERVER_EVENTS];
	size_t n_events;
	size_t i_event;
	struct observer_record *records;
	size_t n_records;
	size_t n_records_max;
	bool is_drained; /* nothing was left to receive after these */
	bool is_settled; /* the records were */
	int delayacct;	 /* kernel.task_delayacct; -1: not read for these */

	bool is_lossy;	  /* something was lost since the last scan */
	bool has_missing; /* processes that the scan did not find */
	uint64_t n_lost;
	uint64_t n_unjoined;
};

/* Observes a group that nobody enters but by being forked in it: pid, and what comes of it. */
int observer_add_root(struct cg2_processes *processes, struct cg2_group *group, pid_t pid,
		       struct cg2_process **ret_process) _must_check_;

/* ------------------------------------------------------------------------------------------
 * observer-set.c
 */

struct cg2_process *observer_find(struct cg2_processes *processes, pid_t pid);

/* Adds a process, which is not in the set; NULL: out of memory, and counted. */
struct cg2_process *observer_add(struct cg2_processes *processes, pid_t pid, pid_t ppid,
				  struct cg2_group *group);

typedef void (*process_fn)(struct cg2_process *process, void *userdata);
void observer_for_each(struct cg2_processes *processes, process_fn fn, void *userdata);

/* Takes it out of the set; its reference is the caller's then. */
void observer_take_out(struct cg2_processes *processes, struct cg2_process *process);

/* One that the last scan did not find; NULL: there is none. */
struct cg2_process *observer_find_missing(struct cg2_processes *processes);

void observer_clear(struct cg2_processes *processes);

/* ------------------------------------------------------------------------------------------
 * observer-scan.c
 */

/* Adds what is in the group and in those below it now. */
void observer_scan(struct cg2_processes *processes, struct cg2_group *group);

/* The same for all groups, and notes which processes of the set were not found. */
void observer_scan_again(struct cg2_processes *processes);

/*
 * 1: in that group, 0: in none of them, -ESRCH: it has ended. -EAGAIN: in the root, where a
 * child is until the kernel puts it where its parent is, after its fork was told
 * (cgroup_post_fork()).
 */
int observer_locate(struct cg2_processes *processes, pid_t pid,
		     struct cg2_group **ret_group) _must_check_;

/* What a process is called now; the name stays if it has ended. */
void observer_read_command(struct cg2_processes *processes, struct cg2_process *process);

/* Whose child it is and how many threads it has, from /proc/PID/status. */
void observer_read_status(struct cg2_processes *processes, struct cg2_process *process);
