/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer: a process of the library's that follows the command and all that it starts by
 * ptrace(2), and tells of their calls by records. It stops them only at the calls that the filter
 * names; if it ends, for whatever reason, all of them end at once (PTRACE_O_EXITKILL).
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "child/exec-trace.h"
#include "libcg2.h"
#include "trace/trace-record.h"

struct tracer {
	pid_t pid; /* 0: none */
	int pidfd;
	int socket_fd;		/* where the records come from */
	struct exec_trace trace; /* for the command; its socket is ours until it has begun */
};

#define TRACER_NONE { .pidfd = -1, .socket_fd = -1, .trace = { .socket_fd = -1 } }

/*
 * Makes the process, before the command's and that of whoever makes that one: in the cgroup of the
 * caller, who has called hierarchy_detail(). All signals of the calling thread are to be blocked.
 * The filter in trace is the caller's to set.
 */
int tracer_start(struct tracer *tracer, struct cg2_ctx *ctx,
		 struct cg2_error *reterr) _must_check_;

/* Adds to a failure of CG2_OP_TRACE why it could not be traced, by what the machine shows. */
void tracer_explain(struct cg2_ctx *ctx, struct cg2_error *err);

/* The command has begun: it has its end of the socket. */
void tracer_begun(struct tracer *tracer);

/* 1 and a record; 0: none now; -EPIPE: the tracer has ended. */
int tracer_receive(struct tracer *tracer, struct trace_record *ret_record) _must_check_;

/*
 * Its news is not wanted any more: reaps one that has ended or is about to, and leaves one that
 * has processes to follow to them.
 */
void tracer_leave(struct tracer *tracer);

/* Ends it, and with it all that it follows. */
void tracer_stop(struct tracer *tracer);
