/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What follows from what was read: which limit binds, and each finding of the table, with
 * what makes it appear and with what does not.
 */
#include "tests/unit/unit.h"

#include "check/check-internal.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

enum {
	SCOPE,
	APP,
	MANAGER,
	USER,
	ROOT,
	N_LEVELS,
};

static const struct {
	const char *path;
	const char *unit;
	enum cg2_manager manager;
} places[N_LEVELS] = {
	{ "/user.slice/user@7.service/app.slice/a.scope", "a.scope", CG2_MANAGER_USER },
	{ "/user.slice/user@7.service/app.slice", "app.slice", CG2_MANAGER_USER },
	{ "/user.slice/user@7.service", "user@7.service", CG2_MANAGER_SYSTEM },
	{ "/user.slice", "user.slice", CG2_MANAGER_SYSTEM },
	{ "/", "-.slice", CG2_MANAGER_SYSTEM },
};

static char *copy(const char *text)
{
	char *new = strdup(text);

	assert_non_null(new);
	return new;
}

/* A machine and a process with which nothing is wrong. */
static struct cg2_check *make_check(void)
{
	struct cg2_check *check = calloc(1, sizeof(*check));

	assert_non_null(check);
	check->n_ref = 1;
	check->levels = calloc(N_LEVELS, sizeof(*check->levels));
	assert_non_null(check->levels);
	check->n_levels = N_LEVELS;
	for (size_t i = 0; i < N_LEVELS; i++) {
		struct check_level *level = &check->levels[i];

		level->path = copy(places[i].path);
		level->unit = copy(places[i].unit);
		level->manager = places[i].manager;
		level->uid = CG2_MAX;
		level->weights = UNKNOWN;
		for (size_t k = 0; k < N_LEVEL_FIGURES; k++)
			level->figures[k] = i == ROOT ? UNKNOWN : CG2_MAX;
		if (i == ROOT)
			continue;
		level->figures[CG2_LEVEL_TASKS_COUNT] = 10;
		level->figures[CG2_LEVEL_MEMORY_BYTES] = 100 * MIB;
		level->figures[CG2_LEVEL_CACHE_BYTES] = UNKNOWN;
		level->figures[CG2_LEVEL_SWAP_BYTES] = 0;
		level->figures[CG2_LEVEL_CPU_WEIGHT] = 100;
	}
	check->levels[ROOT].texts[CG2_LEVEL_CPUS] = copy("0-3");
	check->process = (struct check_process){
		.pid = 77,
		.name = copy("prog"),
		.nproc_limit = 10000,
		.nproc_current = 20,
		.as_limit = CG2_MAX,
		.as_current = MIB,
		.nofile_limit = 1024,
		.nofile_current = 10,
		.bounding = 0x1ff,
		.is_oom_known = true,
	};
	check->machine = (struct check_machine){
		.n_cpus = 4,
		.memory_total = 8 * GIB,
		.memory_available = 4 * GIB,
		.swap_total = GIB,
		.swap_free = GIB,
		.threads_max = 10000,
		.threads = 200,
		.pid_max = 32768,
		.capabilities = 0x1ff,
		.has_pressure = true,
	};
	return check;
}

static void reckon(struct cg2_check *check)
{
	assert_int_equal(check_find_effective(check), 0);
	assert_int_equal(check_find_all(check), 0);
}

static uint64_t *figure(struct cg2_check *check, size_t level, enum cg2_level_figure which)
{
	return &check->levels[level].figures[which];
}

static struct check_config *add_config(struct cg2_check *check, size_t level, enum cg2_limit limit,
				       uint64_t told, const char *text)
{
	struct check_level *l = &check->levels[level];
	struct check_config *config;

	l->configs = realloc(l->configs, (l->n_configs + 1) * sizeof(*config));
	assert_non_null(l->configs);
	config = &l->configs[l->n_configs++];
	*config = (struct check_config){ .limit = limit,
					 .told = told,
					 .has = told,
					 .told_text = copy(text),
					 .has_text = copy(text) };
	return config;
}

static void add_need(struct cg2_check *check, enum cg2_limit limit, uint64_t value,
		     const char *text)
{
	check->needs = realloc(check->needs, (check->n_needs + 1) * sizeof(*check->needs));
	assert_non_null(check->needs);
	check->needs[check->n_needs++] =
		(struct check_need){ .limit = limit, .value = value, .text = copy(text) };
}

/* ---- findings ---- */

static void frozen_above(struct cg2_check *check)
{
	check->levels[USER].is_frozen = true;
}

static void frozen_without_unit(struct cg2_check *check)
{
	check->levels[SCOPE].is_frozen = true;
	free(check->levels[SCOPE].unit);
	check->levels[SCOPE].unit = NULL;
}

static void few_tasks_left(struct cg2_check *check)
{
	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 1000;
	*figure(check, USER, CG2_LEVEL_TASKS_COUNT) = 901;
}

static void a_tenth_of_the_tasks_left(struct cg2_check *check)
{
	few_tasks_left(check);
	*figure(check, USER, CG2_LEVEL_TASKS_COUNT) = 900;
}

static void no_tasks_left(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_TASKS_MAX_COUNT) = 10;
}

static void little_memory_left(struct cg2_check *check)
{
	*figure(check, APP, CG2_LEVEL_MEMORY_MAX_BYTES) = 105 * MIB;
	*figure(check, APP, CG2_LEVEL_SWAP_MAX_BYTES) = 0;
}

static void cache_is_free_memory(struct cg2_check *check)
{
	little_memory_left(check);
	*figure(check, APP, CG2_LEVEL_CACHE_BYTES) = 60 * MIB;
}

static void tiny_tasks_of_a_slice(struct cg2_check *check)
{
	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 40;
}

static void small_tasks_of_a_scope(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_TASKS_MAX_COUNT) = 40;
}

static void tiny_tasks_of_a_scope(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_TASKS_MAX_COUNT) = 3;
	*figure(check, SCOPE, CG2_LEVEL_TASKS_COUNT) = 1;
}

static void tiny_memory_of_a_manager(struct cg2_check *check)
{
	*figure(check, MANAGER, CG2_LEVEL_MEMORY_MAX_BYTES) = 32 * MIB;
	*figure(check, MANAGER, CG2_LEVEL_MEMORY_BYTES) = MIB;
	*figure(check, MANAGER, CG2_LEVEL_SWAP_MAX_BYTES) = 0;
}

static void small_memory_of_a_scope(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_MAX_BYTES) = 32 * MIB;
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_BYTES) = MIB;
	*figure(check, SCOPE, CG2_LEVEL_SWAP_MAX_BYTES) = 0;
}

static void controller_is_missing(struct cg2_check *check)
{
	struct check_config *config = add_config(check, SCOPE, CG2_LIMIT_IO_WEIGHT, 50, "50");

	config->has = UNKNOWN;
	config->missing = copy("the io controller is not delegated here");
	config->missing_fix = copy("write a drop-in, log in again");
}

static void kernel_has_more(struct cg2_check *check)
{
	struct check_config *config = add_config(check, USER, CG2_LIMIT_MEMORY_MAX, GIB, "1G");

	config->is_different = config->is_weaker = true;
	free(config->has_text);
	config->has_text = copy("max");
}

static void kernel_has_less(struct cg2_check *check)
{
	struct check_config *config = add_config(check, USER, CG2_LIMIT_TASKS_MAX, CG2_MAX, "max");

	config->is_different = true;
	free(config->has_text);
	config->has_text = copy("500");
}

static void memory_without_swap_limit(struct cg2_check *check)
{
	*figure(check, APP, CG2_LEVEL_MEMORY_MAX_BYTES) = GIB;
}

static void swap_is_limited_above(struct cg2_check *check)
{
	memory_without_swap_limit(check);
	*figure(check, USER, CG2_LEVEL_SWAP_MAX_BYTES) = 64 * MIB;
}

static void there_is_no_swap(struct cg2_check *check)
{
	memory_without_swap_limit(check);
	check->machine.swap_total = check->machine.swap_free = 0;
}

static void high_without_swap(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_HIGH_BYTES) = GIB;
	check->machine.swap_total = check->machine.swap_free = 0;
}

static void high_with_swap(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_HIGH_BYTES) = GIB;
}

static void half_a_cpu(struct cg2_check *check)
{
	*figure(check, APP, CG2_LEVEL_CPU_MAX_PERMYRIAD) = 5000;
}

static void one_cpu(struct cg2_check *check)
{
	*figure(check, APP, CG2_LEVEL_CPU_MAX_PERMYRIAD) = 10000;
}

static void low_nproc(struct cg2_check *check)
{
	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 7000;
	check->process.nproc_limit = 50;
}

static void nproc_below_the_cgroup(struct cg2_check *check)
{
	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 7000;
	check->process.nproc_limit = 6000;
	check->machine.threads = 9990;
}

static void nproc_nearly_used_up(struct cg2_check *check)
{
	check->process.nproc_current = 9500;
}

static void low_nproc_of_root(struct cg2_check *check)
{
	low_nproc(check);
	check->process.is_privileged = true;
}

static void low_as(struct cg2_check *check)
{
	check->process.as_limit = GIB;
}

static void as_above_the_cgroup(struct cg2_check *check)
{
	low_as(check);
	*figure(check, APP, CG2_LEVEL_MEMORY_MAX_BYTES) = GIB / 2;
	*figure(check, APP, CG2_LEVEL_SWAP_MAX_BYTES) = 0;
}

static void many_files_open(struct cg2_check *check)
{
	check->process.nofile_current = 1000;
}

static void many_files_of_nobody_knows(struct cg2_check *check)
{
	check->process.nofile_current = UNKNOWN;
}

static void zombies(struct cg2_check *check)
{
	check->zombies = (struct check_zombies){ 3, 55, copy("lazy") };
}

static void unkillable(struct cg2_check *check)
{
	check->process.oom_score_adj = -1000;
}

static void victim(struct cg2_check *check)
{
	check->process.oom_score_adj = 500;
}

static void no_new_privs(struct cg2_check *check)
{
	check->process.has_no_new_privs = true;
}

static void filter(struct cg2_check *check)
{
	check->process.seccomp = 2;
}

static void few_capabilities(struct cg2_check *check)
{
	check->process.bounding = 0xff;
}

static void no_process(struct cg2_check *check)
{
	low_nproc(check);
	low_as(check);
	many_files_open(check);
	unkillable(check);
	no_new_privs(check);
	filter(check);
	few_capabilities(check);
	check->process.pid = 0;
}

static void weight(struct cg2_check *check)
{
	*figure(check, SCOPE, CG2_LEVEL_CPU_WEIGHT) = 50;
	check->levels[SCOPE].weights = 200;
	check->levels[MANAGER].weights = 200;
}

static void idle(struct cg2_check *check)
{
	*figure(check, APP, CG2_LEVEL_CPU_WEIGHT) = 0;
	check->levels[APP].is_idle = true;
}

static void even_weights(struct cg2_check *check)
{
	check->levels[SCOPE].weights = 900;
}

static void file_says_so(struct cg2_check *check)
{
	add_config(check, USER, CG2_LIMIT_TASKS_MAX, 7000, "7000")->source =
		copy("/etc/systemd/system/user.slice.d/x.conf");
}

static void default_says_so(struct cg2_check *check)
{
	add_config(check, SCOPE, CG2_LIMIT_TASKS_MAX, 7000, "7000");
}

static void without_a_subgroup(struct cg2_check *check)
{
	check->levels[SCOPE].lacks_subgroup = true;
}

static void subgroup_of_no_concern(struct cg2_check *check)
{
	check->levels[USER].lacks_subgroup = true;
}

static void no_pressure(struct cg2_check *check)
{
	check->machine.has_pressure = false;
}

static void pressure_off(struct cg2_check *check)
{
	check->levels[0].is_pressure_off = true;
}

static void in_a_container(struct cg2_check *check)
{
	check->machine.is_namespaced = true;
}

static void restarted(struct cg2_check *check)
{
	check->restarts = (struct check_restarts){ .n = 3,
						   .level = SCOPE,
						   .reason = copy("it ended with status 1"),
						   .hint = copy("journalctl -u a"),
						   .certainty = CG2_CERTAINTY_PROBABLE,
						   .ago_usec = 5 * USEC_PER_SEC };
}

static void restarted_long_ago(struct cg2_check *check)
{
	check->restarts = (struct check_restarts){ .n = 1,
						   .level = SCOPE,
						   .reason = copy("it ended with status 1"),
						   .ago_usec = 7200 * USEC_PER_SEC };
}

static void restarted_well(struct cg2_check *check)
{
	check->restarts = (struct check_restarts){ .n = 2, .level = SCOPE };
}

static void manager_is_silent(struct cg2_check *check)
{
	check->unasked = copy("the system manager does not answer");
}

static void nothing(struct cg2_check *check)
{
}

static const struct finding_case {
	const char *name;
	void (*change)(struct cg2_check *check);
	const char *id; /* NULL: no finding at all */
	enum cg2_severity severity;
	const char *text; /* parts of it */
	const char *fix;
} finding_cases[] = {
	{ "nothing is wrong", nothing, NULL, 0, NULL, NULL },
	{ "frozen above", frozen_above, "frozen", CG2_SEVERITY_ERROR, "user.slice is frozen",
	  "systemctl thaw user.slice" },
	{ "frozen, no unit", frozen_without_unit, "frozen", CG2_SEVERITY_ERROR, "a.scope is frozen",
	  "write 0 to cgroup.freeze" },
	{ "few tasks left", few_tasks_left, "tasks-headroom", CG2_SEVERITY_WARNING,
	  "user.slice has 901 of 1000 tasks", "set-property user.slice TasksMax=N" },
	{ "enough tasks left", a_tenth_of_the_tasks_left, NULL, 0, NULL, NULL },
	{ "no tasks left", no_tasks_left, "tasks-headroom", CG2_SEVERITY_ERROR,
	  "all further forks fail", "systemctl --user set-property a.scope TasksMax=N" },
	{ "little memory left", little_memory_left, "memory-headroom", CG2_SEVERITY_WARNING,
	  "app.slice has only 5M left of memory.max 105M", "MemoryMax=SIZE" },
	{ "cache is free", cache_is_free_memory, NULL, 0, NULL, NULL },
	{ "tiny tasks of a slice", tiny_tasks_of_a_slice, "tasks-tiny", CG2_SEVERITY_WARNING,
	  "pids.max 40 of user.slice is too small for logins", "TasksMax=N" },
	{ "small tasks of a scope", small_tasks_of_a_scope, NULL, 0, NULL, NULL },
	{ "tiny tasks of a scope", tiny_tasks_of_a_scope, "tasks-tiny", CG2_SEVERITY_WARNING,
	  "too small for nearly every program", "TasksMax=N" },
	{ "tiny memory", tiny_memory_of_a_manager, "memory-tiny", CG2_SEVERITY_WARNING,
	  "memory.max 32M of user@7.service", "as root: systemctl set-property user@7.service" },
	{ "small memory", small_memory_of_a_scope, NULL, 0, NULL, NULL },
	{ "controller missing", controller_is_missing, "controller-missing", CG2_SEVERITY_WARNING,
	  "IOWeight=50 of a.scope has no effect: the io controller", "drop-in" },
	{ "kernel has more", kernel_has_more, "limit-differs", CG2_SEVERITY_WARNING,
	  "user.slice has MemoryMax=1G in systemd, but memory.max max in the kernel",
	  "MemoryMax=1G" },
	{ "kernel has less", kernel_has_less, "limit-differs", CG2_SEVERITY_INFO,
	  "TasksMax=max in systemd, but pids.max 500 in the kernel", "TasksMax=max" },
	{ "swap unlimited", memory_without_swap_limit, "swap-unlimited", CG2_SEVERITY_WARNING,
	  "app.slice may use 1G of memory, and all swap in addition", "MemorySwapMax=0" },
	{ "swap limited above", swap_is_limited_above, NULL, 0, NULL, NULL },
	{ "no swap", there_is_no_swap, NULL, 0, NULL, NULL },
	{ "high without swap", high_without_swap, "high-without-swap", CG2_SEVERITY_WARNING,
	  "memory.high 1G of a.scope on a machine without swap: a program that exceeds it stalls",
	  "MemoryMax=SIZE" },
	{ "high with swap", high_with_swap, NULL, 0, NULL, NULL },
	{ "half a CPU", half_a_cpu, "cpu-under-one", CG2_SEVERITY_WARNING,
	  "app.slice gets 50% of one CPU: a program is throttled once that is used up",
	  "CPUQuota=100%" },
	{ "one CPU", one_cpu, NULL, 0, NULL, NULL },
	{ "low nproc", low_nproc, "rlimit-nproc", CG2_SEVERITY_WARNING,
	  "RLIMIT_NPROC of prog (77) is 50", "LimitNPROC=" },
	{ "nproc below the cgroup", nproc_below_the_cgroup, "rlimit-nproc", CG2_SEVERITY_WARNING,
	  "is 6000, below what its cgroups allow", "ulimit -u" },
	{ "nproc nearly used up", nproc_nearly_used_up, "rlimit-nproc", CG2_SEVERITY_WARNING,
	  "is 10000; its user has 9500 tasks", "ulimit -u" },
	{ "low nproc of root", low_nproc_of_root, NULL, 0, NULL, NULL },
	{ "low address space", low_as, "rlimit-as", CG2_SEVERITY_WARNING,
	  "RLIMIT_AS of prog (77) is 1G", "LimitAS=" },
	{ "address space above the cgroup", as_above_the_cgroup, NULL, 0, NULL, NULL },
	{ "many files", many_files_open, "rlimit-nofile", CG2_SEVERITY_WARNING,
	  "prog (77) has 1000 of 1024 files open", "prlimit --pid 77" },
	{ "unknown files", many_files_of_nobody_knows, NULL, 0, NULL, NULL },
	{ "zombies", zombies, "zombies", CG2_SEVERITY_WARNING,
	  "a.scope has 3 zombie processes, which still count as tasks; lazy (55) does not reap "
	  "them",
	  "end process 55" },
	{ "unkillable", unkillable, "oom-score-adj", CG2_SEVERITY_WARNING, "is -1000",
	  "choom -n 0 -p 77" },
	{ "victim", victim, "oom-score-adj", CG2_SEVERITY_INFO, "is killed before others",
	  "OOMScoreAdjust=" },
	{ "no new privileges", no_new_privs, "no-new-privs", CG2_SEVERITY_INFO, "NoNewPrivs",
	  "NoNewPrivileges=no" },
	{ "seccomp", filter, "seccomp", CG2_SEVERITY_INFO,
	  "seccomp filter: system calls may fail or kill it", "SystemCallFilter=" },
	{ "capabilities", few_capabilities, "capabilities", CG2_SEVERITY_INFO, "lacks 1 capability",
	  "CapabilityBoundingSet=" },
	{ "no process", no_process, NULL, 0, NULL, NULL },
	{ "weight", weight, "cpu-share", CG2_SEVERITY_INFO,
	  "cpu.weight 50 of a.scope: on a busy machine the target gets 12.5% of the CPU time",
	  "CPUWeight=N" },
	{ "idle", idle, "cpu-share", CG2_SEVERITY_INFO, "app.slice is idle", "CPUWeight=100" },
	{ "even weights", even_weights, NULL, 0, NULL, NULL },
	{ "drop-in", file_says_so, "limit-source", CG2_SEVERITY_INFO,
	  "TasksMax=7000 of user.slice is set in /etc/systemd/system/user.slice.d/x.conf", NULL },
	{ "default", default_says_so, "limit-source", CG2_SEVERITY_INFO,
	  "TasksMax=7000 of a.scope is the default of the user manager",
	  "DefaultTasksMax= in /etc/systemd/user.conf" },
	{ "no subgroup", without_a_subgroup, "delegate-subgroup", CG2_SEVERITY_INFO,
	  "a.scope is delegated and has no DelegateSubgroup=", "DelegateSubgroup=main" },
	{ "no subgroup above", subgroup_of_no_concern, NULL, 0, NULL, NULL },
	{ "no pressure", no_pressure, "psi-disabled", CG2_SEVERITY_INFO, "PSI", "psi=1" },
	{ "pressure off", pressure_off, "psi-disabled", CG2_SEVERITY_INFO, "cgroup.pressure is 0",
	  "write 1" },
	{ "container", in_a_container, "hidden-above", CG2_SEVERITY_INFO,
	  "limits above it cannot be seen", "outside" },
	{ "restarted", restarted, "unit-failed", CG2_SEVERITY_WARNING,
	  "a.scope was started again 3 times, last 5s ago: probably it ended with status 1",
	  "journalctl" },
	{ "restarted long ago", restarted_long_ago, "unit-failed", CG2_SEVERITY_INFO,
	  "1 time, last 2h ago: it ended with status 1", NULL },
	{ "restarted well", restarted_well, "unit-failed", CG2_SEVERITY_INFO,
	  "a.scope was started again 2 times", NULL },
	{ "silent manager", manager_is_silent, "systemd-unasked", CG2_SEVERITY_INFO,
	  "does not answer", NULL },
};

static void check_contains(const char *name, const char *text, const char *part)
{
	if (!part ? text != NULL : !text || !strstr(text, part))
		fail_msg("%s: '%s' has no '%s'", name, text ? text : "(none)",
			 part ? part : "(none)");
}

static void findings_of_the_table(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(finding_cases); i++) {
		const struct finding_case *c = &finding_cases[i];
		struct cg2_finding f = { .size = sizeof(f) };
		struct cg2_check *check = make_check();
		int r;

		c->change(check);
		reckon(check);
		r = cg2_check_get_finding(check, 0, &f);
		if (r != (c->id != NULL))
			fail_msg("%s: %s", c->name, r ? f.text : "no finding");
		if (c->id) {
			check_contains(c->name, f.id, c->id);
			check_contains(c->name, f.text, c->text);
			check_contains(c->name, f.fix, c->fix);
			check_case(c->name, f.severity == c->severity);
		}
		if (cg2_check_get_finding(check, 1, &f))
			fail_msg("%s: also %s: %s", c->name, f.id, f.text);
		cg2_check_unref(check);
	}
}

/* No row of the table without a case above; "need" has its own below. */
static void every_finding_is_tested(void **state)
{
	const struct cg2_finding_info *info;

	for (unsigned int i = 0; (info = cg2_finding_get_info(i)); i++) {
		bool is_tested = strcmp(info->id, "need") == 0;

		for (size_t k = 0; k < ARRAY_SIZE(finding_cases); k++)
			is_tested |=
				finding_cases[k].id && strcmp(finding_cases[k].id, info->id) == 0;
		check_case(info->id, is_tested);
		check_case(info->id, info->help && *info->help);
	}
}

static void the_worst_comes_first(void **state)
{
	struct cg2_finding f = { .size = sizeof(f) };
	struct cg2_check *check = make_check();

	no_new_privs(check);
	half_a_cpu(check);
	frozen_above(check);
	reckon(check);
	assert_int_equal(cg2_check_get_finding(check, 0, &f), 1);
	assert_string_equal(f.id, "frozen");
	assert_string_equal(f.cgroup, "/user.slice");
	assert_int_equal(cg2_check_get_finding(check, 1, &f), 1);
	assert_string_equal(f.id, "cpu-under-one");
	assert_int_equal(cg2_check_get_finding(check, 2, &f), 1);
	assert_string_equal(f.id, "no-new-privs");
	assert_null(f.cgroup);
	assert_int_equal(cg2_check_get_finding(check, 3, &f), 0);
	cg2_check_unref(check);
}

/* ---- what binds ---- */

static void check_effective_is(struct cg2_check *check, enum cg2_resource resource,
			       const char *file, const char *cgroup, uint64_t limit,
			       uint64_t headroom)
{
	struct cg2_effective e = { .size = sizeof(e) };

	assert_int_equal(cg2_check_get_effective(check, resource, &e), 1);
	assert_string_equal(e.file, file);
	if (cgroup)
		assert_string_equal(e.cgroup, cgroup);
	else
		assert_null(e.cgroup);
	assert_true(e.limit == limit);
	assert_true(e.headroom == headroom);
}

static void machine_binds_where_no_cgroup_does(void **state)
{
	struct cg2_check *check = make_check();

	check->process.pid = 0;
	reckon(check);
	check_effective_is(check, CG2_RESOURCE_TASKS, "kernel.threads-max", NULL, 10000, 9800);
	check_effective_is(check, CG2_RESOURCE_MEMORY, "ram", NULL, 8 * GIB, 4 * GIB);
	check_effective_is(check, CG2_RESOURCE_SWAP, "swap", NULL, GIB, GIB);
	check_effective_is(check, CG2_RESOURCE_CPU, "cpus", NULL, 40000, 40000);
	cg2_check_unref(check);
}

static void least_headroom_binds_not_the_least_limit(void **state)
{
	struct cg2_check *check = make_check();

	*figure(check, SCOPE, CG2_LEVEL_TASKS_MAX_COUNT) = 100;
	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 500;
	*figure(check, USER, CG2_LEVEL_TASKS_COUNT) = 440;
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_MAX_BYTES) = GIB;
	*figure(check, SCOPE, CG2_LEVEL_MEMORY_BYTES) = GIB;
	*figure(check, SCOPE, CG2_LEVEL_CACHE_BYTES) = GIB / 2;
	*figure(check, SCOPE, CG2_LEVEL_SWAP_MAX_BYTES) = MIB;
	*figure(check, USER, CG2_LEVEL_MEMORY_MAX_BYTES) = 2 * GIB;
	*figure(check, USER, CG2_LEVEL_MEMORY_BYTES) = GIB;
	*figure(check, APP, CG2_LEVEL_CPU_MAX_PERMYRIAD) = 15000;
	*figure(check, USER, CG2_LEVEL_CPU_MAX_PERMYRIAD) = 20000;
	reckon(check);
	check_effective_is(check, CG2_RESOURCE_TASKS, "pids.max", "/user.slice", 500, 60);
	check_effective_is(check, CG2_RESOURCE_MEMORY, "memory.max", places[SCOPE].path, GIB,
			   GIB / 2);
	check_effective_is(check, CG2_RESOURCE_SWAP, "memory.swap.max", places[SCOPE].path, MIB,
			   MIB);
	check_effective_is(check, CG2_RESOURCE_CPU, "cpu.max", places[APP].path, 15000, 15000);
	cg2_check_unref(check);
}

static void rlimit_binds_an_ordinary_process(void **state)
{
	struct cg2_check *check = make_check();

	low_nproc(check);
	reckon(check);
	check_effective_is(check, CG2_RESOURCE_TASKS, "RLIMIT_NPROC", NULL, 50, 30);
	cg2_check_unref(check);
}

/* Each level shows what is left to it; the highest one that has less than all is to
 * blame. */
static void cpuset_binds(void **state)
{
	struct cg2_check *check = make_check();

	check->levels[SCOPE].texts[CG2_LEVEL_CPUS] = copy("0-1");
	check->levels[APP].texts[CG2_LEVEL_CPUS] = copy("0-1");
	check->levels[MANAGER].texts[CG2_LEVEL_CPUS] = copy("0-2");
	check->levels[USER].texts[CG2_LEVEL_CPUS] = copy("0-3");
	reckon(check);
	check_effective_is(check, CG2_RESOURCE_CPU, "cpuset.cpus", places[APP].path, 20000, 20000);
	cg2_check_unref(check);
}

static void lowest_io_limit_of_each_device_binds(void **state)
{
	struct cg2_io_effective io = { .size = sizeof(io) };
	struct cg2_check *check = make_check();

	check->levels[SCOPE].texts[CG2_LEVEL_IO_MAX] =
		copy("8:0 rbps=max wbps=1000 riops=max wiops=max\n8:16 rbps=7 wbps=max riops=max "
		     "wiops=max");
	check->levels[USER].texts[CG2_LEVEL_IO_MAX] =
		copy("8:0 rbps=max wbps=500 riops=max wiops=max");
	reckon(check);
	assert_int_equal(cg2_check_get_io(check, 0, &io), 1);
	assert_string_equal(io.device, "8:0");
	assert_string_equal(io.key, "wbps");
	assert_string_equal(io.cgroup, "/user.slice");
	assert_int_equal(io.limit, 500);
	assert_int_equal(cg2_check_get_io(check, 1, &io), 1);
	assert_string_equal(io.device, "8:16");
	assert_int_equal(io.limit, 7);
	assert_int_equal(cg2_check_get_io(check, 2, &io), 0);
	cg2_check_unref(check);
}

/* An older caller has smaller structures. */
static void what_the_caller_does_not_know_is_left_alone(void **state)
{
	struct cg2_io_effective io = { .size = offsetof(struct cg2_io_effective, limit),
				       .limit = UNTOUCHED };
	struct cg2_effective e = { .size = offsetof(struct cg2_effective, limit),
				   .limit = UNTOUCHED };
	struct cg2_finding f = { .size = offsetof(struct cg2_finding, fix), .fix = "untouched" };
	struct cg2_check *check = make_check();

	frozen_above(check);
	check->levels[SCOPE].texts[CG2_LEVEL_IO_MAX] = copy("8:0 rbps=7");
	reckon(check);
	assert_int_equal(cg2_check_get_effective(check, CG2_RESOURCE_TASKS, &e), 1);
	assert_string_equal(e.file, "kernel.threads-max");
	assert_true(e.limit == UNTOUCHED);
	assert_int_equal(cg2_check_get_io(check, 0, &io), 1);
	assert_string_equal(io.key, "rbps");
	assert_true(io.limit == UNTOUCHED);
	assert_int_equal(cg2_check_get_finding(check, 0, &f), 1);
	assert_string_equal(f.id, "frozen");
	assert_string_equal(f.fix, "untouched");
	assert_int_equal(f.size, offsetof(struct cg2_finding, fix));
	f.size = sizeof(size_t) - 1;
	assert_int_equal(cg2_check_get_finding(check, 0, &f), -EINVAL);
	cg2_check_unref(check);
}

/* ---- questions ---- */

static void check_answer(enum cg2_limit limit, uint64_t value, const char *word, bool fits,
			 const char *text)
{
	struct cg2_finding f = { .size = sizeof(f) };
	struct cg2_check *check = make_check();

	*figure(check, USER, CG2_LEVEL_TASKS_MAX_COUNT) = 500;
	check->levels[APP].texts[CG2_LEVEL_CPUS] = copy("0-1");
	add_need(check, limit, value, word);
	reckon(check);
	assert_int_equal(cg2_check_get_finding(check, 0, &f), 1);
	assert_string_equal(f.id, "need");
	check_contains(word, f.text, text);
	check_case(word, f.severity == (fits ? CG2_SEVERITY_INFO : CG2_SEVERITY_ERROR));
	cg2_check_unref(check);
}

static void questions_are_answered(void **state)
{
	check_answer(CG2_LIMIT_TASKS_MAX, 490, "490", true,
		     "490 tasks fit: 490 available, limited by pids.max of user.slice");
	check_answer(CG2_LIMIT_TASKS_MAX, 491, "491", false,
		     "491 tasks do not fit: only 490 available, limited by pids.max of user.slice");
	check_answer(CG2_LIMIT_MEMORY_MAX, 4 * GIB, "4G", true,
		     "4G of memory fits: 4G available, limited by the machine's RAM");
	check_answer(CG2_LIMIT_MEMORY_MAX, 4 * GIB + 1, "more", false,
		     "only 4G available, limited by the machine's RAM");
	check_answer(CG2_LIMIT_MEMORY_MAX, CG2_MAX, "max", false, "does not fit");
	check_answer(CG2_LIMIT_SWAP_MAX, GIB, "1G", true,
		     "1G of swap fits: 1G available, limited by the machine's swap");
	check_answer(CG2_LIMIT_CPU_MAX, 20000, "200%", true,
		     "200% of a CPU fits: 200% available, limited by cpuset.cpus of app.slice");
	check_answer(CG2_LIMIT_CPU_MAX, 20001, "200.01%", false, "does not fit");
	check_answer(CG2_LIMIT_CPUSET_CPUS, 0, "1", true, "CPUs 1 fit: app.slice may use 0-1");
	check_answer(CG2_LIMIT_CPUSET_CPUS, 0, "1-2", false,
		     "CPUs 1-2 do not fit: app.slice may use 0-1");
	check_answer(CG2_LIMIT_CPUSET_MEMS, 0, "0", true,
		     "memory nodes 0 fit: nothing restricts them");
	check_answer(CG2_LIMIT_IO_WEIGHT, 50, "50", true, "io.weight can be set for a.scope");
}

static void question_about_a_missing_controller(void **state)
{
	struct cg2_finding f = { .size = sizeof(f) };
	struct cg2_check *check = make_check();

	add_need(check, CG2_LIMIT_IO_WEIGHT, 50, "50");
	check->needs[0].missing = copy("the io controller is not delegated here");
	check->needs[0].missing_fix = copy("write a drop-in");
	reckon(check);
	assert_int_equal(cg2_check_get_finding(check, 0, &f), 1);
	assert_string_equal(f.id, "need");
	assert_int_equal(f.severity, CG2_SEVERITY_ERROR);
	check_contains("text", f.text,
		       "io.weight cannot be set for a.scope: the io controller is not");
	check_contains("fix", f.fix, "drop-in");
	cg2_check_unref(check);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_of_the_table),
		cmocka_unit_test(every_finding_is_tested),
		cmocka_unit_test(the_worst_comes_first),
		cmocka_unit_test(machine_binds_where_no_cgroup_does),
		cmocka_unit_test(least_headroom_binds_not_the_least_limit),
		cmocka_unit_test(rlimit_binds_an_ordinary_process),
		cmocka_unit_test(cpuset_binds),
		cmocka_unit_test(lowest_io_limit_of_each_device_binds),
		cmocka_unit_test(what_the_caller_does_not_know_is_left_alone),
		cmocka_unit_test(questions_are_answered),
		cmocka_unit_test(question_about_a_missing_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
