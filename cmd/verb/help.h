/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb help.
 */
#pragma once

#include "cmd/option/options.h"

struct invocation;

extern const struct option_table help_option_table;
int help_main(const struct invocation *inv);
