/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the time of a start went, from its job to the moment at which the unit counted as started.
 * All moments are CLOCK_MONOTONIC, which nobody can set.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/journal.h"
#include "systemd/unit-structs.h"

struct cg2_explanation;
struct explain_life;
struct explain_unit;
struct explain_work;

/* What a manager knows of a start. 0: not yet, or not in this one. */
struct explain_times {
	uint64_t condition; /* its conditions were checked */
	uint64_t begun;	    /* it left the state inactive */
	uint64_t active;
	uint64_t inactive;
	uint64_t main;	  /* its main process was made */
	uint64_t handoff; /* and became the program; systemd 256 */
	uint64_t now;
	const char *state;
	const char *type;
	const char *bus_name;
	/* Each ends by one without a path; or NULL. */
	const struct unit_command *condition_commands;
	const struct unit_command *pre_commands;
	const struct unit_command *commands;
	const struct unit_command *post_commands;
};

/* How long its job waited for others, as the journal tells. */
struct explain_queue {
	uint64_t since; /* it was in the queue then; 0: unknown */
	char *behind;	/* the last of those that it is ordered after to be done; NULL: unknown */
};

struct explain_step_time {
	const char *kind; /* static */
	char *what;
	uint64_t from;
	uint64_t to;
	int code; /* of a command: CLD_EXITED and its like, 0: not known */
	int status;
	bool is_open; /* it is not over */
};

struct explain_start {
	struct explain_step_time *steps;
	size_t n_steps;
	uint64_t from;
	uint64_t to;
	uint64_t begun_real_usec;
	const char *result; /* "started", "done", "failed", "starting" */
	uint64_t throttled_usec;	/* UNKNOWN */
	uint64_t cpu_stalled_usec;
	uint64_t memory_stalled_usec;
	uint64_t io_stalled_usec;
	uint64_t alive_usec; /* how long its cgroup had for that */
};

/* A start before the newest, as the journal has it; of its commands systemd notes no moment. */
struct explain_earlier {
	const struct explain_life *life;
	struct explain_step_time steps[3];
	size_t n_steps;
	uint64_t from;
	uint64_t to;
};

/*
 * What the journal tells of a life's start: the one before it, NULL for none, and the jobs of that
 * time, newest first. False: nothing. what of its steps: explain_earlier_clear().
 */
bool explain_earlier_make(const struct explain_life *life, const struct explain_life *before,
			  const struct journal_list *jobs, const struct explain_unit *about,
			  struct explain_earlier *ret);
void explain_earlier_clear(struct explain_earlier *earlier);

/* The number of a message's job; 0: none. */
uint64_t explain_job_of(const struct journal_entry *entry);

/* -ENOENT: it has not been started. -ENOMEM. */
int explain_start_make(const struct explain_times *times, const struct explain_queue *queue,
		       struct explain_start *ret_start);

/*
 * From the manager's messages on jobs before the start, newest first: a job with a higher number
 * was made later, so that the own one was in the queue when that one was run. -ENOMEM.
 */
int explain_queue_find(const struct journal_list *jobs, const struct explain_unit *about,
		       uint64_t job, struct explain_queue *ret_queue);

void explain_start_clear(struct explain_start *start);

/* explain-start-read.c: the start of its newest life. -ENOMEM. */
int explain_read_start(struct explain_work *work, struct cg2_explanation *e);
