/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A comparison from its JSON. The file may be anybody's: what is not there, or of another type, is
 * named, a number that would lead out of an array is none, and no terminal obeys what it says.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/macro.h"
#include "base/scan.h"
#include "base/text.h"
#include "cmd/experiment/comparison-json.h"

#define SETS_MAX 64
#define TRIALS_MAX 1000000

struct loader {
	const struct jsonc *lib;
	const char *missing; /* the first key that was not as it should be */
};

static struct json_object *get(struct loader *l, struct json_object *from, const char *key,
			       enum json_type type)
{
	struct json_object *value = NULL;

	if (l->missing)
		return NULL;
	if (l->lib->get_type(from) == json_type_object &&
	    l->lib->object_get(from, key, &value) && l->lib->get_type(value) == type)
		return value;
	l->missing = key;
	return NULL;
}

static char *shown(const char *text)
{
	_cleanup_(text_discard) struct text memory = { .f = NULL };
	char *line;

	if (!text_open(&memory))
		return NULL;
	put_escaped(memory.f, text ? text : "", SIZE_MAX);
	return text_close(&memory, &line) < 0 ? NULL : line;
}

static char *get_text(struct loader *l, struct json_object *from, const char *key)
{
	struct json_object *value = get(l, from, key, json_type_string);

	return value ? shown(l->lib->get_string(value)) : NULL;
}

/* Null is CG2_MAX where that is allowed. */
static uint64_t get_number(struct loader *l, struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	if (l->lib->get_type(from) == json_type_object && l->lib->object_get(from, key, &value) &&
	    !value)
		return CG2_MAX;
	value = get(l, from, key, json_type_int);
	return value ? l->lib->get_uint64(value) : 0;
}

/* A number from low to high, which stands for one that begins with 0 where low is 1. */
static size_t get_index(struct loader *l, struct json_object *from, const char *key, size_t low,
			size_t high)
{
	const uint64_t value = get_number(l, from, key);

	if (!l->missing && (value < low || value > high))
		l->missing = key;
	return l->missing ? 0 : (size_t)value - low;
}

static bool get_bool(struct loader *l, struct json_object *from, const char *key)
{
	struct json_object *value = get(l, from, key, json_type_boolean);

	return value && l->lib->get_boolean(value);
}

static size_t get_array(struct loader *l, struct json_object *from, const char *key,
			struct json_object **ret_array, size_t max)
{
	size_t n;

	*ret_array = get(l, from, key, json_type_array);
	n = *ret_array ? l->lib->array_length(*ret_array) : 0;
	if (n > max)
		l->missing = key;
	return l->missing ? 0 : n;
}

/* The object within objects that a path with dots leads to, and its last key. */
static struct json_object *walk(struct loader *l, struct json_object *from, const char *path,
				const char **ret_key)
{
	const char *dot;

	while ((dot = strchr(path, '.'))) {
		char key[32];

		snprintf(key, sizeof(key), "%.*s", (int)(dot - path), path);
		/* The name for a message is the path. */
		if (!get(l, from, key, json_type_object)) {
			l->missing = path;
			return NULL;
		}
		l->lib->object_get(from, key, &from);
		path = dot + 1;
	}
	*ret_key = path;
	return from;
}

/* ---- the parts ---- */

static int load_command(struct loader *l, struct json_object *from, struct comparison *c)
{
	struct json_object *array;
	const size_t n = get_array(l, from, "command", &array, 1 << 20);

	c->command = calloc(n + 1, sizeof(*c->command));
	if (!c->command)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *word = l->lib->get_string(l->lib->array_get(array, i));

		c->command[i] = shown(word);
		if (!c->command[i])
			return -ENOMEM;
	}
	return 0;
}

static int load_limits(struct loader *l, struct json_object *from, struct compared_set *set)
{
	struct json_object *array;
	const size_t n = get_array(l, from, "limits", &array, SETS_MAX);

	set->limits = calloc(n + 1, sizeof(*set->limits));
	if (!set->limits)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct json_object *limit = l->lib->array_get(array, i);

		set->n_limits++;
		set->limits[i] = (struct compared_limit){
			.name = get_text(l, limit, "name"),
			.unit = get_text(l, limit, "unit"),
			.text = get_text(l, limit, "text"),
			.value = get_number(l, limit, "value"),
		};
	}
	return 0;
}

static int load_sets(struct loader *l, struct json_object *from, struct comparison *c)
{
	struct json_object *array;
	const size_t n = get_array(l, from, "sets", &array, SETS_MAX);
	int r = 0;

	c->sets = calloc(n + 1, sizeof(*c->sets));
	if (!c->sets)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct json_object *set = l->lib->array_get(array, i);

		c->n_sets++;
		c->sets[i].name = get_text(l, set, "name");
		r = load_limits(l, set, &c->sets[i]);
	}
	return r;
}

static void load_record(struct loader *l, struct json_object *record, struct trial *trial)
{
	struct json_object *verdict = get(l, record, "verdict", json_type_string), *reason = NULL;
	int n = verdict ? cg2_verdict_from_string(l->lib->get_string(verdict)) : 0;

	if (n < 0)
		l->missing = "verdict";
	trial->verdict = n < 0 ? CG2_VERDICT_OK : (enum cg2_verdict)n;
	if (!l->missing && l->lib->object_get(record, "reason", &reason) && reason)
		trial->reason = shown(l->lib->get_string(reason));
	for (size_t i = 0; i < METRIC_COUNT && !l->missing; i++) {
		const char *key = NULL;
		struct json_object *object = walk(l, record, metrics[i].record_key, &key);

		if (object)
			trial->values[i] = get_number(l, object, key);
	}
	if (!l->missing)
		trial->record = strdup(l->lib->to_line(
			record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int load_trials(struct loader *l, struct json_object *from, struct comparison *c)
{
	struct json_object *array;
	const size_t n = get_array(l, from, "runs", &array, TRIALS_MAX);

	for (size_t i = 0; i < n && !l->missing; i++) {
		struct json_object *run = l->lib->array_get(array, i), *record;
		struct trial *trial = comparison_add_trial(c);

		if (!trial)
			return -ENOMEM;
		trial->round = get_index(l, run, "round", 0, TRIALS_MAX);
		trial->position = get_index(l, run, "position", 0, SETS_MAX);
		trial->set = get_index(l, run, "set", 1, c->n_sets);
		trial->is_warmup = get_bool(l, run, "warmup");
		trial->other_cpu_permyriad = get_number(l, run, "other_cpu_permyriad");
		record = get(l, run, "record", json_type_object);
		if (record)
			load_record(l, record, trial);
	}
	return 0;
}

static void load_order(struct loader *l, struct json_object *from, struct comparison *c)
{
	_cleanup_free_ char *order = get_text(l, from, "order");
	_cleanup_free_ char *seed = get_text(l, from, "seed");

	while (order && c->order < ORDER_GROUPED && strcmp(order, order_to_string(c->order)) != 0)
		c->order++;
	if (seed && order_seed_from_string(seed, &c->seed) < 0)
		l->missing = "seed";
}

/* "2026-01-31T12:00:00.123456Z" */
static void load_time(struct loader *l, struct json_object *from, struct comparison *c)
{
	_cleanup_free_ char *text = get_text(l, from, "started_at");
	struct tm tm = { 0 };
	const char *rest = text ? strptime(text, "%Y-%m-%dT%H:%M:%S.", &tm) : NULL;
	struct scan s = scan_of_string(rest ? rest : "");
	uint64_t usec;

	if (l->missing)
		return;
	if (!rest || scan_u64(&s, &usec) < 0 || usec >= USEC_PER_SEC || timegm(&tm) < 0)
		l->missing = "started_at";
	else
		c->started_usec = (uint64_t)timegm(&tm) * USEC_PER_SEC + usec;
}

static int load_all(struct loader *l, struct json_object *from, struct comparison *c)
{
	int r;

	if (get_number(l, from, "schema") != 1)
		l->missing = "schema";
	r = load_command(l, from, c);
	c->host = get_text(l, from, "host");
	c->kernel = get_text(l, from, "kernel");
	load_time(l, from, c);
	load_order(l, from, c);
	c->n_rounds = get_index(l, from, "rounds", 0, TRIALS_MAX);
	c->n_warmup_rounds = get_index(l, from, "warmup_rounds", 0, TRIALS_MAX);
	c->tolerance_permyriad = get_index(l, from, "tolerance_permyriad", 0, 1000000);
	c->is_complete = get_bool(l, from, "complete");
	if (r == 0)
		r = load_sets(l, from, c);
	c->reference = get_index(l, from, "reference", 1, c->n_sets);
	return r == 0 ? load_trials(l, from, c) : r;
}

int comparison_from_json(const struct jsonc *lib, const char *text, struct comparison *ret,
			 const char **ret_missing)
{
	struct loader loader = { .lib = lib };
	struct json_object *document = lib->parse(text);
	int r;

	*ret = (struct comparison){ .order = ORDER_RANDOM };
	*ret_missing = "schema";
	if (!document)
		return -EBADMSG;
	r = load_all(&loader, document, ret);
	lib->put(document);
	*ret_missing = loader.missing;
	return r == 0 && loader.missing ? -EBADMSG : r;
}
