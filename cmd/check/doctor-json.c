/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The doctor's diagnoses for scripts. */
#include "cmd/check/doctor.h"
#include "cmd/output/json-build.h"
#include "cmd/output/status.h"

#define SCHEMA 1

int doctor_print_json(struct cg2_doctor *doctor, int status)
{
	struct cg2_diagnosis d = { .size = sizeof(d) };
	struct json_object *document, *array;
	struct jsonc lib;
	struct json json;

	if (json_open(&json, &lib, SCHEMA, &document) < 0)
		return STATUS_FAILED;
	array = json_new_array(&json);
	for (size_t i = 0; cg2_doctor_get(doctor, i, &d) > 0; i++) {
		struct json_object *object = json_new(&json);

		json_add(&json, object, "id", json_text(&json, d.id));
		json_add(&json, object, "health",
			 json_text(&json, cg2_health_to_string(d.health)));
		json_add(&json, object, "text", json_text(&json, d.text));
		json_add(&json, object, "fix", json_text(&json, d.fix));
		json_append(&json, array, object);
	}
	json_add(&json, document, "diagnoses", array);
	return json_print(&json, document, status);
}
