/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/output/message.h"
#include "libcg2.h"

#define SHELL "/bin/sh"
#define ENDING_USEC (1 * USEC_PER_SEC)

static void set_environment(const struct hook_call *call)
{
	char round[32];

	if (call->set) {
		snprintf(round, sizeof(round), "%zu", call->round);
		setenv("CGSCOPE_SET", call->set, 1);
		setenv("CGSCOPE_ROUND", round, 1);
	}
	if (call->verdict)
		setenv("CGSCOPE_VERDICT", call->verdict, 1);
}

/* In the child. */
static _noreturn_ void become_hook(const struct hook_call *call)
{
	const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	set_environment(call);
	sigprocmask(SIG_SETMASK, call->mask, NULL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execl(SHELL, "sh", "-c", call->command, (char *)NULL);
	_exit(127);
}

/* Notes the signal that came first. */
static void note_signal(int signal_fd, int *signal)
{
	struct signalfd_siginfo si;

	while (read(signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo != SIGCONT && *signal == 0)
			*signal = (int)si.ssi_signo;
}

/* Until the hook has ended, which a signal makes it do; a cleanup has as long as it takes. */
static void wait_for_hook(const struct hook_call *call, pid_t pid, int pidfd, int *signal)
{
	uint64_t kill_usec = CG2_MAX;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = pidfd, .events = POLLIN },
			{ .fd = *signal ? -1 : call->signal_fd, .events = POLLIN },
		};

		poll(fds, ARRAY_SIZE(fds), msec_until(kill_usec));
		if (fds[0].revents)
			return;
		if (fds[1].revents)
			note_signal(call->signal_fd, signal);
		if (*signal && !call->runs_to_end && kill_usec == CG2_MAX) {
			kill(pid, *signal);
			kill_usec = end_after(ENDING_USEC);
		}
		if (kill_usec <= now_usec())
			kill(pid, SIGKILL);
	}
}

static int say_failed(const struct hook_call *call, int status)
{
	if (WIFSIGNALED(status))
		message_failure("%s: the command of %s was killed by signal %d: %s", call->what,
				call->name, WTERMSIG(status), call->command);
	else
		message_failure("%s: the command of %s failed with status %d: %s", call->what,
				call->name, WEXITSTATUS(status), call->command);
	return -ECANCELED;
}

int hook_call(const struct hook_call *call, int *signal)
{
	const bool had_signal = *signal != 0;
	_cleanup_close_ int pidfd = -1;
	int status = 0;
	pid_t pid;

	pid = fork();
	if (pid == 0)
		become_hook(call);
	if (pid < 0) {
		message_failure("%s: cannot start the command of %s: %s", call->what, call->name,
				strerror(errno));
		return -errno;
	}
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd >= 0)
		wait_for_hook(call, pid, pidfd, signal);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (*signal && !had_signal)
		return 1;
	return status == 0 ? 0 : say_failed(call, status);
}
