/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the fuzz targets share. A target is LLVMFuzzerTestOneInput() in fuzz-NAME.c and a
 * directory corpus/NAME; it aborts where a promise of libcg2.h is broken. fuzz-main.c
 * replays inputs, ./run looks for new ones.
 */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "libcg2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* In an output before a call. */
#define UNTOUCHED UINT64_C(0xfeedfacedeadbeef)

/* Not assert(), which can be compiled out. */
#define check(condition)                                                                 \
	do {                                                                             \
		if (!(condition)) {                                                      \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,       \
				#condition);                                             \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* The input as a string. free() it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* Takes the first line of the input as a string: a parameter of the parser. free() it. */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t len = end ? (size_t)(end - *data) : *size;
	char *line = fuzz_text(*data, len);

	*data += end ? len + 1 : len;
	*size -= end ? len + 1 : len;
	return line;
}

/* A word was refused: the error says so, in one line. */
static inline void fuzz_refused(int r, const char *text, struct cg2_error *err)
{
	_cleanup_free_ char *line = NULL;

	check(r == -EINVAL || r == -ERANGE);
	check(err->code == -r && err->op == CG2_OP_PARSE);
	check(err->value && strcmp(err->value, text) == 0 && err->detail);
	check(cg2_error_format(err, &line) == 0);
	for (const char *c = line; *c; c++)
		check((unsigned char)*c >= 0x20 && *c != 0x7f);
	cg2_error_clear(err);
}

/* The parser of an amount and the formatter whose texts it takes. */
static inline void fuzz_amount(int (*parse)(const char *text, uint64_t *ret_value,
					    struct cg2_error *err),
			       int (*format)(uint64_t value, char **ret_text),
			       const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size), *made = NULL;
	struct cg2_error err = CG2_ERROR_INIT;
	uint64_t value = UNTOUCHED, again = UNTOUCHED;
	int r = parse(text, &value, &err);

	if (r < 0) {
		check(value == UNTOUCHED);
		fuzz_refused(r, text, &err);
		return;
	}
	check(r == 0 && err.code == 0);
	check(format(value, &made) == 0);
	check(parse(made, &again, &err) == 0 && again == value);
}
