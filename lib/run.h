/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a run. run.c has the object and what is set before the start, run-start.c the way
 * to the command's first instruction, run-loop.c the time until the group is over.
 */
#pragma once

#include "libcg2.h"
#include "bus.h"
#include "exec.h"
#include "holder.h"
#include "limit.h"
#include "figures.h"
#include "property.h"
#include "snapshot.h"

enum run_state {
	RUN_NEW,
	RUN_PREPARED, /* the scope is there, the command is not */
	RUN_STARTED,  /* the command lives */
	RUN_ENDED,    /* the command was reaped, processes of the group are waited for */
	RUN_OVER,     /* nothing is waited for */
	RUN_FINISHED, /* the scope is released */
};

struct cg2_run {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	struct cg2_limits *limits; /* completed; ours */

	/* What was asked for. */
	char *file;
	char **argv;
	char **envp; /* NULL: the caller's */
	char *directory;
	int stdio[3];
	bool has_mask;
	sigset_t mask;
	sigset_t ignored;
	enum cg2_manager manager;
	char *unit; /* the scope's name once it is known */
	char *prefix;
	char *slice;
	char *description;
	struct property **properties;
	size_t n_properties;
	bool is_best_effort;
	int signal;
	uint64_t grace_usec;
	enum cg2_leftovers leftovers;
	uint64_t deadline_usec;

	/* What the holder and the command are made from. */
	struct exec_plan plan;
	int exec_pipe[2];

	/* What came of it. */
	enum run_state state;
	bool is_unit_made_up;
	struct cg2_group *scope;
	struct cg2_group *group; /* the command's */
	struct holder holder;
	pid_t pid;
	int exit_code; /* CLD_..., 0: alive */
	int exit_status;
	enum cg2_end end;
	struct cg2_error failure; /* why it was not started */
	uint64_t unverified;      /* bit i: limit i is not in force, and best effort let it pass */

	/* What the record is made from. */
	struct chain chain;
	struct figures samples;
	bool is_sampling;
	uint64_t started_real_usec;
	uint64_t started_mono_usec;
	uint64_t ended_mono_usec;
	uint64_t max_rss_bytes;
	uint64_t nproc_limit; /* RLIMIT_NPROC that the command ended with */
	uint64_t n_zombies;   /* seen twice when a fork was refused */
	uint64_t n_zombies_first;

	/* What is waited for. */
	int epoll_fd;
	int pidfd;
	int timer_fd;
	int events_fd;         /* cgroup.events of group, once the command has ended */
	uint64_t wall_end_usec; /* monotonic times, CG2_MAX: none */
	uint64_t cpu_check_usec;
	uint64_t kill_usec;
	uint64_t sample_usec;
	uint64_t sample_step_usec;
	uint64_t zombie_usec;   /* the second look */
	int refusals_fd;        /* pids.events of group, until the first refusal */
};

/* Sets up the loop for a command that was just started. */
int run_loop_open(struct cg2_run *run, struct cg2_error *reterr) _must_check_;
