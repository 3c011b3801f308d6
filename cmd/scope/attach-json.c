/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What attach did, as JSON: the scope and the processes that are in it.
 */
#include "cmd/scope/attach.h"

#include "cmd/output/json-build.h"

static void fill_attach(struct json *json, struct json_object *document, void *attach)
{
	struct json_object *array;
	pid_t pid;

	json_add(json, document, "unit", json_text(json, cg2_attach_get_unit(attach)));
	json_add(json, document, "cgroup",
		 json_text(json, cg2_group_get_path(cg2_attach_get_group(attach))));
	array = json_add_array(json, document, "processes");
	for (size_t i = 0; cg2_attach_get_process(attach, i, &pid) > 0; i++)
		json_append(json, array, json_number(json, (uint64_t)pid));
}

int attach_print_json(struct cg2_attach *attach, int status)
{
	return json_print(fill_attach, attach, status);
}
