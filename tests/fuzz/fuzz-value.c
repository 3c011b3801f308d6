/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of one value.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t value = UNTOUCHED, again;
	int r = cg2_parse_value((const char *)data, size, &value);
	char made[32];
	int n;

	if (r < 0) {
		check(r == -EBADMSG && value == UNTOUCHED);
		return 0;
	}
	n = snprintf(made, sizeof(made), "%llu\n", (unsigned long long)value);
	check(r == 0);
	check(cg2_parse_value(made, (size_t)n, &again) == 0 && again == value);
	return 0;
}
