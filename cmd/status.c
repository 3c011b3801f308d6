/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words to the exit statuses. */
#include "base/macro.h"
#include "status.h"

const struct status run_statuses[] = {
	{ "the command's", "own", "the command ended by itself" },
	{ "128+N", NULL,
	  "the command was killed by signal N; cgscope dies by the same signal, which "
	  "shells show as 128+N" },
	{ "124", "ended by cgscope",
	  "cgscope ended the command for --time, --cpu-time or --stop-at" },
	{ "125", "cgscope failed or refused",
	  "cgscope failed or refused to start the command, which never ran; usage "
	  "errors too" },
	{ "126", "not executable", "the command could not be executed" },
	{ "127", "not found", "the command was not found" },
	{ "0, 1", NULL,
	  "with --expect: the verdict is one of those, is none; 1 for what --strict objects "
	  "to" },
};
const size_t n_run_statuses = ARRAY_SIZE(run_statuses);

const struct status other_statuses[] = {
	{ "0", NULL, "done, and nothing is wrong" },
	{ "1", NULL,
	  "failed, or a check found a warning or an error, or the doctor a failure; a write "
	  "error on the standard output is a failure" },
	{ "2", NULL, "usage error, or a verb that this version does not have" },
	{ "124", NULL, "monitor: --timeout" },
};
const size_t n_other_statuses = ARRAY_SIZE(other_statuses);
