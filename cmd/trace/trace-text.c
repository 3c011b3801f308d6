/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A trace for people: one table, on the stream that is asked for. What several processes met in the
 * same way is one row.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/advice.h"
#include "cmd/output/human.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"
#include "cmd/output/wrap.h"
#include "cmd/trace/trace-report.h"
#include "cmd/trace/trace-words.h"

#define PREFIX "cgscope: "
#define TRACE_PREFIX PREFIX "trace: "
#define INDENT PREFIX "  "
#define HINT_PREFIX PREFIX "hint: "
#define HINT_INDENT PREFIX "      "

/* As many rows as anybody reads. */
#define ROWS_MAX 40

/* The last column goes on in the next line, if it gets this much; else it is below the others. */
#define LAST_MIN 24

#define GAP 2

enum cell { CELL_TIME, CELL_PROCESS, CELL_WHAT, CELL_ERRNO, CELL_UNDER, N_CELLS };

static const char *const headings[N_CELLS] = {
	"TIME", "PROCESS", "WHAT FAILED", "ERRNO", "UNDER",
};

/* ---- rows ---- */

struct row {
	struct cg2_trace_failure failure; /* the first one */
	size_t index;			  /* of that */
	uint64_t n_processes;
	uint64_t count;
	uint64_t last_at_usec;
	bool has_then; /* all did the same then */
	char *cells[N_CELLS];
};

struct rows {
	struct row *rows;
	size_t n;
};

static void rows_clear(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < N_CELLS; k++)
			free(rows->rows[i].cells[k]);
	free(rows->rows);
}

static bool is_same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* What it was, and why. Of a limit the use at that moment may differ. */
static bool is_alike(const struct cg2_trace_failure *a, const struct cg2_trace_failure *b)
{
	if (a->kind != b->kind || a->code != b->code || a->is_thread != b->is_thread ||
	    a->certainty != b->certainty || a->folding != b->folding ||
	    !is_same_text(a->command, b->command) || !is_same_text(a->path, b->path))
		return false;
	if (!a->has_limit || !b->has_limit)
		return is_same_text(a->reason, b->reason);
	return is_same_text(a->limit_file, b->limit_file) && a->limit == b->limit &&
	       is_same_text(a->limit_cgroup, b->limit_cgroup);
}

static struct row *find_row(struct rows *rows, const struct cg2_trace_failure *failure)
{
	for (size_t i = 0; i < rows->n; i++)
		if (is_alike(&rows->rows[i].failure, failure))
			return &rows->rows[i];
	return NULL;
}

static void join(struct row *row, const struct cg2_trace_failure *failure)
{
	row->n_processes++;
	row->count += failure->count;
	row->last_at_usec = MAX(row->last_at_usec, failure->last_at_usec);
	row->failure.bytes = MAX(row->failure.bytes, failure->bytes);
	row->has_then = row->has_then && row->failure.then == failure->then &&
			row->failure.status == failure->status;
}

static int add_row(struct rows *rows, const struct cg2_trace_failure *failure, size_t index)
{
	struct row *row = find_row(rows, failure), *grown;

	if (row) {
		join(row, failure);
		return 0;
	}
	grown = reallocarray(rows->rows, rows->n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	rows->rows = grown;
	grown[rows->n++] = (struct row){
		.failure = *failure,
		.index = index,
		.n_processes = 1,
		.count = failure->count,
		.last_at_usec = failure->last_at_usec,
		.has_then = true,
	};
	return 0;
}

static bool is_reported(const struct trace_report *report, const struct cg2_trace_failure *failure)
{
	return report->is_unfolded || failure->folding == CG2_TRACE_NOT_FOLDED;
}

size_t trace_report_count(const struct trace_report *report)
{
	struct cg2_trace_failure failure = { .size = sizeof(failure) };
	size_t n = 0;

	for (size_t i = 0; cg2_trace_get_failure(report->trace, i, &failure) > 0; i++)
		n += is_reported(report, &failure);
	return n;
}

static int collect(const struct trace_report *report, struct rows *rows)
{
	struct cg2_trace_failure failure = { .size = sizeof(failure) };

	for (size_t i = 0; cg2_trace_get_failure(report->trace, i, &failure) > 0; i++)
		if (is_reported(report, &failure) && add_row(rows, &failure, i) < 0)
			return -ENOMEM;
	return 0;
}

/* ---- cells ---- */

static void put_process(FILE *f, const struct row *row)
{
	fprintf(f, "%s (%d)", row->failure.command, (int)row->failure.pid);
	if (row->n_processes > 1)
		fprintf(f, " and %" PRIu64 " more", row->n_processes - 1);
}

/* Of a program that was not executed its process is as good as over: that is no news. */
static void put_then(FILE *f, const struct row *row)
{
	const struct cg2_trace_failure *failure = &row->failure;

	if (!row->has_then)
		return;
	if (failure->then == CG2_TRACE_RETRIED)
		fputs(", then worked", f);
	else if (failure->kind == CG2_TRACE_EXEC)
		return;
	else if (failure->then == CG2_TRACE_DIED)
		fputs(", then died", f);
	else if (failure->then == CG2_TRACE_EXITED)
		fprintf(f, ", then exited with %d", failure->status);
}

static void put_what(FILE *f, const struct row *row)
{
	trace_put_call(f, &row->failure);
	if (row->count > 1)
		fprintf(f, ", %" PRIu64 " times", row->count);
	if (row->count > 1 && row->last_at_usec > row->failure.at_usec) {
		fputs(" until ", f);
		trace_put_time(f, row->last_at_usec);
	}
	put_then(f, row);
}

static void put_cell(FILE *f, const struct row *row, enum cell cell)
{
	char buf[32];

	switch (cell) {
	case CELL_TIME:
		trace_put_time(f, row->failure.at_usec);
		break;
	case CELL_PROCESS:
		put_process(f, row);
		break;
	case CELL_WHAT:
		put_what(f, row);
		break;
	case CELL_ERRNO:
		fputs(trace_errno_name(row->failure.code, buf, sizeof(buf)), f);
		break;
	case CELL_UNDER:
		trace_put_reason(f, &row->failure);
		break;
	case N_CELLS:
		break;
	}
}

static int fill_cell(struct row *row, enum cell cell)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *raw = NULL;
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	put_cell(f, row, cell);
	if (text_close(&text, &raw) < 0)
		return -ENOMEM;
	row->cells[cell] = table_escape(raw);
	return row->cells[cell] ? 0 : -ENOMEM;
}

static int fill_cells(struct rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < N_CELLS; k++)
			if (fill_cell(&rows->rows[i], (enum cell)k) < 0)
				return -ENOMEM;
	return 0;
}

/* ---- the table ---- */

/* Where each column begins; false: the last one would be too narrow. */
static bool place_columns(const struct rows *rows, size_t n_shown, size_t width, size_t *starts)
{
	size_t at = 0;

	for (size_t k = 0; k < N_CELLS; k++) {
		size_t cell = strlen(headings[k]);

		starts[k] = at;
		for (size_t i = 0; i < n_shown; i++)
			cell = MAX(cell, width_of_text(rows->rows[i].cells[k]));
		at += cell + GAP;
	}
	return width == 0 || starts[CELL_UNDER] + LAST_MIN <= width;
}

static void put_line(FILE *f, const char *const cells[], const size_t *starts, size_t width)
{
	for (size_t k = 0; k < CELL_UNDER; k++)
		fprintf(f, "%s%*s", cells[k],
			(int)(starts[k + 1] - starts[k] - width_of_text(cells[k])), "");
	width_put(f, cells[CELL_UNDER], starts[CELL_UNDER], starts[CELL_UNDER], width,
		  WIDTH_WORDS);
}

static void put_table(FILE *f, const struct rows *rows, size_t n_shown, size_t width)
{
	size_t starts[N_CELLS];

	if (place_columns(rows, n_shown, width, starts)) {
		put_line(f, headings, starts, width);
		for (size_t i = 0; i < n_shown; i++)
			put_line(f, (const char *const *)rows->rows[i].cells, starts, width);
		return;
	}
	for (size_t i = 0; i < n_shown; i++) {
		char *const *cells = rows->rows[i].cells;
		_cleanup_free_ char *head = text_format("%s %s: %s: %s", cells[CELL_TIME],
							cells[CELL_PROCESS], cells[CELL_WHAT],
							cells[CELL_ERRNO]);

		width_put(f, head ? head : cells[CELL_WHAT], 0, GAP, width, WIDTH_WORDS);
		fprintf(f, "%*s", GAP, "");
		width_put(f, cells[CELL_UNDER], GAP, GAP, width, WIDTH_WORDS);
	}
}

/* ---- around it ---- */

/* Behind a prefix; NULL, as a text is for which there was no memory: -ENOMEM. */
static int put_message(FILE *f, const char *prefix, const char *text, size_t width)
{
	const bool is_hint = strcmp(prefix, HINT_PREFIX) == 0;
	_cleanup_free_ char *shown = text ? table_escape(text) : NULL;

	if (!shown)
		return -ENOMEM;
	fputs(prefix, f);
	wrap_put(f, shown, strlen(prefix), is_hint ? HINT_INDENT : INDENT, width);
	return 0;
}

static int put_headline(FILE *f, const struct trace_report *report, size_t n, size_t width)
{
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	_cleanup_free_ char *kinds = NULL, *line = NULL;
	char wall[HUMAN_MAX];

	cg2_trace_get_totals(report->trace, &totals);
	human_usec(totals.wall_usec, wall);
	kinds = n == 0 ? strdup("nothing failed")
		       : text_format("%zu kind%s of failure", n, n == 1 ? "" : "s");
	if (kinds)
		line = text_format("%s in %s, %" PRIu64 " process%s", kinds, wall,
				   totals.processes, totals.processes == 1 ? "" : "es");
	return put_message(f, TRACE_PREFIX, line, width);
}

/* ", as 200M of memory (mmap) under RLIMIT_AS 400M": the first one that a limit refused. */
static void put_example(FILE *f, const struct trace_report *report)
{
	struct cg2_trace_failure failure = { .size = sizeof(failure) };

	for (size_t i = 0; cg2_trace_get_failure(report->trace, i, &failure) > 0; i++) {
		if (failure.folding != CG2_TRACE_TRIED_AGAIN || !failure.has_limit)
			continue;
		fputs(", as ", f);
		trace_put_call(f, &failure);
		fputs(" under ", f);
		trace_put_reason(f, &failure);
		return;
	}
}

/* What worked when it was tried again may still be why it took so long. */
static int put_folded(FILE *f, const struct trace_report *report, size_t width)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *raw = NULL;
	struct cg2_trace_totals totals = { .size = sizeof(totals) };
	FILE *line;

	cg2_trace_get_totals(report->trace, &totals);
	if (totals.lost > 0)
		fprintf(f, TRACE_PREFIX "%" PRIu64 " more failed: too many to list\n",
			totals.lost);
	if (report->is_unfolded || totals.tried_again == 0)
		return 0;
	line = text_open(&text);
	if (!line)
		return -ENOMEM;
	fprintf(line, "not listed: %" PRIu64 " call%s that worked when tried again",
		totals.tried_again, totals.tried_again == 1 ? "" : "s");
	put_example(line, report);
	fputs(" (--unfolded)", line);
	if (text_close(&text, &raw) < 0)
		return -ENOMEM;
	return put_message(f, TRACE_PREFIX, raw, width);
}

static int put_notes(FILE *f, const struct trace_report *report, size_t width)
{
	const char *note;
	int r = 0;

	for (size_t i = 0; r == 0 && (note = cg2_trace_get_note(report->trace, i)); i++)
		r = put_message(f, TRACE_PREFIX "note: ", note, width);
	return r;
}

static char *hint_of(const struct trace_report *report, const struct row *row)
{
	struct cg2_advice advice = { .size = sizeof(advice) };

	cg2_trace_get_advice(report->trace, row->index, &advice);
	return advice_hint(row->failure.hint, &advice);
}

/* Whether the rows before that one have the hint, or the run's verdict. */
static bool is_told(const struct trace_report *report, const struct rows *rows, size_t row,
		    const char *hint)
{
	bool is_same = report->told_hint && strcmp(report->told_hint, hint) == 0;

	for (size_t i = 0; i < row && !is_same; i++) {
		_cleanup_free_ char *other = hint_of(report, &rows->rows[i]);

		is_same = other && strcmp(other, hint) == 0;
	}
	return is_same;
}

/* What to do about each row, the same only once. */
static int put_hints(FILE *f, const struct trace_report *report, const struct rows *rows,
		     size_t width)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < rows->n && i < ROWS_MAX; i++) {
		_cleanup_free_ char *hint = hint_of(report, &rows->rows[i]);

		if (hint && !is_told(report, rows, i, hint))
			r = put_message(f, HINT_PREFIX, hint, width);
	}
	return r;
}

int trace_report_print(FILE *f, const struct trace_report *report, size_t width)
{
	_cleanup_(rows_clear) struct rows rows = { .rows = NULL };
	size_t n_shown;
	int r;

	if (collect(report, &rows) < 0 || fill_cells(&rows) < 0)
		return -ENOMEM;
	n_shown = MIN(rows.n, (size_t)ROWS_MAX);
	if (rows.n == 0 && report->is_quiet)
		return 0;
	r = put_headline(f, report, rows.n, width);
	if (rows.n > 0)
		put_table(f, &rows, n_shown, width);
	if (rows.n > n_shown)
		fprintf(f, TRACE_PREFIX "and %zu more: --json has all of them\n",
			rows.n - n_shown);
	if (r == 0)
		r = put_hints(f, report, &rows, width);
	if (r == 0)
		r = put_folded(f, report, width);
	return r < 0 ? r : put_notes(f, report, width);
}
