/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * UTF-8: what was made valid is, and stays as it is; what is valid on a unit file's line is valid
 * for the output too.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "cmd/output/utf8.h"
#include "property/property.h"

static bool is_valid(const char *text)
{
	size_t n = 1;

	for (; *text && n > 0; text += n)
		n = utf8_length(text);
	return n > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size), *valid = utf8_from_bytes(text);
	_cleanup_free_ char *again = valid ? utf8_from_bytes(valid) : NULL;

	check(valid && again);
	check(is_valid(valid) && strcmp(valid, again) == 0);
	check(!is_valid(text) || strcmp(valid, text) == 0);
	check(!property_is_line(text) || is_valid(text));
	return 0;
}
