/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An explanation for people: a headline a life, then a labelled line for each thing. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/explain/explain.h"
#include "cmd/output/human.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/verb/verb.h"

/* ", 5 times in 3s" */
static void put_restarts(FILE *f, const struct cg2_life *life)
{
	char text[HUMAN_MAX];

	if (life->restarts > 0) {
		human_usec(life->restarts_usec, text);
		fprintf(f, ", %" PRIu64 " times in %s", life->restarts + 1, text);
	}
	if (life->gave_up)
		fputs(", then given up", f);
}

static char *headline(const struct cg2_explained *about, const struct cg2_life *life, size_t i)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	bool is_running = strcmp(life->verdict, "running") == 0;
	uint64_t when = is_running ? about->running_since_usec : life->ended_usec;
	char *line;

	if (!f)
		return NULL;
	fprintf(f, "%s (%s): %s", about->unit, explain_whose(about), life->what);
	if (when) {
		fputs(is_running ? " since " : ", ", f);
		explain_put_time(f, when);
	}
	put_restarts(f, life);
	if (i == 0 && about->running_since_usec && !is_running) {
		fputs("; it runs again since ", f);
		explain_put_time(f, about->running_since_usec);
	}
	return text_close(&text, &line) < 0 ? NULL : line;
}

static enum table_color color_of(const struct cg2_life *life)
{
	static const char *const good[] = { "ok", "running", "stopped", "skipped" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		if (strcmp(life->verdict, good[i]) == 0)
			return TABLE_GOOD;
	return strcmp(life->verdict, "unknown") == 0 ? TABLE_WARN : TABLE_BAD;
}

static void print_cause(const char *label, const struct cg2_cause *cause)
{
	_cleanup_free_ char *text = NULL;

	if (cause->certainty != CG2_CERTAINTY_CERTAIN)
		text = text_format("%s: %s", cg2_certainty_to_string(cause->certainty),
				   cause->reason);
	explain_print_labelled(label, text ? text : cause->reason);
	if (cause->hint)
		explain_print_labelled("do", cause->hint);
}

void explain_print_cause(struct cg2_explanation *explanation)
{
	struct cg2_cause cause = { .size = sizeof(cause) };

	if (cg2_explanation_get_cause(explanation, 0, 0, &cause) > 0)
		print_cause("why", &cause);
}

static void print_evidence(struct cg2_explanation *explanation, size_t life, bool has_all)
{
	struct cg2_evidence e = { .size = sizeof(e) };

	for (size_t i = 0; cg2_explanation_get_evidence(explanation, life, i, &e) > 0; i++) {
		_cleanup_(text_discard) struct text text = { .f = NULL };
		_cleanup_free_ char *line = NULL;

		if ((!e.is_cited && !has_all) || !text_open(&text))
			continue;
		fprintf(text.f, "%s ", e.source);
		if (e.time_usec)
			explain_put_time(text.f, e.time_usec);
		fprintf(text.f, " \"%s\"", e.text);
		if (text_close(&text, &line) == 0)
			explain_print_labelled("from", line);
	}
}

/* The last of its own lines. */
static void print_lines(struct cg2_explanation *explanation, size_t life, size_t max)
{
	size_t n = 0;

	while (cg2_explanation_get_line(explanation, life, n))
		n++;
	for (size_t i = n > max ? n - max : 0; i < n; i++)
		explain_print_labelled("log", cg2_explanation_get_line(explanation, life, i));
}

static void print_life(struct cg2_explanation *explanation, size_t i,
		       const struct explain_options *opts)
{
	struct cg2_cause first = { .size = sizeof(first) }, cause = { .size = sizeof(cause) };

	if (cg2_explanation_get_cause(explanation, i, 0, &first) > 0)
		print_cause("why", &first);
	/* A start limit has told already what each start died of. */
	for (size_t k = 1; cg2_explanation_get_cause(explanation, i, k, &cause) > 0; k++)
		if (!strstr(first.reason, cause.reason))
			print_cause("also", &cause);
	print_evidence(explanation, i, opts->verbose);
	print_lines(explanation, i, opts->n_lines);
}

void explain_print_unread(struct cg2_explanation *explanation)
{
	struct cg2_unread unread = { .size = sizeof(unread) };

	for (size_t i = 0; cg2_explanation_get_unread(explanation, i, &unread) > 0; i++) {
		_cleanup_free_ char *text =
			text_format("%s%s%s", unread.why, unread.hint ? "; " : "",
				    unread.hint ? unread.hint : "");

		explain_print_labelled("unread", text ? text : unread.why);
	}
}

/* Whether something that was not read may change the answer. */
static bool is_unread_of_interest(struct cg2_explanation *explanation)
{
	struct cg2_life life = { .size = sizeof(life) };
	struct cg2_cause cause = { .size = sizeof(cause) };
	static const char *const open[] = { "signal", "oom", "unknown", "tasks" };

	for (size_t i = 0; cg2_explanation_get_life(explanation, i, &life) > 0; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(open); k++)
			if (strcmp(life.verdict, open[k]) == 0)
				return true;
		if (cg2_explanation_get_cause(explanation, i, 0, &cause) > 0 &&
		    cause.certainty != CG2_CERTAINTY_CERTAIN)
			return true;
	}
	return false;
}

int explain_print_text(struct cg2_explanation *explanation, const struct explain_options *opts,
		       bool is_colored)
{
	struct cg2_explained about = { .size = sizeof(about) };
	struct cg2_life life = { .size = sizeof(life) };

	cg2_explanation_get(explanation, &about);
	for (size_t i = 0; cg2_explanation_get_life(explanation, i, &life) > 0; i++) {
		_cleanup_free_ char *line = headline(&about, &life, i);

		if (!line)
			return verb_out_of_memory();
		table_print_text("", line, 2, color_of(&life), is_colored);
		print_life(explanation, i, opts);
	}
	explain_print_environment(explanation, opts);
	if (opts->verbose || about.manager == CG2_MANAGER_SYSTEM ||
	    is_unread_of_interest(explanation))
		explain_print_unread(explanation);
	if (about.is_cut)
		explain_print_labelled("unread",
			       "what is older than the newest 65536 entries: --since bounds it");
	return STATUS_OK;
}
