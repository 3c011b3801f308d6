/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clone3(CLONE_INTO_CGROUP): the command is in its cgroup before its first instruction, without
 * a write to cgroup.procs, which waits for the whole machine when launches are some
 * milliseconds apart.
 *
 * As with vfork(2), the child shares the memory of the caller, who waits until it executes: no
 * page tables are copied, and a failure is told by a variable. It needs a stack of its own, and
 * the C library has no clone3() that takes one: hence the few instructions below. Elsewhere, and
 * where clone3 is refused, the child is a copy, enters by itself and reports over a pipe before the
 * clone returns (CLONE_VFORK).
 */
#include "child/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child/raw.h"
#include "value/error.h"

/* execve(2) and the few calls before it. */
#define STACK_SIZE 16384

static uint64_t into_cgroup(int cgroup_fd)
{
	return cgroup_fd < 0 ? 0 : CLONE_INTO_CGROUP;
}

#if CAN_SHARE_MEMORY
/* The child calls fn(arg), which does not return, on the stack that args names. */
static long clone3_and_call(struct clone_args *args, void (*fn)(const struct exec_plan *),
			    const struct exec_plan *arg)
{
#ifdef __x86_64__
	long result = SYS_clone3;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %[arg], %%rdi\n\t"
			 "call *%[fn]\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof(*args)), [fn] "r"(fn), [arg] "r"(arg)
			 : "rcx", "r11", "memory", "cc");
	return result;
#else
	register long number __asm__("x8") = SYS_clone3;
	register long result __asm__("x0") = (long)args;
	register long size __asm__("x1") = (long)sizeof(*args);

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x0, %[arg]\n\t"
			 "blr %[fn]\n\t"
			 "brk #0\n"
			 "1:"
			 : "+r"(result)
			 : "r"(number), "r"(size), [fn] "r"(fn), [arg] "r"(arg)
			 : "x30", "memory", "cc");
	return result;
#endif
}

static int spawn_shared(const struct exec_plan *plan, int cgroup_fd, pid_t *ret_pid,
			int *ret_pidfd, struct cg2_error *reterr)
{
	_Alignas(16) char stack[STACK_SIZE];
	struct exec_failure failure = { 0, EXEC_STEP_EXECVE };
	struct exec_plan shared = *plan;
	int pidfd = -1;
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | CLONE_CLEAR_SIGHAND |
			 into_cgroup(cgroup_fd),
		.pidfd = (uint64_t)(uintptr_t)&pidfd,
		.exit_signal = SIGCHLD,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = sizeof(stack),
		.cgroup = (uint64_t)MAX(cgroup_fd, 0),
	};
	long pid;

	shared.failure = &failure;
	pid = clone3_and_call(&args, exec_now, &shared);
	if (pid < 0)
		return (int)pid;
	if (failure.code == 0) {
		*ret_pid = (pid_t)pid;
		*ret_pidfd = pidfd;
		return 0;
	}
	close_fd(pidfd);
	while (waitpid((pid_t)pid, NULL, 0) < 0 && errno == EINTR)
		;
	/* Told apart from clone3()'s own by the error. */
	return exec_explain(plan, &failure, reterr);
}
#endif

static pid_t fork_into(const struct exec_plan *plan, int cgroup_fd, int *ret_pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_VFORK | into_cgroup(cgroup_fd),
		.pidfd = (uint64_t)(uintptr_t)ret_pidfd,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)MAX(cgroup_fd, 0),
	};
	pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		exec_now(plan);
	if (pid > 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL && errno != E2BIG))
		return pid;
	pid = (pid_t)syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0 && cgroup_fd < 0)
		exec_now(plan);
	if (pid == 0)
		exec_join(plan, cgroup_fd);
	if (pid > 0)
		*ret_pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return pid;
}

static int spawn_copied(const struct exec_plan *plan, int cgroup_fd, pid_t *ret_pid,
			int *ret_pidfd, struct cg2_error *reterr)
{
	struct exec_plan copy = *plan;
	int pipe_fds[2], pidfd = -1, r;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, plan->file, NULL);
	copy.error_fd = pipe_fds[1];
	pid = fork_into(&copy, cgroup_fd, &pidfd);
	r = pid < 0 ? -errno : 0;
	close_fd(pipe_fds[1]);
	if (r == 0)
		r = exec_read_failure(pipe_fds[0], plan, reterr);
	close_fd(pipe_fds[0]);
	if (pid < 0)
		return r;
	if (r < 0) {
		close_fd(pidfd);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return r;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

/* Why no process was made at all. */
static int explain_clone(int r, const struct exec_plan *plan, struct cg2_error *reterr)
{
	r = error_set(reterr, CG2_OP_SPAWN, r, plan->file, NULL);
	if (r == -EAGAIN)
		error_hint(reterr, "a limit on tasks is reached; see cgscope check, and ulimit -u");
	return r;
}

int spawn_into(const struct exec_plan *plan, int cgroup_fd, pid_t *ret_pid, int *ret_pidfd,
	       struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error failure = CG2_ERROR_INIT;
	int r = -ENOSYS;

#if CAN_SHARE_MEMORY
	/* Who waits for a tracer waits on memory of its own: that one may be killed meanwhile. */
	if (!plan->trace)
		r = spawn_shared(plan, cgroup_fd, ret_pid, ret_pidfd, &failure);
#endif
	if (r == -ENOSYS || r == -EPERM || r == -EINVAL || r == -E2BIG)
		if (failure.code == 0)
			r = spawn_copied(plan, cgroup_fd, ret_pid, ret_pidfd, &failure);
	if (r == 0)
		return 0;
	if (failure.code == 0)
		return explain_clone(r, plan, reterr);
	cg2_error_move(reterr, &failure);
	return r;
}
