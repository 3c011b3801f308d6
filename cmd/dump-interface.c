/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program for the build only: prints the tables of verbs, options and exit statuses as
 * JSON. tools/gen-* make the completions and the man page from that. It is not an option
 * of cgscope, so that a run does not load json-c.
 */
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"
#include "cmd/scope/list-row.h"
#include "cmd/verb/help-text.h"
#include "cmd/verbs.h"
#include "libcg2.h"

static struct json_object *checked(struct json_object *json)
{
	if (!json)
		abort();
	return json;
}

static void add(struct json_object *object, const char *key, struct json_object *value)
{
	if (json_object_object_add(object, key, value) < 0)
		abort();
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
	add(object, key, text ? checked(json_object_new_string(text)) : NULL);
}

static void append(struct json_object *array, struct json_object *value)
{
	if (json_object_array_add(array, checked(value)) < 0)
		abort();
}

static struct json_object *new_object(void)
{
	return checked(json_object_new_object());
}

static struct json_object *new_array(void)
{
	return checked(json_object_new_array());
}

static struct json_object *list_names(const struct option *option)
{
	struct json_object *array = new_array();

	for (size_t i = 0; i < OPTION_NAMES_MAX && option->names[i]; i++)
		append(array, json_object_new_string(option->names[i]));
	return array;
}

static struct json_object *list_words(const char *metavar)
{
	struct json_object *array = new_array();
	const char *word;
	size_t len;

	for (size_t i = 0; (len = option_metavar_word(metavar, i, &word)); i++)
		append(array, json_object_new_string_len(word, (int)len));
	return array;
}

/* What there is to say about a limit in the library's table only. */
static void add_limit(struct json_object *object, unsigned int limit)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(limit);

	add_text(object, "property", info->property);
	add_text(object, "file", info->file);
}

static bool is_repeatable(const struct option *option)
{
	return option->kind == OPTION_LIST || option->kind == OPTION_LABELS ||
	       option->kind == OPTION_THRESHOLDS || option->kind == OPTION_WORD ||
	       option->kind == OPTION_MARK ||
	       (option->kind == OPTION_LIMIT &&
		cg2_limit_get_info(option->value)->unit == CG2_UNIT_IO);
}

static struct json_object *describe_option(const struct option *option)
{
	struct json_object *object = new_object();
	const char short_name[] = { option->short_name, '\0' };

	add_text(object, "short", option->short_name ? short_name : NULL);
	add(object, "names", list_names(option));
	add_text(object, "metavar", option->metavar);
	add_text(object, "help", option->help);
	add_text(object, "group", option_group_to_string(option->group));
	add_text(object, "complete", option_complete_to_string(option->complete));
	add(object, "words", list_words(option->metavar));
	add(object, "repeatable",
	    checked(json_object_new_boolean(is_repeatable(option))));
	if (option->kind == OPTION_LIMIT ||
	    (option->kind == OPTION_WORD && cg2_limit_get_info(option->value)))
		add_limit(object, option->value);
	return object;
}

static struct json_object *list_options(const struct option_table *table)
{
	struct json_object *array = new_array();
	struct option_set set;

	option_set_init(&set, table);
	for (size_t i = 0; i < set.n_rows; i++)
		append(array, describe_option(&set.rows[i]));
	return array;
}

static void add_conflicts(struct json_object *array, const struct option_table *table)
{
	for (size_t i = 0; i < table->n_conflicts; i++) {
		struct json_object *pair = new_array();

		append(pair, json_object_new_string(table->conflicts[i].a));
		append(pair, json_object_new_string(table->conflicts[i].b));
		append(array, pair);
	}
}

static struct json_object *list_conflicts(const struct option_table *table)
{
	struct json_object *array = new_array();

	if (table->base)
		add_conflicts(array, table->base);
	add_conflicts(array, table);
	return array;
}

static struct json_object *list_operands(const struct verb *verb)
{
	struct json_object *array = new_array();

	for (size_t i = 0; i < VERB_OPERANDS_MAX && verb->operands[i]; i++)
		append(array, json_object_new_string(
				      option_complete_to_string(verb->operands[i])));
	return array;
}

static struct json_object *list_verbs(void)
{
	struct json_object *array = new_array();

	for (const struct verb *verb = verbs; verb->name; verb++) {
		struct json_object *object = new_object();

		add_text(object, "name", verb->name);
		add_text(object, "synopsis", verb->synopsis);
		add_text(object, "summary", verb->summary);
		add(object, "operands", list_operands(verb));
		add(object, "repeatable",
		    checked(json_object_new_boolean(strstr(verb->synopsis, "...") != NULL)));
		add(object, "options", list_options(verb->options));
		add(object, "conflicts", list_conflicts(verb->options));
		append(array, object);
	}
	return array;
}

static struct json_object *list_statuses(const struct status *rows, size_t n_rows)
{
	struct json_object *array = new_array();

	for (size_t i = 0; i < n_rows; i++) {
		struct json_object *object = new_object();

		add_text(object, "status", rows[i].status);
		add_text(object, "help", rows[i].help);
		add_text(object, "verb", rows[i].verb);
		append(array, object);
	}
	return array;
}

static struct json_object *list_groups(void)
{
	struct json_object *array = new_array();

	for (unsigned int i = 0; i < OPTION_GROUP_COUNT; i++)
		append(array, json_object_new_string(
				      option_group_to_string((enum option_group)i)));
	return array;
}

static struct json_object *list_forms(void)
{
	struct json_object *array = new_array();
	const struct help_form *form;

	for (size_t i = 0; (form = help_form_get(i)); i++) {
		struct json_object *object = new_object();

		add_text(object, "metavar", form->metavar);
		add_text(object, "help", form->help);
		append(array, object);
	}
	return array;
}

/* What may follow the digits of a value, by the kind of completion. */
static struct json_object *list_suffixes(void)
{
	struct json_object *object = new_object();

	for (unsigned int i = 0; i < OPTION_COMPLETE_COUNT; i++) {
		const char *const *suffix =
			option_complete_suffixes((enum option_complete)i);
		struct json_object *array = new_array();

		for (; *suffix; suffix++)
			append(array, json_object_new_string(*suffix));
		add(object, option_complete_to_string((enum option_complete)i), array);
	}
	return object;
}

static struct json_object *list_verdicts(void)
{
	struct json_object *array = new_array();
	const char *name;

	for (unsigned int i = 0; (name = cg2_verdict_to_string(i)); i++)
		append(array, json_object_new_string(name));
	return array;
}

static struct json_object *list_events(void)
{
	struct json_object *array = new_array();
	const char *name;

	for (unsigned int i = 0; (name = cg2_event_kind_to_string(i)); i++)
		append(array, json_object_new_string(name));
	return array;
}

/* What "trace --only" takes. */
static struct json_object *list_calls(void)
{
	struct json_object *array = new_array();
	const char *name;

	for (unsigned int i = 0; (name = cg2_trace_kind_to_string(i)); i++)
		append(array, json_object_new_string(name));
	return array;
}

/* What is before the value of such a threshold. False: there is none. */
static bool append_threshold(struct json_object *array, const struct cg2_threshold *threshold)
{
	char *text;

	if (cg2_threshold_to_string(threshold, &text) < 0)
		return false;
	append(array, json_object_new_string_len(text, (int)(strrchr(text, ':') + 1 - text)));
	free(text);
	return true;
}

/* "tasks:", "pressure:io:full:" */
static struct json_object *list_thresholds(void)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold), .is_share = true };
	struct json_object *array = new_array();

	for (; threshold.kind < CG2_THRESHOLD_PRESSURE; threshold.kind++)
		append_threshold(array, &threshold);
	for (; append_threshold(array, &threshold); threshold.is_full = !threshold.is_full)
		threshold.pressure += threshold.is_full;
	return array;
}

static struct json_object *list_findings(
	const struct cg2_finding_info *(*get)(unsigned int finding))
{
	struct json_object *array = new_array();
	const struct cg2_finding_info *info;

	for (unsigned int i = 0; (info = get(i)); i++) {
		struct json_object *object = new_object();

		add_text(object, "id", info->id);
		add_text(object, "help", info->help);
		append(array, object);
	}
	return array;
}

/* What "list -o" can show. */
static struct json_object *list_columns(void)
{
	struct json_object *array = new_array();
	const struct list_column *column;

	for (size_t i = 0; (column = list_column_get(i)); i++) {
		struct json_object *object = new_object();

		add_text(object, "id", column->name);
		add_text(object, "help", column->help);
		append(array, object);
	}
	return array;
}

int main(void)
{
	struct json_object *json = new_object();

	add(json, "groups", list_groups());
	add(json, "suffixes", list_suffixes());
	add(json, "values", list_forms());
	add(json, "run_statuses", list_statuses(run_statuses, n_run_statuses));
	add(json, "other_statuses", list_statuses(other_statuses, n_other_statuses));
	add(json, "verdicts", list_verdicts());
	add(json, "events", list_events());
	add(json, "calls", list_calls());
	add(json, "thresholds", list_thresholds());
	add(json, "verbs", list_verbs());
	add(json, "findings", list_findings(cg2_finding_get_info));
	add(json, "diagnoses", list_findings(cg2_doctor_get_info));
	add(json, "causes", list_findings(cg2_cause_get_info));
	add(json, "columns", list_columns());
	puts(json_object_to_json_string_ext(
		json, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
	return streams_close_stdout(STATUS_OK);
}
