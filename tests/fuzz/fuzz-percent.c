/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Percentages.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_amount(cg2_percent_from_string, cg2_percent_to_string, data, size);
	return 0;
}
