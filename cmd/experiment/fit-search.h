/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The search of fit, without its runs: which limit is to be tried next, and what follows from how
 * that ended. A command that fails now and then is the rule, so that one failure says that a limit
 * is too low, and one pass says little: the search is a cheap bisection, whose answer then has to
 * pass a number of runs, and goes up where it does not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

#define FIT_RUNS_MAX 1000

/* What a run says about the limit. */
enum fit_why {
	FIT_OK,
	FIT_LIMIT,	 /* it failed, and the limit is the reason */
	FIT_SLOW,	 /* it took too long, and the limit held it up */
	FIT_SLOW_ALONE,	 /* it took too long, and nothing says why */
	FIT_UNEXPLAINED, /* it failed, and nothing says why */
	FIT_FOREIGN,	 /* something else than this limit made it fail */
};

/* "limit" */
const char *fit_why_to_string(enum fit_why why);

enum fit_end {
	FIT_GOING_ON,
	FIT_FOUND,
	FIT_BASELINE_FAILED, /* it fails without the limit too; not the search's to say */
	FIT_UNEXPLAINED_END, /* failures that no limit explains */
	FIT_NOT_MONOTONIC,   /* it fails above limits under which it passes */
	FIT_HIGH_FAILS,	     /* the highest limit is not enough */
	FIT_TOGETHER_FAILS,  /* each was found, and under all of them it fails */
	FIT_FOREIGN_END,
	FIT_BUDGET, /* of runs or of time */
	FIT_SIGNAL, /* not the search's to say either */
};

/* "not_monotonic" */
const char *fit_end_to_string(enum fit_end end);

struct fit_config {
	uint64_t low, high; /* what may be the answer; low is 1 at least */
	uint64_t unit;	    /* the smallest step */
	unsigned int steps; /* of an octave, a power of 2 */
	uint64_t start;	    /* what passes for all that is known: the peak without the limit */
	uint64_t guess;	    /* where it may be; 0: no idea */
	size_t n_confirm, n_runs_max;
	bool takes_any; /* failures without an explanation count, if they are the rule */
};

/* What runs under one limit came to. */
struct fit_tally {
	uint64_t value;
	size_t passed, failed;
};

enum fit_phase {
	FIT_PHASE_HIGH,	   /* is the start enough? */
	FIT_PHASE_GALLOP,  /* from the guess, in growing steps */
	FIT_PHASE_BISECT,
	FIT_PHASE_CONFIRM, /* the answer, and upwards */
	FIT_PHASE_MIDDLE,  /* a lower one than what was confirmed after a long step */
	FIT_PHASE_EVIDENCE, /* what is just below */
	FIT_PHASE_SPOT,	   /* and above */
};

struct fit_search {
	struct fit_config config;
	enum fit_phase phase;
	uint64_t lo, hi;    /* failed, passed; lo 0: nothing did */
	uint64_t top;	    /* the highest that passed at first */
	uint64_t confirmed; /* 0: none yet */
	uint64_t value;	    /* at hand */
	bool is_control;    /* a run under what passes is at hand, to see whether it still does */
	int direction;	    /* of the gallop; 0: not known */
	uint64_t step;	    /* in steps of the grid */
	unsigned int n_spots;
	bool spot_failed;
	unsigned int n_slow, n_unexplained, n_foreign; /* in a row, at this value */
	unsigned int n_flaky; /* failures that a second run did not have */
	size_t n_runs;
	struct fit_tally tallies[FIT_RUNS_MAX];
	size_t n_tallies;
	enum fit_end end;
	bool is_certain; /* no failure was taken for the limit's without proof */
};

/* A run that is to be made. */
struct fit_probe {
	uint64_t value; /* UINT64_MAX: without the limit */
	bool is_control;
};

void fit_search_begin(struct fit_search *s, const struct fit_config *config);

/* False: it is over, see end. */
bool fit_search_next(struct fit_search *s, struct fit_probe *ret);

/* How the run of the last probe ended. */
void fit_search_tell(struct fit_search *s, enum fit_why why);

/* The answer is in hi, what failed below it in lo. */
const struct fit_tally *fit_search_tally(const struct fit_search *s, uint64_t value);

/* The next grid point at or above the value; and the one n steps above or below a point. */
uint64_t fit_grid_up(const struct fit_config *config, uint64_t value);
uint64_t fit_grid_move(const struct fit_config *config, uint64_t value, long n);
