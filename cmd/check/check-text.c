/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A check for people: the levels as a tree, the limits that bind, what is wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/check/check.h"
#include "cmd/output/human.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"

enum {
	COLUMN_NAME,
	COLUMN_TASKS,
	COLUMN_MEMORY,
	COLUMN_SWAP,
	COLUMN_CPU,
	COLUMN_WEIGHT,
};

static const struct table_column columns[] = {
	[COLUMN_NAME] = { .name = "CGROUP", .is_tree = true, .is_trunc = true, .is_name = true },
	[COLUMN_TASKS] = { .name = "TASKS", .is_right = true },
	[COLUMN_MEMORY] = { .name = "MEMORY", .is_right = true, .rank = 1 },
	[COLUMN_SWAP] = { .name = "SWAP", .is_right = true, .rank = 3 },
	[COLUMN_CPU] = { .name = "CPU", .is_right = true, .rank = 2 },
	[COLUMN_WEIGHT] = { .name = "WEIGHT", .is_right = true, .rank = 4 },
};

#define LABEL_WIDTH 9

/* ---- the levels ---- */

static enum table_color headroom_color(uint64_t headroom, uint64_t limit)
{
	if (limit == CG2_MAX)
		return TABLE_PLAIN;
	if (headroom < limit / 10 || headroom == 0)
		return TABLE_BAD;
	return headroom < limit / 4 ? TABLE_WARN : TABLE_GOOD;
}

/* "12/40", "12" without a limit, "-" where nothing is known. */
static void set_use(struct table *table, size_t row, size_t column,
		    struct cg2_check *check, size_t level,
		    enum cg2_level_figure current_figure,
		    enum cg2_level_figure max_figure, human_fn human)
{
	uint64_t current, max = CG2_MAX, cache = 0;
	char use[HUMAN_MAX], limit[HUMAN_MAX], text[2 * HUMAN_MAX];

	if (!cg2_check_get_figure(check, level, current_figure, &current)) {
		table_set(table, row, column, TABLE_DIM, "-");
		return;
	}
	cg2_check_get_figure(check, level, max_figure, &max);
	human(current, use);
	if (max == CG2_MAX) {
		table_set(table, row, column, TABLE_PLAIN, use);
		return;
	}
	human(max, limit);
	snprintf(text, sizeof(text), "%s/%s", use, limit);
	if (max_figure == CG2_LEVEL_MEMORY_MAX_BYTES)
		cg2_check_get_figure(check, level, CG2_LEVEL_CACHE_BYTES, &cache);
	current -= MIN(current, cache);
	table_set(table, row, column, headroom_color(max - MIN(max, current), max), text);
}

static void set_cpu(struct table *table, size_t row, struct cg2_check *check,
		    size_t level)
{
	uint64_t quota, weight;
	char text[HUMAN_MAX];

	if (!cg2_check_get_figure(check, level, CG2_LEVEL_CPU_MAX_PERMYRIAD, &quota))
		table_set(table, row, COLUMN_CPU, TABLE_DIM, "-");
	else if (quota != CG2_MAX) {
		human_percent(quota, text);
		table_set(table, row, COLUMN_CPU, TABLE_PLAIN, text);
	}
	if (!cg2_check_get_figure(check, level, CG2_LEVEL_CPU_WEIGHT, &weight)) {
		table_set(table, row, COLUMN_WEIGHT, TABLE_DIM, "-");
		return;
	}
	human_count(weight, text);
	table_set(table, row, COLUMN_WEIGHT, TABLE_PLAIN, text);
}

/* The unit, else the name that the cgroup has in its parent. */
static const char *level_name(struct cg2_check *check, size_t level)
{
	const char *unit = cg2_check_get_unit(check, level);
	const char *path = cg2_check_get_cgroup(check, level);
	const char *slash = strrchr(path, '/');

	if (unit)
		return unit;
	return slash && slash[1] ? slash + 1 : path;
}

/* A level is the child of the one above it, which comes before it. */
static struct table *make_table(struct cg2_check *check)
{
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t row = TABLE_NO_PARENT, n = 0;

	while (cg2_check_get_cgroup(check, n))
		n++;
	while (table && n-- > 0) {
		row = table_add_row(table, row);
		table_set(table, row, COLUMN_NAME, TABLE_PLAIN, level_name(check, n));
		set_use(table, row, COLUMN_TASKS, check, n, CG2_LEVEL_TASKS_COUNT,
			CG2_LEVEL_TASKS_MAX_COUNT, human_count);
		set_use(table, row, COLUMN_MEMORY, check, n, CG2_LEVEL_MEMORY_BYTES,
			CG2_LEVEL_MEMORY_MAX_BYTES, human_bytes);
		set_use(table, row, COLUMN_SWAP, check, n, CG2_LEVEL_SWAP_BYTES,
			CG2_LEVEL_SWAP_MAX_BYTES, human_bytes);
		set_cpu(table, row, check, n);
	}
	return table;
}

/* ---- what binds ---- */

static const struct {
	enum cg2_resource resource;
	const char *label;
	human_fn human;
} resources[] = {
	{ CG2_RESOURCE_TASKS, "tasks", human_count },
	{ CG2_RESOURCE_MEMORY, "memory", human_bytes },
	{ CG2_RESOURCE_SWAP, "swap", human_bytes },
	{ CG2_RESOURCE_CPU, "cpu", human_percent },
};

/* "pids.max of user-1000.slice", "the machine's RAM". Free with free(). */
static char *source_text(struct cg2_check *check, const struct cg2_effective *e)
{
	static const struct {
		const char *file;
		const char *text;
	} machine[] = {
		{ "ram", "the machine's RAM" },
		{ "swap", "the machine's swap" },
		{ "cpus", "the machine's CPUs" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(machine); i++)
		if (strcmp(machine[i].file, e->file) == 0)
			return strdup(machine[i].text);
	for (size_t i = 0; e->cgroup && cg2_check_get_cgroup(check, i); i++)
		if (strcmp(cg2_check_get_cgroup(check, i), e->cgroup) == 0)
			return text_format("%s of %s", e->file, level_name(check, i));
	return strdup(e->file);
}

static void print_labelled(const char *label, const char *text, enum table_color color,
			   bool is_colored)
{
	char start[LABEL_WIDTH + 8];

	snprintf(start, sizeof(start), "%-*s", LABEL_WIDTH, label);
	table_print_text(start, text, LABEL_WIDTH, color, is_colored);
}

static void print_effective(struct cg2_check *check, size_t i, bool is_colored)
{
	struct cg2_effective e = { .size = sizeof(e) };
	_cleanup_free_ char *source = NULL, *text = NULL;
	char left[HUMAN_MAX], limit[HUMAN_MAX];

	if (cg2_check_get_effective(check, resources[i].resource, &e) <= 0)
		return;
	source = source_text(check, &e);
	resources[i].human(e.headroom, left);
	resources[i].human(e.limit, limit);
	if (e.limit == 0)
		text = text_format("none, by %s", source);
	else if (e.is_use_known)
		text = text_format("%s of %s left, by %s", left, limit, source);
	else
		text = text_format("%s, by %s", limit, source);
	print_labelled(resources[i].label, text && source ? text : "out of memory",
		       e.is_use_known && e.limit > 0 ? headroom_color(e.headroom, e.limit)
						     : TABLE_PLAIN,
		       is_colored);
}

static void print_cpuset(struct cg2_check *check)
{
	for (size_t i = 0; cg2_check_get_cgroup(check, i); i++) {
		const char *cpus = cg2_check_get_text(check, i, CG2_LEVEL_CPUS);
		const char *mems = cg2_check_get_text(check, i, CG2_LEVEL_MEMS);
		_cleanup_free_ char *text = NULL;

		if (!cpus || !mems)
			continue;
		text = text_format("CPUs %s, memory nodes %s", cpus, mems);
		print_labelled("cpuset", text ? text : "out of memory", TABLE_PLAIN,
			       false);
		return;
	}
}

static void print_io(struct cg2_check *check)
{
	struct cg2_io_effective io = { .size = sizeof(io) };

	for (size_t i = 0; cg2_check_get_io(check, i, &io) > 0; i++) {
		_cleanup_free_ char *text =
			text_format("%s %s=%" PRIu64 ", by io.max of %s", io.device, io.key,
				    io.limit, io.cgroup);

		print_labelled("io", text ? text : "out of memory", TABLE_PLAIN, false);
	}
}

/* ---- what is wrong ---- */

void check_print_finding(const struct cg2_finding *finding, bool is_colored)
{
	static const enum table_color colors[] = {
		[CG2_SEVERITY_INFO] = TABLE_DIM,
		[CG2_SEVERITY_WARNING] = TABLE_WARN,
		[CG2_SEVERITY_ERROR] = TABLE_BAD,
	};
	_cleanup_free_ char *label = text_format(
		"%s: %s: ", cg2_severity_to_string(finding->severity), finding->id);

	table_print_text(label ? label : "", finding->text, 2, colors[finding->severity],
			 is_colored);
	if (finding->fix)
		table_print_text("  fix: ", finding->fix, 7, TABLE_PLAIN, false);
}

/* What a failed table means; STATUS_OK if it was printed. */
static int table_status(int r)
{
	if (r == 0)
		return STATUS_OK;
	if (r == -ENOENT) {
		message_failure("libsmartcols is missing");
		message_hint(
			"install it (Debian: apt install libsmartcols1), or use --json");
	} else {
		message_failure("out of memory");
	}
	return STATUS_FAILED;
}

static int print_check_table(struct table *table, bool is_colored)
{
	int r = table ? table_print(table, is_colored) : -ENOMEM;

	table_free(table);
	return table_status(r);
}

int check_print_text(struct cg2_check *check, bool is_colored)
{
	struct cg2_finding finding = { .size = sizeof(finding) };
	int status = print_check_table(make_table(check), is_colored);

	if (status)
		return status;
	putchar('\n');
	for (size_t i = 0; i < ARRAY_SIZE(resources); i++)
		print_effective(check, i, is_colored);
	print_cpuset(check);
	print_io(check);
	for (size_t i = 0; cg2_check_get_finding(check, i, &finding) > 0; i++) {
		if (i == 0)
			putchar('\n');
		check_print_finding(&finding, is_colored);
	}
	return STATUS_OK;
}

/* ---- the worst of the machine ---- */

int check_print_worst_text(struct cg2_worst *worst, bool is_colored)
{
	static const struct table_column worst_columns[] = {
		{ .name = "LEFT", .is_right = true },
		{ .name = "OF", .is_right = true },
		{ .name = "RESOURCE" },
		{ .name = "CGROUP", .is_trunc = true, .is_name = true },
	};
	struct cg2_worst_entry entry = { .size = sizeof(entry) };
	struct table *table = table_new(worst_columns, ARRAY_SIZE(worst_columns));
	_cleanup_free_ char *none = NULL;

	for (size_t i = 0; table && cg2_worst_get(worst, i, &entry) > 0; i++) {
		human_fn human =
			entry.resource == CG2_RESOURCE_TASKS ? human_count : human_bytes;
		size_t row = table_add_row(table, TABLE_NO_PARENT);
		char text[HUMAN_MAX];

		human(entry.headroom, text);
		table_set(table, row, 0, headroom_color(entry.headroom, entry.limit), text);
		human(entry.limit, text);
		table_set(table, row, 1, TABLE_PLAIN, text);
		table_set(table, row, 2, TABLE_PLAIN,
			  cg2_resource_to_string(entry.resource));
		table_set(table, row, 3, TABLE_PLAIN, entry.cgroup);
	}
	if (table && cg2_worst_get(worst, 0, &entry) <= 0) {
		table_free(table);
		none = text_format("%" PRIu64 " cgroups checked, none has less than 10%% of a "
				   "limit left", cg2_worst_get_count(worst));
		width_print_lines(none ? none : "", 0, WIDTH_ITEMS);
		return STATUS_OK;
	}
	return print_check_table(table, is_colored);
}
