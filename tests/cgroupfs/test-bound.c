/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What binds the caller and not a scope elsewhere, and which of that is systemd's own choice.
 */
#include "world.h"

#include "place/bound.h"

#define CRON "/system.slice/cron.service"

static const struct world_entry entries[] = {
	{ CRON, NULL },
	{ "/user.slice/user-7.slice/session-1.scope", NULL },
};

static int make(void **state)
{
	int r = world_make(state, entries, ARRAY_SIZE(entries));
	struct world *w = *state;

	put_file(w->scratch.root, "/proc/sys/kernel/pid_max", "4194304\n");
	put_file(w->scratch.root, "/proc/sys/kernel/threads-max", "23479\n");
	return r;
}

/* The tasks that bind a caller in the service, whose pids.max is that. */
static struct bound tasks_of_service(struct world *w, const char *pids_max)
{
	struct bound bounds[N_BOUNDS], found = { .value = CG2_MAX };

	put_file(w->scratch.root, MOUNT CRON "/pids.max", pids_max);
	bounds_read(w->ctx, CRON, CG2_MANAGER_SYSTEM, NULL, bounds);
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (bounds[i].limit == CG2_LIMIT_TASKS_MAX)
			found = bounds[i];
	bounds_clear(bounds);
	return found;
}

static void the_managers_default_is_told_apart(void **state)
{
	struct world *w = world_get(state);
	struct bound bound = tasks_of_service(w, "3521\n");

	assert_int_equal(bound.value, 3521);
	assert_true(bound.is_default);
	bound = tasks_of_service(w, "40\n");
	assert_int_equal(bound.value, 40);
	assert_false(bound.is_default);
	bound = tasks_of_service(w, "3600\n");
	assert_int_equal(bound.value, 3600);
	assert_false(bound.is_default);
	bound = tasks_of_service(w, "max\n");
	assert_true(bound.value == CG2_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_managers_default_is_told_apart, make,
						world_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
