/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lines of the kernel's log say of cgroups and processes.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

/* A part of a line. */
struct kernel_text {
	const char *start; /* NULL: the line has no such part */
	size_t len;
};

bool kernel_text_is(const struct kernel_text *text, const char *word);

/* The cgroup that it names is top, or below it. */
bool kernel_text_is_within(const struct kernel_text *text, const char *top);

/* The path that it is has a part of that name. */
bool kernel_text_has_part(const struct kernel_text *text, const char *name);

/* "oom-kill:constraint=...": whose limit killed whom. limit is not there if it was the machine's.
 */
struct kernel_oom {
	struct kernel_text limit;  /* oom_memcg */
	struct kernel_text victim; /* task_memcg */
	struct kernel_text command;
	pid_t pid;
	bool is_global;
};

/* Each: whether the line is one of these. */
bool kernel_line_oom(const char *line, struct kernel_oom *ret_oom);

/* "... Killed process 4711 (sh) ..." */
bool kernel_line_killed(const char *line, pid_t *ret_pid);

/* "cgroup: fork rejected by pids controller in /a/b" */
bool kernel_line_fork_rejected(const char *line, struct kernel_text *ret_cgroup);

/* "sh[4711]: segfault at ..." and its like */
bool kernel_line_fault(const char *line, pid_t *ret_pid);

/* "audit: type=1326 ... pid=4711 ... syscall=39 ...": a system call filter killed. */
bool kernel_line_seccomp(const char *line, pid_t *ret_pid, uint64_t *ret_call);

/* AppArmor or SELinux did not let that file be executed. */
bool kernel_line_denied(const char *line, const char *path);
