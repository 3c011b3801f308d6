/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Near misses: the name that a mistyped word was most likely meant to be.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"

/* The name of candidate i; NULL after the last one. */
typedef const char *(*typo_name_fn)(size_t i, const void *data);

/*
 * The candidate nearest to word, the first of equals; NULL if none is near enough to be
 * worth a question. Upper and lower case count as the same letter.
 */
const char *typo_nearest(const char *word, typo_name_fn name, const void *data)
	_nonnull_(1, 2);
