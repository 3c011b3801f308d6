/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel keeps forks out while it moves a process, by a lock whose first writer waits for a
 * grace period (cgroup_threadgroup_rwsem); whoever comes while he waits, waits for the same one.
 */
#include "child/grace-period.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child/block-signals.h"
#include "child/raw.h"

/* Two calls. malloc(3) aligns it as a stack wants it. */
#define STACK_SIZE 8192

/* The process itself, never another: by then it might not be there, or be somewhere else. */
static int move_nowhere(void *arg)
{
	const struct grace_period *g = arg;

	raw_write(g->home->fd, "cgroup.procs", "0");
	raw_exit(0);
}

/* No SIGCHLD at its end: the caller's own waiting is not disturbed. */
static pid_t clone_blocked(struct grace_period *g)
{
	sigset_t saved;
	pid_t pid;

	block_signals(&saved);
	pid = clone(move_nowhere, g->stack + STACK_SIZE, CLONE_VM, g);
	restore_signals(&saved);
	return pid;
}

void grace_period_begin(struct grace_period *g, struct cg2_group *home)
{
	if (!CAN_SHARE_MEMORY || !home ||
	    faccessat(home->fd, "cgroup.procs", W_OK, AT_EACCESS) < 0)
		return;
	g->home = cg2_group_ref(home);
	g->stack = malloc(STACK_SIZE);
	if (g->stack)
		g->pid = clone_blocked(g);
	if (g->pid < 0)
		g->pid = 0;
}

void grace_period_end(struct grace_period *g)
{
	while (g->pid > 0 && waitpid(g->pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	free(g->stack);
	cg2_group_unref(g->home);
	*g = (struct grace_period){ .pid = 0 };
}
