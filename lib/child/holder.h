/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The holder: one small process of the library's in each scope. It is the scope's first
 * process, makes the command's process inside the command's cgroup, keeps the scope populated
 * until the counters are read, and ends everything when its parent dies.
 */
#pragma once

#include "base/macro.h"
#include "child/exec.h"
#include "child/keeper.h"
#include "libcg2.h"

struct holder {
	pid_t pid;     /* 0: none */
	int pidfd;
	int socket_fd; /* its end of file is what tells the holder of our death */
};

/* Beyond the deadline for the manager's answer: a move that was under way then. */
#define HOLDER_MOVE_MARGIN_USEC (5 * USEC_PER_SEC)

/*
 * How long a move may take that was asked for over a connection that is lost: a manager that is
 * alive reads on what was sent before, and one that is not never will.
 */
#define HOLDER_LOST_USEC (3 * USEC_PER_SEC)

#define HOLDER_NONE { .pid = 0, .pidfd = -1, .socket_fd = -1 }

/*
 * Makes the process, in the cgroup of the caller; home is that one's path. plan stays the
 * caller's and must not change until holder_spawn().
 */
int holder_start(struct holder *h, struct cg2_ctx *ctx, const struct exec_plan *plan,
		 const char *home, struct cg2_error *reterr) _must_check_;

/*
 * The manager is about to be asked to move it. From now on, if the caller dies, the holder ends
 * only after it has been moved, or after timeout_usec: a scope whose only process ended on the
 * way in may stay for ever (systemd 252), since nobody sees it become empty.
 */
int holder_expect_move(struct holder *h, uint64_t timeout_usec) _must_check_;

/* Whether it has ended, killed by somebody else. */
bool holder_has_ended(const struct holder *h);

/* The manager said no: there will be no move. */
int holder_expect_nothing(struct holder *h) _must_check_;

/*
 * Makes the command's process in the cgroup run_fd, as a child of the caller, from which
 * plan->error_fd tells the rest. kill_fds: directories whose cgroup.kill ends the group, tried
 * in turn; -1 for none.
 */
int holder_spawn(struct holder *h, int run_fd, const int kill_fds[2], pid_t *ret_pid,
		 struct cg2_error *reterr) _must_check_;

/*
 * The caller is about to stop itself together with the command: the holder sends it SIGCONT
 * when the command ends or goes on, or after usec (CG2_MAX: no time).
 */
int holder_doze(struct holder *h, uint64_t usec) _must_check_;

/*
 * Lets it go when nobody is left of the command's group, and has it end the group at that time. It
 * is waited for no more: until then it stays a child of the caller, if that lives.
 */
int holder_keep(struct holder *h, const struct keep_time *time) _must_check_;

/* The caller goes on. */
void holder_awake(struct holder *h);

/* Lets it go without harm to the group, and reaps it. */
void holder_release(struct holder *h);

/* Lets it end the group, and reaps it. */
void holder_abort(struct holder *h);

/*
 * The same without waiting for it: after a manager that did not answer it stays until that
 * moves it or the time given to holder_expect_move() is over.
 */
void holder_detach(struct holder *h);

/* After r, which is no answer: that, or lets it wait for HOLDER_LOST_USEC and reaps it. */
void holder_leave(struct holder *h, int r);
