/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Scopes as JSON: what list and status have in common, and the document of list.
 */
#include "cmd/scope/list-json.h"

#include <string.h>

#include "base/macro.h"
#include "cmd/output/status.h"
#include "cmd/scope/list.h"

/* ---- figures ---- */

/* A limit that is "max" is null, as is what is not known. */
static struct json_object *get_use(struct json *json, const void *data, size_t use)
{
	uint64_t value;

	return list_row_get(data, (enum cg2_use)use, &value) && value != CG2_MAX
		       ? json_number(json, value)
		       : NULL;
}

static const struct json_field figure_fields[] = {
	{ "memory.current_bytes", get_use, CG2_USE_MEMORY_BYTES },
	{ "memory.max_bytes", get_use, CG2_USE_MEMORY_MAX_BYTES },
	{ "memory.high_bytes", get_use, CG2_USE_MEMORY_HIGH_BYTES },
	{ "memory.peak_bytes", get_use, CG2_USE_MEMORY_PEAK_BYTES },
	{ "memory.file_bytes", get_use, CG2_USE_FILE_BYTES },
	{ "memory.swap_current_bytes", get_use, CG2_USE_SWAP_BYTES },
	{ "memory.swap_max_bytes", get_use, CG2_USE_SWAP_MAX_BYTES },
	{ "memory.oom_kill", get_use, CG2_USE_OOM_KILL_COUNT },
	{ "tasks.current", get_use, CG2_USE_TASKS_COUNT },
	{ "tasks.max", get_use, CG2_USE_TASKS_MAX_COUNT },
	{ "tasks.peak", get_use, CG2_USE_TASKS_PEAK_COUNT },
	{ "tasks.refused", get_use, CG2_USE_TASKS_REFUSED_COUNT },
	{ "cpu.usage_usec", get_use, CG2_USE_CPU_USEC },
	{ "cpu.throttled_usec", get_use, CG2_USE_CPU_THROTTLED_USEC },
	{ "cpu.quota_permyriad", get_use, CG2_USE_CPU_MAX_PERMYRIAD },
	{ "cpu.weight", get_use, CG2_USE_CPU_WEIGHT },
	{ "pressure.cpu_some_avg10_permyriad", get_use, CG2_USE_CPU_SOME_PERMYRIAD },
	{ "pressure.memory_some_avg10_permyriad", get_use, CG2_USE_MEMORY_SOME_PERMYRIAD },
	{ "pressure.memory_full_avg10_permyriad", get_use, CG2_USE_MEMORY_FULL_PERMYRIAD },
	{ "pressure.io_some_avg10_permyriad", get_use, CG2_USE_IO_SOME_PERMYRIAD },
	{ "pressure.io_full_avg10_permyriad", get_use, CG2_USE_IO_FULL_PERMYRIAD },
};

void list_json_figures(struct json *json, struct json_object *to, const struct list_row *row)
{
	json_add_fields(json, to, JSON_FIELDS(figure_fields), row);
}

/* ---- a scope ---- */

struct json_object *list_json_command(struct json *json, const char *command, size_t len)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; command && i < len; i += strlen(command + i) + 1)
		json_append(json, array, json_text(json, command + i));
	return array;
}

static struct json_object *list_json_marks(struct json *json, const struct list_row *row)
{
	struct json_object *array = json_new_array(json);
	const char *mark;

	for (size_t i = 0; list_row_mark(row, i, &mark); i++)
		if (mark)
			json_append(json, array, json_text(json, mark));
	return array;
}

void list_json_scope(struct json *json, struct json_object *object, const struct list_row *row)
{
	struct cg2_scope *parent = cg2_scope_get_parent(row->scope);

	json_add_scope(json, object, row->scope);
	json_add(json, object, "parent",
		 parent ? json_text(json, cg2_scope_get_path(parent)) : NULL);
	json_add(json, object, "manager",
		 json_text(json, cg2_scope_get_manager(row->scope) == CG2_MANAGER_USER
					 ? "user"
					 : "system"));
	json_add(json, object, "uid", json_number(json, cg2_scope_get_owner(row->scope)));
	json_add(json, object, "own", json_boolean(json, cg2_scope_is_own(row->scope)));
	json_add(json, object, "state", json_text(json, list_row_state(row)));
	json_add(json, object, "marks", list_json_marks(json, row));
	json_add(json, object, "age_usec",
		 row->age_usec == CG2_MAX ? NULL : json_number(json, row->age_usec));
	list_json_figures(json, object, row);
	json_add(json, object, "pid", row->pid ? json_number(json, (uint64_t)row->pid) : NULL);
	json_add(json, object, "command",
		 list_json_command(json, row->command, row->command_len));
}

/* ---- the document ---- */

struct listing {
	const struct list_row *rows;
	size_t n;
};

static void fill_list(struct json *json, struct json_object *document, void *data)
{
	struct json_object *array = json_add_array(json, document, "scopes");
	const struct listing *listing = data;

	for (size_t i = 0; i < listing->n; i++) {
		struct json_object *object = json_new(json);

		list_json_scope(json, object, &listing->rows[i]);
		json_append(json, array, object);
	}
}

int list_print_json(const struct list_row *rows, size_t n)
{
	return json_print(fill_list, &(struct listing){ rows, n }, STATUS_OK);
}
