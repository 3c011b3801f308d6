/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Variables of the environment that name the process they are meant for: what the caller got for
 * itself (LISTEN_PID= and the like, see sd_listen_fds(3)) names the
 * command, whose process does not exist yet when its environment is made.
 */
#pragma once

#include <stdbool.h>

#define N_SELF_WORDS 3

/* Of each variable the place for the number in the command's environment; NULL: none. */
struct self_words {
	char *value[N_SELF_WORDS];
};

/*
 * A copy of envp in which the variables that name the calling process have room for another one's
 * number; NULL: no memory. Free with self_words_free(). Without such variables: envp itself.
 */
char **self_words_make(char *const *envp, struct self_words *ret_words);

void self_words_free(char **envp, struct self_words *words);

/* In the new process. Async-signal-safe. */
void self_words_fill(const struct self_words *words);
