/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers among the options of compare and fit. A usage error is told, and is the result.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "cmd/verb/verb.h"

/* A whole number from min to max. STATUS_OK. */
int word_count(const struct invocation *inv, const char *option, const char *word, uint64_t min,
	       uint64_t max, size_t *ret_value) _must_check_;

/* "5%" */
int word_percent(const struct invocation *inv, const char *option, const char *word,
		 uint64_t *ret_permyriad) _must_check_;

/* "1.5", 1 or more. */
int word_ratio(const struct invocation *inv, const char *option, const char *word,
	       double *ret_ratio) _must_check_;
