/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a program's name to its first instruction: the search in PATH, and the last steps of a
 * child before execve(2).
 */
#pragma once

#include <signal.h>

#include "base/macro.h"
#include "child/exec-trace.h"
#include "child/self-words.h"
#include "libcg2.h"

enum exec_step {
	EXEC_STEP_STDIO,
	EXEC_STEP_DIRECTORY,
	EXEC_STEP_EXECVE,
	EXEC_STEP_JOIN,
	EXEC_STEP_SEIZE,
	EXEC_STEP_FILTER,
};

struct exec_failure {
	int code; /* errno, 0: none */
	enum exec_step step;
};

/*
 * Everything that the child needs, made ready before any process is made: after fork(2) nothing
 * may be allocated, since the caller may have threads.
 */
struct exec_plan {
	const char *file;
	char *const *argv;
	char *const *envp;
	struct self_words self_words; /* what in envp is to name the new process */
	char **sh_argv;        /* /bin/sh and the same, for a script without an interpreter line */
	const char *directory; /* NULL: the caller's */
	int stdio[3];          /* -1: the caller's */
	sigset_t mask;
	sigset_t ignored;
	bool is_unkillable;    /* oom_score_adj is -1000: no memory limit could be enforced */
	const struct exec_trace *trace; /* NULL: it is not traced */
	struct exec_failure *failure; /* where a failure is noted by a child that shares memory */
	int error_fd; /* else: close-on-exec; gets a struct exec_failure if there is one */
};

/* oom_score_adj is -1000: then no memory limit can be enforced. */
bool exec_is_unkillable(void);

/* -999 is as near to "never" as the kernel can still enforce a limit with. Async-signal-safe. */
void exec_make_killable(void);

/* Reports the failure and ends. */
void exec_fail(const struct exec_plan *plan, enum exec_step step, int code) _noreturn_;

/* Becomes the command. Async-signal-safe. */
void exec_now(const struct exec_plan *plan) _noreturn_;

/* Enters the cgroup first, where clone3(2) could not. */
void exec_join(const struct exec_plan *plan, int cgroup_fd) _noreturn_;

/* exec-failure.c: why a program cannot be executed. Returns the negative errno. */
int exec_error(const char *path, int code, struct cg2_error *reterr);

/* A failure in words. Returns the negative errno. */
int exec_explain(const struct exec_plan *plan, const struct exec_failure *failure,
		 struct cg2_error *reterr);

/*
 * What the other side of error_fd has told before its execve(), which is over; fd does not block.
 * Returns 0 or the failure as an error.
 */
int exec_read_failure(int fd, const struct exec_plan *plan, struct cg2_error *reterr) _must_check_;
