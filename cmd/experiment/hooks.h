/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The commands of --setup, --prepare, --conclude and --cleanup.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

struct hook_call {
	const char *what;    /* the verb, for messages */
	const char *name;    /* the option */
	const char *command; /* for sh -c */
	const sigset_t *mask; /* that it starts with */
	int signal_fd;	     /* of signals that end the experiment, and SIGCONT */
	const char *set;     /* CGSCOPE_SET; NULL: it has none of these */
	size_t round;	     /* CGSCOPE_ROUND */
	const char *verdict; /* CGSCOPE_VERDICT; NULL: none */
	bool runs_to_end;    /* what ends the experiment does not end it: a cleanup */
};

/*
 * Waits for it. Its output goes to our standard error. 0; -errno, and it was told that it failed;
 * 1: a signal came, which is in signal, and it has ended.
 */
int hook_call(const struct hook_call *call, int *signal) _must_check_;
