/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope compare": one command under several sets of limits, in turn, and what can be said of the
 * differences.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/experiment/comparison.h"
#include "cmd/experiment/experiment.h"
#include "cmd/option/options.h"
#include "cmd/verb/verb.h"

struct compare_options {
	struct option_words limits; /* and properties, and each --vs */
	const char *rounds, *warmup, *reference, *tolerance, *max_slowdown, *seed;
	uint64_t budget_usec; /* CG2_MAX: none */
	unsigned int order;   /* enum order_kind */
	struct option_list exports;
	struct option_list from;
	bool json;
	unsigned int color; /* enum table_color_mode */
	struct experiment_setting setting;
};

extern const struct option_table compare_option_table;

int compare_main(const struct invocation *inv);

/* What the options say in numbers. */
struct compare_plan {
	size_t n_rounds, n_warmup_rounds, reference;
	uint64_t tolerance_permyriad;
	double max_slowdown; /* 0: none */
	uint64_t seed;
};

/*
 * Makes the runs into c, which has its sets. STATUS_OK; another status, which was told; the
 * experiment's signal says whether it was ended.
 */
int compare_run(struct experiment *e, const struct compare_options *opts,
		const struct compare_plan *plan, const struct limit_sets *sets,
		struct comparison *c);
