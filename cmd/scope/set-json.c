/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What set changed, as JSON.
 */
#include "cmd/scope/set.h"

#include "cmd/output/json-build.h"

/* "max" and what is not there are null. */
static struct json_object *change_value(struct json *json, const struct set_change *change,
					const char *text)
{
	uint64_t number;

	if (!*text)
		return NULL;
	if (!set_change_get_number(change, text, &number))
		return json_text(json, text);
	if (number == CG2_MAX)
		return NULL;
	return change->info && change->info->unit == CG2_UNIT_BOOL
		       ? json_boolean(json, number != 0)
		       : json_number(json, number);
}

static struct json_object *one_change(struct json *json, const struct set_change *change)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "name", change->file ? json_text(json, change->file) : NULL);
	json_add(json, object, "property",
		 change->property ? json_text(json, change->property) : NULL);
	json_add(json, object, "before", change_value(json, change, change->before));
	json_add(json, object, "after", change_value(json, change, change->after));
	return object;
}

static struct json_object *one_scope(struct json *json, const struct set_scope *set)
{
	struct json_object *object = json_new(json), *array;

	json_add_scope(json, object, set->scope);
	array = json_add_array(json, object, "changes");
	for (size_t i = 0; i < set->n; i++)
		json_append(json, array, one_change(json, &set->changes[i]));
	return object;
}

struct changed_scopes {
	const struct set_scope *scopes;
	size_t n;
};

static void fill_set(struct json *json, struct json_object *document, void *data)
{
	struct json_object *array = json_add_array(json, document, "scopes");
	const struct changed_scopes *changed = data;

	for (size_t i = 0; i < changed->n; i++)
		json_append(json, array, one_scope(json, &changed->scopes[i]));
}

int set_print_json(const struct set_scope *scopes, size_t n, int status)
{
	return json_print(fill_set, &(struct changed_scopes){ scopes, n }, status);
}
