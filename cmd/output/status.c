/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words to the exit statuses. */
#include "base/macro.h"
#include "cmd/output/status.h"

const struct status run_statuses[] = {
	{ "the command's", "own", "the command ended by itself", NULL },
	{ "128+N", NULL,
	  "the command was killed by signal N; cgscope dies by the same signal, which "
	  "shells show as 128+N", NULL },
	{ "124", "ended by cgscope",
	  "cgscope ended the command for --time, --cpu-time or --stop-at", NULL },
	{ "125", "cgscope failed or refused",
	  "cgscope failed or refused to start the command, which never ran; also for "
	  "usage errors", NULL },
	{ "126", "not executable", "the command could not be executed", NULL },
	{ "127", "not found", "the command was not found", NULL },
	{ "0, 1", NULL,
	  "with --expect, 0: the verdict was expected, 1: it was not; with --strict, 1: forks "
	  "were refused or a process was OOM-killed", NULL },
};
const size_t n_run_statuses = ARRAY_SIZE(run_statuses);

const struct status other_statuses[] = {
	{ "0", NULL, "success, and no problem was found", NULL },
	{ "1", NULL, "failure, including a write error on the standard output", NULL },
	{ "1", NULL, "a warning or an error was found, or less headroom than was asked for",
	  "check" },
	{ "1", NULL, "a check failed", "doctor" },
	{ "1", NULL, "the targets ended without the event of --until", "monitor" },
	{ "1", NULL,
	  "the reference failed, a hook failed, a limit cannot be enforced, or a set is slower "
	  "than --max-slowdown allows; another set that fails is a result", "compare" },
	{ "1", NULL, "there is no answer: what fails without the limit too, or for no reason that "
		     "can be shown", "fit" },
	{ "2", NULL, "usage error, or a verb that this version does not have", NULL },
	{ "124", NULL, "--timeout expired", "monitor" },
	{ "124", NULL, "--max-runs or --budget ended the search; what is known is printed", "fit" },
};
const size_t n_other_statuses = ARRAY_SIZE(other_statuses);
