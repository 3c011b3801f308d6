/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that run already and are none of ours: held so that a number which another process
 * has got is never taken for them.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct proc {
	pid_t pid;
	int fd;	       /* its directory in /proc: reads of a process that has ended fail with it */
	bool is_named; /* by the user; else it is a child of one that is */
	bool is_moved;
};

struct procs {
	struct cg2_ctx *ctx;
	struct proc *list;
	size_t n;
};

void procs_clear(struct procs *procs);

/* What is asked of processes that are to be moved. */
struct proc_wish {
	bool is_forced; /* session leaders, main processes of services, scopes of ours */
	bool is_locked; /* nobody else may take it at the same time */
};

/*
 * Adds a process that the user named, and checks it: it is there, the user's own, no kernel
 * thread, no zombie, not the caller. -ESRCH, -EPERM, -EBUSY, -EINVAL.
 */
int procs_add(struct procs *procs, pid_t pid, const struct proc_wish *wish,
	      struct cg2_error *reterr) _must_check_;

/*
 * Adds the descendants that the processes have now, the caller aside. Returns how many are new.
 * One of another user's is -EPERM, unless is_late: then procs_check() is left to the caller.
 */
int procs_add_children(struct procs *procs, bool is_late, struct cg2_error *reterr) _must_check_;

/* Whether it can be moved at all, as procs_add() looks at it. */
int procs_check(const struct proc *proc, struct cg2_error *reterr) _must_check_;

/* Opens the directory of proc->pid, for fd, which is -1 otherwise. -ESRCH. */
int proc_open(struct cg2_ctx *ctx, struct proc *proc) _must_check_;

/* 1: it still runs, and what is read of its number is read of it. */
bool proc_is_alive(const struct proc *proc);

/* Its pidfd, which is checked to be its own. -ESRCH. */
int proc_open_pidfd(const struct proc *proc);

/* Its cgroup's path; free with free(). -ESRCH. */
int proc_read_cgroup(const struct proc *proc, char **ret_path) _must_check_;

/* Its name in quotes for a message: "1234 (make)". */
void proc_label(const struct proc *proc, char *buf, size_t size);

/* Its name alone, which the kernel cuts. -ESRCH. */
int proc_read_name(const struct proc *proc, char *buf, size_t size);
