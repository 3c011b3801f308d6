/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The options of a verb as one set, and what the help, the completions and the man page
 * ask about them. Parsing a command line is in options-parse.c.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"
#include "base/typo.h"
#include "cmd/option/options.h"
#include "libcg2.h"

static const struct option common_rows[] = {
	{ .short_name = 'h',
	  .names = { "help" },
	  .help = "print help and exit",
	  .kind = OPTION_HELP,
	  .group = OPTION_GROUP_GENERAL },
	{ .short_name = 'V',
	  .names = { "version" },
	  .help = "print the version and exit",
	  .kind = OPTION_VERSION,
	  .group = OPTION_GROUP_GENERAL },
};

static enum option_complete complete_unit(unsigned int unit)
{
	static const enum option_complete by_unit[] = {
		[CG2_UNIT_BYTES] = OPTION_COMPLETE_SIZE,
		[CG2_UNIT_TASKS] = OPTION_COMPLETE_NONE,
		[CG2_UNIT_PERMYRIAD] = OPTION_COMPLETE_PERCENT,
		[CG2_UNIT_WEIGHT] = OPTION_COMPLETE_NONE,
		[CG2_UNIT_BOOL] = OPTION_COMPLETE_NONE,
		[CG2_UNIT_LIST] = OPTION_COMPLETE_NONE,
		[CG2_UNIT_IO] = OPTION_COMPLETE_FILE,
		[CG2_UNIT_USEC] = OPTION_COMPLETE_DURATION,
	};

	return unit < ARRAY_SIZE(by_unit) ? by_unit[unit] : OPTION_COMPLETE_NONE;
}

static void add_rows(struct option_set *set, const struct option *rows, size_t n_rows)
{
	assert(n_rows <= OPTION_SET_MAX - set->n_rows);
	if (n_rows > 0)
		memcpy(set->rows + set->n_rows, rows, n_rows * sizeof(*rows));
	set->n_rows += n_rows;
}

static void add_limits(struct option_set *set, const struct option_table *table)
{
	const struct cg2_limit_info *info;

	for (unsigned int limit = 0; (info = cg2_limit_get_info(limit)); limit++) {
		const struct option row = {
			.short_name = info->short_option,
			.names = { info->option, info->aliases[0], info->aliases[1] },
			.metavar = info->metavar,
			.help = info->help,
			.kind = table->limits_as_words ? OPTION_WORD : OPTION_LIMIT,
			.complete = complete_unit(info->unit),
			.group = OPTION_GROUP_LIMITS,
			.offset = table->limits_offset,
			.value = limit,
		};

		if (!(table->limits_left_out & 1U << limit))
			add_rows(set, &row, 1);
	}
}

static bool is_left_out(const struct option_table *table, const struct option *option)
{
	for (const char *const *name = table->left_out; name && *name; name++)
		if (strcmp(*name, option->names[0]) == 0)
			return true;
	return false;
}

void option_set_init(struct option_set *set, const struct option_table *table)
{
	const struct option_table *base = table->base;

	set->n_rows = 0;
	if (base && base->limits)
		add_limits(set, base);
	if (table->limits)
		add_limits(set, table);
	for (size_t i = 0; base && i < base->n_rows; i++)
		if (!is_left_out(table, &base->rows[i]))
			add_rows(set, &base->rows[i], 1);
	add_rows(set, table->rows, table->n_rows);
	add_rows(set, common_rows, ARRAY_SIZE(common_rows));
}

static void *member_at(void *dest, size_t offset)
{
	return (char *)dest + offset;
}

int options_init(const struct option_table *table, struct cg2_ctx *ctx, void *dest)
{
	if (table->size > 0)
		memcpy(dest, table->defaults, table->size);
	if (table->base)
		return options_init(table->base, ctx, dest);
	if (!table->limits || table->limits_as_words)
		return 0;
	return cg2_limits_new(ctx, member_at(dest, table->limits_offset));
}

static bool is_list(const struct option *option)
{
	return option->kind == OPTION_LIST || option->kind == OPTION_LABELS ||
	       option->kind == OPTION_THRESHOLDS;
}

static void clear_words(struct option_words *words)
{
	free(words->words);
	*words = (struct option_words){ .words = NULL };
}

void options_clear(const struct option_table *table, void *dest)
{
	if (table->base)
		options_clear(table->base, dest);
	for (size_t i = 0; i < table->n_rows; i++) {
		const struct option *option = &table->rows[i];
		struct option_list *list = is_list(option) ? member_at(dest, option->offset) : NULL;

		if (list)
			free(list->words);
		if (option->kind == OPTION_WORD || option->kind == OPTION_MARK)
			clear_words(member_at(dest, option->offset));
	}
	if (table->limits && table->limits_as_words) {
		clear_words(member_at(dest, table->limits_offset));
	} else if (table->limits) {
		struct cg2_limits **limits = member_at(dest, table->limits_offset);

		cg2_limits_unref(*limits);
	}
}

bool options_have_limits(struct cg2_limits *limits)
{
	bool has_any = false;

	for (unsigned int i = 0; cg2_limit_get_info(i); i++) {
		_cleanup_free_ char *text = NULL;

		has_any |= cg2_limits_to_string(limits, (enum cg2_limit)i, &text) > 0;
	}
	return has_any;
}

const struct option *option_set_find_short(const struct option_set *set, char name)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (name && set->rows[i].short_name == name)
			return &set->rows[i];
	return NULL;
}

static bool option_has_name(const struct option *option, const char *name, size_t len)
{
	for (size_t i = 0; i < OPTION_NAMES_MAX && option->names[i]; i++)
		if (strncmp(option->names[i], name, len) == 0 && !option->names[i][len])
			return true;
	return false;
}

const struct option *option_set_find_long(const struct option_set *set, const char *name,
					  size_t len)
{
	for (size_t i = 0; i < set->n_rows; i++)
		if (option_has_name(&set->rows[i], name, len))
			return &set->rows[i];
	return NULL;
}

/* A typo_name_fn over an array that NULL ends. */
static const char *name_at(size_t i, const void *data)
{
	const char *const *names = data;

	return names[i];
}

/* The only name that begins with that, NULL if there is none or more than one. */
static const char *only_completion(const char *const *names, const char *start)
{
	const char *found = NULL;

	for (; *names; names++) {
		if (strncmp(*names, start, strlen(start)) != 0)
			continue;
		if (found)
			return NULL;
		found = *names;
	}
	return found;
}

/* Our name of what systemd, the kernel, podman or hyperfine call otherwise; NULL: none. */
static const char *name_elsewhere(const struct option_set *set, const char *name)
{
	static const struct {
		const char *elsewhere, *ours;
	} names[] = {
		{ "max-memory", "mem" },	 { "mem-limit", "mem" },
		{ "mem-max", "mem" },		 { "memory-limit", "mem" },
		{ "memory-max", "mem" },	 { "memory-swap", "swap" },
		{ "memory-swap-max", "swap" },	 { "swap-max", "swap" },
		{ "cpu-limit", "cpu" },		 { "cpu-max", "cpu" },
		{ "cpu-quota", "cpu" },		 { "cpu-shares", "cpu-weight" },
		{ "max-tasks", "tasks" },	 { "nproc", "tasks" },
		{ "pids", "tasks" },		 { "pids-limit", "tasks" },
		{ "pids-max", "tasks" },	 { "tasks-max", "tasks" },
		{ "runs", "rounds" },		 { "timeout", "time" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].elsewhere, name) == 0 &&
		    option_set_find_long(set, names[i].ours, strlen(names[i].ours)))
			return names[i].ours;
	return NULL;
}

const char *option_set_nearest(const struct option_set *set, const char *name)
{
	const char *elsewhere = name_elsewhere(set, name);
	const char *names[OPTION_SET_MAX * OPTION_NAMES_MAX + 1], *completion;
	size_t n = 0;

	if (elsewhere)
		return elsewhere;
	for (size_t i = 0; i < set->n_rows; i++)
		for (size_t j = 0; j < OPTION_NAMES_MAX && set->rows[i].names[j]; j++)
			names[n++] = set->rows[i].names[j];
	names[n] = NULL;
	completion = only_completion(names, name);
	return completion ? completion : typo_nearest(name, name_at, names);
}

static bool has_capital(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] >= 'A' && word[i] <= 'Z')
			return true;
	return false;
}

size_t option_metavar_word(const char *metavar, size_t index, const char **ret_word)
{
	while (metavar && *metavar) {
		size_t len = strcspn(metavar, "|");

		if (!has_capital(metavar, len) && index-- == 0) {
			*ret_word = metavar;
			return len;
		}
		metavar += len + (metavar[len] == '|');
	}
	return 0;
}

const char *option_group_to_string(enum option_group group)
{
	static const char *const names[OPTION_GROUP_COUNT] = {
		[OPTION_GROUP_LIMITS] = "Limits",
		[OPTION_GROUP_SCOPE] = "Scope",
		[OPTION_GROUP_UNIT] = "Unit file",
		[OPTION_GROUP_COMMAND] = "Command",
		[OPTION_GROUP_EXPERIMENT] = "Experiment",
		[OPTION_GROUP_TRACE] = "Trace",
		[OPTION_GROUP_RECORD] = "Verdict and figures",
		[OPTION_GROUP_TARGET] = "Target",
		[OPTION_GROUP_EVENTS] = "Events and hooks",
		[OPTION_GROUP_GENERAL] = "Output and help",
	};

	return names[group];
}

struct complete_info {
	const char *name;
	const char *suffixes[5];
};

static const struct complete_info complete_infos[OPTION_COMPLETE_COUNT] = {
	[OPTION_COMPLETE_NONE] = { "none", { NULL } },
	[OPTION_COMPLETE_SIZE] = { "size", { "K", "M", "G", "T", NULL } },
	[OPTION_COMPLETE_DURATION] = { "duration", { "ms", "s", "min", "h", NULL } },
	[OPTION_COMPLETE_PERCENT] = { "percent", { "%", NULL } },
	[OPTION_COMPLETE_SIGNAL] = { "signal", { NULL } },
	[OPTION_COMPLETE_FILE] = { "file", { NULL } },
	[OPTION_COMPLETE_SLICE] = { "slice", { NULL } },
	[OPTION_COMPLETE_VERDICT] = { "verdict", { NULL } },
	[OPTION_COMPLETE_EVENT] = { "event", { NULL } },
	[OPTION_COMPLETE_KIND] = { "kind", { NULL } },
	[OPTION_COMPLETE_CALL] = { "call", { NULL } },
	[OPTION_COMPLETE_THRESHOLD] = { "threshold", { NULL } },
	[OPTION_COMPLETE_SCOPE] = { "scope", { NULL } },
	[OPTION_COMPLETE_PID] = { "pid", { NULL } },
	[OPTION_COMPLETE_USER] = { "user", { NULL } },
	[OPTION_COMPLETE_VERB] = { "verb", { NULL } },
	[OPTION_COMPLETE_COLUMN] = { "column", { NULL } },
	[OPTION_COMPLETE_ORDER] = { "order", { NULL } },
};

const char *option_complete_to_string(enum option_complete complete)
{
	return complete_infos[complete].name;
}

const char *const *option_complete_suffixes(enum option_complete complete)
{
	return complete_infos[complete].suffixes;
}

char *option_verdicts_to_string(unsigned int verdicts)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const char *name;
	char *result;

	if (!f)
		return NULL;
	for (unsigned int i = 0; (name = cg2_verdict_to_string(i)); i++) {
		const bool is_last = !cg2_verdict_to_string(i + 1) || !(verdicts >> i >> 1);

		if (!(verdicts >> i & 1))
			continue;
		if (ftell(f) > 0)
			fputs(is_last ? " or " : ", ", f);
		fputs(name, f);
	}
	return text_close(&text, &result) < 0 ? NULL : result;
}

void option_print_usage(FILE *f, const struct option *option, bool brief)
{
	if (option->short_name)
		fprintf(f, "-%c, ", option->short_name);
	else
		fputs("    ", f);
	for (size_t i = 0; i < OPTION_NAMES_MAX && option->names[i]; i++) {
		if (i > 0 && brief)
			break;
		fprintf(f, "%s--%s", i > 0 ? ", " : "", option->names[i]);
	}
	if (option->metavar)
		fprintf(f, " %s", option->metavar);
}
