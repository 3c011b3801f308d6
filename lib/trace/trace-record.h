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

enum trace_record_type {
	TRACE_FAILED,	/* a call failed: call and facts */
	TRACE_WORKED,	/* a call of this kind worked, after one of this process had failed */
	TRACE_EXECED,	/* a program was executed; call.path names it */
	TRACE_ENDED,	/* the process has ended: status */
	TRACE_NOTED,	/* note */
	TRACE_FINISHED, /* nobody is left: totals */
};

enum trace_kind {
	TRACE_KIND_FORK,
	TRACE_KIND_EXEC,
	TRACE_KIND_MEMORY,
	_TRACE_KIND_MAX,
};

/* Each once for a process. */
enum trace_note {
	TRACE_NOTE_SETUID,	/* a set-user-ID or set-group-ID program, or one with capabilities, ran without its rights */
	TRACE_NOTE_OWN_FILTER,	/* a program installed a seccomp filter, whose answers win */
	TRACE_NOTE_OWN_TRACER,	/* a program tried to trace: PTRACE_TRACEME or an attach failed */
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
	enum trace_kind kind;
	int code;		   /* errno, positive */
	uint64_t flags;		   /* of clone, clone3 (CLONE_*); of mmap (MAP_*) */
	uint64_t bytes;		   /* of memory that was asked for; of exec: arguments and environment, 0: unknown */
	uint64_t longest_argument; /* of exec, bytes; 0: unknown */
	char path[TRACE_PATH_MAX]; /* of exec, as the program gave it; cut ones end with "..." */
};

/* One cgroup of the process, from its own up to the topmost that can be seen. */
struct trace_level {
	uint32_t path_length;  /* that much of trace_facts.cgroup is its path */
	bool has_moved;	       /* its counter of refusals (pids.events.local, else pids.events) grew since the last look */
	bool is_local;	       /* the counter is of refusals by its own limit alone */
	uint64_t max, current; /* pids.max, pids.current; CG2_MAX, CG2_UNKNOWN */
};

/* What was so while the process stood still. CG2_UNKNOWN: not read, or not readable. */
struct trace_facts {
	char cgroup[TRACE_PATH_MAX]; /* below the mount */
	uint32_t n_levels;
	struct trace_level levels[TRACE_LEVELS_MAX];
	bool is_oom_moved;	     /* memory.events of the command's cgroup: oom grew */
	/* of fork */
	uint64_t user_tasks, rlimit_nproc; /* tasks of its real uid; the soft limit */
	bool is_nproc_exempt;		   /* CAP_SYS_RESOURCE or CAP_SYS_ADMIN, or uid 0 of the first namespace */
	bool are_tasks_hidden;		   /* in a PID namespace: there may be more */
	uint64_t tasks, threads_max, pid_max;
	/* of memory; bytes */
	uint64_t vm_size, vm_data, vm_locked, n_maps;
	uint64_t rlimit_as, rlimit_data, rlimit_memlock, rlimit_stack;
	uint64_t max_map_count, overcommit, commit_limit, committed, ram_and_swap;
	/* of all */
	uint32_t uid;
	int seccomp_mode; /* Seccomp: of status; ours is a filter too: Seccomp_filters above ours */
	uint32_t n_filters_own; /* filters beside ours and those the supervisor has */
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
	pid_t pid, tid, ppid;
	char command[TRACE_COMMAND_MAX]; /* comm */
	enum trace_kind kind;	 /* TRACE_WORKED */
	int status;		 /* TRACE_ENDED: as of waitpid(2) */
	enum trace_note note;	 /* TRACE_NOTED; call.path names the program */
	struct trace_totals totals; /* TRACE_FINISHED */
	struct trace_call call;
	struct trace_facts facts;
};
