/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A comparison as JSON, docs/compare.schema.json, and back: what is shown of a file is what was
 * shown of its runs.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"
#include "cmd/experiment/comparison.h"
#include "cmd/output/jsonc.h"

/* ret_text: one line, to be freed. -ENOMEM. */
int comparison_to_json(const struct jsonc *lib, const struct comparison *c,
		       const struct judgement *j, char **ret_text, size_t *ret_len) _must_check_;

/*
 * 0; -EBADMSG: the text is no comparison, ret_missing says what is not there (a static string);
 * -ENOMEM. ret is to be cleared in any case.
 */
int comparison_from_json(const struct jsonc *lib, const char *text, struct comparison *ret,
			 const char **ret_missing) _must_check_;
