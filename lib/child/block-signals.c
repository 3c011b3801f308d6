/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The C library's calls, which leave out two signals of its own.
 */
#include "child/block-signals.h"

#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

void block_signals(sigset_t *ret_saved)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, ret_saved);
}

/* As those of a caller are who takes them from a signalfd. */
static bool are_all_blocked(const sigset_t *saved)
{
	sigset_t all;

	sigfillset(&all);
	/* Nobody can block these. */
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(&all, sig) > 0 && sigismember(saved, sig) == 0)
			return false;
	return true;
}

void restore_signals(const sigset_t *saved)
{
	if (!are_all_blocked(saved))
		pthread_sigmask(SIG_SETMASK, saved, NULL);
}

/* fork(3), which knows of its own locks. */
pid_t blocked_fork(void)
{
	sigset_t saved;
	pid_t pid;

	block_signals(&saved);
	pid = fork();
	if (pid != 0)
		restore_signals(&saved);
	return pid;
}
