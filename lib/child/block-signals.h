/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * While a process is made that no signal is to end before its time: not the terminal's, whose
 * process group it starts in, not a manager's SIGTERM to a unit. And no handler of the caller's is
 * to run where memory is shared.
 */
#pragma once

#include <signal.h>
#include <sys/types.h>

/* All signals of the calling thread, until restore_signals() with what was before. */
void block_signals(sigset_t *ret_saved);
void restore_signals(const sigset_t *saved);

/* fork(2) so: for the caller they are as before, in the child they stay blocked. */
pid_t blocked_fork(void);
