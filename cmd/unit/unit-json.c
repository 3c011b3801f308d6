/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A unit file and what became of it, as JSON.
 */
#include "cmd/output/json-build.h"
#include "cmd/unit/unit.h"

/* Which outcomes go under which key. */
static const struct {
	const char *key;
	unsigned int outcomes; /* bits */
} lists[] = {
	{ "verified", 1U << CG2_SETTING_IN_FORCE },
	{ "loaded", 1U << CG2_SETTING_LOADED },
	{ "overridden", 1U << CG2_SETTING_OVERRIDDEN },
	{ "restart_needed", 1U << CG2_SETTING_RESTART_NEEDED },
	{ "missing", 1U << CG2_SETTING_MISSING },
};

static const struct json_field fields[] = {
	{ "unit", json_get_text, offsetof(struct unit_setting, unit) },
	{ "property", json_get_text, offsetof(struct unit_setting, property) },
	{ "value", json_get_text, offsetof(struct unit_setting, value) },
	{ "by", json_get_text, offsetof(struct unit_setting, by) },
};

static void fill_unit(struct json *json, struct json_object *document, void *data)
{
	const struct unit_report *report = data;
	struct cg2_unit_file *file = report->file;

	json_add(json, document, "unit", json_text(json, cg2_unit_file_get_unit(file)));
	json_add(json, document, "path", json_text(json, cg2_unit_file_get_path(file)));
	json_add(json, document, "kind",
		 json_text(json, cg2_unit_file_kind_to_string(cg2_unit_file_get_kind(file))));
	json_add(json, document, "text", json_text(json, cg2_unit_file_get_text(file)));
	json_add(json, document, "installed", json_boolean(json, report->is_installed));
	json_add(json, document, "removed", json_boolean(json, report->is_removed));
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		struct json_object *array = json_add_array(json, document, lists[i].key);

		for (size_t k = 0; k < report->n; k++) {
			struct json_object *setting;

			if (!(lists[i].outcomes & 1U << report->settings[k].outcome))
				continue;
			setting = json_new(json);
			json_add_fields(json, setting, JSON_FIELDS(fields), &report->settings[k]);
			json_append(json, array, setting);
		}
	}
}

int unit_print_json(const struct unit_report *report, int status)
{
	return json_print(fill_unit, (void *)report, status);
}
