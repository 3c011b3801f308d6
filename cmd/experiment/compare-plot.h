/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A comparison as a picture: a row a set, a dot a run, the median and the middle half, and how many
 * failed; and as a page.
 */
#pragma once

#include "base/macro.h"
#include "cmd/experiment/comparison.h"

/* metadata: its JSON, or NULL. ret_text: to be freed. -ENOMEM. */
int comparison_to_svg(const struct comparison *c, const struct judgement *j, const char *metadata,
		      char **ret_text) _must_check_;
int comparison_to_html(const struct comparison *c, const struct judgement *j,
		       char **ret_text) _must_check_;
