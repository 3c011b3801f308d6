/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict on counters that were read on real kernels, on none at all, and on random ones;
 * names and hints.
 */
#include "verdict-case.h"

/* ------------------------------------------------------------------------------------
 * Real ones: what the files said in /vt/A/B/C after a run in C
 */

#define CHAIN 3

struct real_case {
	const char *name;
	struct verdict_level after[CHAIN]; /* every counter was 0 before */
	int exit_code;
	int exit_status;
	enum cg2_verdict verdict;
	size_t level;
	uint64_t limit;
	bool certain;
	const char *reason;
};

#define C "/vt/A/B/C", true
#define B "/vt/A/B", false
#define A "/vt/A", false
#define X CG2_MAX

/* Forks: a process and up to eight children of a second each. Memory: 64 MiB touched. */
static const struct real_case real[] = {
	{ "6.1: C 5 tasks",
	  { { C, X, 0, 0, 0, 0, 0, 5, 0, 5, 4, NO, false },
	    { B, X, 8192, 0, 0, 0, 0, X, 0, 5, 0, NO, false },
	    { A, X, 16384, 0, 0, 0, 0, X, 0, 5, 0, NO, false } },
	  EXITED(3), CG2_VERDICT_TASKS, 0, 5, true,
	  "fork refused 4 times: pids.max 5 of this run's cgroup" },
	{ "6.12: C 5 tasks",
	  { { C, X, 5132288, 0, 0, 0, 0, 5, 0, 5, 4, 4, false },
	    { B, X, 5144576, 0, 0, 0, 0, X, 0, 5, 4, 0, false },
	    { A, X, 5156864, 0, 0, 0, 0, X, 0, 5, 4, 0, false } },
	  EXITED(3), CG2_VERDICT_TASKS, 0, 5, true,
	  "fork refused 4 times: pids.max 5 of this run's cgroup" },
	{ "6.1: A 4 tasks, C 6",
	  { { C, X, 0, 0, 0, 0, 0, 6, 0, 5, 5, NO, false },
	    { B, X, 8192, 0, 0, 0, 0, X, 0, 5, 0, NO, false },
	    { A, X, 16384, 0, 0, 0, 0, 4, 0, 4, 0, NO, false } },
	  EXITED(3), CG2_VERDICT_TASKS, 2, 4, true,
	  "fork refused 5 times: pids.max 4 of /vt/A (this run's own limit is 6)" },
	{ "6.12: A 4 tasks, C 6",
	  { { C, X, 0, 0, 0, 0, 0, 6, 0, 5, 0, 0, false },
	    { B, X, 12288, 0, 0, 0, 0, X, 0, 5, 0, 0, false },
	    { A, X, 24576, 0, 0, 0, 0, 4, 0, 4, 5, 5, false } },
	  EXITED(3), CG2_VERDICT_TASKS, 2, 4, false,
	  "fork refused, probably: pids.max 4 of /vt/A (this run's own limit is 6)" },
	{ "6.1: A 4 tasks, C 5, whose peak has the refused attempt",
	  { { C, X, 0, 0, 0, 0, 0, 5, 0, 5, 5, NO, false },
	    { B, X, 8192, 0, 0, 0, 0, X, 0, 5, 0, NO, false },
	    { A, X, 16384, 0, 0, 0, 0, 4, 0, 4, 0, NO, false } },
	  EXITED(3), CG2_VERDICT_TASKS, 2, 4, false,
	  "fork refused 5 times, probably: pids.max 4 of /vt/A (this run's own limit is "
	  "5)" },
	{ "6.12: a neighbour's forks, below A",
	  { { C, X, 4096, 0, 0, 0, 0, X, 0, 1, 0, 0, false },
	    { B, X, 16384, 0, 0, 0, 0, X, 0, 1, 0, 0, false },
	    { A, X, 36864, 0, 0, 0, 0, 4, 0, 4, 5, 5, false } },
	  EXITED(3), CG2_VERDICT_FAILED, SIZE_MAX, X, false, "exit status 3" },
	{ "6.1: a neighbour's forks, below A",
	  { { C, X, 0, 0, 0, 0, 0, X, 0, 1, 0, NO, false },
	    { B, X, 8192, 0, 0, 0, 0, X, 0, 1, 0, NO, false },
	    { A, X, 24576, 0, 0, 0, 0, 4, 0, 4, 0, NO, false } },
	  EXITED(3), CG2_VERDICT_FAILED, SIZE_MAX, X, false, "exit status 3" },
	{ "6.1: C 32M",
	  { { C, 32 M, 12288, 1, 1, 1, 0, X, 0, 1, 0, NO, false },
	    { B, X, 20480, 1, 0, 1, 0, X, 0, 1, 0, NO, false },
	    { A, X, 16384, 1, 0, 1, 0, X, 0, 1, 0, NO, false } },
	  KILLED(SIGKILL), CG2_VERDICT_OOM, 0, 32 M, true,
	  "out of memory: memory.max 32M of this run's cgroup, 1 process killed" },
	{ "6.12: A 32M, C 512M",
	  { { C, 512 M, 12288, 0, 0, 1, 0, X, 0, 1, 0, 0, false },
	    { B, X, 24576, 0, 0, 1, 0, X, 0, 1, 0, 0, false },
	    { A, 32 M, 24576, 1, 1, 1, 0, X, 0, 1, 0, 0, false } },
	  KILLED(SIGKILL), CG2_VERDICT_OOM, 2, 32 M, true,
	  "out of memory: memory.max 32M of /vt/A, 1 process killed (this run's own limit "
	  "is 512M)" },
	{ "6.1: A 32M, C 512M",
	  { { C, 512 M, 12288, 0, 0, 1, 0, X, 0, 1, 0, NO, false },
	    { B, X, 20480, 0, 0, 1, 0, X, 0, 1, 0, NO, false },
	    { A, 32 M, 16384, 1, 1, 1, 0, X, 0, 1, 0, NO, false } },
	  KILLED(SIGKILL), CG2_VERDICT_OOM, 2, 32 M, true,
	  "out of memory: memory.max 32M of /vt/A, 1 process killed (this run's own limit "
	  "is 512M)" },
	{ "6.12: C 32M with memory.oom.group, four processes: the victim counts twice",
	  { { C, 32 M, 73728, 1, 1, 5, 1, X, 0, 4, 0, 0, false },
	    { B, X, 86016, 1, 0, 5, 1, X, 0, 4, 0, 0, false },
	    { A, X, 28672, 1, 0, 5, 1, X, 0, 4, 0, 0, false } },
	  KILLED(SIGKILL), CG2_VERDICT_OOM, 0, 32 M, true,
	  "out of memory: memory.max 32M of this run's cgroup, the whole group killed" },
	{ "6.12: C 32M, killed in a child of a shell that ends with 0",
	  { { C, 32 M, 20480, 1, 1, 1, 0, X, 0, 2, 0, 0, false },
	    { B, X, 32768, 1, 0, 1, 0, X, 0, 2, 0, 0, false },
	    { A, X, 24576, 1, 0, 1, 0, X, 0, 2, 0, 0, false } },
	  EXITED(0), CG2_VERDICT_OOM, 0, 32 M, true,
	  "out of memory: memory.max 32M of this run's cgroup, 1 process killed; the "
	  "command itself ended with 0" },
	{ "6.12: C/D 32M and 3 tasks",
	  { { C, X, 28672, 1, 0, 1, 0, X, 0, 3, 7, 0, false },
	    { B, X, 40960, 1, 0, 1, 0, X, 0, 3, 7, 0, false },
	    { A, X, 36864, 1, 0, 1, 0, X, 0, 3, 7, 0, false } },
	  KILLED(SIGKILL), CG2_VERDICT_OOM, 0, X, true,
	  "out of memory: memory.max of a cgroup that the command made, 1 process killed" },
};

static struct verdict_level unused(const struct verdict_level *after)
{
	struct verdict_level before = *after;

	before.oom = before.oom_local = before.oom_kill = before.oom_group_kill = 0;
	before.pids_current = before.pids_peak = before.pids_events = 0;
	before.pids_local = after->pids_local == NO ? NO : 0;
	return before;
}

static void test_real(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(real); i++) {
		const struct real_case *t = &real[i];
		struct verdict_level before[CHAIN];
		struct verdict_input in = {
			.program = "python3",
			.exit_code = t->exit_code,
			.exit_status = t->exit_status,
			.before = before,
			.after = t->after,
			.n_levels = CHAIN,
			.machine = make_machine(&(struct verdict_machine){ 0 }),
		};
		struct verdict v;

		for (size_t j = 0; j < CHAIN; j++)
			before[j] = unused(&t->after[j]);
		assert_int_equal(verdict_decide(&in, &v), 0);
		if (!same(v.reason, t->reason))
			fail_msg("%s: %s", t->name, v.reason);
		check_case(t->name, v.verdict == t->verdict);
		check_case(t->name, v.blame_level == t->level);
		check_case(t->name, v.blame_limit == t->limit);
		check_case(t->name, v.is_certain == t->certain);
		verdict_clear(&v);
	}
}

#undef A
#undef B
#undef C
#undef X

/* ------------------------------------------------------------------------------------
 * Names, lines, and whatever comes
 */

static void test_names(void **state _unused_)
{
	for (unsigned int i = 0; i <= CG2_VERDICT_OK; i++) {
		assert_non_null(cg2_verdict_to_string(i));
		assert_int_equal(cg2_verdict_from_string(cg2_verdict_to_string(i)), i);
	}
	assert_string_equal(cg2_verdict_to_string(CG2_VERDICT_WALL_TIME), "time");
	assert_null(cg2_verdict_to_string(CG2_VERDICT_OK + 1));
	assert_null(cg2_verdict_to_string(UINT_MAX));
	assert_int_equal(cg2_verdict_from_string(""), -EINVAL);
	assert_int_equal(cg2_verdict_from_string("OOM"), -EINVAL);
	assert_int_equal(cg2_verdict_from_string("oomd "), -EINVAL);
}

/* The hint says how to reach the limit, whoever has it. */
static void test_ancestor_hints(void **state _unused_)
{
	static const struct {
		const char *path;
		uint64_t limit;
		const char *hint;
	} cases[] = {
		{ "/system.slice/ssh.service", 1000 M,
		  "as root: systemctl set-property ssh.service MemoryMax=2000M" },
		{ "/user.slice/user-1.slice/user@1.service", 1 M,
		  "as root: systemctl set-property user@1.service MemoryMax=2M" },
		{ APP, 1 M, "systemctl --user set-property app.slice MemoryMax=2M" },
		{ "/docker/0123", 1 M, "raise memory.max of /docker/0123 to 2M" },
		{ "/a\nb\x1b[31m", 1 M, "raise memory.max of /a\\x0ab\\x1b[31m to 2M" },
		{ "/x.slice", CG2_MAX,
		  "as root: systemctl set-property x.slice MemoryMax=infinity" },
		{ "/.slice", CG2_MAX, "raise memory.max of /.slice to max" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct verdict_level levels[2] = { quiet[0], quiet[4] }, before[2];
		struct verdict_input in = {
			.exit_code = CLD_KILLED,
			.exit_status = SIGKILL,
			.before = before,
			.after = levels,
			.n_levels = 2,
			.machine = make_machine(&(struct verdict_machine){ 0 }),
		};
		struct verdict v;

		levels[0].oom_kill = 1;
		levels[1].path = cases[i].path;
		levels[1].memory_max = cases[i].limit;
		before[0] = unused(&levels[0]);
		before[1] = unused(&levels[1]);
		assert_int_equal(verdict_decide(&in, &v), 0);
		assert_string_equal(v.hint, cases[i].hint);
		verdict_clear(&v);
	}
}

/* No cgroup at all. */
static void test_no_levels(void **state _unused_)
{
	struct verdict_input in = {
		.exit_code = CLD_KILLED,
		.exit_status = SIGKILL,
		.machine = make_machine(&(struct verdict_machine){ .n_zombies = 3 }),
	};
	struct verdict v;

	assert_int_equal(verdict_decide(&in, &v), 0);
	assert_int_equal(v.verdict, CG2_VERDICT_SIGNAL);
	assert_true(v.refused == NO && v.oom_killed == NO);
	verdict_clear(&v);
	in.oom_memcg = "/somewhere";
	assert_int_equal(verdict_decide(&in, &v), 0);
	assert_int_equal(v.verdict, CG2_VERDICT_OOM);
	assert_false(v.is_certain);
	verdict_clear(&v);
}

/* Small numbers, so that limits are met, and what means something else. */
static uint64_t any(uint64_t *state)
{
	static const uint64_t values[] = { 0, 0, 1, 2, 5, 32, 33, NO, NO };

	if (next_random(state) % 16 == 0)
		return random_value(state) >> 8;
	return values[next_random(state) % ARRAY_SIZE(values)];
}

static uint64_t any_limit(uint64_t *state)
{
	return next_random(state) % 4 ? any(state) : CG2_MAX;
}

static struct verdict_level any_level(uint64_t *state, size_t i)
{
	struct verdict_level level = quiet[i];

	for (size_t field = offsetof(struct verdict_level, memory_max);
	     field <= offsetof(struct verdict_level, pids_local); field += sizeof(uint64_t))
		if (next_random(state) % 2)
			set_field(&level, field, any(state));
	if (next_random(state) % 2) {
		level.memory_max = any_limit(state);
		level.pids_max = any_limit(state);
	}
	level.has_oomd_kill = next_random(state) % 32 == 0;
	return level;
}

static void check_any(const struct verdict_input *in)
{
	struct verdict v;

	assert_int_equal(verdict_decide(in, &v), 0);
	assert_non_null(cg2_verdict_to_string(v.verdict));
	assert_true(v.reason && *v.reason && !strchr(v.reason, '\n'));
	/* Unknown ones have no number that could be printed. */
	assert_null(strstr(v.reason, "1844674407370955161"));
	assert_true(!v.hint || (*v.hint && !strstr(v.hint, "1844674407370955161")));
	assert_true(v.has_blame == (v.blame_file != NULL));
	assert_true(v.blame_level == SIZE_MAX || v.blame_level < in->n_levels);
	assert_true(v.has_blame || (v.blame_level == SIZE_MAX && !v.is_certain));
	assert_true(!v.is_certain || !strstr(v.reason, "probably"));
	assert_true(!v.has_blame || v.is_certain || strstr(v.reason, "probably"));
	assert_true(!v.has_blame || v.verdict == CG2_VERDICT_OOMD ||
		    v.verdict == CG2_VERDICT_OOM || v.verdict == CG2_VERDICT_TASKS);
	verdict_clear(&v);
}

static void test_any(void **state _unused_)
{
	uint64_t seed = 20260131;

	for (size_t i = 0; i < 100000; i++) {
		struct verdict_level before[N_LEVELS], after[N_LEVELS];
		struct verdict_input in = {
			.program = "program",
			.end = next_random(&seed) % 8 ? CG2_END_NONE : CG2_END_CPU_TIME,
			.cpu_limit_usec = any(&seed),
			.exit_code = (int)(next_random(&seed) % 4),
			.exit_status = (int)(next_random(&seed) % 65),
			.before = before,
			.after = after,
			.n_levels = next_random(&seed) % (N_LEVELS + 1),
			.oom_memcg = next_random(&seed) % 8 ? NULL : USER,
			.machine = { any_limit(&seed), any(&seed), any_limit(&seed),
				     any(&seed), any_limit(&seed), any(&seed),
				     next_random(&seed) % 2, next_random(&seed) % 2,
				     next_random(&seed) % 2 },
		};

		for (size_t j = 0; j < N_LEVELS; j++) {
			before[j] = any_level(&seed, j);
			after[j] = any_level(&seed, j);
		}
		check_any(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_real),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_ancestor_hints),
		cmocka_unit_test(test_no_levels),
		cmocka_unit_test(test_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
