/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process in a JSON document: a row of a record's table, an event of monitor. */
#pragma once

#include "cmd/output/json-build.h"
#include "libcg2.h"

/* Adds its keys; those of its end are null while it runs. */
void process_json_add(struct json *json, struct json_object *object,
		      struct cg2_process *process);

/* "SIGKILL"; NULL becomes null for a signal without a name. */
struct json_object *process_json_signal(struct json *json, int sig);
