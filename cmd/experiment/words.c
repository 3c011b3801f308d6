/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/words.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "cmd/output/status.h"

int word_count(const struct invocation *inv, const char *option, const char *word, uint64_t min,
	       uint64_t max, size_t *ret_value)
{
	uint64_t value;

	if (cg2_u64_from_string(word, &value) < 0 || value < min || value > max)
		return verb_usage(inv, "%s: '%s': expected a number from %" PRIu64 " to %" PRIu64,
				  option, word, min, max);
	*ret_value = (size_t)value;
	return STATUS_OK;
}

int word_percent(const struct invocation *inv, const char *option, const char *word,
		 uint64_t *ret_permyriad)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_percent_from_string(word, ret_permyriad, &err) < 0)
		return verb_usage(inv, "%s: '%s': %s", option, word,
				  err.detail ? err.detail : strerror(err.code));
	return STATUS_OK;
}

int word_ratio(const struct invocation *inv, const char *option, const char *word,
	       double *ret_ratio)
{
	struct scan s = scan_of_string(word);
	struct decimal decimal;
	uint64_t permyriad = 0;

	if (scan_decimal(&s, &decimal) < 0 || !scan_done(&s) ||
	    decimal_scale(&decimal, 10000, &permyriad) < 0 || permyriad < 10000 ||
	    permyriad > 10000000)
		return verb_usage(inv, "%s: '%s': expected a ratio from 1 to 1000, such as 1.5",
				  option, word);
	*ret_ratio = (double)permyriad / 10000;
	return STATUS_OK;
}
