/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a run ended as it did: a pure function of two snapshots of the cgroups from the command's
 * up to the root, of the way the command ended, and of what the library did itself. It reads
 * nothing and knows no clock, so that tables can test it.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "libcg2.h"
#include "value/unknown.h"

/*
 * One cgroup, at one moment. The counters are events since the cgroup was made; a limit of
 * CG2_MAX is none.
 */
struct verdict_level {
	const char *path;
	bool is_own;              /* the command's cgroup, or the scope around it */
	uint64_t memory_max;
	uint64_t memory_current;
	uint64_t oom;             /* memory.events: oom, hierarchical */
	uint64_t oom_local;       /* memory.events.local: oom */
	uint64_t oom_kill;        /* memory.events: oom_kill, hierarchical */
	uint64_t oom_group_kill;
	uint64_t pids_max;
	uint64_t pids_current;
	uint64_t pids_peak;       /* kernel 6.1 */
	uint64_t pids_events;     /* pids.events: max */
	uint64_t pids_local;      /* pids.events.local: max; unknown before kernel 6.11 */
	bool has_oomd_kill;       /* user.oomd_kill or user.oomd_ooms is set on it */
};

/* What limits forks beside cgroups, at the end (or when the command failed). */
struct verdict_machine {
	uint64_t nproc_limit;   /* RLIMIT_NPROC, CG2_MAX: none or not for root */
	uint64_t nproc_current; /* tasks of that user */
	uint64_t threads_max;   /* kernel.threads-max */
	uint64_t threads;       /* of the machine */
	uint64_t pid_max;       /* kernel.pid_max */
	uint64_t n_zombies;     /* of the command's group that nobody reaps; UNKNOWN */
	bool is_namespaced;     /* there may be cgroups above the last level that can't be seen */
	bool is_events_local;   /* mount option pids_localevents: pids.events counts the old way */
	bool is_memory_local;   /* mount option memory_localevents: memory.events is a local twin */
};

/* Limits that do not end a command but slow it down, and how often and long they did. */
struct verdict_brakes {
	uint64_t wall_usec;
	uint64_t memory_high;      /* CG2_MAX: none */
	uint64_t n_high;           /* memory.events: high */
	uint64_t memory_full_usec; /* memory.pressure; UNKNOWN */
	uint64_t cpu_max;          /* permyriad, CG2_MAX: none */
	uint64_t n_periods;
	uint64_t n_throttled;
};

/* A threshold that was crossed. */
struct verdict_stop {
	const char *threshold; /* "tasks:80%" */
	bool is_bytes;	       /* the value; of pressure it is permyriad of the window */
	bool is_pressure;
	uint64_t value;
	const char *cgroup;    /* whose limit is near; NULL: no cgroup's */
	const char *file;      /* static; NULL: no limit is near */
	uint64_t limit;
	bool is_own;
	bool is_certain;
};

struct verdict_input {
	bool is_refused;         /* with refusal */
	const struct cg2_error *failure; /* of the start: refused, or not executed */
	const char *program;
	enum cg2_end end;
	const struct verdict_stop *stop; /* with CG2_END_THRESHOLD */
	uint64_t wall_limit_usec;
	uint64_t cpu_limit_usec;
	int exit_code;           /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: it never ran */
	int exit_status;
	/* From the command's cgroup (0) up to the root's child (n - 1); same cgroups in both. */
	const struct verdict_level *before;
	const struct verdict_level *after;
	size_t n_levels;
	bool is_estimated; /* what happened above the run's own levels is put at the likeliest */
	struct verdict_machine machine;
	struct verdict_brakes brakes;
	uint64_t n_nested_killed; /* by limits of nested runs; not in the counters above */
	/* The kernel log's word on whose limit killed, as a cgroup path; NULL: not readable. */
	const char *oom_memcg;
};

struct verdict {
	enum cg2_verdict verdict;
	char *reason; /* one line; free with free() */
	char *hint;   /* or NULL */
	struct cg2_advice advice; /* kind CG2_ADVICE_NONE: none */
	bool has_blame;
	size_t blame_level;      /* index of the cgroup; SIZE_MAX: no cgroup's */
	const char *blame_file;  /* static */
	uint64_t blame_limit;    /* CG2_MAX: unknown */
	bool is_certain;
	uint64_t refused;        /* forks; UNKNOWN */
	uint64_t oom_killed;     /* processes; UNKNOWN */
};

/* Fills the verdict; verdict_clear() ends it. -ENOMEM. */
int verdict_decide(const struct verdict_input *input, struct verdict *ret) _must_check_;
void verdict_clear(struct verdict *verdict);

/* "161 of pids.max 200 of user-1000.slice"; free it with free(). -ENOMEM. */
int verdict_stop_to_string(const struct verdict_stop *stop, char **ret_text) _must_check_;
