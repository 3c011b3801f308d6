/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scope as JSON, for list and status.
 */
#pragma once

#include "cmd/output/json-build.h"
#include "cmd/scope/list-row.h"

void list_json_scope(struct json *json, struct json_object *object, const struct list_row *row);

/* The words of a command line, which has a NUL behind each. */
struct json_object *list_json_command(struct json *json, const char *command, size_t len);

/* Adds the objects memory, tasks, cpu and pressure with what is known of the row. */
void list_json_figures(struct json *json, struct json_object *to, const struct list_row *row);
