/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb list.
 */
#pragma once

#include "cmd/option/options.h"

struct invocation;
struct list_row;

extern const struct option_table list_option_table;
int list_main(const struct invocation *inv);

/* Prints the rows as a document. Returns the exit status. */
int list_print_json(const struct list_row *rows, size_t n);
