/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a run. run.c has the object and what is set before the start, run-start.c the way
 * to the command's first instruction, run-loop.c the time until the group is over; run-scope.c
 * and run-nest.c are the two ways to place it.
 */
#pragma once

#include "child/exec.h"
#include "child/guard.h"
#include "child/holder.h"
#include "child/keeper.h"
#include "evidence/chain.h"
#include "evidence/figures.h"
#include "libcg2.h"
#include "limit/limit.h"
#include "place/bound.h"
#include "place/place.h"
#include "process/family.h"
#include "property/property-group.h"
#include "scope/scope-wish.h"
#include "systemd/bus.h"
#include "trace/trace-filter.h"
#include "trace/trace-fold.h"
#include "trace/tracer.h"

/* In their order: see run_enter_state(). */
enum run_state {
	RUN_NEW,
	RUN_PREPARED, /* the scope is there, the command is not */
	RUN_STARTED,  /* the command lives */
	RUN_ENDED,    /* the command was reaped, processes of the group are waited for */
	RUN_OVER,     /* nothing is waited for */
	RUN_FINISHED, /* the scope is released */
};

/* Ends what there is of the run, and reaps the command. */
void run_abandon(struct cg2_run *run);

/*
 * The same for the command alone: its group was ended, but it may have left that. What another
 * user's process cannot be made to do is not waited for.
 */
void run_reap_command(struct cg2_run *run);

/* A copy of an environment or the like, for run->envp; NULL: no memory. */
char **strv_copy(const char *const v[]);

/* The only way to change it: nothing but an end may be skipped or come out of turn. */
void run_enter_state(struct cg2_run *run, enum run_state state);

/* A threshold of the run's, and how often it was crossed. */
struct run_threshold {
	struct cg2_threshold threshold;
	enum cg2_crossing crossing;
	uint64_t count;
};

/* How a run's cgroup is made, and what is done to it; one for each way of placement. */
struct run_backend {
	/* Makes the cgroups, applies the limits. */
	int (*prepare)(struct cg2_run *run, struct cg2_error *reterr);
	/* Makes the command's process, which has begun when this returns 0. */
	int (*spawn)(struct cg2_run *run, struct cg2_error *reterr);
	/* All of that for the calling process itself. */
	int (*enter)(struct cg2_run *run, struct cg2_error *reterr);
	int (*doze)(struct cg2_run *run, uint64_t usec);
	/* After a doze(). */
	void (*awake)(struct cg2_run *run);
	/* The run is over: nothing is left that would have to be ended if we died. */
	void (*over)(struct cg2_run *run);
	/* The counters were read. */
	void (*release)(struct cg2_run *run);
	/* Ends what there is of the run. */
	void (*abandon)(struct cg2_run *run);
	/* The library's process. */
	pid_t (*get_helper)(struct cg2_run *run);
};

extern const struct run_backend run_backend_scope;
extern const struct run_backend run_backend_nest;
extern const struct run_backend run_backend_here;

/* Who ran, if that is wanted. */
struct run_processes {
	bool is_wanted;
	bool is_observed;
	struct cg2_processes *source; /* NULL: no more */
	struct cg2_process **rows;
	size_t n;
	size_t n_max;
	uint64_t n_left_out; /* rows beyond what is kept */
	uint64_t n_lost;     /* at the end, those included */
	uint64_t n_unjoined;
};

/* Who met which failing call, if that is wanted. */
struct run_trace {
	bool is_wanted;
	struct trace_filter filter;
	cg2_trace_fn fn;
	void *userdata;
	struct tracer tracer;
	struct cg2_trace *trace; /* from the command's start on */
	bool has_command_ended;  /* all that the tracer had to say until then was heard */
	bool has_finished;	 /* it follows nobody any more, or is gone */
	uint64_t tick_usec;	 /* when what has waited is told; CG2_MAX: nothing waits */
	uint64_t tick_end_usec;
};

struct cg2_run {
	unsigned int n_ref;
	pid_t owner; /* whose it is: a copy that was forked off is nobody's */
	struct cg2_ctx *ctx;
	struct cg2_limits *limits; /* completed; ours */
	struct cg2_limits *asked;  /* the same, without the caller's own limits */
	struct bound bounds[N_BOUNDS]; /* those of the caller's that are tighter */

	/* What was asked for. */
	char *file;
	char **argv;
	char **envp; /* NULL: the caller's, of which cg2_run_prepare() makes a copy */
	char *directory;
	int stdio[3];
	bool passes_activation;
	bool has_mask;
	sigset_t mask;
	sigset_t ignored;
	enum cg2_backend wanted;
	enum cg2_manager manager;
	struct cg2_scope *inside; /* where it is to be; NULL: a cgroup of its own elsewhere */
	struct scope_wish wish;
	bool is_best_effort;
	bool is_kept_in_job; /* a manager would have placed it outside of its caller's job */
	int signal;
	uint64_t grace_usec;
	enum cg2_leftovers leftovers;
	uint64_t answer_timeout_usec; /* how long a manager may take to answer */
	struct run_threshold *thresholds;
	size_t n_thresholds;

	/* What the holder and the command are made from. */
	struct exec_plan plan;
	int exec_pipe[2];

	/* What came of it. */
	enum run_state state;
	struct place place;
	const struct run_backend *backend; /* NULL before it is decided */
	uint64_t answer_end_usec; /* until when the managers may answer, all in all */
	struct cg2_group *scope; /* NULL without systemd */
	struct cg2_group *group; /* the command's; NULL: best effort, and none could be made */
	bool is_adopting;     /* what the command leaves behind may become the caller's children */
	struct family family; /* the processes below the command, where there is no cgroup */
	pid_t watcher;        /* ends them when the caller dies; 0: none */
	uint64_t oom_kills_before;   /* in the caller's cgroup, where there is no other; UNKNOWN */
	uint64_t n_oom_kills_around; /* the same, while the command ran */
	struct holder holder;   /* of a scope */
	struct guard guard; /* of a nested run */
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
	struct run_processes processes;
	struct run_trace trace;
	uint64_t started_real_usec;
	uint64_t started_mono_usec;
	uint64_t ended_mono_usec;
	uint64_t max_rss_bytes;
	uint64_t user_usec; /* of the command and those that were waited for */
	uint64_t system_usec;
	uint64_t nproc_limit; /* RLIMIT_NPROC that the command ended with */
	char *left_for;       /* the cgroup it ended in, if that is not of the run */
	const struct elsewhere *elsewhere; /* what it starts is not in the run; NULL: it is */
	uint64_t n_zombies;   /* seen twice when a fork was refused */
	uint64_t n_zombies_first;

	/* What is waited for. */
	struct cg2_watch *watch; /* NULL: no thresholds */
	struct cg2_event *stop;  /* what CG2_END_THRESHOLD is about */
	bool is_dozing;
	bool is_settled; /* what only longer runs need is set up */
	int epoll_fd;    /* -1: the pidfd is all that is waited for */
	int pidfd;
	int timer_fd;
	int events_fd;         /* cgroup.events of group, if its emptiness may be waited for */
	uint64_t wall_end_usec; /* monotonic times, CG2_MAX: none */
	uint64_t cpu_check_usec;
	uint64_t kill_usec;
	uint64_t sample_usec;
	uint64_t sample_step_usec;
	uint64_t zombie_usec;   /* the second look */
	uint64_t look_usec;     /* the command or its group, since it could not be waited for */
	int refusals_fd;        /* pids.events of group, until the first refusal */
};

/*
 * For a run inside of a scope that the caller can't clone into from where it is: the command's
 * process is made by one that the manager has moved there first.
 */
int run_spawn_inside(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* Moves the calling process into the run's cgroup there. */
int run_enter_inside(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* Writes and reads back every limit; what best effort lets pass is noted. */
int run_apply_limits(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* Makes limits of the caller's that a scope in the manager's tree would escape the run's own. */
int run_take_bounds(struct cg2_run *run, const char *home, struct cg2_error *reterr) _must_check_;

/* Refuses properties that the manager would take without a word and not apply. */
int run_check_privileged(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* -EINVAL: who becomes the command can't enforce a time limit. */
int run_check_no_time(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* run-here.c: tells why there is no cgroup and what is not in force, and goes on without. */
void run_here_begin(struct cg2_run *run, const struct cg2_error *why);
void run_here_signal(struct cg2_run *run, int sig);
bool run_here_is_empty(struct cg2_run *run);

/*
 * run-here-keep.c. Finds who is there now: their ends are waited for from here on. Returns how many
 * are alive.
 */
size_t run_here_look(struct cg2_run *run);

/* A process that ends what is below the command when the caller dies. */
void run_here_watch(struct cg2_run *run);
void run_here_unwatch(struct cg2_run *run);

/* Leaves one behind that keeps the time limit of who is alive. -errno. */
int run_here_keep(struct cg2_run *run, const struct keep_time *time) _must_check_;

/* run-watch.c. Watches the group for the thresholds, if there are any. */
int run_watch_open(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/* Tells of what was crossed. 1: the run is to be ended. */
int run_watch_dispatch(struct cg2_run *run);

void run_watch_close(struct cg2_run *run);

/*
 * The event that ended the run, for the verdict. text: what stop->threshold is; free it with
 * free(). -ENODATA: none did.
 */
int run_watch_get_stop(struct cg2_run *run, struct verdict_stop *stop, char **ret_text);

/* Sets up the loop: before the command's start, and for one that was just started. */
int run_loop_prepare(struct cg2_run *run, struct cg2_error *reterr) _must_check_;
int run_loop_open(struct cg2_run *run, struct cg2_error *reterr) _must_check_;

/*
 * run-keep.c: whether the command has left processes behind for which the time limit is still to
 * come, in words. 1: it has; 0. ret_text: free with free().
 */
int run_describe_keeping(struct cg2_run *run, char **ret_text) _must_check_;

/* The same for who makes a keeper of it. ret_time: when and how it ends. */
bool run_begin_to_keep(struct cg2_run *run, struct keep_time *ret_time);

/* What came of it, 0 or -errno: never silent. */
void run_note_keeper(struct cg2_run *run, int r);

/* run-processes.c: before the command's start, after it, at each dispatch and when all is over. */
void run_processes_open(struct cg2_run *run);
void run_processes_begin(struct cg2_run *run);
void run_processes_dispatch(struct cg2_run *run);
void run_processes_end(struct cg2_run *run);
void run_processes_close(struct run_processes *processes);

/*
 * run-trace.c: before anything is made for the run, before the command begins and when it has, at
 * each dispatch and when all is over. run_trace_stop() ends whoever is traced.
 */
int run_trace_prepare(struct cg2_run *run, struct cg2_error *reterr) _must_check_;
int run_trace_make(struct cg2_run *run, struct cg2_error *reterr) _must_check_;
void run_trace_begin(struct cg2_run *run);
void run_trace_dispatch(struct cg2_run *run);
void run_trace_tick(struct cg2_run *run, uint64_t now);
void run_trace_end(struct cg2_run *run);
void run_trace_stop(struct cg2_run *run);
void run_trace_close(struct run_trace *trace);

/* Whether all is heard of it until the command's end. */
bool run_trace_is_complete(const struct cg2_run *run);
