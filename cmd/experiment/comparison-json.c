/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/comparison-json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/output/json-build.h"

#define SCHEMA 1

static struct json_object *json_known(struct json *json, uint64_t value)
{
	return value == CG2_MAX ? NULL : json_number(json, value);
}

/* ---- a set ---- */

static struct json_object *new_limits(struct json *json, const struct compared_set *set)
{
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; i < set->n_limits; i++) {
		struct json_object *limit = json_new(json);

		json_add(json, limit, "name", json_text(json, set->limits[i].name));
		json_add(json, limit, "unit", json_text(json, set->limits[i].unit));
		json_add(json, limit, "value", json_known(json, set->limits[i].value));
		json_add(json, limit, "text", json_text(json, set->limits[i].text));
		json_append(json, array, limit);
	}
	return array;
}

static struct json_object *new_verdicts(struct json *json, const struct judged_set *judged)
{
	struct json_object *object = json_new(json);

	for (unsigned int i = 0; i <= CG2_VERDICT_OK; i++)
		if (judged->verdicts[i] > 0)
			json_add(json, object, cg2_verdict_to_string(i),
				 json_number(json, judged->verdicts[i]));
	return object;
}

static struct json_object *new_summary(struct json *json, const struct stats_summary *s)
{
	const struct {
		const char *key;
		uint64_t value;
	} rows[] = {
		{ "median", s->median }, { "min", s->min }, { "max", s->max },
		{ "q1", s->q1 },	 { "q3", s->q3 },   { "mean", s->mean },
	};
	struct json_object *object = json_new(json);

	json_add(json, object, "n", json_number(json, s->n));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_add(json, object, rows[i].key,
			 s->n > 0 ? json_number(json, rows[i].value) : NULL);
	return object;
}

static struct json_object *new_ratio(struct json *json, const struct stats_ratio *ratio)
{
	struct json_object *object = json_new(json);
	const bool is_known = ratio->outcome != STATS_TOO_FEW && ratio->outcome != STATS_REFERENCE;
	const struct {
		const char *key;
		double value;
	} rows[] = {
		{ "ratio_permyriad", ratio->ratio },
		{ "low_permyriad", ratio->low },
		{ "high_permyriad", ratio->high },
		{ "confidence_permyriad", ratio->confidence },
	};

	json_add(json, object, "outcome", json_text(json, stats_outcome_to_string(ratio->outcome)));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		json_add(json, object, rows[i].key,
			 is_known ? json_number(json, ratio_permyriad(rows[i].value)) : NULL);
	return object;
}

/* Time, CPU time and peak are compared; the outcome of the set is that of its time. */
static struct json_object *new_against_reference(struct json *json, const struct judged_set *judged)
{
	struct json_object *object = new_ratio(json, &judged->ratios[METRIC_WALL]);

	json_add(json, object, "cpu", new_ratio(json, &judged->ratios[METRIC_CPU]));
	json_add(json, object, "memory_peak", new_ratio(json, &judged->ratios[METRIC_PEAK]));
	return object;
}

static struct json_object *new_set(struct json *json, const struct comparison *c, size_t i,
				   const struct judged_set *judged)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "set", json_number(json, i + 1));
	json_add(json, object, "name", json_text(json, c->sets[i].name));
	json_add(json, object, "limits", new_limits(json, &c->sets[i]));
	json_add(json, object, "runs", json_number(json, judged->n_runs));
	json_add(json, object, "passed", json_number(json, judged->n_passed));
	json_add(json, object, "verdicts", new_verdicts(json, judged));
	for (size_t k = 0; k < METRIC_COUNT; k++)
		json_add(json, object, metrics[k].key, new_summary(json, &judged->figures[k]));
	json_add(json, object, "against_reference", new_against_reference(json, judged));
	return object;
}

/* ---- a run ---- */

static struct json_object *new_trial(struct json *json, const struct trial *trial)
{
	struct json_object *object = json_new(json);
	struct json_object *record = trial->record ? json->lib->parse(trial->record) : NULL;

	json->is_failed |= !record;
	json_add(json, object, "round", json_number(json, trial->round));
	json_add(json, object, "position", json_number(json, trial->position));
	json_add(json, object, "set", json_number(json, trial->set + 1));
	json_add(json, object, "warmup", json_boolean(json, trial->is_warmup));
	json_add(json, object, "other_cpu_permyriad", json_known(json, trial->other_cpu_permyriad));
	json_add(json, object, "record", record);
	return object;
}

/* ---- all ---- */

static void add_head(struct json *json, struct json_object *object, const struct comparison *c)
{
	struct json_object *command;
	char seed[32];

	snprintf(seed, sizeof(seed), "%" PRIx64, c->seed);
	json_add(json, object, "schema", json_number(json, SCHEMA));
	json_add(json, object, "cgscope", json_text(json, PACKAGE_VERSION));
	command = json_add_array(json, object, "command");
	for (size_t i = 0; c->command[i]; i++)
		json_append(json, command, json_text(json, c->command[i]));
	json_add(json, object, "host", json_text(json, c->host));
	json_add(json, object, "kernel", json_text(json, c->kernel));
	json_add(json, object, "started_at", json_time(json, c->started_usec));
	json_add(json, object, "order", json_text(json, order_to_string(c->order)));
	json_add(json, object, "seed", json_text(json, seed));
	json_add(json, object, "rounds", json_number(json, c->n_rounds));
	json_add(json, object, "warmup_rounds", json_number(json, c->n_warmup_rounds));
	json_add(json, object, "reference", json_number(json, c->reference + 1));
	json_add(json, object, "tolerance_permyriad", json_number(json, c->tolerance_permyriad));
}

int comparison_to_json(const struct jsonc *lib, const struct comparison *c,
		       const struct judgement *j, char **ret_text, size_t *ret_len)
{
	struct json json = { .lib = lib };
	struct json_object *object = json_new(&json), *array;

	add_head(&json, object, c);
	array = json_add_array(&json, object, "sets");
	for (size_t i = 0; i < c->n_sets; i++)
		json_append(&json, array, new_set(&json, c, i, &j->sets[i]));
	array = json_add_array(&json, object, "runs");
	for (size_t i = 0; i < c->n_trials && !json.is_failed; i++)
		json_append(&json, array, new_trial(&json, &c->trials[i]));
	json_add(&json, object, "complete", json_boolean(&json, c->is_complete));
	return json_finish(&json, object, ret_text, ret_len);
}
