/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sizes, with and without a total to take a share of.
 */
#include "fuzz.h"

#define TOTAL UINT64_C(16855597056)

static int of_total(const char *text, uint64_t *ret_bytes, struct cg2_error *err)
{
	return cg2_size_from_string(text, TOTAL, ret_bytes, err);
}

static int alone(const char *text, uint64_t *ret_bytes, struct cg2_error *err)
{
	return cg2_size_from_string(text, 0, ret_bytes, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	uint64_t bytes;

	fuzz_amount(of_total, cg2_size_to_string, data, size);
	fuzz_amount(alone, cg2_size_to_string, data, size);
	if (strchr(text, '%') && of_total(text, &bytes, NULL) == 0)
		check(bytes <= TOTAL);
	return 0;
}
