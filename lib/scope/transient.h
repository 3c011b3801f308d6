/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A transient scope: StartTransientUnit and its job.
 */
#pragma once

#include "libcg2.h"
#include "limit/limit.h"
#include "property/property.h"
#include "systemd/bus.h"

/* What the scope shall be. */
struct scope_request {
	const char *unit;
	const char *slice;       /* NULL: the manager's default */
	const char *description;
	pid_t pid;               /* one of ours, not reaped before the answer */
	bool use_pidfd;          /* name it by its pidfd first; by its PID if that is not known */
	const int *pidfds;       /* others, which go by their pidfds or stay where they are */
	size_t n_pidfds;
	const struct cg2_limits *limits;
	struct allowance extra;
	struct property *const *properties;
	size_t n_properties;
	uint64_t runtime_max_usec; /* CG2_MAX: none */
	uint64_t stop_usec;        /* TimeoutStopSec, CG2_MAX: the manager's */
	int kill_signal;           /* 0: the manager's */
	bool is_oom_kill;          /* OOMPolicy=kill */
	bool is_pending; /* result: it was sent, and how the manager took it is not known */
};

/*
 * Whether the manager is likely to take pidfds (255), asked of libsystemd, which comes with it:
 * a manager that does not costs a round trip more. The symbol is one that 255 added.
 */
bool scope_takes_pidfds(void);

/*
 * Makes the scope and waits for its job, all of it until *end_usec. A prompt for authentication
 * does not count: it moves *end_usec on by as long as it took. On failure there is no scope.
 */
int scope_start(struct bus *bus, struct scope_request *request, uint64_t *end_usec,
		struct cg2_error *reterr) _must_check_;

/*
 * Ends a scope whose only process was killed on the way in: nobody sees it become empty. What fails
 * here was worse before.
 */
void scope_discard(struct cg2_ctx *ctx, enum cg2_manager manager, const char *unit);

/* The cgroup that the manager has put the process in, which must be that of the unit. */
int scope_open_group(struct cg2_ctx *ctx, const char *unit, pid_t pid,
		     struct cg2_group **ret_group, struct cg2_error *reterr) _must_check_;
