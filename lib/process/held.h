/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that run already and are none of ours: held so that a number which another process
 * has got is never taken for them.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

struct held {
	pid_t pid;
	int fd;	       /* its directory in /proc: reads of a process that has ended fail with it */
	int lock_fd;   /* by which nobody else takes it, -1: not locked */
	bool is_named; /* by the user; else it is a child of one that is */
	bool is_moved;
};

struct held_list {
	struct cg2_ctx *ctx;
	struct held *list;
	size_t n;
};

void held_list_clear(struct held_list *procs);

/* What is asked of processes that are to be moved. */
struct held_wish {
	bool is_forced; /* leaders of login sessions, main processes of services, scopes of ours */
	bool is_locked; /* nobody else may take it at the same time */
};

/*
 * Adds a process that the user named, if it passes the checks: it is there, a process and no
 * thread of one, the user's own, not the kernel's, no zombie, not the caller. -ESRCH, -EPERM,
 * -EBUSY, -EINVAL.
 */
int held_list_add(struct held_list *procs, pid_t pid, const struct held_wish *wish,
	      struct cg2_error *reterr) _must_check_;

/* Takes the one that was added last out again. */
void held_list_drop_last(struct held_list *procs);

/*
 * Adds the descendants that the processes have now, the caller aside. Returns how many are new.
 * One of another user's is -EPERM, unless is_late: then held_check() is left to the caller.
 */
int held_list_add_children(struct held_list *procs, bool is_late,
			   struct cg2_error *reterr) _must_check_;

/* Whether it can be moved at all, as held_list_add() looks at it. */
int held_check(const struct held *proc, struct cg2_error *reterr) _must_check_;

/* Opens the directory of proc->pid, for fd, which is -1 otherwise. -ESRCH. */
int held_open(struct cg2_ctx *ctx, struct held *proc) _must_check_;

void held_close(struct held *proc);

/* 1: it still runs, and what is read of its number is read of it. */
bool held_is_alive(const struct held *proc);

/* Its pidfd, which is checked to be its own. -ESRCH. */
int held_open_pidfd(const struct held *proc);

/* The path of its cgroup, below what is mounted; free with free(). -ESRCH. */
int held_read_cgroup(struct cg2_ctx *ctx, const struct held *proc, char **ret_path) _must_check_;

/* Its name in quotes for a message: "1234 (make)". */
void held_label(const struct held *proc, char *buf, size_t size);

/* Its name alone, which the kernel cuts. -ESRCH. */
int held_read_name(const struct held *proc, char *buf, size_t size);
