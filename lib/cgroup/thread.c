/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cgroup/thread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "value/error.h"

/* The number after a word at the begin of a line; 0 without one. A name has no newline as it is. */
static pid_t number_after(const char *text, const char *word)
{
	const char *found = strstr(text, word);
	struct scan s = scan_of_string(found ? found + strlen(word) : "");
	uint64_t n;

	return scan_u64(&s, &n) == 0 && n <= INT32_MAX ? (pid_t)n : 0;
}

pid_t thread_process(int dir_fd, const char *file)
{
	char buf[4096];
	pid_t tgid;
	size_t len;

	if (fsio_read_into(dir_fd, file, buf, sizeof(buf), &len) < 0)
		return 0;
	tgid = number_after(buf, "\nTgid:\t");
	return tgid == number_after(buf, "\nPid:\t") ? 0 : tgid;
}

int thread_error(enum cg2_op op, const char *path, const char *value, pid_t process,
		 struct cg2_error *reterr)
{
	error_setf(reterr, op, EINVAL, path, value, "it is a thread of process %d", (int)process);
	error_hint(reterr, "name the process: %d", (int)process);
	return -EINVAL;
}

int thread_refuse(struct cg2_ctx *ctx, enum cg2_op op, pid_t pid, struct cg2_error *reterr)
{
	char file[32], label[16];
	pid_t process;

	snprintf(file, sizeof(file), "proc/%d/status", (int)pid);
	process = thread_process(ctx->root_fd, file);
	if (process == 0)
		return 0;
	snprintf(label, sizeof(label), "%d", (int)pid);
	return thread_error(op, label, NULL, process, reterr);
}
