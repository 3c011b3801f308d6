/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What attach did, as JSON: the scope and the processes that are in it.
 */
#include "cmd/scope/attach.h"

#include "cmd/output/json-build.h"
#include "cmd/output/status.h"

int attach_print_json(struct cg2_attach *attach, int status)
{
	struct json_object *document, *array;
	struct jsonc lib;
	struct json json;
	pid_t pid;

	if (json_open(&json, &lib, 1, &document) < 0)
		return STATUS_FAILED;
	array = json_new_array(&json);
	json_add(&json, document, "unit", json_text(&json, cg2_attach_get_unit(attach)));
	json_add(&json, document, "cgroup",
		 json_text(&json, cg2_group_get_path(cg2_attach_get_group(attach))));
	for (size_t i = 0; cg2_attach_get_process(attach, i, &pid) > 0; i++)
		json_append(&json, array, json_number(&json, (uint64_t)pid));
	json_add(&json, document, "processes", array);
	return json_print(&json, document, status);
}
