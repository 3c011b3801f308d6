/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The doctor's diagnoses for scripts. */
#include "cmd/check/doctor.h"
#include "cmd/output/json-build.h"

static void fill_doctor(struct json *json, struct json_object *document, void *doctor)
{
	struct cg2_diagnosis d = { .size = sizeof(d) };
	struct json_object *array;

	json_add_machine(json, document);
	array = json_add_array(json, document, "diagnoses");
	for (size_t i = 0; cg2_doctor_get(doctor, i, &d) > 0; i++) {
		struct json_object *object = json_new(json);

		json_add(json, object, "id", json_text(json, d.id));
		json_add(json, object, "health", json_text(json, cg2_health_to_string(d.health)));
		json_add(json, object, "text", json_text(json, d.text));
		json_add(json, object, "fix", json_text(json, d.fix));
		json_append(json, array, object);
	}
}

int doctor_print_json(struct cg2_doctor *doctor, int status)
{
	return json_print(fill_doctor, doctor, status);
}
