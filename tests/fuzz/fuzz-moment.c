/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moments. The first line is what time it is, in microseconds since 1970.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *clock = fuzz_line(&data, &size), *text = fuzz_text(data, size);
	struct cg2_error err = CG2_ERROR_INIT;
	uint64_t now = 0, ago, value = UNTOUCHED;
	int r;

	if (cg2_u64_from_string(clock, &now) < 0)
		now = UINT64_C(1796012174000000);
	r = cg2_moment_from_string(text, now, &value, &err);
	if (r < 0) {
		check(value == UNTOUCHED);
		fuzz_refused(r, text, &err);
		return 0;
	}
	check(r == 0 && err.code == 0);
	/* 0 is the boot, and no other word is. */
	check((value == 0) == (strcmp(text, "boot") == 0));
	if (!strchr(text, ':') && cg2_duration_from_string(text, &ago, NULL) == 0)
		check(value <= MAX(now, UINT64_C(1)));
	return 0;
}
