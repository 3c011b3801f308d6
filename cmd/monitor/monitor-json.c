/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An event as JSON: what --json prints and hooks get. docs/monitor.md and
 * docs/monitor.schema.json describe it to users.
 */
#include <signal.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/monitor/failure.h"
#include "cmd/monitor/monitor.h"
#include "cmd/output/process-json.h"
#include "cmd/scope/list-json.h"

#define SCHEMA 1

static struct json_object *get_value(struct json *json, struct cg2_event *event)
{
	uint64_t value;

	return cg2_event_get_value(event, &value) > 0 ? json_number(json, value) : NULL;
}

static struct json_object *get_limit(struct json *json, struct cg2_event *event)
{
	uint64_t limit;

	return cg2_event_get_limit(event, &limit) > 0 && limit != CG2_MAX
		       ? json_number(json, limit)
		       : NULL;
}

static struct json_object *get_blame(struct json *json, struct cg2_event *event)
{
	struct cg2_blame blame = { .size = sizeof(blame) };

	return cg2_event_get_blame(event, &blame) > 0 ? json_blame(json, &blame) : NULL;
}

static void add_threshold(struct json *json, struct json_object *object,
			  struct cg2_event *event)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };
	_cleanup_free_ char *text = NULL;

	if (cg2_event_get_threshold(event, &threshold) <= 0)
		return;
	if (cg2_threshold_to_string(&threshold, &text) < 0)
		json->is_failed = true;
	json_add(json, object, "threshold", json_text(json, text));
}

static void add_figures(struct json *json, struct json_object *object, struct cg2_event *event)
{
	struct list_row row;

	if (cg2_event_get_kind(event) != CG2_EVENT_SAMPLE)
		return;
	monitor_get_row(event, &row);
	list_json_figures(json, object, &row);
}

/* The keys of explain. */
static void add_cause(struct json *json, struct json_object *object, const struct failure *failure)
{
	json_add(json, object, "cause", json_text(json, failure ? failure->cause : NULL));
	json_add(json, object, "certainty",
		 json_text(json, failure ? cg2_certainty_to_string(failure->certainty) : NULL));
	json_add(json, object, "reason", json_text(json, failure ? failure->reason : NULL));
	json_add(json, object, "hint", json_text(json, failure ? failure->hint : NULL));
}

static void add_failure(struct json *json, struct json_object *object, struct cg2_event *event,
			const struct failure *failure)
{
	struct json_object *log;
	const char *line;
	int code = 0, status = 0;
	bool has_exit, is_signal;

	if (cg2_event_get_kind(event) != CG2_EVENT_FAILED)
		return;
	has_exit = cg2_event_get_exit(event, &code, &status) > 0;
	is_signal = has_exit && code != CLD_EXITED;
	json_add(json, object, "result", json_text(json, cg2_event_get_result(event)));
	json_add(json, object, "status",
		 has_exit && !is_signal ? json_number(json, (uint64_t)status) : NULL);
	json_add(json, object, "signal",
		 is_signal ? json_text(json, cg2_signal_to_string(status)) : NULL);
	log = json_add_array(json, object, "log");
	for (size_t i = 0; (line = cg2_event_get_line(event, i)); i++)
		json_append(json, log, json_text(json, line));
	add_cause(json, object, failure && failure->cause ? failure : NULL);
}

int monitor_event_to_json(const struct jsonc *lib, struct cg2_event *event,
			  const struct failure *failure, char **ret_text, size_t *ret_len)
{
	struct json json = { .lib = lib };
	struct json_object *object = json_new(&json);

	json_add(&json, object, "schema", json_number(&json, SCHEMA));
	json_add(&json, object, "time", json_time(&json, cg2_event_get_time_usec(event)));
	json_add(&json, object, "event",
		 json_text(&json, cg2_event_kind_to_string(cg2_event_get_kind(event))));
	json_add(&json, object, "target", json_text(&json, cg2_event_get_target(event)));
	json_add(&json, object, "cgroup", json_text(&json, cg2_event_get_cgroup(event)));
	json_add(&json, object, "value", get_value(&json, event));
	json_add(&json, object, "limit", get_limit(&json, event));
	json_add(&json, object, "blame", get_blame(&json, event));
	add_threshold(&json, object, event);
	add_failure(&json, object, event, failure);
	add_figures(&json, object, event);
	if (cg2_event_get_process(event))
		process_json_add(&json, object, cg2_event_get_process(event));
	return json_finish(&json, object, ret_text, ret_len);
}
