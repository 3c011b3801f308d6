/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A record as JSON: one table says which keys there are, in which order, and where each
 * value comes from.
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
#include "cmd/run/record-json.h"

#define SCHEMA 1

/* ------------------------------------------------------------------------------------
 * What the rows of the table are made by; data is a struct record_view.
 */

static struct json_object *get_figure(struct json *json, const void *data, size_t arg)
{
	const struct record_view *view = data;
	uint64_t value;

	return record_view_get(view, (enum cg2_figure)arg, &value)
		       ? json_number(json, value)
		       : NULL;
}

static struct json_object *get_labels(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;
	const struct option_list *labels = view->labels;
	struct json_object *object = json_new(json);

	for (size_t i = 0; labels && i < labels->n_words; i++) {
		_cleanup_free_ char *key = utf8_from_bytes(labels->words[i]);
		char *value = key ? strchr(key, '=') : NULL;

		if (!value) {
			json->is_failed = true;
			break;
		}
		*value++ = '\0';
		json_add(json, object, key, json_text(json, value));
	}
	return object;
}

static struct json_object *get_command(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; view->command[i]; i++)
		json_append(json, array, json_text(json, view->command[i]));
	return array;
}

static struct json_object *get_started(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	return json_time(json, view->started_usec);
}

static struct json_object *get_machine(struct json *json, const void *data, size_t offset)
{
	const struct record_view *view = data;

	return json_text(json, (const char *)&view->machine + offset);
}

const char *record_unit_to_string(unsigned int unit)
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

	return unit < ARRAY_SIZE(names) ? names[unit] : NULL;
}

/* The unit of a limit's values; io.max has two, which its keys tell: rbps, wiops. */
static const char *limit_unit(const struct cg2_record_limit *limit)
{
	if (limit->unit == CG2_UNIT_IO && limit->key && *limit->key)
		return limit->key + 1;
	return record_unit_to_string(limit->unit);
}

static struct json_object *record_limit_value(struct json *json, unsigned int unit, uint64_t value,
					      const char *text)
{
	if (unit == CG2_UNIT_LIST)
		return json_text(json, text);
	if (value == CG2_MAX)
		return NULL;
	return unit == CG2_UNIT_BOOL ? json_boolean(json, value != 0)
				     : json_number(json, value);
}

static struct json_object *new_record_limit(struct json *json, const struct cg2_record_limit *limit)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "name", json_text(json, limit->name));
	if (limit->device)
		json_add(json, object, "device", json_text(json, limit->device));
	if (limit->key)
		json_add(json, object, "key", json_text(json, limit->key));
	json_add(json, object, "unit", json_text(json, limit_unit(limit)));
	json_add(json, object, "requested",
		 record_limit_value(json, limit->unit, limit->requested, limit->requested_text));
	json_add(json, object, "effective",
		 record_limit_value(json, limit->unit, limit->effective, limit->effective_text));
	json_add(json, object, "verified", json_boolean(json, limit->is_verified));
	return object;
}

static struct json_object *get_limits(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < view->n_limits; i++)
		json_append(json, array, new_record_limit(json, &view->limits[i]));
	return array;
}

static struct json_object *get_status(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	return json_number(json, (uint64_t)view->status);
}

static struct json_object *get_code(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	if (view->exit_code != CLD_EXITED)
		return NULL;
	return json_number(json, (uint64_t)view->exit_status);
}

static struct json_object *get_signal(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	if (view->exit_code == 0 || view->exit_code == CLD_EXITED)
		return NULL;
	return process_json_signal(json, view->exit_status);
}

static struct json_object *get_verdict(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	return json_text(json, cg2_verdict_to_string(view->verdict));
}

static struct json_object *get_notes(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < view->n_notes; i++)
		json_append(json, array, json_text(json, view->notes[i]));
	return array;
}

static struct json_object *get_blame(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;

	return view->has_blame ? json_blame(json, &view->blame) : NULL;
}

static struct json_object *get_processes(struct json *json, const void *data, size_t arg _unused_)
{
	const struct record_view *view = data;
	struct json_object *array;

	if (!view->has_processes)
		return NULL;
	array = json_new_array(json);
	for (size_t i = 0; i < view->n_processes; i++) {
		struct json_object *object = json_new(json);

		process_json_add(json, object, view->processes[i]);
		json_append(json, array, object);
	}
	return array;
}

/* The count at an offset, null if nobody counted. */
static struct json_object *get_process_count(struct json *json, const void *data, size_t arg)
{
	const struct record_view *view = data;
	uint64_t count;

	memcpy(&count, (const char *)view + arg, sizeof(count));
	return view->has_processes ? json_number(json, count) : NULL;
}

/* ------------------------------------------------------------------------------------
 * The record
 */

#define TEXT(member) json_get_text, offsetof(struct record_view, member)
#define FIGURE(name) get_figure, CG2_FIGURE_##name
#define PROCESS_COUNT(member) get_process_count, offsetof(struct record_view, member)

static const struct json_field rows[] = {
	{ "labels", get_labels, 0 },
	{ "command", get_command, 0 },
	{ "started_at", get_started, 0 },
	{ "host", get_machine, offsetof(struct utsname, nodename) },
	{ "kernel", get_machine, offsetof(struct utsname, release) },
	{ "placement.backend", TEXT(backend) },
	{ "placement.reason", TEXT(placement_reason) },
	{ "placement.manager", TEXT(manager) },
	{ "placement.unit", TEXT(unit) },
	{ "placement.cgroup", TEXT(cgroup) },
	{ "placement.left_for", TEXT(left_for) },
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
	{ "nested.runs", FIGURE(NESTED_RUNS_COUNT) },
	{ "nested.oom_kill", FIGURE(NESTED_OOM_KILL_COUNT) },
	{ "nested.refused", FIGURE(NESTED_REFUSED_COUNT) },
	{ "leftovers", FIGURE(LEFTOVERS_COUNT) },
	{ "processes", get_processes, 0 },
	{ "processes_lost", PROCESS_COUNT(n_lost) },
	{ "processes_unjoined", PROCESS_COUNT(n_unjoined) },
	{ "complete", json_get_boolean, offsetof(struct record_view, is_complete) },
};

struct json_object *record_new_json(struct json *json, const struct record_view *view)
{
	struct json_object *record = json_new(json);

	json_add(json, record, "schema", json_number(json, SCHEMA));
	json_add(json, record, "cgscope", json_text(json, PACKAGE_VERSION));
	json_add_fields(json, record, JSON_FIELDS(rows), view);
	return record;
}

int record_to_json(const struct jsonc *lib, const struct record_view *view,
		   char **ret_text, size_t *ret_len)
{
	struct json json = { .lib = lib };

	return json_finish(&json, record_new_json(&json, view), ret_text, ret_len);
}
