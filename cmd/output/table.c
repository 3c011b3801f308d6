/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A table as rows of texts until it is printed: only then is it known how wide each column is,
 * and which of them a narrow terminal has to do without.
 */
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "cmd/output/smartcols.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"
#include "cmd/output/wrap.h"
#include "libcg2.h"

/* A column that is cut shows at least this much. */
#define TRUNC_MIN 16

/* A name of which less is shown tells nothing. */
#define NAME_MIN 8

/* What a level of the tree takes on a line. */
#define TREE_INDENT 2

struct cell {
	char *text; /* NULL: empty */
	enum table_color color;
};

struct row {
	size_t parent;
	size_t depth;
	struct cell *cells;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct row *rows;
	size_t n_rows;
	bool is_failed; /* out of memory */
	bool is_headless;
	bool is_utf8;
};

/* ---- colours ---- */

static const char *const color_starts[] = {
	[TABLE_PLAIN] = "",	   [TABLE_GOOD] = "\033[32m", [TABLE_WARN] = "\033[33m",
	[TABLE_BAD] = "\033[1;31m", [TABLE_DIM] = "\033[2m",
};

bool table_wants_color(unsigned int mode)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != TABLE_COLOR_AUTO)
		return mode == TABLE_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
	       !(term && strcmp(term, "dumb") == 0);
}

const char *table_color_start(enum table_color color, bool is_colored)
{
	return is_colored ? color_starts[color] : "";
}

const char *table_color_end(enum table_color color, bool is_colored)
{
	return is_colored && color != TABLE_PLAIN ? "\033[0m" : "";
}

/* ---- texts ---- */

/* Loading a locale is left to those who print: most runs have nothing to print. */
bool table_is_utf8_locale(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* How many bytes at text may be shown as they are, 0: none. */
static size_t shown_length(const char *text, bool is_utf8)
{
	size_t len = utf8_shown_length(text);

	return len > 1 && !is_utf8 ? 0 : len;
}

static char *escape(const char *text, bool is_utf8)
{
	char *shown = malloc(strlen(text) * 4 + 1), *to = shown;

	if (!shown)
		return NULL;
	while (*text) {
		size_t len = shown_length(text, is_utf8);

		if (len == 0) {
			to += snprintf(to, 5, "\\x%02x", (unsigned char)*text++);
			continue;
		}
		to = mempcpy(to, text, len);
		text += len;
	}
	*to = '\0';
	return shown;
}

char *table_escape(const char *text)
{
	return escape(text, table_is_utf8_locale());
}

/* ---- filling it ---- */

struct table *table_new(const struct table_column *columns, size_t n_columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table)
		return NULL;
	table->columns = columns;
	table->n_columns = n_columns;
	table->is_utf8 = table_is_utf8_locale();
	return table;
}

struct table *table_free(struct table *table)
{
	if (!table)
		return NULL;
	for (size_t i = 0; i < table->n_rows; i++) {
		for (size_t k = 0; k < table->n_columns; k++)
			free(table->rows[i].cells[k].text);
		free(table->rows[i].cells);
	}
	free(table->rows);
	free(table);
	return NULL;
}

void table_hide_headings(struct table *table)
{
	table->is_headless = true;
}

size_t table_add_row(struct table *table, size_t parent)
{
	struct row *grown = reallocarray(table->rows, table->n_rows + 1, sizeof(*grown));
	struct cell *cells = calloc(table->n_columns, sizeof(*cells));

	if (grown)
		table->rows = grown;
	if (!grown || !cells) {
		free(cells);
		table->is_failed = true;
		return TABLE_NO_PARENT;
	}
	grown[table->n_rows] = (struct row){
		.parent = parent,
		.depth = parent < table->n_rows ? grown[parent].depth + 1 : 0,
		.cells = cells,
	};
	return table->n_rows++;
}

void table_set(struct table *table, size_t row, size_t column, enum table_color color,
	       const char *text)
{
	struct cell *cell;

	if (row >= table->n_rows)
		return;
	cell = &table->rows[row].cells[column];
	free(cell->text);
	cell->color = color;
	cell->text = escape(text, table->is_utf8);
	table->is_failed = table->is_failed || !cell->text;
}

/* ---- printing ---- */

void table_print_text(const char *label, const char *text, size_t indent,
		      enum table_color color, bool is_colored)
{
	_cleanup_free_ char *copy = strdup(text), *blanks = text_format("%*s", (int)indent, "");
	char *save = NULL;
	size_t column = width_of_text(label);

	printf("%s%s%s", table_color_start(color, is_colored), label,
	       table_color_end(color, is_colored));
	if (!copy || !blanks)
		putchar('\n');
	for (char *line = copy && blanks ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save)) {
		_cleanup_free_ char *shown = table_escape(line);

		if (line != copy)
			column = (size_t)printf("%s", blanks);
		/* A command is copied and pasted: it is not broken. */
		if (*line == ' ')
			puts(shown ? shown : "");
		else
			wrap_put(stdout, shown ? shown : "", column, blanks,
				 width_of_terminal(STDOUT_FILENO));
	}
}

static size_t column_width(const struct table *table, size_t column)
{
	const struct table_column *c = &table->columns[column];
	size_t width = width_of_text(c->name);

	for (size_t i = 0; i < table->n_rows; i++) {
		size_t indent = c->is_tree ? table->rows[i].depth * TREE_INDENT : 0;
		size_t cell = width_of_text(table->rows[i].cells[column].text) + indent;

		width = MAX(width, cell);
	}
	return c->is_trunc ? MIN(width, TRUNC_MIN) : width;
}

/* Leaves columns out, those of the highest rank first, until the rest fits. What that needs. */
static size_t choose_columns(const struct table *table, size_t width, bool *is_shown)
{
	size_t needed = 0;

	for (size_t i = 0; i < table->n_columns; i++) {
		is_shown[i] = true;
		needed += column_width(table, i) + (i > 0);
	}
	while (width > 0 && needed > width) {
		size_t drop = 0;

		for (size_t i = 1; i < table->n_columns; i++)
			if (is_shown[i] && table->columns[i].rank > 0 &&
			    (drop == 0 || table->columns[i].rank > table->columns[drop].rank))
				drop = i;
		if (drop == 0)
			break;
		is_shown[drop] = false;
		needed -= column_width(table, drop) + 1;
	}
	return needed;
}

/* Makes a column's texts fit into so many columns of the terminal. */
static int elide_column(struct table *table, size_t column, size_t width)
{
	const bool is_tree = table->columns[column].is_tree;

	for (size_t i = 0; i < table->n_rows; i++) {
		const size_t indent = is_tree ? table->rows[i].depth * TREE_INDENT : 0;
		char **text = &table->rows[i].cells[column].text, *elided;

		if (!*text)
			continue;
		elided = width_elide(*text, MAX(width, indent + NAME_MIN) - indent,
				     table->is_utf8 ? "\u2026" : "...");
		if (!elided)
			return -ENOMEM;
		free(*text);
		*text = elided;
	}
	return 0;
}

/* Names get what the columns that are shown leave. */
static int elide_names(struct table *table, const bool *is_shown, size_t needed, size_t width)
{
	int r = 0;

	for (size_t i = 0; width > 0 && r == 0 && i < table->n_columns; i++) {
		const size_t others = needed - column_width(table, i);

		if (is_shown[i] && table->columns[i].is_name)
			r = elide_column(table, i, width > others ? width - others : 0);
	}
	return r;
}

static int add_columns(const struct table *table, const struct smartcols *lib,
		       const bool *is_shown, struct libscols_table *to)
{
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct table_column *c = &table->columns[i];
		int flags = (c->is_right ? SCOLS_FL_RIGHT : 0) |
			    (c->is_tree ? SCOLS_FL_TREE : 0) |
			    (c->is_trunc ? SCOLS_FL_TRUNC : 0);

		if (is_shown[i] && !lib->new_column(to, c->name, 0, flags))
			return -ENOMEM;
	}
	return 0;
}

static int add_cells(const struct table *table, const struct smartcols *lib,
		     const bool *is_shown, const struct row *row, struct libscols_line *line,
		     bool is_colored)
{
	size_t n = 0;

	for (size_t k = 0; k < table->n_columns; k++) {
		const struct cell *cell = &row->cells[k];

		if (!is_shown[k])
			continue;
		if (lib->set_data(line, n, cell->text ? cell->text : "") < 0)
			return -ENOMEM;
		if (is_colored && cell->color != TABLE_PLAIN &&
		    lib->set_color(lib->get_cell(line, n), color_starts[cell->color]) < 0)
			return -ENOMEM;
		n++;
	}
	return 0;
}

static int add_lines(const struct table *table, const struct smartcols *lib,
		     const bool *is_shown, struct libscols_table *to, bool is_colored)
{
	_cleanup_free_ struct libscols_line **lines = calloc(table->n_rows + 1, sizeof(*lines));

	if (!lines)
		return -ENOMEM;
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct row *row = &table->rows[i];

		lines[i] = lib->new_line(to, row->parent < i ? lines[row->parent] : NULL);
		if (!lines[i] ||
		    add_cells(table, lib, is_shown, row, lines[i], is_colored) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int print_with(struct table *table, const struct smartcols *lib, bool is_colored)
{
	_cleanup_free_ bool *is_shown = calloc(table->n_columns, sizeof(*is_shown));
	size_t width = width_of_terminal(STDOUT_FILENO);
	struct libscols_table *to;
	int r;

	if (!is_shown ||
	    elide_names(table, is_shown, choose_columns(table, width, is_shown), width) < 0)
		return -ENOMEM;
	to = lib->new_table();
	if (!to)
		return -ENOMEM;
	/* What is not fit to be shown has been replaced already. */
	lib->enable_noencoding(to, 1);
	lib->enable_ascii(to, !table->is_utf8);
	lib->enable_noheadings(to, table->is_headless);
	lib->enable_colors(to, is_colored);
	lib->set_termforce(to, width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
	if (width > 0)
		lib->set_termwidth(to, width);
	r = add_columns(table, lib, is_shown, to);
	if (r == 0)
		r = add_lines(table, lib, is_shown, to, is_colored);
	if (r == 0 && lib->print(to) < 0)
		r = -ENOMEM;
	lib->unref_table(to);
	return r;
}

int table_print(struct table *table, bool is_colored)
{
	struct smartcols lib;
	int r;

	if (table->is_failed)
		return -ENOMEM;
	r = smartcols_load(&lib);
	return r < 0 ? r : print_with(table, &lib, is_colored);
}
