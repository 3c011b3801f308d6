/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who else got a signal that came to cgscope. The kernel does not say whether it was sent to a
 * process or to a process group ("kill %1", "kill -- -PGID", a service that is stopped), and a
 * command that has it already must not get it again: many take a second SIGTERM for an order to
 * drop everything.
 *
 * A process of ours in cgscope's process group, with all signals blocked, sees what the group
 * sees. It has a name and a command line of its own, so that "pkill -f cgscope" does not mean it.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct witness_notes;

struct witness {
	pid_t pid; /* 0: none */
	struct witness_notes *notes;
	unsigned int n_known[NSIG]; /* of each signal, what was asked about before */
};

/*
 * Makes the process; all signals have to be blocked. first and last are the words of our command
 * line. Where that is not possible there is none, and every answer is no.
 */
void witness_start(struct witness *w, char *first, char *last);

/*
 * Whether the witness got the signal from the same sender, not asked about before. wait: the
 * sender goes from process to process, so it may come in a moment.
 */
bool witness_saw(struct witness *w, int sig, pid_t sender, bool wait);

/* Ends it. */
void witness_stop(struct witness *w);
