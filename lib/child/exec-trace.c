/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/exec-trace.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int exec_trace_await(const struct exec_trace *trace)
{
	const struct exec_trace_offer offer = { .pid = getpid() };
	struct exec_trace_answer answer;
	ssize_t n;

	/* For Yama, where only who was named may trace another's child; EINVAL without it. */
	if (prctl(PR_SET_PTRACER, trace->tracer, 0, 0, 0) < 0)
		errno = 0;
	if (send(trace->socket_fd, &offer, sizeof(offer), MSG_NOSIGNAL) < 0)
		return ESRCH;
	do
		n = recv(trace->socket_fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return ETIMEDOUT;
	/* The tracer was killed. */
	return n == (ssize_t)sizeof(answer) ? answer.code : ESRCH;
}

/*
 * Kernels before 5.16 slow down whoever has a filter against speculation; ours keeps no secret from
 * its program.
 */
static int set_filter(const struct sock_fprog *program)
{
	long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			 program);

	if (r < 0 && errno == EINVAL)
		r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, program);
	return r < 0 ? errno : 0;
}

int exec_trace_filter(const struct exec_trace *trace)
{
	const struct sock_fprog program = {
		.len = (unsigned short)trace->n_filter,
		.filter = trace->filter,
	};
	const int r = set_filter(&program);

	/* Who may not do it as he is may do it when set-user-ID programs give him nothing more. */
	if (r != EACCES)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	return set_filter(&program);
}
