/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a command that is to be traced does before its execve(2): it waits until the tracer has
 * it, and installs the filter of calls that stop for the tracer.
 */
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include "base/macro.h"

struct exec_trace {
	int socket_fd; /* of SOCK_SEQPACKET, close-on-exec; the tracer is at its other end */
	pid_t tracer;
	struct sock_filter *filter;
	size_t n_filter;
};

/* What the two say to each other. */
struct exec_trace_offer {
	pid_t pid; /* who is to be traced, and waits */
};

struct exec_trace_answer {
	int code; /* errno of the attempt, 0: it is traced now */
};

/* Both are async-signal-safe and return 0 or a positive errno. */
int exec_trace_await(const struct exec_trace *trace);
int exec_trace_filter(const struct exec_trace *trace);
