/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check for scripts: the keys, which never change their meaning. */
#include <string.h>

#include "cmd/check/check.h"
#include "cmd/output/json-build.h"
#include "cmd/output/status.h"

#define SCHEMA 1

/* A figure of a level; null is "none" as well as "not known". */
static struct json_object *figure(struct json *json, struct cg2_check *check,
				  size_t level, enum cg2_level_figure which)
{
	uint64_t value;

	if (!cg2_check_get_figure(check, level, which, &value) || value == CG2_MAX)
		return NULL;
	return json_number(json, value);
}

static const struct {
	const char *object;
	const char *key;
	enum cg2_level_figure figure;
} level_keys[] = {
	{ "tasks", "current", CG2_LEVEL_TASKS_COUNT },
	{ "tasks", "max", CG2_LEVEL_TASKS_MAX_COUNT },
	{ "memory", "current", CG2_LEVEL_MEMORY_BYTES },
	{ "memory", "max", CG2_LEVEL_MEMORY_MAX_BYTES },
	{ "memory", "high", CG2_LEVEL_MEMORY_HIGH_BYTES },
	{ "memory", "cache", CG2_LEVEL_CACHE_BYTES },
	{ "memory", "swap_current", CG2_LEVEL_SWAP_BYTES },
	{ "memory", "swap_max", CG2_LEVEL_SWAP_MAX_BYTES },
	{ "cpu", "quota_permyriad", CG2_LEVEL_CPU_MAX_PERMYRIAD },
	{ "cpu", "weight", CG2_LEVEL_CPU_WEIGHT },
};

static struct json_object *new_level(struct json *json, struct cg2_check *check,
				     size_t level)
{
	struct json_object *object = json_new(json), *part = NULL, *cpuset;
	const char *name = "";

	json_add(json, object, "cgroup",
		 json_text(json, cg2_check_get_cgroup(check, level)));
	json_add(json, object, "unit", json_text(json, cg2_check_get_unit(check, level)));
	for (size_t i = 0; i < ARRAY_SIZE(level_keys); i++) {
		if (strcmp(name, level_keys[i].object) != 0) {
			name = level_keys[i].object;
			part = json_new(json);
			json_add(json, object, name, part);
		}
		json_add(json, part, level_keys[i].key,
			 figure(json, check, level, level_keys[i].figure));
	}
	cpuset = json_new(json);
	json_add(json, cpuset, "cpus",
		 json_text(json, cg2_check_get_text(check, level, CG2_LEVEL_CPUS)));
	json_add(json, cpuset, "mems",
		 json_text(json, cg2_check_get_text(check, level, CG2_LEVEL_MEMS)));
	json_add(json, object, "cpuset", cpuset);
	return object;
}

static struct json_object *new_levels(struct json *json, struct cg2_check *check)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; cg2_check_get_cgroup(check, i); i++)
		json_append(json, array, new_level(json, check, i));
	return array;
}

static struct json_object *new_limit(struct json *json, struct cg2_check *check,
				     enum cg2_resource resource)
{
	struct cg2_effective e = { .size = sizeof(e) };
	struct json_object *object;

	if (cg2_check_get_effective(check, resource, &e) <= 0)
		return NULL;
	object = json_new(json);
	json_add(json, object, "limit", json_number(json, e.limit));
	json_add(json, object, "current",
		 e.is_use_known ? json_number(json, e.current) : NULL);
	json_add(json, object, "headroom",
		 e.is_use_known ? json_number(json, e.headroom) : NULL);
	json_add(json, object, "source", json_text(json, cg2_source_to_string(e.source)));
	json_add(json, object, "file", json_text(json, e.file));
	json_add(json, object, "cgroup", json_text(json, e.cgroup));
	return object;
}

static struct json_object *new_io(struct json *json, struct cg2_check *check)
{
	struct cg2_io_effective io = { .size = sizeof(io) };
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; cg2_check_get_io(check, i, &io) > 0; i++) {
		struct json_object *object = json_new(json);

		json_add(json, object, "device", json_text(json, io.device));
		json_add(json, object, "key", json_text(json, io.key));
		json_add(json, object, "limit", json_number(json, io.limit));
		json_add(json, object, "cgroup", json_text(json, io.cgroup));
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *new_effective(struct json *json, struct cg2_check *check)
{
	struct json_object *object = json_new(json);

	for (unsigned int i = 0; i <= CG2_RESOURCE_CPU; i++)
		json_add(json, object, cg2_resource_to_string(i),
			 new_limit(json, check, (enum cg2_resource)i));
	json_add(json, object, "io", new_io(json, check));
	return object;
}

static struct json_object *new_findings(struct json *json, struct cg2_check *check)
{
	struct cg2_finding f = { .size = sizeof(f) };
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; cg2_check_get_finding(check, i, &f) > 0; i++) {
		struct json_object *object = json_new(json);

		json_add(json, object, "id", json_text(json, f.id));
		json_add(json, object, "severity",
			 json_text(json, cg2_severity_to_string(f.severity)));
		json_add(json, object, "cgroup", json_text(json, f.cgroup));
		json_add(json, object, "text", json_text(json, f.text));
		json_add(json, object, "fix", json_text(json, f.fix));
		json_append(json, array, object);
	}
	return array;
}

int check_print_json(struct cg2_check *check, const char *target, int status)
{
	struct json_object *document;
	struct jsonc lib;
	struct json json;

	if (json_open(&json, &lib, SCHEMA, &document) < 0)
		return STATUS_FAILED;
	json_add(&json, document, "target", *target ? json_text(&json, target) : NULL);
	json_add(&json, document, "levels", new_levels(&json, check));
	json_add(&json, document, "effective", new_effective(&json, check));
	json_add(&json, document, "findings", new_findings(&json, check));
	return json_print(&json, document, status);
}

int check_print_worst_json(struct cg2_worst *worst, int status)
{
	struct cg2_worst_entry e = { .size = sizeof(e) };
	struct json_object *document, *array;
	struct jsonc lib;
	struct json json;

	if (json_open(&json, &lib, SCHEMA, &document) < 0)
		return STATUS_FAILED;
	array = json_new_array(&json);
	for (size_t i = 0; cg2_worst_get(worst, i, &e) > 0; i++) {
		struct json_object *object = json_new(&json);

		json_add(&json, object, "cgroup", json_text(&json, e.cgroup));
		json_add(&json, object, "resource",
			 json_text(&json, cg2_resource_to_string(e.resource)));
		json_add(&json, object, "limit", json_number(&json, e.limit));
		json_add(&json, object, "current", json_number(&json, e.current));
		json_add(&json, object, "headroom", json_number(&json, e.headroom));
		json_append(&json, array, object);
	}
	json_add(&json, document, "cgroups",
		 json_number(&json, cg2_worst_get_count(worst)));
	json_add(&json, document, "worst", array);
	return json_print(&json, document, status);
}
