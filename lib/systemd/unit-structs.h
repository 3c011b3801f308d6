/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties of units whose types are structures: commands, conditions, pairs of texts.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"
#include "systemd/sdbus.h"

/* An ExecStart= and its like, and how it went the last time. */
struct unit_command {
	char *path;
	char **argv;	     /* ended by NULL */
	uint64_t start_usec; /* CLOCK_REALTIME; 0: it never started */
	uint64_t start_monotonic_usec;
	uint64_t exit_usec;
	uint64_t exit_monotonic_usec;
	uint32_t pid;
	int32_t code; /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: it has not ended */
	int32_t status;
};

/* A ConditionPathExists= or AssertPathExists= and its like. */
struct unit_condition {
	char *name; /* "ConditionPathExists" */
	char *parameter;
	bool is_trigger;
	bool is_negated;
	int32_t state; /* less than 0: not met the last time, 0: not tested */
};

/* Read what is next in the message, an array; ret_array is ended by an element of zeros. */
int unit_commands_read(sd_bus_message *m, struct unit_command **ret_array);
int unit_conditions_read(sd_bus_message *m, struct unit_condition **ret_array);

/* (ss) and a(sb), as a list of texts that NULL ends; of the latter what is true has a '-' before.
 */
int unit_pair_read(sd_bus_message *m, char ***ret_list);
int unit_files_read(sd_bus_message *m, char ***ret_list);

void unit_commands_free(struct unit_command *array);
void unit_conditions_free(struct unit_condition *array);
