/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Nested keyed files; the first two lines of the input are the name and the key.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *name = fuzz_line(&data, &size);
	_cleanup_free_ char *key = fuzz_line(&data, &size);
	uint64_t value = UNTOUCHED, other = UNTOUCHED;
	int r = cg2_parse_nested((const char *)data, size, name, key, &value);
	int shape =
		cg2_parse_nested((const char *)data, size, name, "no such key", &other);

	check(other == UNTOUCHED && (shape == -ENOENT || shape == -EBADMSG));
	if (r < 0) {
		check(value == UNTOUCHED && (r == -ENOENT || r == -EBADMSG));
		check(r == -EBADMSG || shape == -ENOENT);
		return 0;
	}
	check(r == 0 && shape == -ENOENT);
	check(memmem(data, size, name, strlen(name)));
	check(memmem(data, size, key, strlen(key)));
	return 0;
}
