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

static struct bound bound_of(const struct bound bounds[N_BOUNDS], enum cg2_limit limit)
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		if (bounds[i].limit == limit)
			return bounds[i];
	return (struct bound){ .value = CG2_MAX };
}

/* The tasks that bind a caller in the service, whose pids.max is that. */
static struct bound tasks_of_service(struct world *w, const char *pids_max)
{
	struct bound bounds[N_BOUNDS], found;

	put_file(w->scratch.root, MOUNT CRON "/pids.max", pids_max);
	bounds_read(w->ctx, CRON, CG2_MANAGER_SYSTEM, NULL, bounds);
	found = bound_of(bounds, CG2_LIMIT_TASKS_MAX);
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

/* What binds a caller in the service, of a run in another slice. */
static void read_bounds(struct world *w, struct bound bounds[N_BOUNDS])
{
	bounds_read_for(w->ctx, CRON, "/user.slice/user-7.slice", bounds);
}

static void put_cpus(struct world *w, const char *cgroup, const char *cpus)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/cpuset.cpus.effective", cgroup) > 0);
	put_file(w->scratch.root, path, cpus);
}

static void memory_high_binds_as_well(void **state)
{
	struct world *w = world_get(state);
	struct bound bounds[N_BOUNDS];

	put_file(w->scratch.root, MOUNT CRON "/memory.high", "67108864\n");
	read_bounds(w, bounds);
	assert_int_equal(bound_of(bounds, CG2_LIMIT_MEMORY_HIGH).value, 67108864);
	bounds_clear(bounds);
}

static void a_set_of_cpus_binds_where_others_have_more(void **state)
{
	struct world *w = world_get(state);
	struct bound bounds[N_BOUNDS];
	struct bound cpus;

	/* The service has it from its slice, and the user's slice has what the root has. */
	put_cpus(w, "", "0-3\n");
	put_cpus(w, "/system.slice", "0-1\n");
	put_cpus(w, CRON, "0-1\n");
	read_bounds(w, bounds);
	cpus = bound_of(bounds, CG2_LIMIT_CPUSET_CPUS);
	assert_true(bound_is_there(&cpus));
	assert_string_equal(cpus.list, "0-1");
	assert_string_equal(cpus.cgroup, "/system.slice");
	bounds_clear(bounds);

	/* Whose is smaller. */
	put_cpus(w, CRON, "1\n");
	read_bounds(w, bounds);
	cpus = bound_of(bounds, CG2_LIMIT_CPUSET_CPUS);
	assert_true(bound_is_there(&cpus));
	assert_string_equal(cpus.list, "1");
	assert_string_equal(cpus.cgroup, CRON);
	assert_null(bound_of(bounds, CG2_LIMIT_CPUSET_MEMS).list);
	bounds_clear(bounds);
}

static void a_set_of_cpus_that_others_have_too_is_nothing_new(void **state)
{
	struct world *w = world_get(state);
	struct bound bounds[N_BOUNDS];

	put_cpus(w, "", "0-3\n");
	put_cpus(w, CRON, "0-3\n");
	read_bounds(w, bounds);
	assert_null(bound_of(bounds, CG2_LIMIT_CPUSET_CPUS).list);
	bounds_clear(bounds);
	put_cpus(w, CRON, "0-1\n");
	put_cpus(w, "/user.slice", "1\n");
	read_bounds(w, bounds);
	assert_null(bound_of(bounds, CG2_LIMIT_CPUSET_CPUS).list);
	bounds_clear(bounds);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_managers_default_is_told_apart),
		TEST(memory_high_binds_as_well),
		TEST(a_set_of_cpus_binds_where_others_have_more),
		TEST(a_set_of_cpus_that_others_have_too_is_nothing_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
