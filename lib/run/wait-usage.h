/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waitid(2) with its fifth parameter, which the C library hides: what the child used.
 */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/* What it used itself, and those that it waited for. */
struct process_usage {
	uint64_t max_rss_bytes;
	uint64_t user_usec;
	uint64_t system_usec;
};

/*
 * As waitid(P_PID, pid, info, options). ret_usage: set if a child was waited for; NULL: not wanted.
 * 0 or -errno.
 */
int wait_usage(pid_t pid, siginfo_t *info, int options,
	       struct process_usage *ret_usage) _must_check_;
