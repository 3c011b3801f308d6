/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option table of "cgscope fit". */
#include "cmd/experiment/experiment-rows.h"
#include "cmd/experiment/fit.h"

#define AT(member) offsetof(struct fit_options, member)
#define AT_SETTING(member) offsetof(struct fit_options, setting.member)

static const struct option rows[] = {
	EXPERIMENT_ROW_PROPERTY(AT(limits)),
	{ .names = { "find" },
	  .metavar = "RESOURCE",
	  .help = "memory, tasks or cpu, or memory:LOW..HIGH (memory)",
	  .kind = OPTION_LIST,
	  .offset = AT(find),
	  .group = OPTION_GROUP_EXPERIMENT },
	EXPERIMENT_ROW_TEXT(0, "baseline", "N", AT(baseline),
			    "runs without it before, all of which have to pass (3)"),
	EXPERIMENT_ROW_TEXT(0, "confirm", "N", AT(confirm),
			    "runs under the limit found, all of which have to pass (10)"),
	EXPERIMENT_ROW_TEXT(0, "max-slowdown", "RATIO", AT(max_slowdown),
			    "slower runs do not pass; none: they do (1.5)"),
	{ .names = { "failures" },
	  .metavar = "proven|any",
	  .help = "which failures count against a limit (proven)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(failures),
	  .group = OPTION_GROUP_EXPERIMENT },
	{ .names = { "allow-refused" },
	  .help = "refused forks do not count if the command ends with 0",
	  .kind = OPTION_FLAG,
	  .offset = AT(allow_refused),
	  .group = OPTION_GROUP_EXPERIMENT },
	EXPERIMENT_ROW_PERCENT("precision", AT(precision),
			       "the smallest difference that is looked for (3%)"),
	EXPERIMENT_ROW_PERCENT("margin", AT(margin),
			       "what is added for the advice (20%)"),
	EXPERIMENT_ROW_TEXT(0, "max-runs", "N", AT(max_runs),
			    "give up after so many runs (100)"),
	EXPERIMENT_ROW_BUDGET(AT(budget_usec), "give up after that time"),
	{ .names = { "as" },
	  .metavar = LIMITS_AS_METAVAR,
	  .help = "print the advice alone, in these words",
	  .kind = OPTION_CHOICE,
	  .offset = AT(as),
	  .group = OPTION_GROUP_RECORD },
	EXPERIMENT_ROW_FILES("export", AT(exports),
			     "also write .json, .svg or .html; may be repeated"),
	OPTION_ROW_JSON(AT(json)),
	EXPERIMENT_ROWS(AT_SETTING),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
	{ "as", "json", "both are the standard output" },
};

const struct option_table fit_option_table = {
	OPTION_DEFAULTS(struct fit_options, .baseline = "3", .confirm = "10",
			.max_slowdown = "1.5", .precision = "3%", .margin = "20%",
			.max_runs = "100", .budget_usec = CG2_MAX, .as = FIT_AS_NOTHING,
			.setting = EXPERIMENT_DEFAULTS),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	.limits = true,
	.limits_as_words = true,
	.limits_offset = AT(limits),
	.operands_last = true,
};
