/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb list.
 */
#pragma once

#include "cmd/option/options.h"

struct invocation;

extern const struct option_table list_option_table;
int list_main(const struct invocation *inv);
