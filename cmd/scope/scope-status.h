/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verb status (cmd/output/status.h has the exit statuses).
 */
#pragma once

#include "cmd/option/options.h"
#include "cmd/scope/list-row.h"

struct invocation;

extern const struct option_table status_option_table;
int status_main(const struct invocation *inv);

struct status_process {
	pid_t pid;
	char *command; /* a NUL behind each word */
	size_t len;
};

struct status_difference {
	const char *property;
	const char *file;
	char *told;
	char *have;
};

/* Everything that is shown of one scope. */
struct status_report {
	struct list_row row;
	uint64_t delegated; /* a bit for each controller that its children may have */
	struct status_process *processes;
	size_t n_processes;
	struct status_difference *differences;
	size_t n_differences;
};

/* Returns the exit status. */
int status_print_json(struct status_report *report);
