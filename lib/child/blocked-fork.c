/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The C library's fork(3), which knows of its own locks.
 */
#include "child/blocked-fork.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

pid_t blocked_fork(void)
{
	sigset_t all, saved;
	pid_t pid;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &saved);
	pid = fork();
	if (pid != 0)
		pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return pid;
}
