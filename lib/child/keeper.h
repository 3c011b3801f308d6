/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keeper: a process that ends what a command has left behind when the time of the run is over,
 * whatever has become of the caller. It goes as soon as nobody is left.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"
#include "cgroup/group.h"

struct keep_time {
	uint64_t end_usec; /* when the group gets the signal */
	uint64_t grace_usec; /* and SIGKILL, that much later */
	int signal;
};

/* Makes one, in the cgroup of the caller, whose child it is not. group stays the caller's. */
int keeper_start(struct cg2_group *group, const struct keep_time *time) _must_check_;

/* Makes one of the calling process, which the library has forked and whose signals are blocked. */
_noreturn_ void keeper_become(struct cg2_group *group, const struct keep_time *time);
