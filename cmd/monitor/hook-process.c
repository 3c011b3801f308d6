/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A hook's shell is the reaper of what it starts (PR_SET_CHILD_SUBREAPER outlives execve(2)): a
 * process that daemonizes stays below it as long as it lives, so that a time limit finds all of
 * them. Its input is a file in memory: one that does not read it blocks nobody. Its output is a
 * pipe to us, since a flood would otherwise go to the terminal or the journal.
 */
#include "cmd/monitor/hook-process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "libcg2.h"

#define SHELL "/bin/sh"
#define KILL_ROUNDS 200
#define KILL_NAP_USEC 1000
#define READS_MAX 16 /* at a time: others want their turn */

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

/* ---- starting ---- */

/* What systemd tells us is not for others. */
static const char *const private_variables[] = { "NOTIFY_SOCKET=", "WATCHDOG_PID=",
						 "WATCHDOG_USEC=" };

static bool is_overridden(const char *entry, const char *const *variables)
{
	for (size_t i = 0; i < ARRAY_SIZE(private_variables); i++)
		if (strncmp(entry, private_variables[i], strlen(private_variables[i])) == 0)
			return true;
	for (; *variables; variables++)
		if (strncmp(entry, *variables, strcspn(*variables, "=") + 1) == 0)
			return true;
	return false;
}

/* The words are others'; free with free(). */
static const char **make_environment(const char *const *variables)
{
	size_t n = 0, n_all = 0, n_variables = 0;
	const char **all;

	while (environ[n_all])
		n_all++;
	while (variables[n_variables])
		n_variables++;
	all = calloc(n_all + n_variables + 1, sizeof(*all));
	for (size_t i = 0; all && i < n_all; i++)
		if (!is_overridden(environ[i], variables))
			all[n++] = environ[i];
	for (size_t i = 0; all && i < n_variables; i++)
		all[n++] = variables[i];
	return all;
}

static int make_input(const char *event, size_t len)
{
	_cleanup_close_ int fd = memfd_create("event", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	/* Kernels before 6.3 do not know that flag. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("event", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, event, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) < 0)
		return errno ? -errno : -EIO;
	return take_fd(&fd);
}

static const int ignored_by_us[] = { SIGPIPE, SIGXFSZ };

/* In the child: the shell, or 127. */
static _noreturn_ void become_shell(const struct hook_setting *setting, int input, int output,
				    const char **environment)
{
	const char *const argv[] = { "sh", "-c", setting->command, NULL };

	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	setrlimit(RLIMIT_NOFILE, &setting->nofile);
	for (size_t i = 0; i < ARRAY_SIZE(ignored_by_us); i++)
		if (!sigismember(&setting->ignored, ignored_by_us[i]))
			signal(ignored_by_us[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, &setting->mask, NULL);
	if (dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	    dup2(output, STDERR_FILENO) >= 0)
		execve(SHELL, (char *const *)argv, (char *const *)environment);
	_exit(127);
}

int hook_process_start(struct hook_process *process, const struct hook_setting *setting,
		       const char *event, size_t len, const char *const *variables)
{
	_cleanup_free_ const char **environment = make_environment(variables);
	_cleanup_close_ int input = -1, output = -1, output_write = -1;
	int fds[2];
	pid_t pid;

	if (!environment)
		return -ENOMEM;
	input = make_input(event, len);
	if (input < 0)
		return input;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	output = fds[0];
	output_write = fds[1];
	fcntl(output, F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		become_shell(setting, input, output_write, environment);
	*process = (struct hook_process){ .pid = pid, .output_fd = take_fd(&output) };
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process->pidfd >= 0)
		return 0;
	/* Nothing would tell its end. */
	hook_process_kill(process);
	hook_process_reap(process);
	return -EMFILE;
}

/* ---- its output ---- */

static void keep_output(struct hook_process *process, const char *buf, size_t n)
{
	size_t kept = MIN(n, sizeof(process->output) - process->n_output);

	memcpy(process->output + process->n_output, buf, kept);
	process->n_output += kept;
	process->n_thrown += n - kept;
}

void hook_process_read(struct hook_process *process)
{
	char buf[8192];

	for (unsigned int i = 0; process->output_fd >= 0 && i < READS_MAX; i++) {
		ssize_t n = read(process->output_fd, buf, sizeof(buf));

		if (n > 0)
			keep_output(process, buf, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			process->output_fd = close_fd(process->output_fd);
		else
			break;
	}
}

/* ---- its end ---- */

static bool is_alive(pid_t pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[64], line[512];
	const char *state = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f && fgets(line, sizeof(line), f))
		state = strrchr(line, ')');
	return state && state[1] == ' ' && state[2] != 'Z' && state[2] != 'X';
}

/* Its children. True if any was alive. */
static bool kill_children(pid_t pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	_cleanup_free_ char *word = NULL;
	char path[64];
	bool any_alive = false;
	size_t size = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
	f = fopen(path, "re");
	while (f && getdelim(&word, &size, ' ', f) > 0) {
		uint64_t child;

		word[strcspn(word, " \n")] = '\0';
		if (cg2_u64_from_string(word, &child) < 0 || !is_alive((pid_t)child))
			continue;
		kill((pid_t)child, SIGKILL);
		any_alive = true;
	}
	return any_alive;
}

/*
 * The shell is stopped first. It gets the orphans of what is killed, and neither reaps them, so
 * that a number stays its process's, nor goes on. Each round takes the next level, until
 * nothing is left that could have forked.
 */
void hook_process_kill(struct hook_process *process)
{
	kill(process->pid, SIGSTOP);
	for (unsigned int i = 0; i < KILL_ROUNDS && kill_children(process->pid); i++)
		usleep(KILL_NAP_USEC);
	/* For a kernel that lists no children. */
	kill(-process->pid, SIGKILL);
	kill(process->pid, SIGKILL);
}

int hook_process_reap(struct hook_process *process)
{
	int status = 0;

	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	hook_process_read(process);
	process->output_fd = close_fd(process->output_fd);
	process->pidfd = close_fd(process->pidfd);
	return status;
}
