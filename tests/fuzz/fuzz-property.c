/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties as in unit files. The first line of the input is the assignment, the rest what a file
 * of the cgroup has.
 */
#include "fuzz.h"

#include "property/property.h"

static void refused(int r, const char *text, struct cg2_error *err)
{
	_cleanup_free_ char *line = NULL;

	check(r == -EINVAL || r == -ERANGE);
	check(err->code == -r && cg2_error_format(err, &line) == 0);
	for (const char *c = line; *c; c++)
		check((unsigned char)*c >= 0x20 && *c != 0x7f);
	cg2_error_clear(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_line(&data, &size), *file = fuzz_text(data, size);
	_cleanup_(property_freep) struct property *property = NULL;
	_cleanup_free_ char *written = NULL;
	struct cg2_error err = CG2_ERROR_INIT;
	int r = property_parse(text, &property, &err);

	if (r < 0) {
		check(!property);
		refused(r, text, &err);
		return 0;
	}
	check(property_is_line(property_value(property)));
	check(strstr(text, property_name(property)) && strstr(text, property_value(property)));
	r = property_verify_value(property, file, size);
	check(r == 0 || r == 1 || r == -EBADMSG || r == -EOPNOTSUPP);
	r = property_file_text(property, UINT64_C(1) << 32, &written);
	check(r == 0 ? written && strlen(written) < 4096 : r == -EOPNOTSUPP);
	check((r == 0) == property_is_direct(property));
	return 0;
}
