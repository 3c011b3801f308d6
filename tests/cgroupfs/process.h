/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes in the /proc of a fixture, with as much of one as is looked at.
 */
#pragma once

#include "tree.h"

struct made_up {
	int pid;
	int ppid;
	int session;
	int process;	  /* whose thread it is; 0: none's, it is a process */
	char state;	  /* 0: S */
	uint64_t flags;	  /* PF_KTHREAD and the like */
	const char *name; /* NULL: "make" */
	const char *cgroup;
};

/* Where the fixture has the process's file; free() it. */
static inline char *process_path(const char *root, int pid, const char *file)
{
	char *path;

	assert_true(asprintf(&path, "%s/proc/%d%s%s", root, pid, *file ? "/" : "", file) > 0);
	return path;
}

/* What /proc/PID/stat says of it; free() it. */
static inline char *process_stat(const struct made_up *p)
{
	char *text;

	assert_true(asprintf(&text, "%d (%s) %c %d %d %d 0 -1 %" PRIu64 " 100 0 0 0\n", p->pid,
			     p->name ? p->name : "make", p->state ? p->state : 'S', p->ppid,
			     p->pid, p->session, p->flags) > 0);
	return text;
}

static inline void put_process(const char *root, const struct made_up *p)
{
	_cleanup_free_ char *stat = process_path(root, p->pid, "stat");
	_cleanup_free_ char *comm = process_path(root, p->pid, "comm");
	_cleanup_free_ char *cgroup = process_path(root, p->pid, "cgroup");
	_cleanup_free_ char *status = process_path(root, p->pid, "status");
	_cleanup_free_ char *personality = process_path(root, p->pid, "personality");
	_cleanup_free_ char *text = process_stat(p);
	char line[300];

	put_file("", stat, text);
	snprintf(line, sizeof(line), "%s\n", p->name ? p->name : "make");
	put_file("", comm, line);
	snprintf(line, sizeof(line), "0::%s\n", p->cgroup ? p->cgroup : "/elsewhere");
	put_file("", cgroup, line);
	snprintf(line, sizeof(line), "Name:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n",
		 p->name ? p->name : "make", p->process ? p->process : p->pid, p->pid);
	put_file("", status, line);
	put_file("", personality, "00000000\n");
}

/* It has ended, and was waited for. */
static inline void drop_process(const char *root, int pid)
{
	_cleanup_free_ char *path = process_path(root, pid, "");

	remove_file("", path);
}
