/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Durations.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_amount(cg2_duration_from_string, cg2_duration_to_string, data, size);
	return 0;
}
