/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keeper: a process that ends what a command has left behind when the time of the run is over,
 * whatever has become of the caller. It goes as soon as nobody is left.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

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

/*
 * For what has no group. fn runs in a process of its own, all signals blocked: a child of the
 * caller's, or, left behind, nobody's. It begins with keeper_withdraw(), after which it has nothing
 * of the caller's but those descriptors: no terminal, no directory, no stream to log to.
 */
typedef void (*keeper_fn)(void *userdata);

int keeper_fork(keeper_fn fn, void *userdata, pid_t *ret_pid) _must_check_;
int keeper_leave(keeper_fn fn, void *userdata) _must_check_;
void keeper_withdraw(struct cg2_ctx *ctx, const int keep[], size_t n);
