/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb set.
 */
#pragma once

#include "options.h"

struct invocation;

extern const struct option_table set_option_table;

int set_main(const struct invocation *inv);
