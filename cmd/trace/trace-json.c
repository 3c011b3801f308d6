/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A trace for scripts: one object. docs/trace.schema.json has its shape. */
#include "base/cleanup.h"
#include "cmd/output/advice.h"
#include "cmd/output/json-build.h"
#include "cmd/output/process-json.h"
#include "cmd/run/record-json.h"
#include "cmd/trace/trace-report.h"

#define SCHEMA 1

static struct json_object *limit_or_null(struct json *json,
					 const struct cg2_trace_failure *failure)
{
	struct json_object *object;

	if (!failure->has_limit)
		return NULL;
	object = json_new(json);
	json_add(json, object, "file", json_text(json, failure->limit_file));
	json_add(json, object, "cgroup", json_text(json, failure->limit_cgroup));
	json_add(json, object, "limit",
		 failure->limit == CG2_MAX ? NULL : json_number(json, failure->limit));
	json_add(json, object, "current",
		 failure->has_current ? json_number(json, failure->current) : NULL);
	json_add(json, object, "own", json_boolean(json, failure->is_own));
	json_add(json, object, "certain",
		 json_boolean(json, failure->certainty == CG2_CERTAINTY_CERTAIN));
	return object;
}

static void add_then(struct json *json, struct json_object *object,
		     const struct cg2_trace_failure *failure)
{
	const bool has_exited = failure->then == CG2_TRACE_EXITED;
	const bool has_died = failure->then == CG2_TRACE_DIED;

	json_add(json, object, "then", json_text(json, cg2_trace_then_to_string(failure->then)));
	json_add(json, object, "exit_code",
		 has_exited ? json_number(json, (uint64_t)failure->status) : NULL);
	json_add(json, object, "signal",
		 has_died ? process_json_signal(json, failure->status) : NULL);
}

static struct json_object *new_failure(struct json *json, const struct trace_report *report,
				       size_t i, const struct cg2_trace_failure *failure)
{
	struct cg2_advice advice = { .size = sizeof(advice) };
	struct json_object *object = json_new(json);
	_cleanup_free_ char *hint = NULL;
	char buf[32];

	cg2_trace_get_advice(report->trace, i, &advice);
	hint = advice_hint(failure->hint, &advice);
	json_add(json, object, "at_usec", json_number(json, failure->at_usec));
	json_add(json, object, "last_at_usec", json_number(json, failure->last_at_usec));
	json_add(json, object, "count", json_number(json, failure->count));
	json_add(json, object, "pid", json_number(json, (uint64_t)failure->pid));
	json_add(json, object, "tid", json_number(json, (uint64_t)failure->tid));
	json_add(json, object, "ppid", json_number(json, (uint64_t)failure->ppid));
	json_add(json, object, "command", json_text(json, failure->command));
	json_add(json, object, "kind", json_text(json, cg2_trace_kind_to_string(failure->kind)));
	json_add(json, object, "call", json_text(json, failure->call));
	json_add(json, object, "thread", json_boolean(json, failure->is_thread));
	json_add(json, object, "errno",
		 json_text(json, trace_errno_name(failure->code, buf, sizeof(buf))));
	json_add(json, object, "path", json_text(json, failure->path));
	json_add(json, object, "bytes",
		 failure->kind == CG2_TRACE_MEMORY ? json_number(json, failure->bytes) : NULL);
	json_add(json, object, "limit", limit_or_null(json, failure));
	json_add(json, object, "certainty",
		 json_text(json, cg2_certainty_to_string(failure->certainty)));
	json_add(json, object, "reason", json_text(json, failure->reason));
	json_add(json, object, "hint", json_text(json, hint));
	add_then(json, object, failure);
	json_add(json, object, "folded",
		 json_text(json, cg2_trace_folding_to_string(failure->folding)));
	return object;
}

static void add_failures(struct json *json, struct json_object *document,
			 const struct trace_report *report)
{
	struct cg2_trace_failure failure = { .size = sizeof(failure) };
	struct json_object *array = json_add_array(json, document, "failures");

	for (size_t i = 0; cg2_trace_get_failure(report->trace, i, &failure) > 0; i++)
		if (report->is_unfolded || failure.folding == CG2_TRACE_NOT_FOLDED)
			json_append(json, array, new_failure(json, report, i, &failure));
}

static void add_lists(struct json *json, struct json_object *document,
		      const struct trace_report *report)
{
	struct json_object *command = json_add_array(json, document, "command"), *only;
	const char *kind;

	for (size_t i = 0; report->command[i]; i++)
		json_append(json, command, json_text(json, report->command[i]));
	json_add(json, document, "method", json_text(json, "ptrace"));
	only = json_add_array(json, document, "only");
	for (unsigned int i = 0; (kind = cg2_trace_kind_to_string(i)); i++)
		if (!report->kinds || report->kinds & UINT64_C(1) << i)
			json_append(json, only, json_text(json, kind));
}

static void add_totals(struct json *json, struct json_object *document,
		       const struct trace_report *report)
{
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	struct json_object *folded = json_new(json), *notes;
	const char *note;

	cg2_trace_get_totals(report->trace, &totals);
	json_add(json, document, "wall_usec", json_number(json, totals.wall_usec));
	json_add(json, document, "processes", json_number(json, totals.processes));
	add_failures(json, document, report);
	json_add(json, folded, "path_search", json_number(json, totals.path_searches));
	json_add(json, folded, "retried", json_number(json, totals.tried_again));
	json_add(json, folded, "fallback", json_number(json, totals.fallbacks));
	json_add(json, document, "folded", folded);
	json_add(json, document, "lost", json_number(json, totals.lost));
	notes = json_add_array(json, document, "notes");
	for (size_t i = 0; (note = cg2_trace_get_note(report->trace, i)); i++)
		json_append(json, notes, json_text(json, note));
}

int trace_report_to_json(const struct jsonc *lib, const struct trace_report *report,
			 char **ret_text, size_t *ret_len)
{
	struct json json = { .lib = lib };
	struct json_object *document = json_new(&json), *record = NULL;

	json_add(&json, document, "schema", json_number(&json, SCHEMA));
	add_lists(&json, document, report);
	json_add(&json, document, "started_at",
		 report->record ? json_time(&json, report->record->started_usec) : NULL);
	add_totals(&json, document, report);
	if (report->record)
		record = record_new_json(&json, report->record);
	json_add(&json, document, "record", record);
	return json_finish(&json, document, ret_text, ret_len);
}
