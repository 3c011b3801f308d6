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

/* An array as the value of a key. */
struct json_object *json_add_array(struct json *json, struct json_object *object,
				   const char *key);

/*
 * A row of a table that says which keys an object has and where their values come from. The keys
 * of objects within it are separated by dots: "memory.events.oom". data is what the table is about.
 */
struct json_field {
	const char *path;
	struct json_object *(*get)(struct json *json, const void *data, size_t arg);
	size_t arg; /* the member's offset, or which figure it is, as get takes it */
};

/* Members of a struct, by their offsets: a const char *, a bool. */
struct json_object *json_get_text(struct json *json, const void *data, size_t offset);
struct json_object *json_get_boolean(struct json *json, const void *data, size_t offset);

/* A table and its length, as the functions below take it. */
#define JSON_FIELDS(rows) (rows), ARRAY_SIZE(rows)

void json_add_fields(struct json *json, struct json_object *object,
		     const struct json_field *fields, size_t n, const void *data);

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

/* The keys host and kernel, as in records: for documents that are gathered from many machines. */
void json_add_machine(struct json *json, struct json_object *object);

/*
 * For verbs with --json: prints a document, which has the number of its schema and what fill adds,
 * on the standard output. Returns status, or STATUS_FAILED with a message.
 */
typedef void (*json_fill_fn)(struct json *json, struct json_object *document, void *data);
int json_print(json_fill_fn fill, void *data, int status);
