/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The supervisor's side of the tracer.
 */
#include "trace/tracer.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "child/raw.h"
#include "process/procfs.h"
#include "trace/tracer-internal.h"
#include "value/error.h"

/* How long the command waits for a tracer that somebody else holds, as a debugger of ours does. */
#define ANSWER_SECONDS 10

/* How long a tracer that has nobody to follow may take to end. */
#define END_MSEC 50

/* For waitid(2) of a pidfd, before the C library's headers had it. */
#define P_PIDFD_ 3

static int make_sockets(int offer[2], int records[2])
{
	const struct timeval timeout = { .tv_sec = ANSWER_SECONDS };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, offer) < 0)
		return -errno;
	if (setsockopt(offer[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, records) == 0)
		return 0;
	close_fd(offer[0]);
	close_fd(offer[1]);
	return -errno;
}

/* Root's programs get what their files give them, although somebody traces them. */
static bool is_privileged(struct cg2_ctx *ctx)
{
	const uint64_t needed = UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_SYS_PTRACE;
	char status[PROCFS_BUF_SIZE];
	uint64_t effective;

	return procfs_read(ctx, 0, "status", status, sizeof(status)) == 0 &&
	       procfs_status_mask(status, "CapEff", &effective) == 0 &&
	       (effective & needed) == needed;
}

/* No SIGCHLD at its end: the caller's own waiting is not disturbed. */
static pid_t make_process(struct tracer_self *self, int offer[2], int records[2])
{
	const pid_t pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);

	if (pid != 0)
		return pid;
	close_fd(offer[0]);
	close_fd(records[0]);
	self->offer_fd = offer[1];
	self->socket_fd = records[1];
	tracer_main(self);
}

int tracer_start(struct tracer *tracer, struct cg2_ctx *ctx, struct cg2_error *reterr)
{
	_cleanup_close_ int parent_pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct tracer_self self = {
		.ctx = ctx, .parent_pidfd = parent_pidfd, .is_privileged = is_privileged(ctx),
	};
	int offer[2], records[2], r;
	pid_t pid;

	r = make_sockets(offer, records);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	pid = make_process(&self, offer, records);
	r = pid < 0 ? -errno : 0;
	close_fd(offer[1]);
	close_fd(records[1]);
	tracer->trace.socket_fd = offer[0];
	tracer->socket_fd = records[0];
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	tracer->pid = tracer->trace.tracer = pid;
	tracer->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return tracer->pidfd < 0 ? error_set(reterr, CG2_OP_SPAWN, errno, NULL, NULL) : 0;
}

void tracer_begun(struct tracer *tracer)
{
	tracer->trace.socket_fd = close_fd(tracer->trace.socket_fd);
}

int tracer_receive(struct tracer *tracer, struct trace_record *ret)
{
	ssize_t n;

	memset(ret, 0, sizeof(*ret));
	do
		n = recv(tracer->socket_fd, ret, sizeof(*ret), MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 1;
	return n < 0 && errno == EAGAIN ? 0 : -EPIPE;
}

/* ---- the end ---- */

/* The caller may have reaped it with a wait for anybody: then the number may be another's. */
static void reap(struct tracer *tracer)
{
	while (raw_call(SYS_waitid, P_PIDFD_, tracer->pidfd, 0, WEXITED | __WALL, 0) == -EINTR)
		;
}

static void close_all(struct tracer *tracer)
{
	close_fd(tracer->trace.socket_fd);
	close_fd(tracer->socket_fd);
	close_fd(tracer->pidfd);
	*tracer = (struct tracer)TRACER_NONE;
}

void tracer_leave(struct tracer *tracer)
{
	const char order = TRACER_ORDER_LEAVE;
	struct pollfd fd = { .fd = tracer->pidfd, .events = POLLIN };

	if (tracer->pid == 0)
		return;
	if (send(tracer->socket_fd, &order, sizeof(order), MSG_NOSIGNAL) < 0)
		errno = 0;
	if (raw_poll(&fd, 1, END_MSEC) > 0)
		reap(tracer);
	close_all(tracer);
}

void tracer_stop(struct tracer *tracer)
{
	if (tracer->pid > 0 && tracer->pidfd >= 0) {
		raw_signal(tracer->pidfd, SIGKILL);
		reap(tracer);
	}
	close_all(tracer);
}

/* ---- why it cannot be done ---- */

static void explain_yama(struct cg2_ctx *ctx, struct cg2_error *err)
{
	uint64_t scope;

	if (ctx_read_value(ctx, "/proc/sys/kernel/yama/ptrace_scope", &scope) < 0)
		return;
	if (scope >= 3)
		error_hint(err, "kernel.yama.ptrace_scope is %d: nobody traces here until it is "
				"changed in /etc/sysctl.d and the machine is booted", (int)scope);
	else if (scope == 2)
		error_hint(err, "kernel.yama.ptrace_scope is 2: only who has CAP_SYS_PTRACE "
				"traces; run it as root, or sysctl kernel.yama.ptrace_scope=1");
}

/* Whoever traces the caller with all its children has the command already. */
static void explain_tracer(struct cg2_ctx *ctx, struct cg2_error *err)
{
	char status[PROCFS_BUF_SIZE], name[64] = "";
	uint64_t pid;

	if (procfs_read(ctx, 0, "status", status, sizeof(status)) < 0 ||
	    procfs_status_number(status, "TracerPid", &pid) < 0 || pid == 0)
		return;
	if (procfs_read(ctx, (pid_t)pid, "comm", name, sizeof(name)) < 0)
		name[0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	error_hint(err, "%s (process %d) traces it already, and there can be one tracer only: "
			"run this without it", name[0] ? name : "something", (int)pid);
}

static void explain_filter(struct cg2_ctx *ctx, struct cg2_error *err)
{
	char status[PROCFS_BUF_SIZE];
	uint64_t mode;

	if (procfs_read(ctx, 0, "status", status, sizeof(status)) < 0)
		return;
	if (procfs_status_number(status, "Seccomp", &mode) < 0)
		error_hint(err, "this kernel has no seccomp (CONFIG_SECCOMP_FILTER)");
	else if (mode > 0)
		error_hint(err, "this process has a seccomp filter, which may forbid it: a "
				"container's profile, or SystemCallFilter= of a service");
}

void tracer_explain(struct cg2_ctx *ctx, struct cg2_error *err)
{
	/* The first one that has something to say is heard. */
	explain_tracer(ctx, err);
	explain_yama(ctx, err);
	explain_filter(ctx, err);
}
