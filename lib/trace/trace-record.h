/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tracer, a process of its own, tells the supervisor: one record of fixed size a message
 * of a SOCK_SEQPACKET socket. It is written while the traced process stands still, so that what
 * was read of limits and files is of the moment of the failure.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "child/exec-file.h"
#include "libcg2.h"

#define TRACE_PATH_MAX 512
#define TRACE_COMMAND_MAX 16
#define TRACE_LEVELS_MAX 16

/* Memory that is asked for again counts as such if it is this part of what failed, or more. */
#define TRACE_RETRY_SHARE 4

enum trace_record_type {
	TRACE_FAILED,	/* a call failed: call and facts */
	TRACE_WORKED,	/* a call worked, after one of the thread's had failed: call */
	TRACE_EXECED,	/* a program was executed; call.path names it */
	TRACE_ENDED,	/* the process has ended: status */
	TRACE_NOTED,	/* note */
	TRACE_FINISHED, /* nobody is left: totals */
};

/* Each once for a process. */
enum trace_note {
	TRACE_NOTE_SETUID,	/* a set-user-ID or set-group-ID program ran without its rights */
	TRACE_NOTE_OWN_FILTER,	/* a program installed a seccomp filter, whose answers win */
	TRACE_NOTE_OWN_TRACER,	/* PTRACE_TRACEME or an attach failed */
	TRACE_NOTE_UNTRACED,	/* CLONE_UNTRACED: a process that could not be followed */
};

enum trace_call_number {
	TRACE_CALL_FORK,
	TRACE_CALL_VFORK,
	TRACE_CALL_CLONE,
	TRACE_CALL_CLONE3,
	TRACE_CALL_EXECVE,
	TRACE_CALL_EXECVEAT,
	TRACE_CALL_MMAP,
	TRACE_CALL_BRK,
	TRACE_CALL_MREMAP,
	_TRACE_CALL_MAX,
};

struct trace_call {
	enum trace_call_number number;
	enum cg2_trace_kind kind;
	int code;		   /* errno, positive */
	bool is_compat;		   /* of a 32-bit program */
	bool has_slept; /* of a fork that worked: its thread has slept since it was refused one */
	uint64_t flags;		   /* of clone, clone3 (CLONE_*); of mmap (MAP_*) */
	uint64_t protection;	   /* of mmap (PROT_*) */
	uint64_t bytes;		   /* of memory; of exec: all of its words, 0: unknown */
	uint64_t longest_argument; /* of exec, bytes; 0: unknown */
	/*
	 * Of exec, as the program gave it; below a descriptor as the kernel names it,
	 * "/dev/fd/3" or "/dev/fd/3/x". Cut ones end with "...".
	 */
	char path[TRACE_PATH_MAX];
};

/* One cgroup of the process, from its own up to the topmost that can be seen. */
struct trace_level {
	uint32_t path_length;  /* that much of trace_facts.cgroup is its path */
	bool has_moved;	       /* refusals were counted beyond the failures seen before */
	bool is_local;	       /* counted of its own limit alone (6.11), else of its tasks */
	uint64_t max, current; /* pids.max, pids.current; CG2_MAX, UNKNOWN */
};

/* What was so while the process stopped at its failure. UNKNOWN: not read, or not readable. */
struct trace_facts {
	char cgroup[TRACE_PATH_MAX]; /* below the mount */
	uint32_t n_levels;
	struct trace_level levels[TRACE_LEVELS_MAX];
	bool is_oom_moved;	     /* memory.events of the command's cgroup: oom grew */
	/* of fork */
	uint64_t user_tasks, rlimit_nproc; /* tasks of its real uid; the soft limit */
	bool is_nproc_exempt;  /* root of the machine, or CAP_SYS_RESOURCE or CAP_SYS_ADMIN there */
	bool are_tasks_hidden; /* in a PID namespace: there may be more */
	uint64_t tasks, threads_max, pid_max;
	uint64_t namespaces_max; /* the least of user.max_*_namespaces, of those asked for */
	bool is_namespace_dead;	 /* the PID namespace of its children is not its own */
	/* of memory; bytes */
	uint64_t vm_size, vm_data, vm_locked, n_maps;
	uint64_t rlimit_as, rlimit_data, rlimit_memlock, rlimit_stack;
	uint64_t max_map_count, overcommit, commit_limit, committed, ram_and_swap;
	uint64_t huge_free;
	/* of all */
	uint64_t uid;
	uint64_t n_filters; /* seccomp filters that the program installed itself */
	uint64_t n_filters_before; /* that the supervisor has, as in a container */
	/* of exec: path is not to be used */
	struct exec_file file;
};

struct trace_totals {
	uint64_t n_processes;
	uint64_t n_lost; /* records that could not be sent */
};

struct trace_record {
	enum trace_record_type type;
	uint64_t at_usec; /* CLOCK_MONOTONIC */
	pid_t pid, tid, ppid; /* tid: the thread that made the call */
	char command[TRACE_COMMAND_MAX]; /* comm */
	int status;		    /* TRACE_ENDED: as of waitpid(2) */
	enum trace_note note;	    /* TRACE_NOTED; call.path names the program */
	struct trace_totals totals; /* until now */
	struct trace_call call;
	struct trace_facts facts;
};
