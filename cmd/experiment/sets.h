/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The sets of limits that compare compares, from what its user writes: "-m max,256M -t 10,20" are
 * four of them, and after each --vs others begin.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "cmd/option/options.h"
#include "libcg2.h"

#define LIMIT_SETS_MAX 64

/* The values of words that are no limits. */
#define LIMIT_SETS_VS 100
#define LIMIT_SETS_PROPERTY 101

struct limit_set {
	struct cg2_limits *limits;
	const char **properties; /* NAME=VALUE each, ended by NULL */
	char *name;		 /* "no limit", "--mem 64M --tasks 10" */
};

struct limit_sets {
	struct limit_set *sets;
	size_t n_sets;
};

/*
 * 0; -EINVAL and what is wrong in ret_problem, which is to be freed; -ENOMEM. sets is to be
 * cleared in any case.
 */
int limit_sets_make(struct cg2_ctx *ctx, const struct option_words *words, struct limit_sets *sets,
		    char **ret_problem) _must_check_;
void limit_sets_clear(struct limit_sets *sets);

/* After a change of its limits. -ENOMEM. */
int limit_set_name(struct limit_set *set) _must_check_;
