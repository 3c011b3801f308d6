/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library advises, in terms of cgscope's options.
 */
#pragma once

#include "libcg2.h"

/* NULL: there is no hint, or no memory. free() it. */
char *advice_error_hint(const struct cg2_error *err);
char *advice_record_hint(struct cg2_record *record);
char *advice_hint(const char *hint, const struct cg2_advice *advice);

/*
 * "what failed: on what: why", with the option's name where it is about a word of the user's or a
 * limit that would not hold. NULL: no memory. free() it.
 */
char *advice_error_text(const struct cg2_error *err);
