/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON documents, made by json-c. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cmd/output/json-build.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/utf8.h"

static struct json_object *checked(struct json *json, struct json_object *value)
{
	json->is_failed |= !value;
	return value;
}

struct json_object *json_text(struct json *json, const char *text)
{
	_cleanup_free_ char *valid = NULL;

	if (!text)
		return NULL;
	valid = utf8_from_bytes(text);
	return checked(json, valid ? json->lib->new_string(valid) : NULL);
}

struct json_object *json_number(struct json *json, uint64_t value)
{
	return checked(json, json->lib->new_uint64(value));
}

struct json_object *json_boolean(struct json *json, bool value)
{
	return checked(json, json->lib->new_boolean(value));
}

struct json_object *json_new(struct json *json)
{
	return checked(json, json->lib->new_object());
}

struct json_object *json_new_array(struct json *json)
{
	return checked(json, json->lib->new_array());
}

void json_add(struct json *json, struct json_object *object, const char *key,
	      struct json_object *value)
{
	if (!object || json->lib->object_add(object, key, value) < 0) {
		json->lib->put(value);
		json->is_failed = true;
	}
}

void json_append(struct json *json, struct json_object *array, struct json_object *value)
{
	if (!array || json->lib->array_add(array, value) < 0) {
		json->lib->put(value);
		json->is_failed = true;
	}
}

struct json_object *json_time(struct json *json, uint64_t usec)
{
	const time_t seconds = (time_t)(usec / USEC_PER_SEC);
	char date[32], text[64];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return NULL;
	snprintf(text, sizeof(text), "%s.%06" PRIu64 "Z", date, usec % USEC_PER_SEC);
	return json_text(json, text);
}

struct json_object *json_blame(struct json *json, const struct cg2_blame *blame)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "cgroup", json_text(json, blame->cgroup));
	json_add(json, object, "file", json_text(json, blame->file));
	json_add(json, object, "limit",
		 blame->limit == CG2_MAX ? NULL : json_number(json, blame->limit));
	json_add(json, object, "own", json_boolean(json, blame->is_own));
	json_add(json, object, "certain", json_boolean(json, blame->is_certain));
	return object;
}

int json_finish(struct json *json, struct json_object *document, char **ret_text,
		size_t *ret_len)
{
	const char *line = NULL;
	char *text = NULL;
	size_t len = 0;

	if (!json->is_failed)
		line = json->lib->to_string(
			document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
			&len);
	if (line)
		text = malloc(len + 2);
	if (text)
		memcpy(mempcpy(text, line, len), "\n", 2);
	json->lib->put(document);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	*ret_len = len + 1;
	return 0;
}

void json_add_scope(struct json *json, struct json_object *to, struct cg2_scope *scope)
{
	const char *name = cg2_scope_get_name(scope);

	json_add(json, to, "name", json_text(json, name));
	json_add(json, to, "unit", cg2_scope_is_unit(scope) ? json_text(json, name) : NULL);
	json_add(json, to, "cgroup", json_text(json, cg2_scope_get_path(scope)));
}

int json_open(struct json *json, struct jsonc *lib, uint64_t schema,
	      struct json_object **ret_document)
{
	int r = jsonc_load(lib);

	*json = (struct json){ .lib = lib };
	if (r == 0) {
		*ret_document = json_new(json);
		json_add(json, *ret_document, "schema", json_number(json, schema));
		return 0;
	}
	message_failure("--json: libjson-c is missing");
	message_hint("install it (Debian: apt install libjson-c5)");
	return r;
}

int json_print(struct json *json, struct json_object *document, int status)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (json_finish(json, document, &text, &len) < 0) {
		message_failure("out of memory");
		return STATUS_FAILED;
	}
	fwrite(text, 1, len, stdout);
	return status;
}
