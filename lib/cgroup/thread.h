/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers of threads. /proc/NUMBER can be opened with each of them, and cgroup.procs takes each
 * for its process: whoever is named by one would get past what is asked of a process.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

/*
 * The process that the thread belongs to which a file "status" in /proc is of; 0: it is a process,
 * or that cannot be read.
 */
pid_t thread_process(int dir_fd, const char *file);

/* The process pid. -EINVAL: it is a thread, and the error says of which process. */
int thread_refuse(struct cg2_ctx *ctx, enum cg2_op op, pid_t pid,
		  struct cg2_error *reterr) _must_check_;

/* That error; path and value as error_set() takes them. */
int thread_error(enum cg2_op op, const char *path, const char *value, pid_t process,
		 struct cg2_error *reterr);
