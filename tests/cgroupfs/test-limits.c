/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of limits, and the table that all of them are made from.
 */
#include "tree.h"

#include "limit/limit.h"

#define MIB (UINT64_C(1) << 20)

static int make_limits(void **state)
{
	struct cg2_ctx *ctx = open_tree("bookworm");
	struct cg2_limits *limits;

	assert_int_equal(cg2_limits_new(ctx, &limits), 0);
	cg2_ctx_unref(ctx);
	*state = limits;
	return 0;
}

static int end_limits(void **state)
{
	cg2_limits_unref(*state);
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Sets
 */

static void numbers_can_be_set(void **state)
{
	struct cg2_limits *limits = *state;
	uint64_t value = UNTOUCHED;
	char *text = NULL;

	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_MEMORY_MAX, &value), 0);
	assert_int_equal(cg2_limits_to_string(limits, CG2_LIMIT_MEMORY_MAX, &text), 0);
	assert_null(text);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB), 0);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_MEMORY_MAX, &value), 1);
	assert_int_equal(value, MIB);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB - 1), -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPU_WEIGHT, CG2_WEIGHT_IDLE),
			 0);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPU_WEIGHT, CG2_MAX), -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_IO_WEIGHT, 0), -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_OOM_GROUP, 2), -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_TASKS_MAX, 4194305), -ERANGE);
	/* Nothing that the arithmetic of quotas could not hold. */
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPU_MAX, CG2_MAX - 1), -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPU_MAX, UINT64_C(1) << 63),
			 -ERANGE);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPU_MAX, 10000 * 8192), 0);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_CPUSET_CPUS, 1), -EINVAL);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_IO_MAX, 1), -EINVAL);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_CPUSET_CPUS, &value), -EINVAL);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_IO_MAX, &value), -EINVAL);
}

static void memory_limit_implies_no_swap(void **state)
{
	struct cg2_limits *limits = *state;
	uint64_t value = UNTOUCHED;

	limits_complete(limits);
	assert_int_equal(limits->set, 0);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, CG2_MAX), 0);
	limits_complete(limits);
	assert_false(limits_has(limits, CG2_LIMIT_SWAP_MAX));
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB), 0);
	limits_complete(limits);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_SWAP_MAX, &value), 1);
	assert_int_equal(value, 0);
	assert_int_equal(limits->implied, UINT64_C(1) << CG2_LIMIT_SWAP_MAX);
	/* What is said is not implied any more. */
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_SWAP_MAX, "0", NULL), 0);
	assert_int_equal(limits->implied, 0);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_SWAP_MAX, MIB), 0);
	limits_complete(limits);
	assert_int_equal(cg2_limits_get(limits, CG2_LIMIT_SWAP_MAX, &value), 1);
	assert_int_equal(value, MIB);
}

static void copy_is_a_copy(void **state)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *copy = NULL;
	static const struct io_limit io = { .major = 8,
					    .mask = 1,
					    .value = { MIB, 0, 0, 0 } };
	_cleanup_free_ char *list = NULL, *disks = NULL;
	struct cg2_limits *limits = *state;
	uint64_t value = UNTOUCHED;

	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_CPUSET_CPUS, "1", NULL), 0);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB), 0);
	limits->io = malloc(sizeof(io));
	assert_non_null(limits->io);
	*limits->io = io;
	limits->n_io = 1;
	limits->set |= UINT64_C(1) << CG2_LIMIT_IO_MAX;
	limits_complete(limits);
	assert_int_equal(limits_dup(limits, &copy), 0);
	assert_int_equal(copy->implied, limits->implied);
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, 2 * MIB), 0);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_CPUSET_CPUS, "0", NULL), 0);
	limits->io->value[0] = 5;
	assert_int_equal(cg2_limits_get(copy, CG2_LIMIT_MEMORY_MAX, &value), 1);
	assert_int_equal(value, MIB);
	assert_int_equal(cg2_limits_to_string(copy, CG2_LIMIT_CPUSET_CPUS, &list), 1);
	assert_string_equal(list, "1");
	assert_int_equal(cg2_limits_to_string(copy, CG2_LIMIT_IO_MAX, &disks), 1);
	assert_string_equal(disks, "8:0 rbps=1048576");
}

static void controllers_are_those_of_the_limits(void **state)
{
	struct cg2_limits *limits = *state;

	assert_int_equal(limits_controllers(limits), 0);
	cg2_limits_set(limits, CG2_LIMIT_WALL_TIME, 5);
	assert_int_equal(limits_controllers(limits), 0);
	cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB);
	cg2_limits_set(limits, CG2_LIMIT_OOM_GROUP, 1);
	assert_int_equal(limits_controllers(limits), 1 << 3);
	cg2_limits_set(limits, CG2_LIMIT_CPU_MAX, 5000);
	cg2_limits_set(limits, CG2_LIMIT_TASKS_MAX, 5);
	cg2_limits_set(limits, CG2_LIMIT_IO_WEIGHT, 5);
	assert_int_equal(cg2_limits_parse(limits, CG2_LIMIT_CPUSET_CPUS, "1", NULL), 0);
	assert_int_equal(limits_controllers(limits), 0x1f);
}

static void references_are_counted(void **state)
{
	struct cg2_limits *limits = *state;

	assert_ptr_equal(cg2_limits_ref(limits), limits);
	assert_null(cg2_limits_unref(limits));
	assert_null(cg2_limits_unref(NULL));
	assert_null(cg2_limits_ref(NULL));
	assert_int_equal(cg2_limits_set(limits, CG2_LIMIT_MEMORY_MAX, MIB), 0);
}

/* ------------------------------------------------------------------------------------
 * The table
 */

static void check_row(unsigned int limit)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(limit);

	assert_non_null(info);
	assert_int_equal(info->size, sizeof(*info));
	assert_int_equal(info->limit, limit);
	assert_non_null(info->option);
	check_case(info->option, info->metavar && *info->metavar);
	check_case(info->option, info->help && *info->help);
	check_case(info->option, !info->file == !info->controller);
	if (!info->file)
		return;
	check_case(info->option, cg2_controller_from_string(info->controller) >= 0);
	check_case(info->option,
		   strncmp(info->file, info->controller, strlen(info->controller)) == 0);
	check_case(info->option, info->property);
}

static void rows_are_whole(void **state)
{
	for (unsigned int i = 0; i < N_LIMITS; i++)
		check_row(i);
	assert_null(cg2_limit_get_info(N_LIMITS));
	assert_null(cg2_limit_get_info(UINT32_MAX));
}

static void names_are_unique(void **state)
{
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		const struct cg2_limit_info *a = cg2_limit_get_info(i);

		for (unsigned int k = i + 1; k < N_LIMITS; k++) {
			const struct cg2_limit_info *b = cg2_limit_get_info(k);

			check_case(a->option, strcmp(a->option, b->option) != 0);
			check_case(a->option, !a->short_option ||
						      a->short_option != b->short_option);
			check_case(a->option,
				   !a->file || !b->file || strcmp(a->file, b->file) != 0);
		}
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_limits, end_limits)
	const struct CMUnitTest tests[] = {
		TEST(numbers_can_be_set),     TEST(memory_limit_implies_no_swap),
		TEST(copy_is_a_copy),	      TEST(controllers_are_those_of_the_limits),
		TEST(references_are_counted), TEST(rows_are_whole),
		TEST(names_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
