/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the library advises and which limit it means, in words of cgscope's options.
 */
#include "unit.h"

#include "cmd/output/advice.h"

struct text_case {
	struct cg2_error err;
	const char *expected;
};

#define ERROR(op_, path_, value_, detail_)                                               \
	{ .code = EOPNOTSUPP, .op = (op_), .path = (char *)(path_),                      \
	  .value = (char *)(value_), .detail = (char *)(detail_) }

static void errors_name_options(void **state _unused_)
{
	static const struct text_case cases[] = {
		{ ERROR(CG2_OP_VERIFY, "/a.scope/io.weight", "50", "no io controller"),
		  "--io-weight 50 would not hold: /a.scope/io.weight: no io controller" },
		{ ERROR(CG2_OP_VERIFY, "/a/memory.max", "104857600", "no"),
		  "--mem 100M would not hold: /a/memory.max: no" },
		{ ERROR(CG2_OP_VERIFY, "/a/cpu.max", "50000 100000", "no"),
		  "--cpu 50% would not hold: /a/cpu.max: no" },
		{ ERROR(CG2_OP_VERIFY, "/a/memory.low", NULL, "an ancestor gives less"),
		  "--mem-low would not hold: /a/memory.low: an ancestor gives less" },
		{ ERROR(CG2_OP_PARSE, "name", "a/b", "no slash"), "--name: 'a/b': no slash" },
		{ ERROR(CG2_OP_READ, "/a/io.weight", NULL, "gone"),
		  "cannot read: /a/io.weight: gone" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *text = advice_error_text(&cases[i].err);

		assert_string_equal(text, cases[i].expected);
	}
}

static void advice_becomes_options(void **state _unused_)
{
	static const struct {
		unsigned int advice;
		const char *hint;
		const char *expected;
	} cases[] = {
		{ CG2_ADVICE_NONE, "stop it", "stop it" },
		{ CG2_ADVICE_OTHER_NAME, "stop it", "stop it, or choose another --name" },
		{ CG2_ADVICE_OTHER_NAME, NULL, "choose another --name" },
		{ CG2_ADVICE_RAISE_LIMIT, "raise memory.max", "give it more: --mem SIZE" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct cg2_error err = { .code = EINVAL,
					       .hint = (char *)cases[i].hint,
					       .advice = cases[i].advice,
					       .limit = CG2_LIMIT_MEMORY_MAX };
		_cleanup_free_ char *hint = advice_error_hint(&err);

		assert_string_equal(hint, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_name_options),
		cmocka_unit_test(advice_becomes_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
