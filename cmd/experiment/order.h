/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * In which order an experiment makes its runs. A machine gets slower and faster while minutes go
 * by: sets that run one after the other differ for that reason alone. So each round runs every set
 * once, in an order by chance, which its seed repeats.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

enum order_kind {
	ORDER_RANDOM,  /* within each round */
	ORDER_FIXED,   /* as the sets are given */
	ORDER_GROUPED, /* all rounds of a set, then the next */
};

struct order_step {
	size_t round;	 /* from 1 on, those of the warm-up before the others */
	size_t position; /* in its round, from 1 on */
	size_t set;
};

/*
 * The steps of all rounds, n_sets * n_rounds of them. ret_steps: free with free(). -ENOMEM.
 */
int order_make(enum order_kind kind, uint64_t seed, size_t n_sets, size_t n_rounds,
	       struct order_step **ret_steps) _must_check_;

/* 32 bits by chance. */
uint64_t order_seed(void);

/* Up to 16 hexadecimal digits. -EINVAL. */
int order_seed_from_string(const char *text, uint64_t *ret_seed) _must_check_;
