/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check for scripts: the keys, which never change their meaning. */
#include "cmd/check/check.h"
#include "cmd/output/json-build.h"

struct level_of {
	struct cg2_check *check;
	size_t level;
};

/* Null is "none" as well as "not known". */
static struct json_object *get_figure(struct json *json, const void *data, size_t figure)
{
	const struct level_of *of = data;
	uint64_t value;

	if (!cg2_check_get_figure(of->check, of->level, (enum cg2_level_figure)figure, &value) ||
	    value == CG2_MAX)
		return NULL;
	return json_number(json, value);
}

static struct json_object *get_text(struct json *json, const void *data, size_t text)
{
	const struct level_of *of = data;

	return json_text(json, cg2_check_get_text(of->check, of->level,
						  (enum cg2_level_text)text));
}

static const struct json_field level_fields[] = {
	{ "tasks.current", get_figure, CG2_LEVEL_TASKS_COUNT },
	{ "tasks.max", get_figure, CG2_LEVEL_TASKS_MAX_COUNT },
	{ "memory.current", get_figure, CG2_LEVEL_MEMORY_BYTES },
	{ "memory.max", get_figure, CG2_LEVEL_MEMORY_MAX_BYTES },
	{ "memory.high", get_figure, CG2_LEVEL_MEMORY_HIGH_BYTES },
	{ "memory.cache", get_figure, CG2_LEVEL_CACHE_BYTES },
	{ "memory.swap_current", get_figure, CG2_LEVEL_SWAP_BYTES },
	{ "memory.swap_max", get_figure, CG2_LEVEL_SWAP_MAX_BYTES },
	{ "cpu.quota_permyriad", get_figure, CG2_LEVEL_CPU_MAX_PERMYRIAD },
	{ "cpu.weight", get_figure, CG2_LEVEL_CPU_WEIGHT },
	{ "cpuset.cpus", get_text, CG2_LEVEL_CPUS },
	{ "cpuset.mems", get_text, CG2_LEVEL_MEMS },
};

static struct json_object *new_level(struct json *json, struct cg2_check *check, size_t level)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "cgroup", json_text(json, cg2_check_get_cgroup(check, level)));
	json_add(json, object, "unit", json_text(json, cg2_check_get_unit(check, level)));
	json_add_fields(json, object, JSON_FIELDS(level_fields),
			&(struct level_of){ check, level });
	return object;
}

static struct json_object *new_effective_limit(struct json *json, struct cg2_check *check,
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
			 new_effective_limit(json, check, (enum cg2_resource)i));
	json_add(json, object, "io", new_io(json, check));
	return object;
}

static struct json_object *new_finding(struct json *json, const struct cg2_finding *f)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "id", json_text(json, f->id));
	json_add(json, object, "severity", json_text(json, cg2_severity_to_string(f->severity)));
	json_add(json, object, "cgroup", json_text(json, f->cgroup));
	json_add(json, object, "text", json_text(json, f->text));
	json_add(json, object, "fix", json_text(json, f->fix));
	return object;
}

struct named_finding {
	const struct cg2_finding *finding;
	const char *target;
};

struct named_check {
	struct cg2_check *check;
	const char *target;
};

static void fill_check(struct json *json, struct json_object *document, void *data)
{
	const struct named_check *named = data;
	struct cg2_finding finding = { .size = sizeof(finding) };
	struct json_object *array;

	json_add_machine(json, document);
	json_add(json, document, "target",
		 *named->target ? json_text(json, named->target) : NULL);
	array = json_add_array(json, document, "levels");
	for (size_t i = 0; cg2_check_get_cgroup(named->check, i); i++)
		json_append(json, array, new_level(json, named->check, i));
	json_add(json, document, "effective", new_effective(json, named->check));
	array = json_add_array(json, document, "findings");
	for (size_t i = 0; cg2_check_get_finding(named->check, i, &finding) > 0; i++)
		json_append(json, array, new_finding(json, &finding));
}

int check_print_json(struct cg2_check *check, const char *target, int status)
{
	return json_print(fill_check, &(struct named_check){ check, target }, status);
}

/* As of a check, without a level. */
static void fill_failed(struct json *json, struct json_object *document, void *data)
{
	const struct named_finding *named = data;

	json_add_machine(json, document);
	json_add(json, document, "target", json_text(json, named->target));
	json_add_array(json, document, "levels");
	json_add(json, document, "effective", json_new(json));
	json_append(json, json_add_array(json, document, "findings"),
		    new_finding(json, named->finding));
}

int check_print_failed_json(const struct cg2_finding *finding, const char *target, int status)
{
	return json_print(fill_failed, &(struct named_finding){ finding, target }, status);
}

static struct json_object *new_entry(struct json *json, const struct cg2_worst_entry *e)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "cgroup", json_text(json, e->cgroup));
	json_add(json, object, "resource", json_text(json, cg2_resource_to_string(e->resource)));
	json_add(json, object, "limit", json_number(json, e->limit));
	json_add(json, object, "current", json_number(json, e->current));
	json_add(json, object, "headroom", json_number(json, e->headroom));
	return object;
}

static void fill_worst(struct json *json, struct json_object *document, void *worst)
{
	struct cg2_worst_entry entry = { .size = sizeof(entry) };
	struct json_object *array;

	json_add_machine(json, document);
	json_add(json, document, "cgroups", json_number(json, cg2_worst_get_count(worst)));
	array = json_add_array(json, document, "worst");
	for (size_t i = 0; cg2_worst_get(worst, i, &entry) > 0; i++)
		json_append(json, array, new_entry(json, &entry));
}

int check_print_worst_json(struct cg2_worst *worst, int status)
{
	return json_print(fill_worst, worst, status);
}
