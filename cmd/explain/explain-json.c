/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An explanation for scripts: an object a target, one a line. docs/explain.schema.json has its
 * shape. */
#include <sys/wait.h>

#include "cmd/explain/explain.h"
#include "cmd/output/json-build.h"
#include "cmd/output/process-json.h"
#include "cmd/output/status.h"

static struct json_object *time_or_null(struct json *json, uint64_t usec)
{
	return usec ? json_time(json, usec) : NULL;
}

static struct json_object *new_life(struct json *json, const struct cg2_life *life)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "invocation", json_text(json, life->invocation));
	json_add(json, object, "started_at", time_or_null(json, life->started_usec));
	json_add(json, object, "ended_at", time_or_null(json, life->ended_usec));
	json_add(json, object, "restarts", json_number(json, life->restarts));
	json_add(json, object, "gave_up", json_boolean(json, life->gave_up));
	return object;
}

static struct json_object *new_exit(struct json *json, const struct cg2_life *life)
{
	bool is_exit = life->exit_code == CLD_EXITED;
	bool is_signal = life->exit_code == CLD_KILLED || life->exit_code == CLD_DUMPED;
	struct json_object *object = json_new(json);

	json_add(json, object, "command", json_text(json, life->command));
	json_add(json, object, "path", json_text(json, life->path));
	json_add(json, object, "code",
		 is_exit ? json_number(json, (uint64_t)life->exit_status) : NULL);
	json_add(json, object, "signal",
		 is_signal ? process_json_signal(json, life->exit_status) : NULL);
	json_add(json, object, "core", json_boolean(json, life->exit_code == CLD_DUMPED));
	return object;
}

static void add_cause(struct json *json, struct json_object *object, const struct cg2_cause *cause)
{
	json_add(json, object, "cause", json_text(json, cause->id));
	json_add(json, object, "certainty",
		 json_text(json, cg2_certainty_to_string(cause->certainty)));
	json_add(json, object, "reason", json_text(json, cause->reason));
	json_add(json, object, "hint", json_text(json, cause->hint));
}

static struct json_object *new_also(struct json *json, struct cg2_explanation *explanation,
				    size_t life)
{
	struct json_object *array = json_new_array(json);
	struct cg2_cause cause = { .size = sizeof(cause) };

	for (size_t i = 1; cg2_explanation_get_cause(explanation, life, i, &cause) > 0; i++) {
		struct json_object *object = json_new(json);

		add_cause(json, object, &cause);
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *new_evidence(struct json *json, struct cg2_explanation *explanation,
					size_t life, bool has_all)
{
	struct json_object *array = json_new_array(json);
	struct cg2_evidence e = { .size = sizeof(e) };

	for (size_t i = 0; cg2_explanation_get_evidence(explanation, life, i, &e) > 0; i++) {
		struct json_object *object;

		if (!e.is_cited && !has_all)
			continue;
		object = json_new(json);
		json_add(json, object, "source", json_text(json, e.source));
		json_add(json, object, "at", time_or_null(json, e.time_usec));
		json_add(json, object, "text", json_text(json, e.text));
		json_add(json, object, "message_id", json_text(json, e.message_id));
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *new_log(struct json *json, struct cg2_explanation *explanation,
				   size_t life, size_t max)
{
	struct json_object *array = json_new_array(json);
	size_t n = 0;

	while (cg2_explanation_get_line(explanation, life, n))
		n++;
	for (size_t i = n > max ? n - max : 0; i < n; i++)
		json_append(json, array,
			    json_text(json, cg2_explanation_get_line(explanation, life, i)));
	return array;
}

/* The keys of a life; those of the newest are the document's own. */
static void add_life(struct json *json, struct json_object *object,
		     struct cg2_explanation *explanation, size_t i,
		     const struct explain_options *opts)
{
	struct cg2_life life = { .size = sizeof(life) };
	struct cg2_cause cause = { .size = sizeof(cause) };
	struct cg2_blame blame = { .size = sizeof(blame) };

	cg2_explanation_get_life(explanation, i, &life);
	cg2_explanation_get_cause(explanation, i, 0, &cause);
	json_add(json, object, "life", new_life(json, &life));
	json_add(json, object, "exit", new_exit(json, &life));
	json_add(json, object, "verdict", json_text(json, life.verdict));
	add_cause(json, object, &cause);
	json_add(json, object, "blame",
		 cg2_explanation_get_blame(explanation, i, &blame) > 0 ? json_blame(json, &blame)
								       : NULL);
	json_add(json, object, "also", new_also(json, explanation, i));
	json_add(json, object, "evidence", new_evidence(json, explanation, i, opts->verbose));
	json_add(json, object, "log", new_log(json, explanation, i, opts->n_lines));
}

static struct json_object *new_unread(struct json *json, struct cg2_explanation *explanation)
{
	struct json_object *array = json_new_array(json);
	struct cg2_unread unread = { .size = sizeof(unread) };

	for (size_t i = 0; cg2_explanation_get_unread(explanation, i, &unread) > 0; i++) {
		struct json_object *object = json_new(json);

		json_add(json, object, "source", json_text(json, unread.source));
		json_add(json, object, "why", json_text(json, unread.why));
		json_add(json, object, "hint", json_text(json, unread.hint));
		json_append(json, array, object);
	}
	return array;
}

static struct json_object *new_environment(struct json *json, struct cg2_explanation *explanation)
{
	struct cg2_environment env = { .size = sizeof(env) };
	struct json_object *array = json_new_array(json);

	for (size_t i = 0; cg2_explanation_get_environment(explanation, i, &env) > 0; i++) {
		struct json_object *object = json_new(json);

		json_add(json, object, "name", json_text(json, env.name));
		json_add(json, object, "unit", json_text(json, env.unit));
		json_add(json, object, "caller", json_text(json, env.caller));
		json_add(json, object, "advice", json_text(json, env.advice));
		json_append(json, array, object);
	}
	return array;
}

/* ---- a start ---- */

static struct json_object *usec_or_null(struct json *json, uint64_t usec)
{
	return usec == CG2_MAX ? NULL : json_number(json, usec);
}

static struct json_object *new_step(struct json *json, const struct cg2_start_step *step)
{
	struct json_object *object = json_new(json);
	bool is_exit = step->exit_code == CLD_EXITED;
	bool is_signal = step->exit_code == CLD_KILLED || step->exit_code == CLD_DUMPED;

	json_add(json, object, "kind", json_text(json, step->kind));
	json_add(json, object, "what", json_text(json, step->what));
	json_add(json, object, "at_usec", json_number(json, step->at_usec));
	json_add(json, object, "took_usec", json_number(json, step->took_usec));
	json_add(json, object, "over", json_boolean(json, !step->is_open));
	json_add(json, object, "code",
		 is_exit ? json_number(json, (uint64_t)step->exit_status) : NULL);
	json_add(json, object, "signal",
		 is_signal ? process_json_signal(json, step->exit_status) : NULL);
	return object;
}

static void add_start(struct json *json, struct json_object *object, const struct cg2_start *start)
{
	json_add(json, object, "begun_at", time_or_null(json, start->begun_usec));
	json_add(json, object, "took_usec", json_number(json, start->took_usec));
	json_add(json, object, "result", json_text(json, start->result));
}

static struct json_object *new_cgroup(struct json *json, const struct cg2_start *start)
{
	struct json_object *object = json_new(json);

	json_add(json, object, "alive_usec", json_number(json, start->alive_usec));
	json_add(json, object, "throttled_usec", usec_or_null(json, start->throttled_usec));
	json_add(json, object, "cpu_stalled_usec", usec_or_null(json, start->cpu_stalled_usec));
	json_add(json, object, "memory_stalled_usec",
		 usec_or_null(json, start->memory_stalled_usec));
	json_add(json, object, "io_stalled_usec", usec_or_null(json, start->io_stalled_usec));
	return object;
}

static void add_steps(struct json *json, struct json_object *object,
		      struct cg2_explanation *explanation, size_t start)
{
	struct cg2_start_step step = { .size = sizeof(step) };
	struct json_object *array = json_add_array(json, object, "steps");

	for (size_t i = 0; cg2_explanation_get_start_step(explanation, start, i, &step) > 0; i++)
		json_append(json, array, new_step(json, &step));
}

static struct json_object *new_start(struct json *json, struct cg2_explanation *explanation)
{
	struct cg2_start start = { .size = sizeof(start) };
	struct json_object *object, *array;

	if (cg2_explanation_get_start(explanation, 0, &start) <= 0)
		return NULL;
	object = json_new(json);
	add_start(json, object, &start);
	add_steps(json, object, explanation, 0);
	json_add(json, object, "cgroup", new_cgroup(json, &start));
	array = json_add_array(json, object, "before");
	for (size_t i = 1; cg2_explanation_get_start(explanation, i, &start) > 0; i++) {
		struct json_object *before = json_new(json);

		add_start(json, before, &start);
		add_steps(json, before, explanation, i);
		json_append(json, array, before);
	}
	return object;
}

struct asked {
	struct cg2_explanation *explanation;
	const struct explain_options *opts;
};

static void fill(struct json *json, struct json_object *document, void *data)
{
	const struct asked *asked = data;
	struct cg2_explained about = { .size = sizeof(about) };
	struct cg2_life life = { .size = sizeof(life) };
	struct json_object *lives;

	cg2_explanation_get(asked->explanation, &about);
	json_add(json, document, "target", json_text(json, about.target));
	json_add(json, document, "kind", json_text(json, about.pid ? "process" : "unit"));
	json_add(json, document, "manager",
		 json_text(json, about.manager == CG2_MANAGER_USER ? "user" : "system"));
	json_add(json, document, "unit", json_text(json, about.unit));
	json_add(json, document, "pid", about.pid ? json_number(json, (uint64_t)about.pid) : NULL);
	json_add(json, document, "state", json_text(json, about.state));
	json_add(json, document, "result", json_text(json, about.result));
	json_add(json, document, "running_since", time_or_null(json, about.running_since_usec));
	add_life(json, document, asked->explanation, 0, asked->opts);
	json_add(json, document, "unread", new_unread(json, asked->explanation));
	json_add(json, document, "environment",
		 asked->opts->environment ? new_environment(json, asked->explanation) : NULL);
	json_add(json, document, "start", new_start(json, asked->explanation));
	json_add(json, document, "complete", json_boolean(json, !about.is_cut));
	lives = json_add_array(json, document, "lives");
	for (size_t i = 1; cg2_explanation_get_life(asked->explanation, i, &life) > 0; i++) {
		struct json_object *object = json_new(json);

		add_life(json, object, asked->explanation, i, asked->opts);
		json_append(json, lives, object);
	}
}

int explain_print_json(struct cg2_explanation *explanation, const struct explain_options *opts)
{
	return json_print(fill, &(struct asked){ explanation, opts }, STATUS_OK);
}
