/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope run": the command, from its scope's start to its end.
 */
#pragma once

#include "cmd/run/run-options.h"
#include "libcg2.h"

/* Returns the exit status; does not return if the command was killed or with --exec. */
int verb_run(struct cg2_ctx *ctx, const struct run_options *opts);
