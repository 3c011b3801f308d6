/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Checks of trees: what is read of levels, processes and zombies, and which cgroups of a
 * whole machine are near to a limit.
 */
#include "tree.h"

#include "check/check-internal.h"

#define USER_SLICE "/user.slice/user-1000.slice"
#define MANAGER USER_SLICE "/user@1000.service"

struct work {
	struct scratch scratch;
	struct cg2_ctx *ctx;
	struct cg2_check *check;
};

static int work_make(void **state)
{
	struct work *work = calloc(1, sizeof(*work));

	assert_non_null(work);
	work->ctx = open_copy("trixie", &work->scratch);
	*state = work;
	return 0;
}

static int work_end(void **state)
{
	struct work *work = *state;

	cg2_check_unref(work->check);
	cg2_ctx_unref(work->ctx);
	scratch_remove(&work->scratch);
	free(work);
	return 0;
}

static void put(struct work *work, const char *path, const char *text)
{
	put_file(work->scratch.root, path, text);
}

static void put_cgroup(struct work *work, const char *cgroup, const char *file,
		       const char *text)
{
	_cleanup_free_ char *path = NULL;

	assert_true(asprintf(&path, MOUNT "%s/%s", cgroup, file) > 0);
	put(work, path, text);
}

static int try_check(struct work *work, const char *word, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	int r = cg2_target_open(work->ctx, word, CG2_MANAGER_AUTO, &target, err);

	work->check = cg2_check_unref(work->check);
	return r < 0 ? r : cg2_check_read(target, NULL, &work->check, err);
}

static void read_check(struct work *work, const char *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (try_check(work, word, &err) < 0)
		fail_msg("%s: %s", word, err.detail ? err.detail : strerror(err.code));
}

static const char *find(struct work *work, const char *id)
{
	struct cg2_finding f = { .size = sizeof(f) };

	for (size_t i = 0; cg2_check_get_finding(work->check, i, &f) > 0; i++)
		if (strcmp(f.id, id) == 0)
			return f.text;
	return NULL;
}

static uint64_t figure(struct work *work, size_t level, enum cg2_level_figure which)
{
	uint64_t value;

	return cg2_check_get_figure(work->check, level, which, &value) ? value
								       : UNTOUCHED;
}

/* ---- levels ---- */

static void levels_from_the_target_to_the_root(void **state)
{
	static const char *const units[] = {
		"dump.scope",	   "app.slice",	 "user@1000.service",
		"user-1000.slice", "user.slice", "-.slice",
	};
	struct work *work = *state;

	read_check(work, USER_SCOPE);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		check_text(units[i], cg2_check_get_unit(work->check, i), units[i]);
	check_text("cgroup", cg2_check_get_cgroup(work->check, 3), USER_SLICE);
	check_text("root", cg2_check_get_cgroup(work->check, 5), "/");
	assert_null(cg2_check_get_cgroup(work->check, 6));
}

static void figures_of_a_level(void **state)
{
	struct work *work = *state;

	put_cgroup(work, USER_SCOPE, "pids.current", "7\n");
	put_cgroup(work, USER_SCOPE, "memory.current", "50000000\n");
	put_cgroup(work, USER_SCOPE, "memory.stat",
		   "anon 1\ninactive_file 9000\nactive_file 1000\nfile_dirty 3000\n"
		   "file_writeback 2000\n");
	read_check(work, USER_SCOPE);
	assert_true(figure(work, 0, CG2_LEVEL_TASKS_COUNT) == 7);
	assert_true(figure(work, 0, CG2_LEVEL_TASKS_MAX_COUNT) == 50);
	assert_true(figure(work, 0, CG2_LEVEL_MEMORY_MAX_BYTES) == 64 << 20);
	assert_true(figure(work, 0, CG2_LEVEL_CACHE_BYTES) == 5000);
	assert_true(figure(work, 0, CG2_LEVEL_CPU_MAX_PERMYRIAD) == 5000);
	assert_true(figure(work, 1, CG2_LEVEL_MEMORY_MAX_BYTES) == CG2_MAX);
	assert_true(figure(work, 1, CG2_LEVEL_CACHE_BYTES) == UNTOUCHED);
	assert_true(figure(work, 5, CG2_LEVEL_TASKS_COUNT) == UNTOUCHED);
	check_in("finding", find(work, "cpu-under-one"), "dump.scope gets 50%");
}

static void cgroup_below_a_unit_has_no_unit(void **state)
{
	struct work *work = *state;

	put_cgroup(work, USER_SCOPE "/run", "cgroup.controllers", "memory pids\n");
	put_cgroup(work, USER_SCOPE "/run", "pids.max", "3\n");
	read_check(work, USER_SCOPE "/run");
	assert_null(cg2_check_get_unit(work->check, 0));
	check_in("finding", find(work, "tasks-tiny"), USER_SCOPE "/run is too small");
}

/* Any user may make one; what is to be written is no line for a shell then. */
static void name_that_no_unit_can_have_is_no_units(void **state)
{
	static const char hostile[] = "/user.slice/user-1000.slice/user@1000.service/app.slice/"
				      "a;id $(id).scope";
	struct cg2_finding f = { .size = sizeof(f) };
	struct work *work = *state;

	put_cgroup(work, hostile, "cgroup.controllers", "memory pids\n");
	put_cgroup(work, hostile, "pids.max", "3\n");
	put_cgroup(work, hostile, "cgroup.freeze", "1\n");
	put_cgroup(work, hostile, "cgroup.events", "populated 1\nfrozen 1\n");
	read_check(work, hostile);
	assert_null(cg2_check_get_unit(work->check, 0));
	assert_non_null(find(work, "frozen"));
	for (size_t i = 0; cg2_check_get_finding(work->check, i, &f) > 0; i++)
		if (f.fix && strstr(f.fix, "systemctl") && strstr(f.fix, "$(id)"))
			fail_msg("%s", f.fix);
}

static void cgroup_that_goes_away_meanwhile(void **state)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct work *work = *state;

	remove_file(work->scratch.root, MOUNT USER_SLICE "/cgroup.controllers");
	assert_int_equal(try_check(work, USER_SCOPE, &err), -ENOENT);
	check_in("detail", err.detail, "removed in the meantime");
	check_text("path", err.path, USER_SLICE);
}

static void names_that_want_to_break_out(void **state)
{
	static const char name[] = "/user.slice/a b\n\033[31m\"\\x2d'$(id)";
	struct work *work = *state;

	put_cgroup(work, name, "cgroup.controllers", "pids\n");
	put_cgroup(work, name, "pids.max", "1\n");
	read_check(work, name);
	check_text("cgroup", cg2_check_get_cgroup(work->check, 0), name);
	check_in("finding", find(work, "tasks-tiny"), name);
}

static void frozen_ancestor(void **state)
{
	struct work *work = *state;

	put_cgroup(work, USER_SLICE, "cgroup.freeze", "1\n");
	read_check(work, USER_SCOPE);
	check_in("finding", find(work, "frozen"), "user-1000.slice is frozen");
}

static void weights_of_siblings_that_have_processes(void **state)
{
	static const struct {
		const char *name;
		const char *weight;
		const char *events;
	} siblings[] = {
		{ APP_SLICE "/b.scope", "300\n", "populated 1\nfrozen 0\n" },
		{ APP_SLICE "/empty.scope", "10000\n", "populated 0\nfrozen 0\n" },
		{ APP_SLICE "/odd.scope", "x\n", "populated 1\nfrozen 0\n" },
	};
	struct work *work = *state;

	for (size_t i = 0; i < ARRAY_SIZE(siblings); i++) {
		put_cgroup(work, siblings[i].name, "cpu.weight", siblings[i].weight);
		put_cgroup(work, siblings[i].name, "cgroup.events", siblings[i].events);
	}
	put_cgroup(work, USER_SCOPE, "cpu.weight", "50\n");
	put_cgroup(work, USER_SCOPE, "cgroup.events", "populated 1\nfrozen 0\n");
	read_check(work, USER_SCOPE);
	assert_true(work->check->levels[0].weights == 350);
}

static void root_of_a_namespace(void **state)
{
	struct work *work = *state;

	read_check(work, USER_SCOPE);
	assert_null(find(work, "hidden-above"));
	put_cgroup(work, "", "cgroup.events", "populated 1\nfrozen 0\n");
	read_check(work, USER_SCOPE);
	check_in("finding", find(work, "hidden-above"),
		 "/ is the root of a cgroup namespace");
}

static void pressure_that_is_not_accounted(void **state)
{
	struct work *work = *state;

	read_check(work, USER_SCOPE);
	check_in("finding", find(work, "psi-disabled"), "this machine");
	put(work, "proc/pressure/cpu", "");
	read_check(work, USER_SCOPE);
	assert_null(find(work, "psi-disabled"));
	put_cgroup(work, USER_SCOPE, "cgroup.pressure", "0\n");
	read_check(work, USER_SCOPE);
	check_in("finding", find(work, "psi-disabled"), "dump.scope");
}

/* ---- the process ---- */

#define LIMITS(nproc, as)                                                                \
	"Limit                     Soft Limit           Hard Limit           Units     " \
	"\n"                                                                             \
	"Max processes             " nproc                                               \
	"                 100                  processes \n"                             \
	"Max open files            10                   524288               files     " \
	"\n"                                                                             \
	"Max address space         " as "            unlimited            bytes     \n"

static void put_process(struct work *work, const char *status)
{
	put(work, "proc/77/cgroup", "0::" USER_SCOPE "\n");
	put(work, "proc/77/comm", "a) b\n");
	put(work, "proc/77/limits", LIMITS("40", "1048576"));
	put(work, "proc/77/status", status);
	put(work, "proc/77/oom_score_adj", "-1000\n");
	for (char fd = '0'; fd <= '9'; fd++) {
		char path[] = "proc/77/fd/x";

		path[sizeof(path) - 2] = fd;
		put(work, path, "");
	}
	put(work, "proc/sys/kernel/cap_last_cap", "40\n");
	put(work, "proc/meminfo", "MemTotal: 3000000 kB\nMemAvailable: 2000000 kB\n");
}

static void what_limits_a_process(void **state)
{
	struct work *work = *state;

	put_process(
		work,
		"Name:\ta\nUid:\t1000\t1000\t1000\t1000\nVmSize:\t 900 kB\nThreads:\t2\n"
		"CapEff:\t0000000000000000\nCapBnd:\t000001fffffffffe\n"
		"NoNewPrivs:\t1\nSeccomp:\t2\n");
	put(work, "proc/78/status", "Uid:\t1000\t0\t0\t0\nThreads:\t3\n");
	put(work, "proc/79/status", "Uid:\t0\t0\t0\t0\nThreads:\t3\n");
	read_check(work, "77");
	check_in("nproc", find(work, "rlimit-nproc"),
		 "RLIMIT_NPROC of a) b (77) is 40, below what its cgroups allow; its "
		 "user has 5");
	check_in("as", find(work, "rlimit-as"), "is 1M");
	check_in("nofile", find(work, "rlimit-nofile"), "has 10 of 10 files open");
	check_in("privs", find(work, "no-new-privs"), "(77)");
	check_in("seccomp", find(work, "seccomp"), "filter");
	check_in("caps", find(work, "capabilities"), "lacks 1 cap");
	check_in("oom", find(work, "oom-score-adj"), "-1000");
}

static void root_may_have_more_tasks(void **state)
{
	struct work *work = *state;

	put_process(work, "Uid:\t0\t0\t0\t0\nThreads:\t1\nCapEff:\t000001ffffffffff\n"
			  "CapBnd:\t000001ffffffffff\n");
	read_check(work, "77");
	assert_null(find(work, "rlimit-nproc"));
	assert_null(find(work, "capabilities"));
}

static void process_that_shows_nothing(void **state)
{
	struct work *work = *state;

	put(work, "proc/77/cgroup", "0::" USER_SCOPE "\n");
	read_check(work, "77");
	assert_null(find(work, "rlimit-nproc"));
	assert_null(find(work, "oom-score-adj"));
}

/* ---- zombies ---- */

static void put_stat(struct work *work, const char *pid, const char *state_and_parent,
		     const char *threads, const char *cgroup)
{
	_cleanup_free_ char *path = NULL, *stat = NULL, *file = NULL;

	assert_true(asprintf(&path, "proc/%s/stat", pid) > 0);
	assert_true(
		asprintf(&stat,
			 "%s (x) Z y) %s 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 %s 0 999 0\n",
			 pid, state_and_parent, threads) > 0);
	put(work, path, stat);
	assert_true(asprintf(&file, "proc/%s/cgroup", pid) > 0);
	put(work, file, cgroup);
}

static void zombies_that_nobody_reaps(void **state)
{
	struct work *work = *state;

	put_cgroup(work, USER_SCOPE, "pids.current", "5\n");
	put_cgroup(work, USER_SCOPE, "cgroup.threads", "10\n11\n");
	put_stat(work, "90", "Z 88", "1", "0::" USER_SCOPE "\n");
	put_stat(work, "91", "Z 88", "1", "0::" USER_SCOPE "/gone (deleted)\n");
	put_stat(work, "92", "Z 88", "2", "0::" USER_SCOPE "\n");
	put_stat(work, "93", "S 88", "1", "0::" USER_SCOPE "\n");
	put_stat(work, "94", "Z 88", "1", "0::" USER_SCOPE "x\n");
	put(work, "proc/88/comm", "lazy\n");
	read_check(work, USER_SCOPE);
	check_in("finding", find(work, "zombies"),
		 "dump.scope has 2 zombie processes, which still count as tasks; lazy (88)");
	/* As many live as are counted: there is nothing to search for. */
	put_cgroup(work, USER_SCOPE "/run", "cgroup.threads", "12\n13\n14\n");
	read_check(work, USER_SCOPE);
	assert_null(find(work, "zombies"));
}

/* ---- the worst ---- */

static void put_limit(struct work *work, const char *cgroup, const char *what,
		      const char *max, const char *current)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.max", what);
	put_cgroup(work, cgroup, file, max);
	snprintf(file, sizeof(file), "%s.current", what);
	put_cgroup(work, cgroup, file, current);
}

static void cgroups_near_to_a_limit(void **state)
{
	static const struct {
		const char *cgroup;
		enum cg2_resource resource;
		uint64_t headroom;
	} expected[] = {
		{ "/w.slice/full.scope", CG2_RESOURCE_TASKS, 0 },
		{ "/w.slice/run.scope/run", CG2_RESOURCE_TASKS, 1 },
		{ "/w.slice/set.scope/run", CG2_RESOURCE_TASKS, 1 },
		{ "/w.slice/set.scope", CG2_RESOURCE_TASKS, 1 },
		{ "/w.slice", CG2_RESOURCE_MEMORY, 40 },
		{ "/w.slice/full.scope/in", CG2_RESOURCE_SWAP, 5 },
		{ "/w.slice/tasks.scope", CG2_RESOURCE_TASKS, 9 },
	};
	struct cg2_worst_entry e = { .size = sizeof(e) };
	_cleanup_(cg2_worst_unrefp) struct cg2_worst *worst = NULL;
	struct work *work = *state;

	put_limit(work, "/w.slice", "memory", "1000\n", "990\n");
	put_cgroup(work, "/w.slice", "memory.stat",
		   "active_file 20\ninactive_file 10\nfile_dirty 0\nfile_writeback 0\n");
	put_limit(work, "/w.slice/full.scope", "pids", "10\n", "12\n");
	put_limit(work, "/w.slice/full.scope/in", "memory.swap", "100\n", "95\n");
	put_limit(work, "/w.slice/tasks.scope", "pids", "100\n", "91\n");
	put_limit(work, "/w.slice/enough.scope", "pids", "100\n", "90\n");
	put_limit(work, "/w.slice/none.scope", "pids", "max\n", "90\n");
	put_limit(work, "/w.slice/noswap.scope", "memory.swap", "0\n", "0\n");
	put_limit(work, "/w.slice/cache.scope", "memory", "1000\n", "990\n");
	put_cgroup(work, "/w.slice/cache.scope", "memory.stat",
		   "active_file 500\ninactive_file 0\n");
	put_limit(work, "/w.slice/odd.scope", "pids", "junk\n", "90\n");
	/* A run: its scope has room for one process more, which is no news. */
	put_limit(work, "/w.slice/run.scope", "pids", "41\n", "40\n");
	put_limit(work, "/w.slice/run.scope/run", "pids", "40\n", "39\n");
	/* A limit of its own. */
	put_limit(work, "/w.slice/set.scope", "pids", "30\n", "29\n");
	put_limit(work, "/w.slice/set.scope/run", "pids", "40\n", "39\n");
	assert_int_equal(cg2_worst_read(work->ctx, 1000, &worst, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(cg2_worst_get(worst, i, &e), 1);
		check_text("cgroup", e.cgroup, expected[i].cgroup);
		check_case(e.cgroup, e.resource == (unsigned int)expected[i].resource);
		check_case(e.cgroup, e.headroom == expected[i].headroom);
	}
	assert_int_equal(cg2_worst_get(worst, ARRAY_SIZE(expected), &e), 0);
	e = (struct cg2_worst_entry){ .size = offsetof(struct cg2_worst_entry, limit),
				      .limit = UNTOUCHED };
	assert_int_equal(cg2_worst_get(worst, 0, &e), 1);
	check_text("older caller", e.cgroup, expected[0].cgroup);
	assert_true(e.limit == UNTOUCHED);
	/* Those of the dump, and thirteen of these. */
	assert_true(cg2_worst_get_count(worst) > 13);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, work_make, work_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(levels_from_the_target_to_the_root),
		TEST(figures_of_a_level),
		TEST(cgroup_below_a_unit_has_no_unit),
		TEST(name_that_no_unit_can_have_is_no_units),
		TEST(cgroup_that_goes_away_meanwhile),
		TEST(names_that_want_to_break_out),
		TEST(frozen_ancestor),
		TEST(weights_of_siblings_that_have_processes),
		TEST(root_of_a_namespace),
		TEST(pressure_that_is_not_accounted),
		TEST(what_limits_a_process),
		TEST(root_may_have_more_tasks),
		TEST(process_that_shows_nothing),
		TEST(zombies_that_nobody_reaps),
		TEST(cgroups_near_to_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
