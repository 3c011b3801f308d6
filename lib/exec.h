/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a program's name to its first instruction: the search in PATH, and the last steps of a
 * child before execve(2).
 */
#pragma once

#include <signal.h>

#include "libcg2.h"
#include "base/macro.h"

/*
 * Everything that the child needs, made ready before any process is made: after fork(2) nothing
 * may be allocated, since the caller may have threads.
 */
struct exec_plan {
	const char *file;
	char *const *argv;
	char *const *envp;
	char **sh_argv;        /* /bin/sh and the same, for a script without an interpreter line */
	const char *directory; /* NULL: the caller's */
	int stdio[3];          /* -1: the caller's */
	sigset_t mask;
	sigset_t ignored;
	bool is_unkillable;    /* oom_score_adj is -1000: no memory limit could be enforced */
	int error_fd;          /* close-on-exec; gets a struct exec_failure if there is one */
};

enum exec_step {
	EXEC_STEP_STDIO,
	EXEC_STEP_DIRECTORY,
	EXEC_STEP_EXECVE,
	EXEC_STEP_JOIN,
};

struct exec_failure {
	int code; /* errno */
	enum exec_step step;
};

/* oom_score_adj is -1000: then no memory limit can be enforced. */
bool exec_is_unkillable(void);

/* -999 is as near to "never" as the kernel can still enforce a limit with. Async-signal-safe. */
void exec_make_killable(void);

/* Reports the failure to error_fd and ends. */
void exec_fail(const struct exec_plan *plan, enum exec_step step, int code) _noreturn_;

/* Becomes the command. Async-signal-safe. */
void exec_now(const struct exec_plan *plan) _noreturn_;

/* Waits for the execve() of the other side of error_fd. Returns 0 or the failure as an error. */
int exec_await(int fd, const struct exec_plan *plan, struct cg2_error *reterr) _must_check_;
