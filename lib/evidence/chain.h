/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The cgroups from a command's up to the root, and their counters at two moments: what a
 * verdict is made from.
 */
#pragma once

#include "base/macro.h"
#include "cgroup/ledger.h"
#include "evidence/figures.h"
#include "libcg2.h"
#include "verdict/verdict.h"

/* More levels than a delegation ever has; those above are not looked at. */
#define CHAIN_MAX 32

/* A level of which nothing is known yet. */
struct verdict_level chain_level(const struct cg2_group *group, bool is_own);

/* Takes the counters that are in this file of the level's; those that are not there stay. */
void chain_parse_counters(struct verdict_level *level, const char *file, const char *buf,
			  size_t len);

struct chain {
	struct cg2_group *own; /* the command's */
	struct cg2_group **groups;     /* n; from own upwards */
	struct verdict_level *before; /* n */
	struct verdict_level *after;  /* n */
	size_t n;     /* 0 before they are needed */
	size_t n_own; /* how many of them are the run's own */
	int mark_fd;          /* pids.events of the topmost cgroup; -1: it has none */
	uint64_t mark;        /* the refused forks of all, at the start */
	uint64_t n_unplaced;  /* refused since then, by a level that is not known */
	bool is_oom_unplaced; /* the same of an OOM kill */
	bool is_settled;
	bool is_exact;        /* the forks in before[] are as if read at the start */
	bool is_memory_exact;
	struct ledger nested; /* what limits of nested runs did; not in after[] */
};

/*
 * Before the command's start: one value only, since all counters of all levels are more reading
 * than the rest of a short run. The first n_own levels were made for the run.
 */
void chain_begin(struct chain *chain, struct cg2_group *group, size_t n_own);
void chain_close(struct chain *chain);

/*
 * Once the command has run for a moment: the counters of the levels that others use too. If
 * nothing was refused up to then they are what they were at the start.
 */
void chain_settle(struct chain *chain);

/* Whether the counters tell that nothing happened to the run's forks and memory. */
bool chain_is_quiet(struct chain *chain);

/* The counters at the end. own: the figures of the command's cgroup. */
void chain_read_after(struct chain *chain, const struct figures *own);

/*
 * Whether the run may have had an OOM kill, by the lowest level that counts them. Where none does,
 * as in a container without the memory controller, there is nothing to look for.
 */
bool chain_may_have_oom(const struct chain *chain);

/*
 * For a command that ended before it settled: puts what happened at the likeliest level, by the
 * limits of chain_read_limits(). Returns whether it had to.
 */
bool chain_estimate(struct chain *chain);

/* Limits and use of every level: only a verdict that has to name one needs them. */
void chain_read_limits(struct chain *chain);
