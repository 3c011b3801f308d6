/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups from a command's up to the root, and their counters at two moments: what a
 * verdict is made from.
 */
#pragma once

#include "libcg2.h"
#include "base/macro.h"
#include "figures.h"
#include "verdict.h"

/* More levels than a delegation ever has; those above are not looked at. */
#define CHAIN_MAX 32

struct chain {
	struct cg2_group *groups[CHAIN_MAX]; /* [0]: the command's */
	size_t n;
	size_t n_own; /* how many of them are the run's own */
	struct verdict_level before[CHAIN_MAX];
	struct verdict_level after[CHAIN_MAX];
};

/* Opens the chain of group; the first n_own levels were made for the run. */
int chain_open(struct chain *chain, struct cg2_group *group, size_t n_own,
	       struct cg2_error *reterr) _must_check_;
void chain_close(struct chain *chain);

/* The counters of the levels that others use too; those of its own begin with 0. */
void chain_read_before(struct chain *chain);

/* The counters that tell whether anything happened. own: the figures of the command's cgroup. */
void chain_read_after(struct chain *chain, const struct figures *own);

/* Limits and use of every level: only a verdict that has to name one needs them. */
void chain_read_limits(struct chain *chain);
