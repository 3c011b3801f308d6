/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The words of a limit on I/O. Whether a disk is found depends on the machine; the words behind it
 * are read before, so that nothing is looked for that is not well formed.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size), *line = NULL;
	static struct cg2_ctx *ctx;
	struct cg2_limits *limits;
	struct cg2_error err = CG2_ERROR_INIT;
	int r;

	if (!ctx)
		check(cg2_ctx_new(NULL, &ctx, NULL) == 0);
	check(cg2_limits_new(ctx, &limits) == 0);
	r = cg2_limits_parse(limits, CG2_LIMIT_IO_MAX, text, &err);
	check(r == 0 ? err.code == 0 : err.code == -r && err.op == CG2_OP_PARSE);
	if (r < 0) {
		check(cg2_error_format(&err, &line) == 0);
		for (const char *c = line; *c; c++)
			check((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
	cg2_error_clear(&err);
	cg2_limits_unref(limits);
	return 0;
}
