/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/comparison-text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/output/width.h"

#define NONE "-"

/* In integers: the decimal point of printf(3) is the locale's. */
void ratio_to_text(double ratio, char *buf)
{
	const uint64_t hundredths = (ratio_permyriad(ratio) + 50) / 100;

	snprintf(buf, RATIO_TEXT_MAX, "%" PRIu64 ".%02" PRIu64, hundredths / 100, hundredths % 100);
}

/* ---- the cells ---- */

/* What a cell is made of. */
struct cell {
	const struct comparison *c;
	const struct judgement *j;
	size_t set;
	const struct judged_set *judged;
};

static char *cell_set(const struct cell *cell)
{
	return text_format("%zu %s", cell->set + 1, cell->c->sets[cell->set].name);
}

static char *cell_passed(const struct cell *cell)
{
	return text_format("%zu/%zu", cell->judged->n_passed, cell->judged->n_runs);
}

static char *format_median(const struct cell *cell, enum metric metric, human_fn format)
{
	const struct stats_summary *figure = &cell->judged->figures[metric];
	char text[HUMAN_MAX];

	if (figure->n == 0)
		return strdup(NONE);
	format(figure->median, text);
	return strdup(text);
}

static char *cell_time(const struct cell *cell)
{
	return format_median(cell, METRIC_WALL, human_usec);
}

static char *cell_cpu(const struct cell *cell)
{
	return format_median(cell, METRIC_CPU, human_usec);
}

static char *cell_memory(const struct cell *cell)
{
	return format_median(cell, METRIC_PEAK, human_bytes);
}

static char *cell_tasks(const struct cell *cell)
{
	return format_median(cell, METRIC_TASKS, human_count);
}

static char *cell_ratio(const struct cell *cell)
{
	const struct stats_ratio *ratio = &cell->judged->ratios[METRIC_WALL];
	char text[RATIO_TEXT_MAX], low[RATIO_TEXT_MAX], high[RATIO_TEXT_MAX];

	if (ratio->outcome == STATS_REFERENCE)
		return strdup("reference");
	if (ratio->outcome == STATS_TOO_FEW)
		return strdup(NONE);
	ratio_to_text(ratio->ratio, text);
	ratio_to_text(ratio->low, low);
	ratio_to_text(ratio->high, high);
	return text_format("%s (%s-%s)%s", text, low, high,
			   ratio->outcome == STATS_SAME ? " same" : "");
}

/* The share of the time. */
static char *format_share(const struct cell *cell, enum metric metric)
{
	const struct stats_summary *figures = cell->judged->figures;
	char text[HUMAN_MAX];

	if (figures[metric].n == 0 || figures[METRIC_WALL].median == 0)
		return strdup(NONE);
	human_percent(figures[metric].median * 10000 / figures[METRIC_WALL].median, text);
	return strdup(text);
}

static char *cell_throttled(const struct cell *cell)
{
	return format_share(cell, METRIC_THROTTLED);
}

static char *cell_stalled(const struct cell *cell)
{
	return format_share(cell, METRIC_MEMORY_STALL);
}

/* Which sets limit it decides whether a column is shown at all. */
static const struct {
	struct table_column column;
	char *(*make)(const struct cell *cell);
	const char *limit; /* the file's name begins so; NULL: always */
} cell_columns[] = {
	{ { .name = "SET", .is_trunc = true }, cell_set, NULL },
	{ { .name = "PASSED", .is_right = true }, cell_passed, NULL },
	{ { .name = "TIME", .is_right = true, .rank = 1 }, cell_time, NULL },
	{ { .name = "RATIO" }, cell_ratio, NULL },
	{ { .name = "CPU", .is_right = true, .rank = 5 }, cell_cpu, NULL },
	{ { .name = "MEMORY", .is_right = true, .rank = 2 }, cell_memory, NULL },
	{ { .name = "TASKS", .is_right = true, .rank = 3 }, cell_tasks, "pids.max" },
	{ { .name = "THROTTLED", .is_right = true, .rank = 4 }, cell_throttled, "cpu.max" },
	{ { .name = "STALLED", .is_right = true, .rank = 6 }, cell_stalled, "memory." },
};

static bool is_limited(const struct comparison *c, const char *name)
{
	for (size_t i = 0; name && i < c->n_sets; i++)
		for (size_t k = 0; k < c->sets[i].n_limits; k++)
			if (strncmp(c->sets[i].limits[k].name, name, strlen(name)) == 0)
				return true;
	return !name;
}

static enum table_color color_of(const struct judged_set *judged)
{
	if (judged->n_passed < judged->n_runs)
		return TABLE_BAD;
	switch (judged->ratios[METRIC_WALL].outcome) {
	case STATS_FASTER:
	case STATS_SAME:
		return TABLE_GOOD;
	case STATS_SLOWER:
		return TABLE_WARN;
	case STATS_REFERENCE:
	case STATS_UNCLEAR:
	case STATS_TOO_FEW:
		break;
	}
	return TABLE_PLAIN;
}

int grid_make(const struct comparison *c, const struct judgement *j, struct grid *ret)
{
	*ret = (struct grid){ .rows = calloc(c->n_sets + 1, sizeof(*ret->rows)),
			      .colors = calloc(c->n_sets + 1, sizeof(*ret->colors)),
			      .n_rows = c->n_sets };
	if (!ret->rows || !ret->colors)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(cell_columns); i++) {
		const size_t column = ret->n_columns;

		if (!is_limited(c, cell_columns[i].limit))
			continue;
		ret->columns[ret->n_columns++] = cell_columns[i].column;
		for (size_t set = 0; set < c->n_sets; set++) {
			const struct cell cell = { c, j, set, &j->sets[set] };

			ret->colors[set] = color_of(cell.judged);
			ret->rows[set][column] = cell_columns[i].make(&cell);
			if (!ret->rows[set][column])
				return -ENOMEM;
		}
	}
	return 0;
}

void grid_clear(struct grid *grid)
{
	for (size_t i = 0; grid->rows && i < grid->n_rows; i++)
		for (size_t k = 0; k < grid->n_columns; k++)
			free(grid->rows[i][k]);
	free(grid->rows);
	free(grid->colors);
	*grid = (struct grid){ .rows = NULL };
}

/* ---- the sentences ---- */

static void put_count(FILE *f, size_t n, const char *singular)
{
	fprintf(f, "%zu %s%s", n, singular, n == 1 ? "" : "s");
}

static size_t last_round(const struct comparison *c)
{
	size_t last = 0;

	for (size_t i = 0; i < c->n_trials; i++)
		if (!c->trials[i].is_warmup)
			last = MAX(last, c->trials[i].round);
	return last;
}

char *comparison_headline(const struct comparison *c)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *result;

	if (!f)
		return NULL;
	if (!c->is_complete)
		fprintf(f, "not complete, ended in round %zu of ", last_round(c));
	put_count(f, c->n_rounds, "round");
	fputs(" of ", f);
	put_count(f, c->n_sets, "set");
	fprintf(f, " in %s order", order_to_string(c->order));
	if (c->order == ORDER_RANDOM)
		fprintf(f, " (--seed %" PRIx64 ")", c->seed);
	fprintf(f, ", %zu warm-up", c->n_warmup_rounds);
	return text_close(&text, &result) < 0 ? NULL : result;
}

/* The first run of the set that ended so. */
static const char *reason_of(const struct comparison *c, size_t set, enum cg2_verdict verdict)
{
	for (size_t i = 0; i < c->n_trials; i++)
		if (!c->trials[i].is_warmup && c->trials[i].set == set &&
		    c->trials[i].verdict == verdict && c->trials[i].reason)
			return c->trials[i].reason;
	return cg2_verdict_to_string(verdict);
}

/* "out of memory in 7 of 10 runs: memory.max 96M of this run's cgroup" */
static void put_failures(FILE *f, const struct comparison *c, size_t set,
			 const struct judged_set *judged)
{
	const char *separator = "";

	for (unsigned int i = 0; i < CG2_VERDICT_OK; i++) {
		const char *reason = reason_of(c, set, (enum cg2_verdict)i);
		const size_t len = strcspn(reason, ":");

		if (judged->verdicts[i] == 0)
			continue;
		fprintf(f, "%s%.*s in %zu of %zu runs%s", separator, (int)len, reason,
			judged->verdicts[i], judged->n_runs, reason + len);
		separator = "; ";
	}
}

static void put_confidence(FILE *f, const struct comparison *c)
{
	fputs("95 %", f);
	if (c->n_sets > 2)
		fprintf(f, " for all %zu together", c->n_sets - 1);
}

static void put_difference(FILE *f, const struct comparison *c, const struct stats_ratio *ratio)
{
	char text[RATIO_TEXT_MAX], low[RATIO_TEXT_MAX], high[RATIO_TEXT_MAX];

	ratio_to_text(ratio->ratio, text);
	ratio_to_text(ratio->low, low);
	ratio_to_text(ratio->high, high);
	fprintf(f, "%s than %zu: %s times the time (%s to %s; ",
		stats_outcome_to_string(ratio->outcome), c->reference + 1, text, low, high);
	put_confidence(f, c);
	fputc(')', f);
}

/* "14 % slower", "2.40 times as slow" */
static void put_bound(FILE *f, double ratio, const char *word)
{
	char text[RATIO_TEXT_MAX];

	if (ratio < 2) {
		fprintf(f, "%" PRIu64 " %% %s", (ratio_permyriad(ratio) - 10000 + 50) / 100, word);
		return;
	}
	ratio_to_text(ratio, text);
	fprintf(f, "%s times %s", text, word);
}

static void put_unclear(FILE *f, const struct comparison *c, const struct stats_ratio *ratio,
			size_t n)
{
	const double tolerance = (double)c->tolerance_permyriad / 10000;
	const size_t rounds = stats_times_for(ratio, n, tolerance);
	char percent[HUMAN_MAX];

	fputs("no difference that can be shown: between ", f);
	put_bound(f, 1 / MIN(ratio->low, 1), "faster");
	fputs(" and ", f);
	put_bound(f, MAX(ratio->high, 1), "slower");
	if (c->tolerance_permyriad == 0 || rounds <= n)
		return;
	human_percent(c->tolerance_permyriad, percent);
	fprintf(f, "; about %zu rounds would tell %s", rounds, percent);
}

static bool has_sentence(const struct judged_set *judged)
{
	return judged->n_passed < judged->n_runs ||
	       (judged->ratios[METRIC_WALL].outcome != STATS_REFERENCE &&
		judged->ratios[METRIC_WALL].outcome != STATS_SAME);
}

static void put_sentence(FILE *f, const struct comparison *c, const struct judgement *j, size_t set)
{
	const struct judged_set *judged = &j->sets[set];
	const struct stats_ratio *ratio = &judged->ratios[METRIC_WALL];
	const bool has_failures = judged->n_passed < judged->n_runs;
	const bool is_compared = judged->n_passed > 0 && ratio->outcome != STATS_REFERENCE &&
				 ratio->outcome != STATS_SAME;

	if (!has_sentence(judged))
		return;
	fprintf(f, "%zu: ", set + 1);
	if (has_failures)
		put_failures(f, c, set, judged);
	if (has_failures && is_compared)
		fputs("; ", f);
	switch (ratio->outcome) {
	case STATS_REFERENCE:
	case STATS_SAME:
		break;
	case STATS_FASTER:
	case STATS_SLOWER:
		put_difference(f, c, ratio);
		break;
	case STATS_UNCLEAR:
		put_unclear(f, c, ratio, judged->n_passed);
		break;
	case STATS_TOO_FEW:
		/* What never passed has no time. */
		if (judged->n_passed == 0)
			break;
		put_count(f, judged->n_passed, "time");
		fprintf(f, " %s too few to compare (%zu)", judged->n_passed == 1 ? "is" : "are",
			j->n_times_needed);
		break;
	}
	fputc('\n', f);
}

#define OTHERS_TOLD_PERMYRIAD 1000

char *comparison_sentences(const struct comparison *c, const struct judgement *j)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	char *result, percent[HUMAN_MAX];

	if (!f)
		return NULL;
	for (size_t i = 0; i < c->n_sets; i++)
		put_sentence(f, c, j, i);
	if (j->other_cpu_permyriad != CG2_MAX && j->other_cpu_permyriad >= OTHERS_TOLD_PERMYRIAD) {
		human_percent(j->other_cpu_permyriad, percent);
		fprintf(f,
			"Others used %s of the CPUs meanwhile: times may differ for that reason.\n",
			percent);
	}
	return text_close(&text, &result) < 0 ? NULL : result;
}

/* ---- the terminal ---- */

#define SENTENCE_INDENT 3 /* "2: " */

static int print_grid(const struct grid *grid, bool is_colored)
{
	_cleanup_(table_freep) struct table *table = table_new(grid->columns, grid->n_columns);
	int r;

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < grid->n_rows; i++) {
		const size_t row = table_add_row(table, TABLE_NO_PARENT);

		for (size_t k = 0; k < grid->n_columns; k++)
			table_set(table, row, k,
				  strcmp(grid->columns[k].name, "RATIO") == 0 ||
						  strcmp(grid->columns[k].name, "PASSED") == 0
					  ? grid->colors[i]
					  : TABLE_PLAIN,
				  grid->rows[i][k]);
	}
	r = table_print(table, is_colored);
	return r;
}

int comparison_print(const struct comparison *c, const struct judgement *j, bool is_colored)
{
	_cleanup_(grid_clear) struct grid grid = { .rows = NULL };
	_cleanup_free_ char *headline = comparison_headline(c);
	_cleanup_free_ char *sentences = comparison_sentences(c, j);
	int r = headline && sentences ? grid_make(c, j, &grid) : -ENOMEM;

	if (r == 0) {
		width_print_lines(headline, 0, WIDTH_ITEMS);
		putchar('\n');
		r = print_grid(&grid, is_colored);
	}
	if (r < 0) {
		message_failure("cannot print the table: %s",
				r == -ENOENT ? "libsmartcols is missing" : strerror(-r));
		return r;
	}
	if (*sentences) {
		putchar('\n');
		width_print_lines(sentences, SENTENCE_INDENT, WIDTH_WORDS);
	}
	return 0;
}

/* ---- Markdown ---- */

/* What would be markup is not. */
static void put_markdown(FILE *f, const char *text)
{
	for (; *text; text++) {
		if (strchr("|\\`*_<>[]", *text))
			fputc('\\', f);
		fputc(*text == '\n' ? ' ' : *text, f);
	}
}

static void put_markdown_grid(FILE *f, const struct grid *grid)
{
	for (size_t k = 0; k < grid->n_columns; k++)
		fprintf(f, "| %s ", grid->columns[k].name);
	fputs("|\n", f);
	for (size_t k = 0; k < grid->n_columns; k++)
		fputs(grid->columns[k].is_right ? "|---:" : "|:---", f);
	fputs("|\n", f);
	for (size_t i = 0; i < grid->n_rows; i++) {
		for (size_t k = 0; k < grid->n_columns; k++) {
			fputs("| ", f);
			put_markdown(f, grid->rows[i][k]);
			fputc(' ', f);
		}
		fputs("|\n", f);
	}
}

static void put_command(FILE *f, const struct comparison *c)
{
	for (size_t i = 0; c->command[i]; i++) {
		fputs(i > 0 ? " " : "", f);
		put_markdown(f, c->command[i]);
	}
	fprintf(f, " on %s, Linux %s\n\n", c->host, c->kernel);
}

int comparison_to_markdown(const struct comparison *c, const struct judgement *j, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_(grid_clear) struct grid grid = { .rows = NULL };
	_cleanup_free_ char *headline = comparison_headline(c);
	_cleanup_free_ char *sentences = comparison_sentences(c, j);
	FILE *f = text_open(&text);

	if (!headline || !sentences || !f || grid_make(c, j, &grid) < 0)
		return -ENOMEM;
	put_command(f, c);
	fprintf(f, "%s\n\n", headline);
	put_markdown_grid(f, &grid);
	if (*sentences)
		fputc('\n', f);
	for (const char *line = sentences; *line;) {
		const size_t len = strcspn(line, "\n");
		_cleanup_free_ char *copy = strndup(line, len);

		fputs("- ", f);
		if (copy)
			put_markdown(f, copy);
		fputc('\n', f);
		line += len + (line[len] == '\n');
	}
	return text_close(&text, ret_text);
}

/* ---- CSV ---- */

/* RFC 4180: quoted where it has to be. */
static void put_csv(FILE *f, const char *text)
{
	if (!text || !strpbrk(text, "\",\r\n")) {
		fputs(text ? text : "", f);
		return;
	}
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void put_csv_number(FILE *f, uint64_t value)
{
	if (value != CG2_MAX)
		fprintf(f, "%" PRIu64, value);
}

int comparison_to_csv(const struct comparison *c, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	fputs("round,position,set,limits,warmup,verdict,reason", f);
	for (size_t k = 0; k < METRIC_COUNT; k++)
		fprintf(f, ",%s", metrics[k].key);
	fputs(",other_cpu_permyriad\n", f);
	for (size_t i = 0; i < c->n_trials; i++) {
		const struct trial *trial = &c->trials[i];

		fprintf(f, "%zu,%zu,%zu,", trial->round, trial->position, trial->set + 1);
		put_csv(f, c->sets[trial->set].name);
		fprintf(f, ",%d,%s,", trial->is_warmup, cg2_verdict_to_string(trial->verdict));
		put_csv(f, trial->reason);
		for (size_t k = 0; k < METRIC_COUNT; k++) {
			fputc(',', f);
			put_csv_number(f, trial->values[k]);
		}
		fputc(',', f);
		put_csv_number(f, trial->other_cpu_permyriad);
		fputc('\n', f);
	}
	return text_close(&text, ret_text);
}
