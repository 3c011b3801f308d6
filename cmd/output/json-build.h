/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Building JSON: a failure on the way is noted once and the rest does not matter, so that a
 * document is a list of what is in it. A value of NULL is null.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cmd/output/jsonc.h"
#include "libcg2.h"

struct json {
	const struct jsonc *lib;
	bool is_failed;
};

/* Any bytes; what is no UTF-8 becomes U+FFFD. */
struct json_object *json_text(struct json *json, const char *text);
struct json_object *json_number(struct json *json, uint64_t value);
struct json_object *json_boolean(struct json *json, bool value);
struct json_object *json_new(struct json *json);
struct json_object *json_new_array(struct json *json);

/* The value belongs to the object or array from then on. */
void json_add(struct json *json, struct json_object *object, const char *key,
	      struct json_object *value);
void json_append(struct json *json, struct json_object *array, struct json_object *value);

/* What a scope is known by: its name, unit and cgroup. */
void json_add_scope(struct json *json, struct json_object *to, struct cg2_scope *scope);

/* CLOCK_REALTIME in microseconds, as "2026-01-31T12:00:00.123456Z". */
struct json_object *json_time(struct json *json, uint64_t usec);

/* The limit that is to blame, as an object. */
struct json_object *json_blame(struct json *json, const struct cg2_blame *blame);

/*
 * One line; the document is given back. ret_text: free with free(), terminated and ret_len
 * bytes long. -ENOMEM.
 */
int json_finish(struct json *json, struct json_object *document, char **ret_text,
		size_t *ret_len) _must_check_;

/*
 * For verbs with --json: loads json-c, and says so if it is missing. -ENOENT. ret_document has the
 * number of its schema.
 */
int json_open(struct json *json, struct jsonc *lib, uint64_t schema,
	      struct json_object **ret_document) _must_check_;

/* Prints the line on the standard output. Returns status, or STATUS_FAILED with a message. */
int json_print(struct json *json, struct json_object *document, int status);
