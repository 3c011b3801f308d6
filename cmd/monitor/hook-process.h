/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes of one hook: a shell with its event on the standard input, and all that it
 * starts.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/macro.h"

/* What is shown of a hook's output; the rest is read and thrown away. */
#define HOOK_OUTPUT_MAX 4096

/* How cgscope itself was started, which hooks are to find again. */
struct hook_setting {
	const char *command;
	struct rlimit nofile;
	sigset_t mask;
	sigset_t ignored; /* of SIGPIPE and SIGXFSZ, which cgscope ignores */
};

struct hook_process {
	pid_t pid;
	int pidfd;
	int output_fd; /* -1: its end was seen */
	size_t n_output;
	size_t n_thrown; /* bytes of output that were not kept */
	char output[HOOK_OUTPUT_MAX];
};

/*
 * Starts the shell. event is for its standard input; variables ("NAME=VALUE", ended by NULL)
 * are added to its environment. -errno: there is no process.
 */
int hook_process_start(struct hook_process *process, const struct hook_setting *setting,
		       const char *event, size_t len, const char *const *variables) _must_check_;

/* Takes what there is of output. */
void hook_process_read(struct hook_process *process);

/* Ends the shell and everything below it at once. */
void hook_process_kill(struct hook_process *process);

/* The shell has ended: gives its status as waitpid(2) does, and what was held. */
int hook_process_reap(struct hook_process *process);
