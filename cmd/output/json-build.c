/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON documents, made by json-c. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/utf8.h"
#include "cmd/output/json-build.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/utf8.h"

#define SCHEMA 1

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

/* Returns the value, which belongs to the object; NULL: it is gone. */
static struct json_object *added(struct json *json, struct json_object *object, const char *key,
				 struct json_object *value)
{
	if (object && json->lib->object_add(object, key, value) == 0)
		return value;
	json->lib->put(value);
	json->is_failed = true;
	return NULL;
}

void json_add(struct json *json, struct json_object *object, const char *key,
	      struct json_object *value)
{
	added(json, object, key, value);
}

void json_append(struct json *json, struct json_object *array, struct json_object *value)
{
	if (!array || json->lib->array_add(array, value) < 0) {
		json->lib->put(value);
		json->is_failed = true;
	}
}

struct json_object *json_add_array(struct json *json, struct json_object *object,
				   const char *key)
{
	return added(json, object, key, json_new_array(json));
}

/* ---- tables of fields ---- */

struct json_object *json_get_text(struct json *json, const void *data, size_t offset)
{
	const char *text;

	memcpy(&text, (const char *)data + offset, sizeof(text));
	return json_text(json, text);
}

struct json_object *json_get_boolean(struct json *json, const void *data, size_t offset)
{
	bool value;

	memcpy(&value, (const char *)data + offset, sizeof(value));
	return json_boolean(json, value);
}

/* The object that the last key of path belongs to; those on the way are made. */
static struct json_object *descend(struct json *json, struct json_object *object,
				   const char *path, const char **ret_key)
{
	const char *dot;

	for (; object && (dot = strchr(path, '.')); path = dot + 1) {
		struct json_object *child = NULL;
		char key[32];

		assert((size_t)(dot - path) < sizeof(key));
		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		if (!json->lib->object_get(object, key, &child))
			child = added(json, object, key, json_new(json));
		object = child;
	}
	*ret_key = path;
	return object;
}

void json_add_fields(struct json *json, struct json_object *object,
		     const struct json_field *fields, size_t n, const void *data)
{
	for (size_t i = 0; i < n && !json->is_failed; i++) {
		const char *key;
		struct json_object *to = descend(json, object, fields[i].path, &key);

		json_add(json, to, key, fields[i].get(json, data, fields[i].arg));
	}
}

/* ---- what several documents have ---- */

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

/*
 * json-c leaves these characters as they are, and terminals obey them: DEL, U+0080 to U+009F. They
 * can be in strings only. In new memory; the length counts the "\n" at its end.
 */
static char *without_controls(const char *line, size_t *len)
{
	const char *end = line + *len;
	size_t size = *len + 2;
	char *text, *to;

	for (const char *c = line; c < end; c++)
		if (utf8_is_control(c))
			size += strlen("\\u0000");
	to = text = malloc(size);
	for (; text && line < end; line++) {
		if (!utf8_is_control(line)) {
			*to++ = *line;
			continue;
		}
		line += (unsigned char)*line == 0xc2;
		to += snprintf(to, size - (size_t)(to - text), "\\u%04x", (unsigned char)*line);
	}
	if (!text)
		return NULL;
	memcpy(to, "\n", 2);
	*len = (size_t)(to - text) + 1;
	return text;
}

int json_finish(struct json *json, struct json_object *document, char **ret_text,
		size_t *ret_len)
{
	const char *line = NULL;
	char *text = NULL;
	size_t len = 0;

	/* json-c leaves out without a word what it has no memory for. */
	errno = 0;
	if (!json->is_failed)
		line = json->lib->to_string(
			document, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
			&len);
	if (line && errno != ENOMEM && errno != EFBIG)
		text = without_controls(line, &len);
	json->lib->put(document);
	if (!text)
		return -ENOMEM;
	*ret_text = text;
	*ret_len = len;
	return 0;
}

void json_add_scope(struct json *json, struct json_object *to, struct cg2_scope *scope)
{
	const char *name = cg2_scope_get_name(scope);

	json_add(json, to, "name", json_text(json, name));
	json_add(json, to, "unit", cg2_scope_is_unit(scope) ? json_text(json, name) : NULL);
	json_add(json, to, "cgroup", json_text(json, cg2_scope_get_path(scope)));
}

/* Loads json-c, and says so if it is missing. */
static int load(struct jsonc *lib)
{
	int r = jsonc_load(lib);

	if (r < 0) {
		message_failure("--json: libjson-c is missing");
		message_hint("install it (Debian: apt install libjson-c5)");
	}
	return r;
}

void json_add_machine(struct json *json, struct json_object *object)
{
	struct utsname machine;

	if (uname(&machine) < 0)
		memset(&machine, 0, sizeof(machine));
	json_add(json, object, "host", json_text(json, machine.nodename));
	json_add(json, object, "kernel", json_text(json, machine.release));
}

int json_print(json_fill_fn fill, void *data, int status)
{
	_cleanup_free_ char *text = NULL;
	struct json_object *document;
	struct json json = { .lib = NULL };
	struct jsonc lib;
	size_t len;

	if (load(&lib) < 0)
		return STATUS_FAILED;
	json.lib = &lib;
	document = json_new(&json);
	json_add(&json, document, "schema", json_number(&json, SCHEMA));
	fill(&json, document, data);
	if (json_finish(&json, document, &text, &len) < 0) {
		message_failure("out of memory");
		return STATUS_FAILED;
	}
	fwrite(text, 1, len, stdout);
	return status;
}
