/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The counters of a run's cgroup and of those above, before and after the run.
 */
#include "work.h"

#include "evidence/chain.h"

#define NO UNKNOWN

/* SERVICE as the run's own cgroup; system.slice above it has had its share of trouble. */
static void open_chain(struct work *work, struct chain *chain)
{
	put(work, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n");
	put(work, "memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
	put(work, "pids.events", "max 0\n");
	put(work, "pids.events.local", "max 0\n");
	put(work, "../memory.events", "low 0\nhigh 0\nmax 0\noom 3\noom_kill 4\n");
	put(work, "../pids.events", "max 5\n");
	chain_begin(chain, work->group, 1);
}

static void open_and_settle(struct work *work, struct chain *chain)
{
	open_chain(work, chain);
	chain_settle(chain);
	assert_int_equal(chain->n, 2);
}

static void read_after(struct work *work, struct chain *chain)
{
	struct figures figures = { 0 };

	figures_read(&figures, work->group);
	chain_read_after(chain, &figures);
}

static void counters_of_before_and_after(void **state)
{
	struct chain chain = { .n = 0 };

	open_and_settle(*state, &chain);
	assert_string_equal(chain.before[0].path, SERVICE);
	assert_true(chain.before[0].is_own);
	assert_false(chain.before[1].is_own);
	assert_int_equal(chain.before[1].oom_kill, 4);
	assert_int_equal(chain.before[1].oom_group_kill, NO);
	assert_int_equal(chain.before[1].pids_events, 5);
	put(*state, "memory.events", "low 0\nhigh 0\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n");
	put(*state, "memory.events.local", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n");
	put(*state, "pids.events.local", "max 7\n");
	read_after(*state, &chain);
	assert_int_equal(chain.before[0].oom_kill, 0);
	assert_int_equal(chain.after[0].oom, 2);
	assert_int_equal(chain.after[0].oom_local, 1);
	assert_int_equal(chain.after[0].oom_kill, 1);
	assert_int_equal(chain.after[0].oom_group_kill, 0);
	assert_int_equal(chain.after[0].pids_events, 0);
	assert_int_equal(chain.after[0].pids_local, 7);
	assert_int_equal(chain.after[1].oom_kill, 4);
	assert_true(chain_may_have_oom(&chain));
	chain_close(&chain);
}

/* Then memory.events tells of a cgroup alone, and those below are the run's too. */
static void with_memory_localevents_children_are_counted(void **state)
{
	static const struct {
		const char *mountinfo;
		uint64_t killed;
	} cases[] = {
		{ "31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", 1 },
		{ "31 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,memory_localevents\n", 6 },
	};

	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct chain chain = { .n = 0 };

		put_file(work->scratch.root, "proc/self/mountinfo", cases[i].mountinfo);
		cg2_ctx_unref(work->ctx);
		work->ctx = open_root(work->scratch.root);
		work_open(work, SERVICE);
		open_chain(work, &chain);
		put(work, "memory.events", "oom 1\noom_kill 1\noom_group_kill 0\n");
		put(work, "a/memory.events", "oom 1\noom_kill 2\noom_group_kill 0\n");
		put(work, "a/b/memory.events", "oom 1\noom_kill 3\noom_group_kill 0\n");
		read_after(work, &chain);
		assert_int_equal(chain.after[0].oom_kill, cases[i].killed);
		chain_close(&chain);
	}
}

/* A machine without the memory controller has not lost anything. */
static void what_was_never_there_is_unknown_before_and_after(void **state)
{
	struct chain chain = { .n = 0 };

	open_and_settle(*state, &chain);
	drop(*state, "memory.events");
	drop(*state, "memory.events.local");
	read_after(*state, &chain);
	assert_int_equal(chain.after[0].oom_kill, NO);
	assert_int_equal(chain.before[0].oom_kill, NO);
	assert_int_equal(chain.before[0].oom, NO);
	assert_int_equal(chain.before[0].oom_local, NO);
	assert_int_equal(chain.before[0].pids_events, 0);
	drop(*state, "pids.events");
	drop(*state, "pids.events.local");
	read_after(*state, &chain);
	assert_int_equal(chain.before[0].pids_events, NO);
	assert_int_equal(chain.before[0].pids_local, NO);
	assert_int_equal(chain.before[1].oom_kill, 4);
	/* Those above have it and counted nothing meanwhile: there is nothing to explain. */
	assert_false(chain_may_have_oom(&chain));
	put(*state, "../memory.events", "low 0\nhigh 0\nmax 0\noom 4\noom_kill 5\n");
	read_after(*state, &chain);
	assert_true(chain_may_have_oom(&chain));
	drop(*state, "../memory.events");
	read_after(*state, &chain);
	chain.before[1].oom_kill = NO;
	assert_false(chain_may_have_oom(&chain));
	chain_close(&chain);
}

static void what_is_gone_with_its_cgroup_was_there_before(void **state)
{
	static const char *const all[] = { "memory.events", "memory.events.local", "pids.events",
					   "pids.events.local", "cgroup.events" };
	struct chain chain = { .n = 0 };

	open_and_settle(*state, &chain);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		drop(*state, all[i]);
	read_after(*state, &chain);
	assert_int_equal(chain.after[0].oom_kill, NO);
	assert_int_equal(chain.after[0].pids_events, NO);
	assert_int_equal(chain.before[0].oom_kill, 0);
	assert_int_equal(chain.before[0].pids_events, 0);
	assert_true(chain_may_have_oom(&chain));
	chain_close(&chain);
}

static void a_short_run_to_which_nothing_happened_is_quiet(void **state)
{
	struct chain chain = { .n = 0 };

	open_chain(*state, &chain);
	assert_true(chain_is_quiet(&chain));
	put(*state, "../pids.events", "max 6\n");
	assert_false(chain_is_quiet(&chain));
	put(*state, "../pids.events", "max 5\n");
	put(*state, "memory.events", "low 0\nhigh 0\nmax 1\noom 1\noom_kill 1\n");
	assert_false(chain_is_quiet(&chain));
	chain_close(&chain);
}

/* A counter that is not there says nothing as long as the controller may count elsewhere. */
static void what_may_be_counted_above_is_not_quiet(void **state)
{
	struct chain chain = { .n = 0 };

	open_chain(*state, &chain);
	drop(*state, "memory.events");
	assert_false(chain_is_quiet(&chain));
	chain_close(&chain);
}

static void what_no_controller_counts_is_quiet(void **state)
{
	struct chain chain = { .n = 0 };

	put(*state, "../../cgroup.controllers", "cpu pids\n");
	open_chain(*state, &chain);
	drop(*state, "memory.events");
	assert_true(chain_is_quiet(&chain));
	drop(*state, "pids.events");
	assert_false(chain_is_quiet(&chain));
	chain_close(&chain);
}

/* Of what happened before it settled, all that is known is that the topmost cgroup counted it. */
static void refusals_of_a_short_run_are_put_at_a_cgroup_with_a_limit(void **state)
{
	struct chain chain = { .n = 0 };

	open_chain(*state, &chain);
	put(*state, "../pids.events", "max 7\n");
	put(*state, "../pids.events.local", "max 2\n");
	put(*state, "../pids.max", "10\n");
	read_after(*state, &chain);
	assert_int_equal(chain.n_unplaced, 2);
	chain_read_limits(&chain);
	assert_true(chain_estimate(&chain));
	assert_int_equal(chain.before[1].pids_local, 0);
	assert_int_equal(chain.after[1].pids_local, 2);
	assert_int_equal(chain.before[1].pids_events, 5);
	chain_close(&chain);
}

/* Its own limit's are counted in all cgroups above as well. */
static void refusals_of_its_own_limit_are_nobody_elses(void **state)
{
	struct chain chain = { .n = 0 };

	open_chain(*state, &chain);
	put(*state, "pids.events", "max 3\n");
	put(*state, "pids.events.local", "max 3\n");
	put(*state, "../pids.events", "max 8\n");
	read_after(*state, &chain);
	assert_int_equal(chain.n_unplaced, 0);
	assert_int_equal(chain.before[0].pids_local, 0);
	chain_close(&chain);
}

static void an_oom_kill_of_a_short_run_is_put_at_a_cgroup_with_a_limit(void **state)
{
	struct chain chain = { .n = 0 };

	open_chain(*state, &chain);
	put(*state, "memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n");
	put(*state, "../memory.events.local", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 0\n");
	put(*state, "../memory.max", "1048576\n");
	read_after(*state, &chain);
	chain_read_limits(&chain);
	assert_true(chain_estimate(&chain));
	assert_int_equal(chain.before[1].oom_local, 3);
	chain_close(&chain);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)
	const struct CMUnitTest tests[] = {
		TEST(counters_of_before_and_after),
		TEST(with_memory_localevents_children_are_counted),
		TEST(what_was_never_there_is_unknown_before_and_after),
		TEST(what_is_gone_with_its_cgroup_was_there_before),
		TEST(a_short_run_to_which_nothing_happened_is_quiet),
		TEST(what_may_be_counted_above_is_not_quiet),
		TEST(what_no_controller_counts_is_quiet),
		TEST(refusals_of_a_short_run_are_put_at_a_cgroup_with_a_limit),
		TEST(refusals_of_its_own_limit_are_nobody_elses),
		TEST(an_oom_kill_of_a_short_run_is_put_at_a_cgroup_with_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
