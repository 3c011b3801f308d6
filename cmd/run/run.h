/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope run": the command, from its scope's start to its end.
 */
#pragma once

struct invocation;

/* Returns the exit status; does not return if the command was killed or with --exec. */
int run_main(const struct invocation *inv);
