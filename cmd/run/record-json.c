/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record as JSON: one table says which keys there are, in which order, and where each
 * value comes from. Keys of objects within the object are separated by dots.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "cmd/output/json-build.h"
#include "cmd/output/process-json.h"
#include "cmd/output/utf8.h"
#include "cmd/run/record.h"

#define SCHEMA 1

/* One document under way. */
struct builder {
	struct json json;
	const struct record_view *view;
};

/* ------------------------------------------------------------------------------------
 * What the rows of the table are made by. arg is the row's.
 */

typedef struct json_object *(*value_fn)(struct builder *b, size_t arg);

static struct json_object *get_schema(struct builder *b, size_t arg _unused_)
{
	return json_number(&b->json, SCHEMA);
}

static struct json_object *get_version(struct builder *b, size_t arg _unused_)
{
	return json_text(&b->json, PACKAGE_VERSION);
}

/* The string at an offset. */
static struct json_object *get_text(struct builder *b, size_t arg)
{
	const char *text;

	memcpy(&text, (const char *)b->view + arg, sizeof(text));
	return json_text(&b->json, text);
}

static struct json_object *get_figure(struct builder *b, size_t arg)
{
	uint64_t value;

	return record_view_get(b->view, (enum cg2_figure)arg, &value)
		       ? json_number(&b->json, value)
		       : NULL;
}

static struct json_object *get_labels(struct builder *b, size_t arg _unused_)
{
	const struct option_list *labels = b->view->labels;
	struct json_object *object = json_new(&b->json);

	for (size_t i = 0; labels && i < labels->n_words; i++) {
		_cleanup_free_ char *key = utf8_from_bytes(labels->words[i]);
		char *value = key ? strchr(key, '=') : NULL;

		if (!value) {
			b->json.is_failed = true;
			break;
		}
		*value++ = '\0';
		json_add(&b->json, object, key, json_text(&b->json, value));
	}
	return object;
}

static struct json_object *get_command(struct builder *b, size_t arg _unused_)
{
	struct json_object *array = json_new_array(&b->json);

	for (size_t i = 0; b->view->command[i]; i++)
		json_append(&b->json, array, json_text(&b->json, b->view->command[i]));
	return array;
}

static struct json_object *get_started(struct builder *b, size_t arg _unused_)
{
	return json_time(&b->json, b->view->started_usec);
}

static struct json_object *get_host(struct builder *b, size_t arg _unused_)
{
	return json_text(&b->json, b->view->machine.nodename);
}

static struct json_object *get_kernel(struct builder *b, size_t arg _unused_)
{
	return json_text(&b->json, b->view->machine.release);
}

/* The unit of a limit's values; io.max has two, which its keys tell: rbps, wiops. */
static const char *limit_unit(const struct cg2_record_limit *limit)
{
	static const char *const names[] = {
		[CG2_UNIT_BYTES] = "bytes",
		[CG2_UNIT_TASKS] = "tasks",
		[CG2_UNIT_PERMYRIAD] = "permyriad",
		[CG2_UNIT_WEIGHT] = "weight",
		[CG2_UNIT_BOOL] = "bool",
		[CG2_UNIT_LIST] = "list",
		[CG2_UNIT_IO] = "io",
		[CG2_UNIT_USEC] = "usec",
	};

	if (limit->unit == CG2_UNIT_IO && limit->key && *limit->key)
		return limit->key + 1;
	return limit->unit < ARRAY_SIZE(names) ? names[limit->unit] : NULL;
}

static struct json_object *limit_value(struct builder *b, unsigned int unit,
				       uint64_t value, const char *text)
{
	if (unit == CG2_UNIT_LIST)
		return json_text(&b->json, text);
	if (value == CG2_MAX)
		return NULL;
	return unit == CG2_UNIT_BOOL ? json_boolean(&b->json, value != 0)
				     : json_number(&b->json, value);
}

static struct json_object *new_limit(struct builder *b,
				     const struct cg2_record_limit *limit)
{
	struct json_object *object = json_new(&b->json);

	json_add(&b->json, object, "name", json_text(&b->json, limit->name));
	if (limit->device)
		json_add(&b->json, object, "device", json_text(&b->json, limit->device));
	if (limit->key)
		json_add(&b->json, object, "key", json_text(&b->json, limit->key));
	json_add(&b->json, object, "unit", json_text(&b->json, limit_unit(limit)));
	json_add(&b->json, object, "requested",
		 limit_value(b, limit->unit, limit->requested, limit->requested_text));
	json_add(&b->json, object, "effective",
		 limit_value(b, limit->unit, limit->effective, limit->effective_text));
	json_add(&b->json, object, "verified", json_boolean(&b->json, limit->is_verified));
	return object;
}

static struct json_object *get_limits(struct builder *b, size_t arg _unused_)
{
	struct json_object *array = json_new_array(&b->json);

	for (size_t i = 0; i < b->view->n_limits; i++)
		json_append(&b->json, array, new_limit(b, &b->view->limits[i]));
	return array;
}

static struct json_object *get_status(struct builder *b, size_t arg _unused_)
{
	return json_number(&b->json, (uint64_t)b->view->status);
}

static struct json_object *get_code(struct builder *b, size_t arg _unused_)
{
	if (b->view->exit_code != CLD_EXITED)
		return NULL;
	return json_number(&b->json, (uint64_t)b->view->exit_status);
}

static struct json_object *get_signal(struct builder *b, size_t arg _unused_)
{
	if (b->view->exit_code == 0 || b->view->exit_code == CLD_EXITED)
		return NULL;
	return process_json_signal(&b->json, b->view->exit_status);
}

static struct json_object *get_verdict(struct builder *b, size_t arg _unused_)
{
	return json_text(&b->json, cg2_verdict_to_string(b->view->verdict));
}

static struct json_object *get_notes(struct builder *b, size_t arg _unused_)
{
	struct json_object *array = json_new_array(&b->json);

	for (size_t i = 0; i < b->view->n_notes; i++)
		json_append(&b->json, array, json_text(&b->json, b->view->notes[i]));
	return array;
}

static struct json_object *get_blame(struct builder *b, size_t arg _unused_)
{
	return b->view->has_blame ? json_blame(&b->json, &b->view->blame) : NULL;
}

static struct json_object *get_processes(struct builder *b, size_t arg _unused_)
{
	struct json_object *array;

	if (!b->view->has_processes)
		return NULL;
	array = json_new_array(&b->json);
	for (size_t i = 0; i < b->view->n_processes; i++) {
		struct json_object *object = json_new(&b->json);

		process_json_add(&b->json, object, b->view->processes[i]);
		json_append(&b->json, array, object);
	}
	return array;
}

/* The count at an offset, null if nobody counted. */
static struct json_object *get_process_count(struct builder *b, size_t arg)
{
	uint64_t count;

	memcpy(&count, (const char *)b->view + arg, sizeof(count));
	return b->view->has_processes ? json_number(&b->json, count) : NULL;
}

static struct json_object *get_complete(struct builder *b, size_t arg _unused_)
{
	return json_boolean(&b->json, b->view->is_complete);
}

/* ------------------------------------------------------------------------------------
 * The record
 */

#define TEXT(member) get_text, offsetof(struct record_view, member)
#define FIGURE(name) get_figure, CG2_FIGURE_##name
#define PROCESS_COUNT(member) get_process_count, offsetof(struct record_view, member)

static const struct {
	const char *path;
	value_fn get;
	size_t arg;
} rows[] = {
	{ "schema", get_schema, 0 },
	{ "cgscope", get_version, 0 },
	{ "labels", get_labels, 0 },
	{ "command", get_command, 0 },
	{ "started_at", get_started, 0 },
	{ "host", get_host, 0 },
	{ "kernel", get_kernel, 0 },
	{ "placement.backend", TEXT(backend) },
	{ "placement.reason", TEXT(placement_reason) },
	{ "placement.manager", TEXT(manager) },
	{ "placement.unit", TEXT(unit) },
	{ "placement.cgroup", TEXT(cgroup) },
	{ "limits", get_limits, 0 },
	{ "exit.status", get_status, 0 },
	{ "exit.code", get_code, 0 },
	{ "exit.signal", get_signal, 0 },
	{ "verdict", get_verdict, 0 },
	{ "reason", TEXT(reason) },
	{ "hint", TEXT(hint) },
	{ "notes", get_notes, 0 },
	{ "blame", get_blame, 0 },
	{ "wall_usec", FIGURE(WALL_USEC) },
	{ "cpu.usage_usec", FIGURE(CPU_USAGE_USEC) },
	{ "cpu.user_usec", FIGURE(CPU_USER_USEC) },
	{ "cpu.system_usec", FIGURE(CPU_SYSTEM_USEC) },
	{ "cpu.throttled_usec", FIGURE(CPU_THROTTLED_USEC) },
	{ "cpu.periods_throttled", FIGURE(CPU_THROTTLED_COUNT) },
	{ "memory.peak_bytes", FIGURE(MEMORY_PEAK_BYTES) },
	{ "memory.swap_peak_bytes", FIGURE(SWAP_PEAK_BYTES) },
	{ "memory.anon_peak_bytes", FIGURE(ANON_PEAK_BYTES) },
	{ "memory.file_peak_bytes", FIGURE(FILE_PEAK_BYTES) },
	{ "memory.max_rss_bytes", FIGURE(MAX_RSS_BYTES) },
	{ "memory.events.low", FIGURE(MEMORY_LOW_COUNT) },
	{ "memory.events.high", FIGURE(MEMORY_HIGH_COUNT) },
	{ "memory.events.max", FIGURE(MEMORY_MAX_COUNT) },
	{ "memory.events.oom", FIGURE(MEMORY_OOM_COUNT) },
	{ "memory.events.oom_kill", FIGURE(MEMORY_OOM_KILL_COUNT) },
	{ "memory.events.oom_group_kill", FIGURE(MEMORY_OOM_GROUP_KILL_COUNT) },
	{ "tasks.peak", FIGURE(TASKS_PEAK_COUNT) },
	{ "tasks.refused", FIGURE(TASKS_REFUSED_COUNT) },
	{ "io.read_bytes", FIGURE(IO_READ_BYTES) },
	{ "io.write_bytes", FIGURE(IO_WRITE_BYTES) },
	{ "io.read_ops", FIGURE(IO_READ_COUNT) },
	{ "io.write_ops", FIGURE(IO_WRITE_COUNT) },
	{ "pressure.cpu.some_usec", FIGURE(CPU_SOME_USEC) },
	{ "pressure.cpu.full_usec", FIGURE(CPU_FULL_USEC) },
	{ "pressure.memory.some_usec", FIGURE(MEMORY_SOME_USEC) },
	{ "pressure.memory.full_usec", FIGURE(MEMORY_FULL_USEC) },
	{ "pressure.io.some_usec", FIGURE(IO_SOME_USEC) },
	{ "pressure.io.full_usec", FIGURE(IO_FULL_USEC) },
	{ "leftovers", FIGURE(LEFTOVERS_COUNT) },
	{ "processes", get_processes, 0 },
	{ "processes_lost", PROCESS_COUNT(n_lost) },
	{ "processes_unjoined", PROCESS_COUNT(n_unjoined) },
	{ "complete", get_complete, 0 },
};

/* The object that the last key of path belongs to; those on the way are made. */
static struct json_object *descend(struct builder *b, struct json_object *object,
				   const char *path, const char **ret_key)
{
	const char *dot;

	for (; object && (dot = strchr(path, '.')); path = dot + 1) {
		struct json_object *child = NULL;
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		if (!b->json.lib->object_get(object, key, &child)) {
			child = json_new(&b->json);
			json_add(&b->json, object, key, child);
		}
		object = child;
	}
	*ret_key = path;
	return object;
}

static struct json_object *build(struct builder *b)
{
	struct json_object *record = json_new(&b->json);

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !b->json.is_failed; i++) {
		const char *key;
		struct json_object *object = descend(b, record, rows[i].path, &key);

		json_add(&b->json, object, key, rows[i].get(b, rows[i].arg));
	}
	return record;
}

int record_to_json(const struct jsonc *json, const struct record_view *view,
		   char **ret_text, size_t *ret_len)
{
	struct builder b = { .json = { .lib = json }, .view = view };
	struct json_object *record = build(&b);

	return json_finish(&b.json, record, ret_text, ret_len);
}
