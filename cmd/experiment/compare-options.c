/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The option table of "cgscope compare". */
#include "cmd/experiment/compare.h"
#include "cmd/experiment/experiment-rows.h"
#include "cmd/output/table.h"

#define AT(member) offsetof(struct compare_options, member)
#define AT_SETTING(member) offsetof(struct compare_options, setting.member)

static const struct option rows[] = {
	EXPERIMENT_ROW_PROPERTY(AT(limits)),
	{ .names = { "vs" },
	  .help = "begin another set of limits",
	  .kind = OPTION_MARK,
	  .offset = AT(limits),
	  .value = LIMIT_SETS_VS,
	  .group = OPTION_GROUP_LIMITS },
	EXPERIMENT_ROW_TEXT('n', "rounds", "N", AT(rounds),
			    "run each set N times, once a round (10)"),
	EXPERIMENT_ROW_TEXT('w', "warmup", "N", AT(warmup),
			    "rounds before that, which do not count (1)"),
	EXPERIMENT_ROW_BUDGET(AT(budget_usec), "stop after the round in which it is used up"),
	EXPERIMENT_ROW_TEXT(0, "reference", "N", AT(reference),
			    "compare with the Nth set (1)"),
	EXPERIMENT_ROW_PERCENT("tolerance", AT(tolerance),
			       "differences below it count as none (5%)"),
	EXPERIMENT_ROW_TEXT(0, "max-slowdown", "RATIO", AT(max_slowdown),
			    "exit with 1 if a set is shown to be slower than that"),
	{ .names = { "order" },
	  .metavar = "random|fixed|grouped",
	  .help = "of the sets within a round; grouped: no rounds (random)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(order),
	  .group = OPTION_GROUP_EXPERIMENT },
	EXPERIMENT_ROW_TEXT(0, "seed", "HEX", AT(seed),
			    "repeat the random order of that seed"),
	EXPERIMENT_ROW_FILES("export", AT(exports),
			     "also write .json, .csv, .md, .svg, .html; may be repeated"),
	EXPERIMENT_ROW_FILES("from", AT(from),
			     "run nothing, show an exported .json; may be repeated"),
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_COLOR(AT(color)),
	EXPERIMENT_ROWS(AT_SETTING),
};

static_assert(ORDER_RANDOM == 0, "random|fixed|grouped");
static_assert(ORDER_FIXED == 1, "random|fixed|grouped");
static_assert(ORDER_GROUPED == 2, "random|fixed|grouped");

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
	{ "from", "vs", "nothing is run" },
	{ "from", "rounds", "nothing is run" },
	{ "from", "records", "nothing is run" },
};

const struct option_table compare_option_table = {
	OPTION_DEFAULTS(struct compare_options, .rounds = "10", .warmup = "1", .reference = "1",
			.tolerance = "5%", .budget_usec = CG2_MAX, .setting = EXPERIMENT_DEFAULTS),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	.limits = true,
	.limits_as_words = true,
	.limits_offset = AT(limits),
	.operands_last = true,
};
