/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cg2_u64_from_string(): what it takes is the number without its leading zeros.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	uint64_t value = UNTOUCHED;
	int r = cg2_u64_from_string(text, &value);
	const char *digits = text;
	char made[32];

	if (r < 0) {
		check((r == -EINVAL || r == -ERANGE) && value == UNTOUCHED);
		return 0;
	}
	while (digits[0] == '0' && digits[1])
		digits++;
	snprintf(made, sizeof(made), "%llu", (unsigned long long)value);
	check(r == 0 && strcmp(made, digits) == 0);
	return 0;
}
