/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors with anything in them are one line without control characters; the first three
 * lines of the input are the path, the value and the reason.
 */
#include "fuzz.h"

#include "value/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int op = size > 0 ? data[0] % (CG2_OP_EXEC + 2) : 0;
	_cleanup_free_ char *path = fuzz_line(&data, &size);
	_cleanup_free_ char *value = fuzz_line(&data, &size);
	_cleanup_free_ char *detail = fuzz_line(&data, &size);
	_cleanup_free_ char *rest = fuzz_text(data, size), *line = NULL;
	struct cg2_error err = CG2_ERROR_INIT;

	error_setf(&err, op, EINVAL, path, value[0] ? value : NULL, "%s", detail);
	error_bus(&err, NULL, rest[0] ? rest : NULL);
	check(cg2_error_format(&err, &line) == 0);
	for (const unsigned char *c = (const unsigned char *)line; *c; c++) {
		check(*c >= 0x20 && *c != 0x7f);
		check(*c != 0xc2 || c[1] < 0x80 || c[1] > 0x9f);
	}
	cg2_error_clear(&err);
	return 0;
}
