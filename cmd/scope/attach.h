/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs attach and move.
 */
#pragma once

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

extern const struct option_table attach_option_table;
extern const struct option_table move_option_table;

int attach_main(const struct invocation *inv);
int move_main(const struct invocation *inv);

/* What attach did. Returns status, or STATUS_FAILED with a message. */
int attach_print_json(struct cg2_attach *attach, int status);
