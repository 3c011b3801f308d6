/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cpu.max.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cg2_cpu_max value = { UNTOUCHED, UNTOUCHED }, again;
	int r = cg2_parse_cpu_max((const char *)data, size, &value);
	char made[64];
	int n;

	if (r < 0) {
		check(r == -EBADMSG);
		check(value.quota_usec == UNTOUCHED && value.period_usec == UNTOUCHED);
		return 0;
	}
	check(r == 0 && value.period_usec > 0);
	n = snprintf(made, sizeof(made), "%llu %llu\n",
		     (unsigned long long)value.quota_usec,
		     (unsigned long long)value.period_usec);
	check(cg2_parse_cpu_max(made, (size_t)n, &again) == 0);
	check(again.quota_usec == value.quota_usec);
	check(again.period_usec == value.period_usec);
	return 0;
}
