/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lists of CPUs: nothing outside of the bitmap is written, and the canonical form is the
 * same list.
 */
#include "fuzz.h"

#define N_BITS 320
#define N_BYTES (N_BITS / 8)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size), *made = NULL;
	struct cg2_error err = CG2_ERROR_INIT;
	uint8_t bitmap[N_BYTES], before[N_BYTES], again[N_BYTES];
	int r;

	memset(bitmap, 0xa5, sizeof(bitmap));
	memset(before, 0xa5, sizeof(before));
	r = cg2_list_from_string(text, bitmap, N_BITS, &err);
	if (r < 0) {
		check(memcmp(bitmap, before, sizeof(bitmap)) == 0);
		fuzz_refused(r, text, &err);
		return 0;
	}
	check(r == 0 && err.code == 0);
	check(cg2_list_to_string(bitmap, N_BITS, &made) == 0);
	check(cg2_list_from_string(made, again, N_BITS, &err) == 0);
	check(memcmp(bitmap, again, sizeof(bitmap)) == 0);
	return 0;
}
