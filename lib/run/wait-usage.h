/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * waitid(2) with its fifth parameter, which the C library hides: what the child used.
 */
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"

/*
 * As waitid(P_PID, pid, info, options). ret_max_rss_bytes: set if a child was waited for; NULL: not
 * wanted. 0 or -errno.
 */
int wait_usage(pid_t pid, siginfo_t *info, int options, uint64_t *ret_max_rss_bytes) _must_check_;
