/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verb explain: its options, its targets, and what it ends with. */
#include "cmd/explain/explain.h"

#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/verb/verb.h"

#define LINES_DEFAULT 5
#define LINES_MAX 1000

#define AT(member) offsetof(struct explain_options, member)

static const struct option rows[] = {
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET, "TARGET is a unit of your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "TARGET is a unit of the system manager"),
	{ .names = { "since" },
	  .metavar = "TIME",
	  .help = "go back to 1h ago, 12:30, 2026-01-31 12:30, ... (boot)",
	  .kind = OPTION_STRING,
	  .offset = AT(since),
	  .group = OPTION_GROUP_TARGET },
	{ .names = { "until" },
	  .metavar = "TIME",
	  .help = "leave out what is newer",
	  .kind = OPTION_STRING,
	  .offset = AT(until),
	  .rare = true,
	  .group = OPTION_GROUP_TARGET },
	{ .names = { "lives" },
	  .metavar = "N",
	  .help = "explain the last N starts, newest first; all: each (1)",
	  .kind = OPTION_STRING,
	  .offset = AT(lives),
	  .group = OPTION_GROUP_TARGET },
	{ .names = { "invocation" },
	  .metavar = "ID",
	  .help = "explain the start with this invocation id",
	  .kind = OPTION_STRING,
	  .offset = AT(invocation),
	  .rare = true,
	  .group = OPTION_GROUP_TARGET },
	{ .names = { "lines" },
	  .metavar = "N",
	  .help = "show the last N lines that the unit printed (5)",
	  .kind = OPTION_STRING,
	  .offset = AT(lines),
	  .group = OPTION_GROUP_GENERAL },
	{ .names = { "env" },
	  .help = "show what the unit has or lacks beside your shell",
	  .kind = OPTION_FLAG,
	  .offset = AT(environment),
	  .group = OPTION_GROUP_GENERAL },
	{ .names = { "start" },
	  .help = "show where the time of the last start went",
	  .kind = OPTION_FLAG,
	  .offset = AT(start),
	  .group = OPTION_GROUP_GENERAL },
	{ .short_name = 'v',
	  .names = { "verbose" },
	  .help = "show all that was found, also what tells nothing",
	  .kind = OPTION_FLAG,
	  .offset = AT(verbose),
	  .group = OPTION_GROUP_GENERAL },
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_COLOR(AT(color)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a unit belongs to one manager" },
	{ "start", "env", "each is an answer of its own" },
	{ "start", "invocation", "the last start is shown, and how long those before took" },
	{ "lives", "invocation", "an invocation is one life" },
};

const struct option_table explain_option_table = {
	OPTION_DEFAULTS(struct explain_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
};

/* ---- words ---- */

static int take_moment(const struct invocation *inv, const char *option, const char *word,
		       uint64_t *ret_usec)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (!word || cg2_moment_from_string(word, now_real_usec(), ret_usec, &err) == 0)
		return STATUS_OK;
	return verb_usage(inv, "--%s: '%s': %s", option, word, err.detail ? err.detail : "");
}

static int take_number(const struct invocation *inv, const char *option, const char *word,
		       uint64_t max, size_t *ret_n)
{
	uint64_t n;

	if (!word)
		return STATUS_OK;
	if (cg2_u64_from_string(word, &n) < 0 || n > max)
		return verb_usage(inv, "--%s: '%s': expected a number up to %llu", option, word,
				  (unsigned long long)max);
	*ret_n = (size_t)n;
	return STATUS_OK;
}

static bool is_invocation(const char *word)
{
	return strlen(word) == 32 && strspn(word, "0123456789abcdef") == 32;
}

/* From the words of the options to what is asked for. */
static int take_words(const struct invocation *inv, struct explain_options *opts,
		      struct cg2_explain_wish *wish)
{
	int status = take_moment(inv, "since", opts->since, &wish->since_usec);

	if (status == STATUS_OK)
		status = take_moment(inv, "until", opts->until, &wish->until_usec);
	if (status == STATUS_OK && opts->lives && strcmp(opts->lives, "all") == 0)
		wish->n_lives = SIZE_MAX;
	else if (status == STATUS_OK)
		status = take_number(inv, "lives", opts->lives, 65536, &wish->n_lives);
	if (status == STATUS_OK)
		status = take_number(inv, "lines", opts->lines, LINES_MAX, &opts->n_lines);
	if (status == STATUS_OK && opts->lives && wish->n_lives == 0)
		return verb_usage(inv, "--lives: '%s': expected a number from 1, or all",
				  opts->lives);
	if (status == STATUS_OK && opts->invocation && !is_invocation(opts->invocation))
		return verb_usage(inv, "--invocation: '%s': expected 32 hexadecimal digits",
				  opts->invocation);
	wish->invocation = opts->invocation;
	wish->n_lines = opts->n_lines;
	wish->has_environment = opts->environment;
	wish->has_start = opts->start;
	opts->n_before = MAX(wish->n_lives, (size_t)1) - 1;
	return status;
}

/* ---- targets ---- */

static int explain_target(const struct invocation *inv, const struct explain_options *opts,
			  const struct cg2_explain_wish *wish, const char *target, bool is_first)
{
	_cleanup_(cg2_explanations_freep) struct cg2_explanation **list = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	bool is_colored = table_wants_color(opts->color);
	int status = STATUS_OK;

	if (cg2_explain(inv->ctx, target, wish, &list, &err) < 0)
		return verb_failed(&err);
	for (size_t i = 0; list[i] && status == STATUS_OK; i++) {
		if (opts->json) {
			status = explain_print_json(list[i], opts);
			continue;
		}
		if (i > 0 || !is_first)
			putchar('\n');
		status = opts->start ? explain_print_start(list[i], opts, is_colored)
				     : explain_print_text(list[i], opts, is_colored);
	}
	return status;
}

int explain_main(const struct invocation *inv)
{
	struct explain_options *opts = inv->options;
	struct cg2_explain_wish wish = { .size = sizeof(wish) };
	int status, all = STATUS_OK;

	if (inv->argc == 0)
		return verb_usage(inv, "explain needs a target: a unit, a pattern or a PID");
	opts->n_lines = LINES_DEFAULT;
	wish.manager = (enum cg2_manager)opts->manager;
	status = take_words(inv, opts, &wish);
	for (size_t i = 0; status == STATUS_OK && i < inv->argc; i++)
		if (explain_target(inv, opts, &wish, inv->argv[i], i == 0) != STATUS_OK)
			all = STATUS_FAILED;
	return status ? status : all;
}
