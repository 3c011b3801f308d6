/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a program's name to its first instruction.
 */
#include "child/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "value/error.h"

/* 0: may be executed. -ENOENT: not there. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	return access(path, X_OK) < 0 ? -errno : 0;
}

/* Goes through PATH as execvp(3) does: what may not be executed is remembered and passed over. */
static int search_path(const char *name, char **ret_path)
{
	const char *path = getenv("PATH");
	int r = -ENOENT;

	if (!path)
		path = "/bin:/usr/bin";
	for (;;) {
		size_t len = strcspn(path, ":");
		/* An empty entry is the working directory. */
		_cleanup_free_ char *file =
			text_format("%.*s%s%s", (int)len, path, len ? "/" : "./", name);
		int r_file;

		if (!file)
			return -ENOMEM;
		r_file = check_file(file);
		if (r_file == 0) {
			*ret_path = take_ptr(&file);
			return 0;
		}
		if (r_file == -EACCES)
			r = -EACCES;
		if (path[len] == '\0')
			return r;
		path += len + 1;
	}
}

CG2_EXPORT int cg2_find_program(const char *name, char **ret_path, struct cg2_error *err)
{
	char *path;
	int r;

	if (strchr(name, '/')) {
		r = check_file(name);
		if (r < 0)
			return exec_error(name, -r, err);
		path = strdup(name);
		r = path ? 0 : -ENOMEM;
	} else {
		r = *name ? search_path(name, &path) : -ENOENT;
	}
	if (r < 0)
		return exec_error(name, -r, err);
	*ret_path = path;
	return 0;
}

void exec_fail(const struct exec_plan *plan, enum exec_step step, int code)
{
	const struct exec_failure failure = { .code = code, .step = step };

	if (plan->failure)
		*plan->failure = failure;
	else
		while (write(plan->error_fd, &failure, sizeof(failure)) < 0 && errno == EINTR)
			;
	_exit(code == ENOENT ? 127 : 126);
}

/* The caller's descriptors may be any of 0 to 2: copies first, so that none is lost. */
static void set_stdio(const struct exec_plan *plan)
{
	int copy[3];

	for (int i = 0; i < 3; i++) {
		copy[i] = plan->stdio[i] < 0 ? -1 : fcntl(plan->stdio[i], F_DUPFD_CLOEXEC, 3);
		if (plan->stdio[i] >= 0 && copy[i] < 0)
			exec_fail(plan, EXEC_STEP_STDIO, errno);
	}
	for (int i = 0; i < 3; i++)
		if (copy[i] >= 0 && dup2(copy[i], i) < 0)
			exec_fail(plan, EXEC_STEP_STDIO, errno);
}

bool exec_is_unkillable(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	char buf[16];

	return fd >= 0 && read(fd, buf, sizeof(buf)) >= 5 && memcmp(buf, "-1000", 5) == 0;
}

void exec_make_killable(void)
{
	_cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "-999", 4) < 0)
		return;
}

static void set_signals(const struct exec_plan *plan)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&plan->ignored, sig) > 0)
			sigaction(sig, &ignore, NULL);
	sigprocmask(SIG_SETMASK, &plan->mask, NULL);
}

static void begin_trace(const struct exec_plan *plan)
{
	int code = exec_trace_await(plan->trace);

	if (code > 0)
		exec_fail(plan, EXEC_STEP_SEIZE, code);
	code = exec_trace_filter(plan->trace);
	if (code > 0)
		exec_fail(plan, EXEC_STEP_FILTER, code);
}

void exec_now(const struct exec_plan *plan)
{
	set_stdio(plan);
	if (plan->directory && chdir(plan->directory) < 0)
		exec_fail(plan, EXEC_STEP_DIRECTORY, errno);
	if (plan->is_unkillable)
		exec_make_killable();
	self_words_fill(&plan->self_words);
	if (plan->trace)
		begin_trace(plan);
	set_signals(plan);
	execve(plan->file, plan->argv, plan->envp);
	if (errno == ENOEXEC)
		execve(_PATH_BSHELL, plan->sh_argv, plan->envp);
	exec_fail(plan, EXEC_STEP_EXECVE, errno);
}

void exec_join(const struct exec_plan *plan, int cgroup_fd)
{
	int fd = openat(cgroup_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "0", 1) < 0)
		exec_fail(plan, EXEC_STEP_JOIN, errno);
	exec_now(plan);
}

static int explain_seize(const struct exec_plan *plan, int code, struct cg2_error *reterr)
{
	if (code == ESRCH)
		return error_setf(reterr, CG2_OP_TRACE, code, plan->file, NULL,
				  "the tracer was killed");
	if (code == ETIMEDOUT)
		return error_setf(reterr, CG2_OP_TRACE, code, plan->file, NULL,
				  "the tracer does not answer");
	return error_set(reterr, CG2_OP_TRACE, code, plan->file, NULL);
}

int exec_explain(const struct exec_plan *plan, const struct exec_failure *failure,
		 struct cg2_error *reterr)
{
	switch (failure->step) {
	case EXEC_STEP_DIRECTORY:
		return error_setf(reterr, CG2_OP_SPAWN, failure->code, plan->directory, NULL,
				  "cannot change to that directory: %s", strerror(failure->code));
	case EXEC_STEP_STDIO:
		return error_set(reterr, CG2_OP_SPAWN, failure->code, plan->file, NULL);
	case EXEC_STEP_JOIN:
		return error_setf(reterr, CG2_OP_SPAWN, failure->code, plan->file, NULL,
				  "cannot enter the cgroup: %s", strerror(failure->code));
	case EXEC_STEP_SEIZE:
		return explain_seize(plan, failure->code, reterr);
	case EXEC_STEP_FILTER:
		return error_setf(reterr, CG2_OP_TRACE, failure->code, plan->file, NULL,
				  "it cannot be given a seccomp filter: %s",
				  strerror(failure->code));
	case EXEC_STEP_EXECVE:
		break;
	}
	return exec_error(plan->file, failure->code, reterr);
}

int exec_read_failure(int fd, const struct exec_plan *plan, struct cg2_error *reterr)
{
	struct exec_failure failure;
	ssize_t n;

	do
		n = read(fd, &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	if (n == 0 || (n < 0 && errno == EAGAIN))
		return 0;
	if (n < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, plan->file, NULL);
	if (n != (ssize_t)sizeof(failure))
		return error_set(reterr, CG2_OP_SPAWN, EIO, plan->file, NULL);
	return exec_explain(plan, &failure, reterr);
}
