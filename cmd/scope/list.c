/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope list": which scopes there are, in which columns and order.
 */
#include "cmd/scope/list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/live.h"
#include "cmd/output/message.h"
#include "cmd/output/spark.h"
#include "cmd/output/status.h"
#include "cmd/output/width.h"
#include "cmd/scope/list-row.h"
#include "cmd/verb/verb.h"

#define DEFAULT_COLUMNS "name,state,memory,tasks,cpu,pressure,age,command"
#define WATCH_COLUMNS "name,state,memory," LIST_TREND ",tasks,cpu,pressure,age,command"
#define COLUMNS_MAX 32
#define COLUMN_INDENT 14
#define BARS_WIDTH 80 /* narrower terminals have no room for bars */

struct list_options {
	unsigned int manager; /* enum cg2_manager */
	bool any;
	bool tree;
	bool json;
	bool no_headings;
	uint64_t watch_usec; /* 0: once */
	const char *output;
	const char *sort;
	unsigned int color;
};

#define AT(member) offsetof(struct list_options, member)

static const struct option rows[] = {
	{ .names = { "any" },
	  .help = "list all scopes, whoever made them",
	  .kind = OPTION_FLAG,
	  .offset = AT(any),
	  .group = OPTION_GROUP_TARGET },
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET,
			"list only scopes of your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "list only scopes of the system manager"),
	{ .short_name = 'o',
	  .names = { "output" },
	  .metavar = "COLUMN,...",
	  .help = "columns to show; '-o help' lists them",
	  .kind = OPTION_STRING,
	  .offset = AT(output),
	  .complete = OPTION_COMPLETE_COLUMN,
	  .group = OPTION_GROUP_GENERAL },
	{ .names = { "sort" },
	  .metavar = "COLUMN",
	  .help = "sort by this column (name), largest first; - reverses it",
	  .kind = OPTION_STRING,
	  .offset = AT(sort),
	  .complete = OPTION_COMPLETE_ORDER,
	  .group = OPTION_GROUP_GENERAL },
	{ .names = { "tree" },
	  .help = "show nested runs below their scope",
	  .kind = OPTION_FLAG,
	  .offset = AT(tree),
	  .group = OPTION_GROUP_GENERAL },
	{ .short_name = 'n',
	  .names = { "no-headings" },
	  .help = "do not print column headings",
	  .kind = OPTION_FLAG,
	  .offset = AT(no_headings),
	  .group = OPTION_GROUP_GENERAL },
	OPTION_ROW_WATCH(AT(watch_usec)),
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_COLOR(AT(color)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
	{ "tree", "sort", "a tree has its own order" },
	{ "json", "output", "JSON has all columns" },
	{ "json", "no-headings", "JSON has no headings" },
};

const struct option_table list_option_table = {
	OPTION_DEFAULTS(struct list_options, .manager = CG2_MANAGER_AUTO,
			.sort = "name"),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
};

/* The columns that are shown, in their order. */
struct selection {
	const struct list_column *columns[COLUMNS_MAX];
	size_t n;
	uint64_t needs;
	bool needs_command;
};

static void select_column(struct selection *s, const struct list_column *column)
{
	s->columns[s->n++] = column;
	s->needs |= column->needs;
	s->needs_command |= column->needs_command;
}

/* "-o help", as ps and lsblk have it elsewhere. */
static int print_columns(void)
{
	const struct list_column *column;

	for (size_t i = 0; (column = list_column_get(i)); i++)
		width_put(stdout, column->help, (size_t)printf("%-12s  ", column->name),
			  COLUMN_INDENT, width_of_terminal(STDOUT_FILENO), WIDTH_WORDS);
	return STATUS_OK;
}

/* 0, or the status of a usage error. */
static int select_columns(const struct invocation *inv, struct selection *s, const char *names)
{
	for (;;) {
		size_t len = strcspn(names, ",");
		const struct list_column *column = list_column_find(names, len);

		if (!column || s->n == COLUMNS_MAX)
			return verb_usage(inv, "--output: '%.*s': no such column; "
					  "'-o help' lists them", (int)len, names);
		select_column(s, column);
		if (!names[len])
			return 0;
		names += len + 1;
	}
}

/* ---- order ---- */

struct order {
	const struct list_column *column;
	bool is_reversed;
};

/* Of figures the largest first: a list that is watched has as many rows as fit. */
static int compare_cells(const struct list_row *a, const struct list_row *b,
			 const struct list_column *column)
{
	_cleanup_free_ char *text_a = NULL, *text_b = NULL;

	if (column->key) {
		uint64_t key_a = column->key(a), key_b = column->key(b);

		if (!column->is_number)
			return (key_a < key_b) - (key_a > key_b);
		return (key_a > key_b) - (key_a < key_b);
	}
	text_a = column->text(a, false);
	text_b = column->text(b, false);
	return text_a && text_b ? strcmp(text_a, text_b) : 0;
}

static int compare_rows(const void *a, const void *b, void *data)
{
	const struct order *order = data;
	int r = compare_cells(a, b, order->column);

	if (r == 0)
		r = strcmp(cg2_scope_get_path(((const struct list_row *)a)->scope),
			   cg2_scope_get_path(((const struct list_row *)b)->scope));
	return order->is_reversed ? -r : r;
}

static int parse_order(const struct invocation *inv, const char *word, struct order *order)
{
	order->is_reversed = *word == '-';
	word += order->is_reversed;
	order->column = list_column_find(word, strlen(word));
	if (order->column)
		return 0;
	return verb_usage(inv, "--sort: '%s': no such column; '-o help' lists them", word);
}

/* ---- output ---- */

static size_t row_of(const struct list_row *list, size_t n, struct cg2_scope *scope)
{
	for (size_t i = 0; scope && i < n; i++)
		if (list[i].scope == scope)
			return i;
	return TABLE_NO_PARENT;
}

static void fill_row(struct table *table, size_t at, const struct list_row *row,
		     const struct selection *s, bool with_bars)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct list_column *column = s->columns[i];
		_cleanup_free_ char *text = column->text(row, with_bars);

		table_set(table, at, i, column->color ? column->color(row) : TABLE_PLAIN,
			  text ? text : "");
	}
}

static int print_rows_table(const struct list_row *list, size_t n, const struct selection *s,
			    const struct list_options *opts)
{
	struct table_column columns[COLUMNS_MAX];
	struct table *table;
	int r;

	for (size_t i = 0; i < s->n; i++) {
		columns[i] = s->columns[i]->table;
		columns[i].is_tree = columns[i].is_tree && opts->tree;
	}
	table = table_new(columns, s->n);
	for (size_t i = 0; table && i < n; i++) {
		/* What is above comes before. */
		size_t above = opts->tree ? row_of(list, i, cg2_scope_get_parent(list[i].scope))
					  : TABLE_NO_PARENT;

		fill_row(table, table_add_row(table, above), &list[i], s,
			 width_of_terminal(STDOUT_FILENO) >= BARS_WIDTH);
	}
	if (table && opts->no_headings)
		table_hide_headings(table);
	r = table ? table_print(table, table_wants_color(opts->color)) : -ENOMEM;
	table_free(table);
	if (r < 0)
		message_failure("cannot print the table: %s",
				r == -ENOENT ? "libsmartcols is missing" : strerror(-r));
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

/* One column needs no table, and completions no library for one. */
static int print_column(const struct list_row *list, size_t n, const struct list_column *column)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *text = column->text(&list[i], false);
		_cleanup_free_ char *shown = text ? table_escape(text) : NULL;

		puts(shown ? shown : "");
	}
	return STATUS_OK;
}

static int print_rows(struct list_row *list, size_t n, const struct selection *s,
		      const struct list_options *opts)
{
	/* Below the headings, and above the cursor. */
	n = MIN(n, MAX(live_count_lines(), (size_t)3) - 2);
	if (opts->json)
		return list_print_json(list, n);
	if (opts->no_headings && s->n == 1 && !opts->tree)
		return print_column(list, n, s->columns[0]);
	if (n > 0)
		return print_rows_table(list, n, s, opts);
	/* A script sees it by the empty output. */
	if (isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
		message_info("no scopes; cgscope --mem 1G COMMAND makes one, list --any shows "
			     "those of others");
	return STATUS_OK;
}

/* ---- the verb ---- */

/* slice: NULL for everywhere. */
static int find_scopes(struct cg2_ctx *ctx, const struct list_options *opts, const char *slice,
		       struct cg2_scope ***ret_scopes, struct cg2_error *err)
{
	enum cg2_manager manager = (enum cg2_manager)opts->manager;
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	int r;

	if (!slice)
		return cg2_scopes_find(ctx, manager, NULL, opts->any ? CG2_SCOPES_ANY : 0,
				       ret_scopes, err);
	r = cg2_target_open(ctx, slice, manager, &target, err);
	if (r < 0)
		return r;
	return cg2_scopes_find(ctx, manager,
			       cg2_group_get_path(cg2_target_get_group(target)),
			       CG2_SCOPES_UNITS | CG2_SCOPES_ANY, ret_scopes, err);
}

/* ---- what it was before ---- */

#define TREND_COLUMNS 12

/* The memory of a scope at the last updates. */
struct trend {
	char *path;
	uint64_t values[TREND_COLUMNS];
	size_t n;
	bool is_seen; /* at this update */
};

struct trends {
	struct trend *trends;
	size_t n;
};

/* NULL: no memory. */
static struct trend *find_trend(struct trends *t, const char *path)
{
	struct trend *grown;

	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->trends[i].path, path) == 0)
			return &t->trends[i];
	grown = reallocarray(t->trends, t->n + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	t->trends = grown;
	grown[t->n] = (struct trend){ .path = strdup(path) };
	return grown[t->n].path ? &grown[t->n++] : NULL;
}

static void add_to_trend(struct trend *trend, uint64_t value)
{
	if (trend->n == TREND_COLUMNS)
		memmove(trend->values, trend->values + 1, --trend->n * sizeof(value));
	trend->values[trend->n++] = value;
	trend->is_seen = true;
}

/* Scopes that have ended are forgotten. */
static void drop_unseen(struct trends *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (!t->trends[i].is_seen) {
			free(t->trends[i].path);
			continue;
		}
		t->trends[n] = t->trends[i];
		t->trends[n++].is_seen = false;
	}
	t->n = n;
}

static void update_trends(struct trends *t, struct list_row *list, size_t n)
{
	uint64_t value;

	for (size_t i = 0; i < n; i++) {
		struct trend *trend = find_trend(t, cg2_scope_get_path(list[i].scope));

		if (trend)
			add_to_trend(trend, list_row_get(&list[i], CG2_USE_MEMORY_BYTES, &value)
						    ? value
						    : UINT64_MAX);
	}
	drop_unseen(t);
	/* Now that none moves any more. */
	for (size_t i = 0; i < n; i++) {
		const struct trend *trend = find_trend(t, cg2_scope_get_path(list[i].scope));

		if (trend) {
			list[i].trend = trend->values;
			list[i].n_trend = trend->n;
		}
	}
}

static void trends_clear(struct trends *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->trends[i].path);
	free(t->trends);
}

/* ---- rows ---- */

static bool has_ended(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

/* Those that have ended since they were found are left out, others not without a word. */
static size_t read_rows(struct cg2_scope *const scopes[], const struct selection *s,
			struct list_row *list)
{
	size_t n = 0, n_unread = 0;
	int why = 0;

	for (size_t i = 0; scopes[i]; i++) {
		int r = list_row_read(&list[n], scopes[i], s->needs, s->needs_command);

		if (r == 0) {
			n++;
		} else if (!has_ended(r)) {
			n_unread++;
			why = r;
		}
	}
	if (n_unread > 0)
		message_warning("%zu scope%s left out that could not be read: %s", n_unread,
				n_unread == 1 ? " is" : "s are", strerror(-why));
	return n;
}

/* trends: NULL where it is shown once. */
static int list_scopes(struct cg2_ctx *ctx, const struct list_options *opts, const char *slice,
		       struct selection *s, struct order *order, struct trends *trends)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ struct list_row *list = NULL;
	size_t n = 0;
	int status;

	if (find_scopes(ctx, opts, slice, &scopes, &err) < 0)
		return verb_failed(&err);
	while (scopes[n])
		n++;
	list = calloc(n + 1, sizeof(*list));
	if (!list)
		return verb_out_of_memory();
	s->needs |= order->column->needs;
	s->needs_command |= order->column->needs_command;
	n = read_rows(scopes, s, list);
	if (trends)
		update_trends(trends, list, n);
	if (!opts->tree)
		qsort_r(list, n, sizeof(*list), compare_rows, order);
	status = print_rows(list, n, s, opts);
	for (size_t i = 0; i < n; i++)
		list_row_clear(&list[i]);
	return status;
}

/* What is listed again and again. */
struct listed {
	struct cg2_ctx *ctx;
	const struct list_options *opts;
	const char *slice;
	struct selection *selection;
	struct order *order;
	struct trends trends;
};

static int list_again(void *data)
{
	struct listed *l = data;

	return list_scopes(l->ctx, l->opts, l->slice, l->selection, l->order, &l->trends);
}

static int list_live(const struct invocation *inv, const struct list_options *opts,
		     struct selection *s, struct order *order)
{
	struct listed l = { inv->ctx, opts, inv->argv[0], s, order, { .n = 0 } };
	const int status = live_show(opts->watch_usec, list_again, &l);

	trends_clear(&l.trends);
	return status;
}

/* What nobody chose is what the terminal can show. */
static const char *columns_of(const struct list_options *opts)
{
	if (opts->output)
		return opts->output;
	return opts->watch_usec && spark_is_shown(STDOUT_FILENO) ? WATCH_COLUMNS : DEFAULT_COLUMNS;
}

int list_main(const struct invocation *inv)
{
	const struct list_options *opts = inv->options;
	struct selection s = { .n = 0 };
	struct order order;
	int status;

	if (inv->argc > 1)
		return verb_usage(inv, "more than one slice given: '%s'", inv->argv[1]);
	if (strcmp(columns_of(opts), "help") == 0)
		return print_columns();
	status = select_columns(inv, &s, columns_of(opts));
	if (status == 0)
		status = parse_order(inv, opts->sort, &order);
	if (status)
		return status;
	if (opts->json) {
		s.needs = (UINT64_C(1) << LIST_USES) - 1;
		s.needs_command = true;
	}
	if (opts->watch_usec)
		return list_live(inv, opts, &s, &order);
	return list_scopes(inv->ctx, opts, inv->argv[0], &s, &order, NULL);
}
