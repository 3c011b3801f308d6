/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the time of a start went: a line a step, on a terminal with a bar. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/explain/explain.h"
#include "cmd/output/human.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"
#include "cmd/verb/verb.h"

#define BAR_WIDTH 24

/* A terminal that is narrower has no bars. */
#define BAR_TERMINAL_MIN 60

/* How many starts before it are shown without --lives. */
#define BEFORE_DEFAULT 4

/* Less of a start is not worth a line of its own. */
#define REST_PERCENT 2

static void put_headline(FILE *f, const struct cg2_explained *about, const struct cg2_start *start)
{
	static const struct {
		const char *result;
		const char *words;
	} words[] = { { "started", "started in" },
		      { "done", "ran and was done in" },
		      { "failed", "failed to start, after" },
		      { "starting", "has been starting for" } };
	char took[HUMAN_MAX];

	human_usec(start->took_usec, took);
	fprintf(f, "%s (%s): ", about->unit, explain_whose(about));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].result, start->result) == 0)
			fputs(words[i].words, f);
	fprintf(f, " %s, ", took);
	explain_put_time(f, start->begun_usec);
}

/* "   ====        " */
static void put_bar(FILE *f, const struct cg2_start *start, uint64_t at, uint64_t took)
{
	uint64_t whole = MAX(start->took_usec, UINT64_C(1));
	size_t from = (size_t)(MIN(at, whole) * BAR_WIDTH / whole);
	size_t to = (size_t)(MIN(at + took, whole) * BAR_WIDTH / whole);

	from = MIN(from, (size_t)BAR_WIDTH - 1);
	to = MIN(MAX(to, from + 1), (size_t)BAR_WIDTH);
	for (size_t i = 0; i < BAR_WIDTH; i++)
		fputc(i >= from && i < to ? '=' : ' ', f);
	fputs("  ", f);
}

static void put_exit(FILE *f, const struct cg2_start_step *step)
{
	const char *name = cg2_signal_to_string(step->exit_status);

	if (step->is_open)
		fputs(" (goes on)", f);
	else if (step->exit_code == CLD_EXITED && step->exit_status)
		fprintf(f, " (status %d)", step->exit_status);
	else if (step->exit_code == CLD_KILLED || step->exit_code == CLD_DUMPED)
		fprintf(f, " (killed by %s)", name ? name : "a signal");
}

static void print_line(const struct cg2_start *start, uint64_t at, uint64_t took, const char *what,
		       size_t width)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *line = NULL;
	char length[HUMAN_MAX];
	FILE *f = text_open(&text);

	if (!f)
		return;
	human_usec(took, length);
	fprintf(f, "  %7s %3" PRIu64 "%%  ", length,
		took * 100 / MAX(start->took_usec, UINT64_C(1)));
	if (width >= BAR_TERMINAL_MIN)
		put_bar(f, start, at, took);
	fputs(what, f);
	if (text_close(&text, &line) < 0)
		return;
	if (width)
		width_cut(line, width - 1);
	puts(line);
}

static void print_steps(struct cg2_explanation *explanation, const struct cg2_start *start,
			size_t width)
{
	struct cg2_start_step step = { .size = sizeof(step) };
	uint64_t rest = start->took_usec;
	size_t i = 0;

	for (; cg2_explanation_get_start_step(explanation, 0, i, &step) > 0; i++) {
		_cleanup_(text_discard) struct text text = { .f = NULL };
		_cleanup_free_ char *what = NULL, *shown = table_escape(step.what);

		rest -= MIN(rest, step.took_usec);
		if (!shown || !text_open(&text))
			return;
		fputs(shown, text.f);
		put_exit(text.f, &step);
		if (text_close(&text, &what) == 0)
			print_line(start, step.at_usec, step.took_usec, what, width);
	}
	if (rest > 0 && rest * 100 / start->took_usec >= REST_PERCENT)
		print_line(start, 0, rest, i ? "systemd, between them" : "systemd itself", 0);
}

/* ---- what held it back ---- */

static void put_figure(FILE *f, const char *words, uint64_t usec, size_t *n)
{
	char text[HUMAN_MAX];

	/* A thousandth of a second is nobody's reason. */
	if (usec == CG2_MAX || usec < 1000)
		return;
	human_usec(usec, text);
	fprintf(f, "%s%s %s", (*n)++ ? ", " : "", words, text);
}

/* Its cgroup counts from its beginning on, and does not know when the unit was ready. */
static void print_figures(const struct cg2_start *start)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *line = NULL;
	char alive[HUMAN_MAX];
	size_t n = 0;

	if (start->cpu_stalled_usec == CG2_MAX && start->throttled_usec == CG2_MAX)
		return;
	if (!text_open(&text))
		return;
	human_usec(start->alive_usec, alive);
	fprintf(text.f, "in the %s since it began: ", alive);
	put_figure(text.f, "throttled by a CPU limit", start->throttled_usec, &n);
	put_figure(text.f, "waited for a CPU", start->cpu_stalled_usec, &n);
	put_figure(text.f, "stalled for memory", start->memory_stalled_usec, &n);
	put_figure(text.f, "stalled for I/O", start->io_stalled_usec, &n);
	if (n == 0)
		fputs("neither throttled nor stalled", text.f);
	if (text_close(&text, &line) == 0)
		explain_print_labelled("cgroup", line);
}

/* ---- the starts before ---- */

/* ": 640ms queued behind db.service"; what is not known to have been a wait is left out. */
static void put_waits(FILE *f, struct cg2_explanation *explanation, size_t i)
{
	struct cg2_start_step step = { .size = sizeof(step) };
	const char *separator = ": ";

	for (size_t k = 0; cg2_explanation_get_start_step(explanation, i, k, &step) > 0; k++) {
		char took[HUMAN_MAX];

		if (strcmp(step.kind, "rest") == 0)
			continue;
		human_usec(step.took_usec, took);
		fprintf(f, "%s%s %s", separator, took, step.what);
		separator = ", ";
	}
}

static size_t print_before(struct cg2_explanation *explanation, size_t max)
{
	struct cg2_start start = { .size = sizeof(start) };
	size_t i = 1;

	for (; i <= max && cg2_explanation_get_start(explanation, i, &start) > 0; i++) {
		_cleanup_(text_discard) struct text text = { .f = NULL };
		_cleanup_free_ char *line = NULL;
		char took[HUMAN_MAX];

		if (!text_open(&text))
			return i;
		human_usec(start.took_usec, took);
		fprintf(text.f, "%s%s, ", took,
			strcmp(start.result, "failed") == 0 ? ", and failed" : "");
		explain_put_time(text.f, start.begun_usec);
		put_waits(text.f, explanation, i);
		if (text_close(&text, &line) == 0)
			explain_print_labelled("before", line);
	}
	return i - 1;
}

int explain_print_start(struct cg2_explanation *explanation, const struct explain_options *opts,
			bool is_colored)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	struct cg2_explained about = { .size = sizeof(about) };
	struct cg2_start start = { .size = sizeof(start) };
	_cleanup_free_ char *line = NULL;
	bool has_failed;

	cg2_explanation_get(explanation, &about);
	if (cg2_explanation_get_start(explanation, 0, &start) <= 0)
		return explain_print_text(explanation, opts, is_colored);
	if (!text_open(&text))
		return verb_out_of_memory();
	put_headline(text.f, &about, &start);
	if (text_close(&text, &line) < 0)
		return verb_out_of_memory();
	has_failed = strcmp(start.result, "failed") == 0;
	table_print_text("", line, 2, has_failed ? TABLE_BAD : TABLE_GOOD, is_colored);
	print_steps(explanation, &start, width_of_terminal(STDOUT_FILENO));
	print_figures(&start);
	print_before(explanation, opts->lives ? opts->n_before : BEFORE_DEFAULT);
	if (has_failed)
		explain_print_cause(explanation);
	if (has_failed || about.manager == CG2_MANAGER_SYSTEM)
		explain_print_unread(explanation);
	return STATUS_OK;
}
