/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The report of status as JSON: what list has, and what is shown of one scope alone.
 */
#include "cmd/output/status.h"
#include "cmd/scope/list-json.h"
#include "cmd/scope/scope-status.h"

static struct json_object *list_processes(struct json *json, const struct status_report *report)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < report->n_processes; i++) {
		const struct status_process *process = &report->processes[i];
		struct json_object *object = json_new(json);

		json_add(json, object, "pid", json_number(json, (uint64_t)process->pid));
		json_add(json, object, "command",
			 list_json_command(json, process->command, process->len));
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *list_differences(struct json *json,
					    const struct status_report *report)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < report->n_differences; i++) {
		const struct status_difference *difference = &report->differences[i];
		struct json_object *object = json_new(json);

		json_add(json, object, "property", json_text(json, difference->property));
		json_add(json, object, "file", json_text(json, difference->file));
		json_add(json, object, "systemd", json_text(json, difference->told));
		json_add(json, object, "kernel", json_text(json, difference->have));
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *list_delegated(struct json *json, uint64_t mask)
{
	struct json_object *array = json_new_array(json);
	const char *name;

	for (unsigned int i = 0; (name = cg2_controller_to_string(i)); i++)
		if (mask >> i & 1)
			json_append(json, array, json_text(json, name));
	return array;
}

static void fill_status(struct json *json, struct json_object *document, void *data)
{
	struct status_report *report = data;

	list_json_scope(json, document, &report->row);
	json_add(json, document, "delegated", list_delegated(json, report->delegated));
	json_add(json, document, "processes", list_processes(json, report));
	json_add(json, document, "differences", list_differences(json, report));
}

int status_print_json(struct status_report *report)
{
	return json_print(fill_status, report, STATUS_OK);
}
