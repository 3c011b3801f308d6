/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope unit": unit files with limits.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "cmd/option/options.h"
#include "libcg2.h"

struct invocation;

extern const struct option_table unit_option_table;

int unit_main(const struct invocation *inv);

/* What became of one setting. */
struct unit_setting {
	char *unit;
	char *property;
	char *value;
	char *by; /* NULL: no other file */
	enum cg2_setting_outcome outcome;
};

/* What was done, for JSON. */
struct unit_report {
	struct cg2_unit_file *file;
	bool is_installed;
	bool is_removed;
	struct unit_setting *settings;
	size_t n;
};

/* unit-json.c. Returns status, or STATUS_FAILED. */
int unit_print_json(const struct unit_report *report, int status);
