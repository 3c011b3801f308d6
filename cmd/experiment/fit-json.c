/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fit found as JSON, docs/fit.schema.json. */
#include <errno.h>

#include "cmd/experiment/fit.h"
#include "cmd/experiment/stats.h"
#include "cmd/output/json-build.h"

#define SCHEMA 1

static struct json_object *known(struct json *json, uint64_t value)
{
	return value == CG2_MAX ? NULL : json_number(json, value);
}

static struct json_object *new_below(struct json *json, const struct fit_result *result,
				     const struct fit_found *found)
{
	const struct fit_search *s = &found->search;
	const struct fit_tally *tally = fit_search_tally(s, s->lo);
	struct json_object *object, *array;

	if (s->lo == 0)
		return NULL;
	object = json_new(json);
	json_add(json, object, "value", json_number(json, s->lo));
	json_add(json, object, "passed", json_number(json, tally->passed));
	json_add(json, object, "failed", json_number(json, tally->failed));
	array = json_add_array(json, object, "verdicts");
	for (size_t i = 0; i < result->n_trials; i++)
		if (result->trials[i].resource == found->resource &&
		    result->trials[i].value == s->lo)
			json_append(json, array,
				    json_text(json,
					      cg2_verdict_to_string(result->trials[i].verdict)));
	return object;
}

static struct json_object *new_found(struct json *json, const struct fit_result *result,
				     const struct fit_found *found)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_search *s = &found->search;
	const struct fit_tally *tally = fit_search_tally(s, s->hi);
	const bool is_found = found->value != CG2_MAX;
	const uint64_t wall = result->baseline.wall_usec;
	struct json_object *object = json_new(json);

	json_add(json, object, "name", json_text(json, info->file));
	json_add(json, object, "unit", json_text(json, info->unit));
	json_add(json, object, "value", known(json, found->value));
	json_add(json, object, "passed", json_number(json, tally->passed));
	json_add(json, object, "failed", json_number(json, tally->failed));
	json_add(json, object, "below", new_below(json, result, found));
	json_add(json, object, "pass_share_low_permyriad",
		 is_found ? json_number(json, (uint64_t)(stats_pass_share(tally->passed) * 10000))
			  : NULL);
	json_add(json, object, "confidence_permyriad", json_number(json, 9500));
	json_add(json, object, "slowdown_permyriad",
		 is_found && wall > 0 ? json_number(json, found->wall_usec * 10000 / wall) : NULL);
	json_add(json, object, "advice", is_found ? json_number(json, found->advice) : NULL);
	json_add(json, object, "monotonic", json_boolean(json, s->end != FIT_NOT_MONOTONIC));
	json_add(json, object, "certain", json_boolean(json, s->is_certain));
	return object;
}

static struct json_object *new_probe(struct json *json, const struct fit_trial *trial)
{
	const bool has_limit = trial->resource != FIT_RESOURCE_COUNT && trial->value != CG2_MAX;
	struct json_object *object = json_new(json);
	struct json_object *record = trial->record ? json->lib->parse(trial->record) : NULL;

	json->is_failed |= !record;
	json_add(json, object, "limit",
		 has_limit ? json_text(json, fit_resources[trial->resource].file) : NULL);
	json_add(json, object, "value", has_limit ? json_number(json, trial->value) : NULL);
	json_add(json, object, "verdict", json_text(json, cg2_verdict_to_string(trial->verdict)));
	json_add(json, object, "passed", json_boolean(json, trial->why == FIT_OK));
	json_add(json, object, "why", json_text(json, fit_why_to_string(trial->why)));
	json_add(json, object, "record", record);
	return object;
}

static struct json_object *new_baseline(struct json *json, const struct fit_baseline *base)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{ "runs", base->n },
		{ "passed", base->n_passed },
		{ "wall_usec", base->n_passed > 0 ? base->wall_usec : CG2_MAX },
		{ "memory_peak_bytes", base->peak_bytes },
		{ "anon_peak_bytes", base->anon_bytes },
		{ "tasks_peak", base->tasks },
		{ "cpu_permyriad", base->cpu_permyriad },
	};
	struct json_object *object = json_new(json);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_add(json, object, rows[i].key, known(json, rows[i].value));
	return object;
}

static struct json_object *new_criterion(struct json *json, const struct fit_plan *plan)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "confirm", json_number(json, plan->n_confirm));
	json_add(json, object, "max_slowdown_permyriad",
		 plan->max_slowdown > 0
			 ? json_number(json, (uint64_t)(plan->max_slowdown * 10000 + 0.5))
			 : NULL);
	json_add(json, object, "margin_permyriad", json_number(json, plan->margin_permyriad));
	return object;
}

int fit_to_json(const struct jsonc *lib, const struct fit_result *result, char **ret_text,
		size_t *ret_len)
{
	struct json json = { .lib = lib };
	struct json_object *object = json_new(&json), *array;

	json_add(&json, object, "schema", json_number(&json, SCHEMA));
	json_add(&json, object, "cgscope", json_text(&json, PACKAGE_VERSION));
	array = json_add_array(&json, object, "command");
	for (size_t i = 0; result->command[i]; i++)
		json_append(&json, array, json_text(&json, result->command[i]));
	json_add(&json, object, "fixed", json_text(&json, result->fixed));
	json_add(&json, object, "criterion", new_criterion(&json, result->plan));
	json_add(&json, object, "baseline", new_baseline(&json, &result->baseline));
	array = json_add_array(&json, object, "found");
	for (size_t i = 0; i < result->n_found; i++)
		json_append(&json, array, new_found(&json, result, &result->found[i]));
	array = json_add_array(&json, object, "probes");
	for (size_t i = 0; i < result->n_trials && !json.is_failed; i++)
		json_append(&json, array, new_probe(&json, &result->trials[i]));
	json_add(&json, object, "runs", json_number(&json, result->n_trials));
	json_add(&json, object, "end", json_text(&json, fit_end_to_string(result->end)));
	return json_finish(&json, object, ret_text, ret_len);
}
