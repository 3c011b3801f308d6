/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a row of list has of a scope's files, and the names of its columns.
 */
#include "tree.h"

#include "cmd/scope/list-row.h"
#include "scope/scope.h"

#define SCOPE APP_SLICE "/rows.scope"

/* The scope has a little more than the command; or less, because its manager was told so. */
static void the_tighter_limit_is_shown(void **state)
{
	static const struct {
		const char *file;
		const char *of_scope; /* NULL: no such file */
		const char *of_command;
		enum cg2_use use;
		uint64_t shown; /* 0: nothing */
	} cases[] = {
		{ "memory.max", "105906176\n", "104857600\n", CG2_USE_MEMORY_MAX_BYTES, 104857600 },
		{ "memory.max", "52428800\n", "104857600\n", CG2_USE_MEMORY_MAX_BYTES, 52428800 },
		{ "memory.max", "52428800\n", "max\n", CG2_USE_MEMORY_MAX_BYTES, 52428800 },
		{ "memory.max", "max\n", "max\n", CG2_USE_MEMORY_MAX_BYTES, CG2_MAX },
		{ "memory.high", "4096\n", "8192\n", CG2_USE_MEMORY_HIGH_BYTES, 4096 },
		{ "memory.swap.max", "0\n", "8192\n", CG2_USE_SWAP_MAX_BYTES, 0 },
		{ "memory.current", "1\n", "7\n", CG2_USE_MEMORY_BYTES, 7 },
		{ "pids.max", "51\n", "50\n", CG2_USE_TASKS_MAX_COUNT, 50 },
		{ "pids.max", "49\n", "50\n", CG2_USE_TASKS_MAX_COUNT, 49 },
		{ "pids.max", "49\n", NULL, CG2_USE_TASKS_MAX_COUNT, 49 },
		{ "pids.max", "max\n", NULL, CG2_USE_TASKS_MAX_COUNT, 0 },
		{ "pids.max", NULL, "50\n", CG2_USE_TASKS_MAX_COUNT, 50 },
		{ "cpu.max", "25000 100000\n", "50000 100000\n", CG2_USE_CPU_MAX_PERMYRIAD, 2500 },
		{ "cpu.max", "3330 100000\n", "6670 200000\n", CG2_USE_CPU_MAX_PERMYRIAD, 333 },
		{ "cpu.max", "3330 100000\n", "6690 200000\n", CG2_USE_CPU_MAX_PERMYRIAD, 334 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cg2_scope_unrefp) struct cg2_scope *scope = NULL;
		_cleanup_free_ char *above = NULL, *below = NULL;
		struct scratch scratch;
		struct cg2_ctx *ctx = open_copy("trixie", &scratch);
		struct list_row row;

		assert_true(asprintf(&above, MOUNT SCOPE "/%s", cases[i].file) > 0);
		assert_true(asprintf(&below, MOUNT SCOPE "/run/%s", cases[i].file) > 0);
		put_file(scratch.root, MOUNT SCOPE "/run/cgroup.procs", "");
		if (cases[i].of_scope)
			put_file(scratch.root, above, cases[i].of_scope);
		if (cases[i].of_command)
			put_file(scratch.root, below, cases[i].of_command);
		scope = scope_new(ctx, SCOPE);
		assert_non_null(scope);
		scope->mark.kind = MARK_RUN;
		assert_int_equal(list_row_read(&row, scope, UINT64_C(1) << cases[i].use, false), 0);
		if (row.use[cases[i].use] != cases[i].shown)
			fail_msg("case %zu: %llu", i, (unsigned long long)row.use[cases[i].use]);
		list_row_clear(&row);
		cg2_ctx_unref(ctx);
		scratch_remove(&scratch);
	}
}

static void columns_are_found_in_any_case(void **state)
{
	static const char *const words[] = { "memory-peak", "MEMORY-PEAK", "Memory-Peak" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const struct list_column *column = list_column_find(words[i], strlen(words[i]));

		assert_non_null(column);
		check_text(words[i], column->name, "memory-peak");
	}
	assert_null(list_column_find("MEMOR", 5));
	assert_null(list_column_find("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tighter_limit_is_shown),
		cmocka_unit_test(columns_are_found_in_any_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
