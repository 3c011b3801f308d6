/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a scope is shown as: the one table of columns that -o, --sort and the help read.
 */
#include "cmd/scope/list-row.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/output/human.h"
#include "cmd/output/spark.h"

#define BIT(use) (UINT64_C(1) << (use))

/* Cells of a bar. */
#define BAR_WIDTH 5

/* From here on, in percent, a use is near its limit. */
#define WARN_PERCENT 80
#define BAD_PERCENT 95

/* Of the last 10 s, from which on tasks that wait for a CPU are worth a word. */
#define THROTTLED_PERMYRIAD 1000

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static char *human(const struct list_row *row, enum cg2_use use, human_fn format)
{
	char buf[HUMAN_MAX];
	uint64_t value;

	if (!list_row_get(row, use, &value))
		return copy("");
	if (value == CG2_MAX)
		return copy("no limit");
	format(value, buf);
	return copy(buf);
}

/* ---- use against limit ---- */

/* How much of the limit is used, in percent; 0 without one. */
static unsigned int percent_of(const struct list_row *row, enum cg2_use use, enum cg2_use max)
{
	uint64_t value, limit;

	if (!list_row_get(row, use, &value) || !list_row_get(row, max, &limit) ||
	    limit == CG2_MAX || limit == 0)
		return 0;
	return value >= limit ? 100 : (unsigned int)(value / ((limit + 99) / 100));
}

/* "[###  ] 60M/100M" */
static char *against(const struct list_row *row, enum cg2_use use, enum cg2_use max,
		     human_fn format, bool with_bar)
{
	_cleanup_free_ char *have = human(row, use, format), *limit = human(row, max, format);
	static const char bars[][BAR_WIDTH + 4] = { "[     ] ", "[#    ] ", "[##   ] ",
						    "[###  ] ", "[#### ] ", "[#####] " };
	unsigned int filled = (percent_of(row, use, max) * BAR_WIDTH + 99) / 100;
	uint64_t value;

	if (!have || !limit)
		return NULL;
	if (!*have)
		return copy("");
	if (!list_row_get(row, max, &value) || value == CG2_MAX)
		return copy(have);
	return text_format("%s%s/%s", with_bar ? bars[MIN(filled, BAR_WIDTH)] : "", have, limit);
}

static enum table_color percent_color(unsigned int percent)
{
	return percent >= BAD_PERCENT ? TABLE_BAD : percent >= WARN_PERCENT ? TABLE_WARN
									    : TABLE_PLAIN;
}

static char *memory_text(const struct list_row *row, bool with_bar)
{
	return against(row, CG2_USE_MEMORY_BYTES, CG2_USE_MEMORY_MAX_BYTES, human_bytes, with_bar);
}

static enum table_color memory_color(const struct list_row *row)
{
	return percent_color(percent_of(row, CG2_USE_MEMORY_BYTES, CG2_USE_MEMORY_MAX_BYTES));
}

static char *tasks_text(const struct list_row *row, bool with_bar)
{
	return against(row, CG2_USE_TASKS_COUNT, CG2_USE_TASKS_MAX_COUNT, human_count, with_bar);
}

static enum table_color tasks_color(const struct list_row *row)
{
	return percent_color(percent_of(row, CG2_USE_TASKS_COUNT, CG2_USE_TASKS_MAX_COUNT));
}

static char *swap_text(const struct list_row *row, bool with_bar)
{
	return against(row, CG2_USE_SWAP_BYTES, CG2_USE_SWAP_MAX_BYTES, human_bytes, with_bar);
}

/* ---- plain figures ---- */

/* NAME_text() and NAME_key() of a figure. */
#define FIGURE(name_, use_, format_)                                                     \
	static char *name_##_text(const struct list_row *row, bool with_bar _unused_)    \
	{                                                                                \
		return human(row, use_, format_);                                        \
	}
#define KEY(name_, use_)                                                                 \
	static uint64_t name_##_key(const struct list_row *row)                          \
	{                                                                                \
		return row->use[use_];                                                   \
	}

FIGURE(cpu, CG2_USE_CPU_USEC, human_usec)
FIGURE(cpu_max, CG2_USE_CPU_MAX_PERMYRIAD, human_percent)
FIGURE(memory_peak, CG2_USE_MEMORY_PEAK_BYTES, human_bytes)
FIGURE(tasks_peak, CG2_USE_TASKS_PEAK_COUNT, human_count)
KEY(memory, CG2_USE_MEMORY_BYTES)
KEY(tasks, CG2_USE_TASKS_COUNT)
KEY(swap, CG2_USE_SWAP_BYTES)
KEY(cpu, CG2_USE_CPU_USEC)
KEY(cpu_max, CG2_USE_CPU_MAX_PERMYRIAD)
KEY(memory_peak, CG2_USE_MEMORY_PEAK_BYTES)
KEY(tasks_peak, CG2_USE_TASKS_PEAK_COUNT)

/* ---- pressure ---- */

static const struct {
	enum cg2_use use;
	const char *name;
} pressures[] = {
	{ CG2_USE_MEMORY_SOME_PERMYRIAD, "memory" },
	{ CG2_USE_CPU_SOME_PERMYRIAD, "cpu" },
	{ CG2_USE_IO_SOME_PERMYRIAD, "io" },
};

static size_t highest_pressure(const struct list_row *row)
{
	size_t highest = 0;

	for (size_t i = 1; i < ARRAY_SIZE(pressures); i++)
		if (row->use[pressures[i].use] > row->use[pressures[highest].use])
			highest = i;
	return highest;
}

static uint64_t pressure_key(const struct list_row *row)
{
	return row->use[pressures[highest_pressure(row)].use];
}

/* The highest of the three: "12% memory". */
static char *pressure_text(const struct list_row *row, bool with_bar _unused_)
{
	char buf[HUMAN_MAX];

	if (pressure_key(row) == 0)
		return copy(row->known & BIT(CG2_USE_CPU_SOME_PERMYRIAD) ? "0%" : "");
	human_percent(pressure_key(row), buf);
	return text_format("%s %s", buf, pressures[highest_pressure(row)].name);
}

/* ---- what it is ---- */

static char *name_text(const struct list_row *row, bool with_bar _unused_)
{
	return copy(cg2_scope_get_name(row->scope));
}

static char *cgroup_text(const struct list_row *row, bool with_bar _unused_)
{
	return copy(cg2_scope_get_path(row->scope));
}

static char *unit_text(const struct list_row *row, bool with_bar _unused_)
{
	return copy(cg2_scope_is_unit(row->scope) ? cg2_scope_get_name(row->scope) : "");
}

static char *manager_text(const struct list_row *row, bool with_bar _unused_)
{
	return copy(cg2_scope_get_manager(row->scope) == CG2_MANAGER_USER ? "user" : "system");
}

static char *owner_text(const struct list_row *row, bool with_bar _unused_)
{
	return text_format("%" PRIu64, cg2_scope_get_owner(row->scope));
}

/* "frozen", "running", or instead of that what is not plain about it: "near memory, throttled". */
static char *state_text(const struct list_row *row, bool with_bar _unused_)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const char *mark;
	char *marks;

	if (!f)
		return NULL;
	for (size_t i = 0; list_row_mark(row, i, &mark); i++)
		if (mark)
			fprintf(f, "%s%s", ftell(f) > 0 ? ", " : "", mark);
	if (ftell(f) == 0)
		fputs(list_row_state(row), f);
	return text_close(&text, &marks) < 0 ? NULL : marks;
}

static enum table_color state_color(const struct list_row *row)
{
	const char *mark;

	for (size_t i = 0; list_row_mark(row, i, &mark); i++)
		if (mark)
			return strncmp(mark, "hit", 3) == 0 ? TABLE_BAD : TABLE_WARN;
	return strcmp(list_row_state(row), "running") == 0 ? TABLE_PLAIN : TABLE_DIM;
}

static char *age_text(const struct list_row *row, bool with_bar _unused_)
{
	char buf[HUMAN_MAX];

	if (row->age_usec == CG2_MAX)
		return copy("");
	/* Nobody wants an age to the hundredth. */
	human_usec(row->age_usec / USEC_PER_SEC * USEC_PER_SEC, buf);
	return copy(buf);
}

/* Measured against the limit, where there is one. */
static char *trend_text(const struct list_row *row, bool with_bar _unused_)
{
	char spark[SPARK_MAX];
	uint64_t limit;

	if (row->n_trend == 0 || !spark_is_shown(STDOUT_FILENO))
		return copy("");
	if (!list_row_get(row, CG2_USE_MEMORY_MAX_BYTES, &limit) || limit == CG2_MAX)
		limit = 0;
	spark_put(row->trend, row->n_trend, limit, spark);
	return copy(spark);
}

static uint64_t age_key(const struct list_row *row)
{
	return row->age_usec == CG2_MAX ? 0 : row->age_usec;
}

static char *pid_text(const struct list_row *row, bool with_bar _unused_)
{
	return row->pid == 0 ? copy("") : text_format("%d", (int)row->pid);
}

static uint64_t pid_key(const struct list_row *row)
{
	return (uint64_t)row->pid;
}

static char *command_text(const struct list_row *row, bool with_bar _unused_)
{
	return row->command ? list_command_text(row->command, row->command_len) : copy("");
}

#define STATE_NEEDS                                                                      \
	(BIT(CG2_USE_FROZEN) | BIT(CG2_USE_POPULATED) | BIT(CG2_USE_MEMORY_BYTES) |      \
	 BIT(CG2_USE_MEMORY_MAX_BYTES) | BIT(CG2_USE_TASKS_COUNT) |                      \
	 BIT(CG2_USE_TASKS_MAX_COUNT) | BIT(CG2_USE_TASKS_REFUSED_COUNT) |               \
	 BIT(CG2_USE_CPU_MAX_PERMYRIAD) | BIT(CG2_USE_CPU_THROTTLED_USEC) |              \
	 BIT(CG2_USE_CPU_SOME_PERMYRIAD) | BIT(CG2_USE_OOM_KILL_COUNT) |                 \
	 BIT(CG2_USE_FILE_BYTES))

/* ---- the table ---- */

static const struct list_column columns[] = {
	{ .name = "name", .table = { .name = "NAME", .is_tree = true, .is_name = true },
	  .help = "name of the unit, or of the nested run's cgroup", .text = name_text },
	{ .name = "memory", .table = { .name = "MEMORY", .is_right = true, .rank = 2 },
	  .help = "memory in use, and its limit", .text = memory_text, .key = memory_key,
	  .color = memory_color,
	  .needs = BIT(CG2_USE_MEMORY_BYTES) | BIT(CG2_USE_MEMORY_MAX_BYTES) },
	{ .name = "tasks", .table = { .name = "TASKS", .is_right = true, .rank = 3 },
	  .help = "processes and threads, and their limit", .text = tasks_text,
	  .key = tasks_key, .color = tasks_color,
	  .needs = BIT(CG2_USE_TASKS_COUNT) | BIT(CG2_USE_TASKS_MAX_COUNT) },
	{ .name = "state", .table = { .name = "STATE", .rank = 1 },
	  .help = "running, frozen, empty; throttled; near a limit, or hit it",
	  .text = state_text, .color = state_color, .needs = STATE_NEEDS },
	{ .name = "cpu", .table = { .name = "CPU", .is_right = true, .rank = 4 },
	  .help = "CPU time used", .text = cpu_text, .key = cpu_key,
	  .needs = BIT(CG2_USE_CPU_USEC) },
	{ .name = "pressure", .table = { .name = "PRESSURE", .is_right = true, .rank = 6 },
	  .help = "share of the last 10 s lost waiting for a resource",
	  .text = pressure_text, .key = pressure_key,
	  .needs = BIT(CG2_USE_CPU_SOME_PERMYRIAD) | BIT(CG2_USE_MEMORY_SOME_PERMYRIAD) |
		   BIT(CG2_USE_IO_SOME_PERMYRIAD) },
	{ .name = "age", .table = { .name = "AGE", .is_right = true, .rank = 5 },
	  .help = "time since its start", .text = age_text, .key = age_key },
	{ .name = "command", .table = { .name = "COMMAND", .is_trunc = true, .rank = 7 },
	  .help = "command line of the first process", .text = command_text,
	  .needs_command = true },
	/* The default ends here. */
	{ .name = "unit", .table = { .name = "UNIT" }, .help = "name of the unit",
	  .text = unit_text },
	{ .name = "cgroup", .table = { .name = "CGROUP" }, .help = "path of the cgroup",
	  .text = cgroup_text },
	{ .name = "manager", .table = { .name = "MANAGER" }, .help = "user or system",
	  .text = manager_text },
	{ .name = "owner", .table = { .name = "OWNER", .is_right = true },
	  .help = "uid of the owner", .text = owner_text },
	{ .name = "pid", .table = { .name = "PID", .is_right = true },
	  .help = "PID of the first process", .text = pid_text, .key = pid_key,
	  .is_number = true, .needs_command = true },
	{ .name = LIST_TREND, .table = { .name = "TREND", .rank = 8 },
	  .help = "memory over the last updates of --watch, on a UTF-8 terminal",
	  .text = trend_text, .key = memory_key,
	  .needs = BIT(CG2_USE_MEMORY_BYTES) | BIT(CG2_USE_MEMORY_MAX_BYTES) },
	{ .name = "swap", .table = { .name = "SWAP", .is_right = true },
	  .help = "swap in use, and its limit", .text = swap_text, .key = swap_key,
	  .needs = BIT(CG2_USE_SWAP_BYTES) | BIT(CG2_USE_SWAP_MAX_BYTES) },
	{ .name = "cpu-max", .table = { .name = "CPU-MAX", .is_right = true },
	  .help = "limit of CPU usage", .text = cpu_max_text, .key = cpu_max_key,
	  .needs = BIT(CG2_USE_CPU_MAX_PERMYRIAD) },
	{ .name = "memory-peak", .table = { .name = "MEMORY-PEAK", .is_right = true },
	  .help = "highest memory usage", .text = memory_peak_text,
	  .key = memory_peak_key, .needs = BIT(CG2_USE_MEMORY_PEAK_BYTES) },
	{ .name = "tasks-peak", .table = { .name = "TASKS-PEAK", .is_right = true },
	  .help = "highest number of tasks", .text = tasks_peak_text,
	  .key = tasks_peak_key, .needs = BIT(CG2_USE_TASKS_PEAK_COUNT) },
};

const struct list_column *list_column_get(size_t i)
{
	return i < ARRAY_SIZE(columns) ? &columns[i] : NULL;
}

const struct list_column *list_column_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (strlen(columns[i].name) == len && strncasecmp(columns[i].name, name, len) == 0)
			return &columns[i];
	return NULL;
}

/* ---- rows ---- */

const char *list_row_state(const struct list_row *row)
{
	uint64_t value;

	if (list_row_get(row, CG2_USE_FROZEN, &value) && value)
		return "frozen";
	if (list_row_get(row, CG2_USE_POPULATED, &value) && !value)
		return "empty";
	return "running";
}

/* File cache is given back before anything is killed for memory. */
static bool is_near_memory(const struct list_row *row)
{
	struct list_row held = *row;
	uint64_t cache;

	if (list_row_get(row, CG2_USE_FILE_BYTES, &cache))
		held.use[CG2_USE_MEMORY_BYTES] -= MIN(cache, held.use[CG2_USE_MEMORY_BYTES]);
	return percent_of(&held, CG2_USE_MEMORY_BYTES, CG2_USE_MEMORY_MAX_BYTES) >= WARN_PERCENT;
}

static bool is_near_tasks(const struct list_row *row)
{
	return percent_of(row, CG2_USE_TASKS_COUNT, CG2_USE_TASKS_MAX_COUNT) >= WARN_PERCENT;
}

static bool has_hit_memory(const struct list_row *row)
{
	uint64_t n;

	return list_row_get(row, CG2_USE_OOM_KILL_COUNT, &n) && n > 0;
}

static bool has_hit_tasks(const struct list_row *row)
{
	uint64_t n;

	return list_row_get(row, CG2_USE_TASKS_REFUSED_COUNT, &n) && n > 0;
}

/* It was, by its own limit, and its tasks wait for a CPU now. */
static bool is_throttled(const struct list_row *row)
{
	uint64_t max, usec, some;

	return list_row_get(row, CG2_USE_CPU_MAX_PERMYRIAD, &max) && max != CG2_MAX &&
	       list_row_get(row, CG2_USE_CPU_THROTTLED_USEC, &usec) && usec > 0 &&
	       list_row_get(row, CG2_USE_CPU_SOME_PERMYRIAD, &some) && some >= THROTTLED_PERMYRIAD;
}

static const struct {
	const char *name;
	bool (*applies)(const struct list_row *row);
} marks[] = {
	{ "hit memory", has_hit_memory },  { "hit tasks", has_hit_tasks },
	{ "near memory", is_near_memory }, { "near tasks", is_near_tasks },
	{ "throttled", is_throttled },
};

int list_row_mark(const struct list_row *row, size_t i, const char **ret_mark)
{
	if (i >= ARRAY_SIZE(marks))
		return 0;
	*ret_mark = strcmp(list_row_state(row), "running") == 0 && marks[i].applies(row)
			    ? marks[i].name
			    : NULL;
	return 1;
}

char *list_command_text(const char *command, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		return NULL;
	for (size_t i = 0; i < len; i++)
		text[i] = command[i] ? command[i] : ' ';
	while (len > 0 && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

static uint64_t age_of(struct cg2_scope *scope)
{
	const uint64_t made = cg2_scope_get_made_usec(scope), now = now_real_usec();

	return made == 0 ? CG2_MAX : now > made ? now - made : 0;
}

/* The first process: where the command is as a rule, else anywhere in the scope. */
static int find_pid(struct list_row *row, struct cg2_group *leaf)
{
	_cleanup_free_ pid_t *pids = NULL;
	_cleanup_free_ char *procs = NULL;
	size_t len, n = 0, pos = 0, word_len;
	const char *word;
	uint64_t pid;

	if (cg2_group_read(leaf, "cgroup.procs", &procs, &len, NULL) == 0 &&
	    cg2_parse_word(procs, len, &pos, &word, &word_len) > 0 &&
	    cg2_parse_value(word, word_len, &pid) == 0 && pid <= INT32_MAX)
		return (int)pid;
	return cg2_scope_list_pids(row->scope, &pids, &n, NULL) == 0 && n > 0 ? pids[0] : 0;
}

static int read_command(struct list_row *row, struct cg2_group *leaf)
{
	int r;

	row->pid = find_pid(row, leaf);
	if (row->pid == 0)
		return 0;
	r = cg2_scope_read_command(row->scope, row->pid, &row->command, &row->command_len);
	return r == -ENOMEM ? r : 0;
}

/* Limits that the scope around the command's cgroup has as well. */
#define TWOFOLD                                                                          \
	(BIT(CG2_USE_MEMORY_MAX_BYTES) | BIT(CG2_USE_MEMORY_HIGH_BYTES) |                \
	 BIT(CG2_USE_SWAP_MAX_BYTES) | BIT(CG2_USE_TASKS_MAX_COUNT) |                    \
	 BIT(CG2_USE_CPU_MAX_PERMYRIAD))

/*
 * The scope's are the same, and a little more for what is beside the command, unless its manager
 * was given others later: then the lower one binds. Quotas may have been rounded on the way.
 */
static void lower_to_scope(struct list_row *row, struct cg2_group *group, enum cg2_use use)
{
	uint64_t rounding = use == CG2_USE_CPU_MAX_PERMYRIAD, value;
	uint64_t have = row->known & BIT(use) ? row->use[use] : CG2_MAX;

	if (cg2_group_read_use(group, use, &value) <= 0 || value >= have ||
	    have - value <= rounding)
		return;
	row->use[use] = value;
	row->known |= BIT(use);
}

static void read_figures(struct list_row *row, struct cg2_group *group, struct cg2_group *leaf,
			 uint64_t needs)
{
	bool is_twofold = strcmp(cg2_group_get_path(group), cg2_group_get_path(leaf)) != 0;

	for (unsigned int i = 0; i < LIST_USES; i++) {
		enum cg2_use use = (enum cg2_use)i;

		/* memory.stat costs more than all the rest: only where it changes the picture. */
		if (!(needs & BIT(use)) ||
		    (use == CG2_USE_FILE_BYTES &&
		     percent_of(row, CG2_USE_MEMORY_BYTES, CG2_USE_MEMORY_MAX_BYTES) <
			     WARN_PERCENT))
			continue;
		if (cg2_group_read_use(leaf, use, &row->use[use]) > 0)
			row->known |= BIT(use);
		if (is_twofold && (TWOFOLD & BIT(use)))
			lower_to_scope(row, group, use);
	}
}

int list_row_read(struct list_row *row, struct cg2_scope *scope, uint64_t needs,
		  bool needs_command)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL, *leaf = NULL;
	int r;

	*row = (struct list_row){ .scope = scope, .age_usec = age_of(scope) };
	r = cg2_scope_open_group(scope, &group, NULL);
	if (r == 0)
		r = cg2_scope_open_leaf(scope, &leaf, NULL);
	if (r < 0)
		return r;
	read_figures(row, group, leaf, needs);
	return needs_command ? read_command(row, leaf) : 0;
}

void list_row_clear(struct list_row *row)
{
	free(row->command);
	row->command = NULL;
}
