/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Comparisons of several hosts together: a ratio each, then their median. Times of two machines are
 * never put into one heap.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "cmd/experiment/comparison.h"

/*
 * "2 --mem 64M: 1.08 times the time of 1, the median of 3 hosts (1.02 to 1.10)", a line for each
 * set of the first. Sets are the same if their names are. ret_text: to be freed. -ENOMEM.
 */
int hosts_to_text(const struct comparison *comparisons, const struct judgement *judgements,
		  size_t n, char **ret_text) _must_check_;
