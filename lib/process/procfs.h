/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes and tasks as /proc tells of them. What it does not tell is -ENOENT or another
 * -errno; nothing here is worth a struct cg2_error.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/* Room for /proc/PID/status and the like. */
#define PROCFS_BUF_SIZE 4096

/* "/proc/PID/FILE" into buf; pid 0 is the caller. */
int procfs_read(struct cg2_ctx *ctx, pid_t pid, const char *file, char *buf,
	      size_t size) _must_check_;

/* The first number of the line "KEY:" of /proc/PID/status; base 16 for masks. */
int procfs_status_number(const char *status, const char *key, uint64_t *ret_value) _must_check_;
int procfs_status_mask(const char *status, const char *key, uint64_t *ret_value) _must_check_;

/* Whether there may be processes that this /proc does not show: a PID namespace. */
bool procfs_is_partial(struct cg2_ctx *ctx);

/* The tasks of a process if that is its real user, else 0. */
uint64_t procfs_count_tasks_of(struct cg2_ctx *ctx, pid_t pid, uint64_t uid);

/* Every task whose real user that is, as RLIMIT_NPROC counts them, of those that /proc shows. */
int procfs_count_tasks_of_user(struct cg2_ctx *ctx, uint64_t uid, uint64_t *ret_n) _must_check_;

/* All tasks of the machine. */
int procfs_count_tasks(struct cg2_ctx *ctx, uint64_t *ret_n) _must_check_;

/* A zombie: its parent and when it was started, in clock ticks. */
struct procfs_zombie {
	pid_t pid;
	pid_t parent;
	uint64_t started;
};

/* The next entry of a directory of /proc that is a PID, 0 after the last one. */
pid_t procfs_next_pid(void *dir);

/* 1 and the zombie if the whole process is one, 0 if it is none, or -errno. */
int procfs_read_zombie(struct cg2_ctx *ctx, pid_t pid,
		       struct procfs_zombie *ret_zombie) _must_check_;
