/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits that are sets of CPUs or memory nodes, against the sets that others have.
 */
#include "limit/limit.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* "0-3,8" as a bitmap; free with free(). NULL: it is no list, or out of memory. */
static uint8_t *bits_of(const char *text)
{
	_cleanup_free_ uint8_t *bits = calloc(1, LIST_BITS / 8);

	if (!bits || cg2_list_from_string(text, bits, LIST_BITS, NULL) < 0)
		return NULL;
	return take_ptr(&bits);
}

bool limits_is_list_within(const uint8_t *list, const char *text)
{
	_cleanup_free_ uint8_t *all = bits_of(text);

	/* What cannot be read is found when the limit is verified. */
	for (size_t i = 0; all && i < LIST_BITS / 8; i++)
		if (list[i] & ~all[i])
			return false;
	return true;
}

bool limits_is_set_within(const char *set, const char *text)
{
	_cleanup_free_ uint8_t *list = bits_of(set);

	return list && limits_is_list_within(list, text);
}

int limits_cut_list(struct cg2_limits *limits, enum cg2_limit limit, const char *text)
{
	_cleanup_free_ uint8_t *cut = bits_of(text);
	const uint8_t *list = limits->list[limit];
	bool is_any = false;

	if (!cut)
		return -EBADMSG;
	if (list && limits_is_list_within(list, text))
		return 0;
	for (size_t i = 0; i < LIST_BITS / 8; i++) {
		if (list)
			cut[i] &= list[i];
		is_any = is_any || cut[i];
	}
	if (!is_any)
		return -ENODATA;
	free(limits->list[limit]);
	limits->list[limit] = take_ptr(&cut);
	limits->set |= UINT64_C(1) << limit;
	return 1;
}
