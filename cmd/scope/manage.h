/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verbs stop, kill, freeze and thaw.
 */
#pragma once

#include "cmd/option/options.h"

struct invocation;

extern const struct option_table stop_option_table;
extern const struct option_table kill_option_table;
extern const struct option_table freeze_option_table;
extern const struct option_table thaw_option_table;

int stop_main(const struct invocation *inv);
int kill_main(const struct invocation *inv);
int freeze_main(const struct invocation *inv);
int thaw_main(const struct invocation *inv);
