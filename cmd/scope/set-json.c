/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What set changed, as JSON.
 */
#include "cmd/scope/set.h"

#include <string.h>

#include "cmd/output/json-build.h"
#include "cmd/output/status.h"

/*
 * A file's text in the unit of its limit, that of a property as a number if it is one; "max" and
 * what is not there are null.
 */
static struct json_object *value(struct json *json, const struct set_change *change,
				 const char *text)
{
	const unsigned int unit = change->info ? change->info->unit : CG2_UNIT_TASKS;
	struct cg2_cpu_max max;
	uint64_t number;
	const size_t len = strlen(text);

	if (len == 0)
		return NULL;
	if (unit == CG2_UNIT_LIST || unit == CG2_UNIT_IO)
		return json_text(json, text);
	if (unit == CG2_UNIT_PERMYRIAD) {
		if (cg2_parse_cpu_max(text, len, &max) < 0 || max.quota_usec == CG2_MAX ||
		    max.period_usec == 0)
			return NULL;
		return json_number(json, max.quota_usec * 10000 / max.period_usec);
	}
	if (cg2_parse_value(text, len, &number) < 0 &&
	    cg2_parse_flat(text, len, "default", &number) < 0)
		return json_text(json, text);
	if (number == CG2_MAX)
		return NULL;
	return unit == CG2_UNIT_BOOL ? json_boolean(json, number != 0)
					     : json_number(json, number);
}

static struct json_object *one_change(struct json *json, const struct set_change *change)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "name", change->file ? json_text(json, change->file) : NULL);
	json_add(json, object, "property",
		 change->property ? json_text(json, change->property) : NULL);
	json_add(json, object, "before", value(json, change, change->before));
	json_add(json, object, "after", value(json, change, change->after));
	return object;
}

static struct json_object *one_scope(struct json *json, const struct set_scope *set)
{
	struct json_object *object = json_new(json), *array = json_new_array(json);

	json_add_scope(json, object, set->scope);
	for (size_t i = 0; i < set->n; i++)
		json_append(json, array, one_change(json, &set->changes[i]));
	json_add(json, object, "changes", array);
	return object;
}

int set_print_json(const struct set_scope *scopes, size_t n, int status)
{
	struct json_object *document, *array;
	struct jsonc lib;
	struct json json;

	if (json_open(&json, &lib, 1, &document) < 0)
		return STATUS_FAILED;
	array = json_new_array(&json);
	for (size_t i = 0; i < n; i++)
		json_append(&json, array, one_scope(&json, &scopes[i]));
	json_add(&json, document, "scopes", array);
	return json_print(&json, document, status);
}
