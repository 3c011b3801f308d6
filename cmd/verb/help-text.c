/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Help texts. Only the examples and the forms of values are written here; the rest is in
 * the tables.
 */
#include "cmd/verb/help-text.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/status.h"
#include "cmd/output/width.h"

#define WIDTH 80
#define LABEL_INDENT 2
#define HELP_COLUMN 29
#define NARROW 60 /* has no room for texts beside labels */
#define NARROW_COLUMN 6
#define VERBS_LABEL "       cgscope VERB [OPTIONS] [ARG...]: "
#define VERBS_INDENT 7
#define EXAMPLES_INDENT 12

static const struct help_form forms[] = {
	{ "SIZE",
	  "bytes, or with K, M, G, T (1024-based): 512M, 1.5G; 25% of the RAM; max" },
	{ "AMOUNT", "CPUs: 1.5, or a percentage of one: 150%; max" },
	{ "LIST", "numbers and ranges: 0-3,8" },
	{ "DURATION", "30 (seconds), 1.5s, 200ms, 5min, 1h30min" },
	{ "SIGNAL", "a name or a number: TERM, SIGTERM, 15" },
	{ "KIND:VALUE",
	  "such as tasks:80%, tasks:200, memory:1G, pressure:X:Y:10%/2s; X is cpu, memory "
	  "or io, Y is some or full" },
	{ "KIND",
	  "one of sample, tasks, memory, refused, oom, oomd, pressure, failed, frozen, "
	  "empty, gone; with --processes also fork, exec, exit" },
};

static const char *const examples[] = {
	"cgscope --mem 512M go run .",
	"cgscope --cpu 50% --tasks 200 --time 10min -- make -j8",
};

const struct help_form *help_form_get(size_t i)
{
	return i < ARRAY_SIZE(forms) ? &forms[i] : NULL;
}

/* A terminal that is narrower than that has shorter lines. */
static size_t help_width(FILE *f)
{
	const size_t width = width_of_terminal(fileno(f));

	return width > 0 ? MIN(width, (size_t)WIDTH) : WIDTH;
}

/* The words of a text that begins at a column, in lines that go on at the column indent. */
static void print_wrapped(FILE *f, size_t column, size_t indent, const char *text)
{
	width_put(f, text, column, indent, help_width(f), WIDTH_WORDS);
}

/* A label, and its text beside it, or below it if the label is long. */
static void print_item(FILE *f, const char *label, const char *text)
{
	const int column = help_width(f) < NARROW ? NARROW_COLUMN : HELP_COLUMN;
	int used = fprintf(f, "%*s%s", LABEL_INDENT, "", label);

	if (used < 0)
		return;
	if (used + 2 <= column)
		fprintf(f, "%*s", column - used, "");
	else
		fprintf(f, "\n%*s", column, "");
	print_wrapped(f, (size_t)column, (size_t)column, text);
}

static void print_option(FILE *f, const struct option *option, bool brief)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *label = NULL;
	FILE *memory = text_open(&text);

	if (!memory)
		return;
	option_print_usage(memory, option, brief);
	if (text_close(&text, &label) == 0)
		print_item(f, label, option->help);
}

static void print_group(FILE *f, const struct option_set *set, enum option_group group,
			bool brief)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (set->rows[i].group == group && !(brief && set->rows[i].rare))
			print_option(f, &set->rows[i], brief);
}

static bool has_group(const struct option_set *set, enum option_group group)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (set->rows[i].group == group)
			return true;
	return false;
}

static void print_usage(FILE *f, const char *start, const struct verb *verb,
			const char *name)
{
	const int used = fprintf(f, "%s cgscope%s%s ", start, *name ? " " : "", name);

	print_wrapped(f, (size_t)MAX(used, 0), VERBS_INDENT, verb->synopsis);
}

/* "124 a time limit, 125 cgscope failed or refused, ..." */
static void print_brief_statuses(FILE *f)
{
	_cleanup_(text_discard) struct text words = { .f = NULL };
	_cleanup_free_ char *text = NULL;
	FILE *memory = text_open(&words);

	if (!memory)
		return;
	for (size_t i = 0; i < n_run_statuses; i++) {
		const struct status *row = &run_statuses[i];

		if (row->brief)
			fprintf(memory, "%s%s %s", i > 0 ? ", " : "", row->status,
				row->brief);
	}
	if (text_close(&words, &text) == 0)
		print_wrapped(f, (size_t)fprintf(f, "Exit status: "), LABEL_INDENT, text);
}

/* "run, help, list, ..." */
static void print_verbs(FILE *f, const struct verb *verbs)
{
	_cleanup_(text_discard) struct text words = { .f = NULL };
	_cleanup_free_ char *text = NULL;
	FILE *memory = text_open(&words);

	if (!memory)
		return;
	for (const struct verb *verb = verbs; verb->name; verb++)
		fprintf(memory, "%s%s", verb == verbs ? "" : ", ", verb->name);
	if (text_close(&words, &text) == 0)
		print_wrapped(f, (size_t)fprintf(f, VERBS_LABEL), VERBS_INDENT, text);
}

void help_print_brief(FILE *f, const struct verb *verbs)
{
	struct option_set set;

	print_usage(f, "Usage:", &verbs[0], "");
	print_verbs(f, verbs);
	fputc('\n', f);
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		print_wrapped(f, (size_t)fprintf(f, "%-10s", i == 0 ? "Examples:" : ""),
			      EXAMPLES_INDENT, examples[i]);
	option_set_init(&set, verbs[0].options);
	fprintf(f, "\n%s:\n", option_group_to_string(OPTION_GROUP_LIMITS));
	print_group(f, &set, OPTION_GROUP_LIMITS, true);
	fputs("\nOptions:\n", f);
	for (unsigned int group = OPTION_GROUP_LIMITS + 1; group < OPTION_GROUP_COUNT;
	     group++)
		print_group(f, &set, (enum option_group)group, true);
	fputc('\n', f);
	print_brief_statuses(f);
}

/* All that the first row's status means for the verb. Its rows follow each other. */
static char *status_text(const struct status *rows, size_t n_rows, const struct verb *verb)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *result = NULL;

	for (size_t i = 0; f && i < n_rows && strcmp(rows[i].status, rows[0].status) == 0; i++)
		if (!rows[i].verb || strcmp(rows[i].verb, verb->name) == 0)
			fprintf(f, "%s%s", ftell(f) > 0 ? "; " : "", rows[i].help);
	return f && text_close(&text, &result) == 0 ? result : NULL;
}

static void print_statuses(FILE *f, const struct verb *verb, const struct status *rows,
			   size_t n_rows)
{
	fputs("\nExit status:\n", f);
	for (size_t i = 0; i < n_rows; i++) {
		_cleanup_free_ char *text = NULL;

		if (i > 0 && strcmp(rows[i].status, rows[i - 1].status) == 0)
			continue;
		text = status_text(rows + i, n_rows - i, verb);
		if (text && *text)
			print_item(f, rows[i].status, text);
	}
}

static bool has_metavar(const struct option_set *set, const char *metavar)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (set->rows[i].metavar && strcmp(set->rows[i].metavar, metavar) == 0)
			return true;
	return false;
}

static void print_forms(FILE *f, const struct option_set *set)
{
	bool has_any = false;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (!has_metavar(set, forms[i].metavar))
			continue;
		if (!has_any)
			fputs("\nValues:\n", f);
		has_any = true;
		print_item(f, forms[i].metavar, forms[i].help);
	}
}

void help_print_verb(FILE *f, const struct verb *verbs, const struct verb *verb)
{
	const bool is_default = verb == verbs;
	_cleanup_free_ char *summary = NULL;
	struct option_set set;

	print_usage(f, "Usage:", verb, verb->name);
	if (is_default)
		print_usage(f, "      ", verb, "");
	summary = text_format("%s.", verb->summary);
	fputc('\n', f);
	print_wrapped(f, 0, 0, summary ? summary : verb->summary);
	option_set_init(&set, verb->options);
	for (unsigned int group = 0; group < OPTION_GROUP_COUNT; group++) {
		if (!has_group(&set, (enum option_group)group))
			continue;
		fprintf(f, "\n%s:\n", option_group_to_string((enum option_group)group));
		print_group(f, &set, (enum option_group)group, false);
	}
	print_forms(f, &set);
	if (is_default)
		print_statuses(f, verb, run_statuses, n_run_statuses);
	else
		print_statuses(f, verb, other_statuses, n_other_statuses);
}
