/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fit without its runs: what a run says about a limit, and limits in others' words.
 */
#include "unit.h"

#include "cmd/experiment/fit.h"

/* ---- what a run says ---- */

struct run_case {
	const char *name;
	enum cg2_verdict verdict;
	const char *file; /* that is blamed; NULL: none */
	bool is_own;
	uint64_t wall_usec, max_events, refused, stalled_usec, throttled_usec;
	enum fit_resource resource;
	bool allows_refused;
	enum fit_why why;
};

#define ALLOWED_USEC (2 * USEC_PER_SEC)
#define QUICK USEC_PER_SEC
#define SLOW (3 * USEC_PER_SEC)
#define V(name) CG2_VERDICT_##name

static const struct run_case run_cases[] = {
	{ "it passed", V(OK), NULL, false, QUICK, 0, 0, 0, 0, FIT_MEMORY, false, FIT_OK },
	{ "reclaimed", V(OK), NULL, false, QUICK, 9, 0, 0, 0, FIT_MEMORY, false, FIT_OK },
	{ "slow, and reclaimed", V(OK), NULL, false, SLOW, 9, 0, 0, 0, FIT_MEMORY, false,
	  FIT_SLOW },
	{ "slow, and stalled", V(OK), NULL, false, SLOW, 0, 0, SLOW / 10, 0, FIT_MEMORY, false,
	  FIT_SLOW },
	{ "slow by itself", V(OK), NULL, false, SLOW, 0, 0, SLOW / 100, 0, FIT_MEMORY, false,
	  FIT_SLOW_ALONE },
	{ "ended for its time", V(WALL_TIME), NULL, false, ALLOWED_USEC, 9, 0, 0, 0, FIT_MEMORY,
	  false, FIT_SLOW },
	{ "ended by the user's limit", V(WALL_TIME), NULL, false, QUICK, 9, 0, 0, 0, FIT_MEMORY,
	  false, FIT_FOREIGN },
	{ "throttled", V(OK), NULL, false, SLOW, 0, 0, 0, SLOW / 2, FIT_CPU, false, FIT_SLOW },
	{ "slow, without a throttle", V(OK), NULL, false, SLOW, 0, 0, 0, 0, FIT_CPU, false,
	  FIT_SLOW_ALONE },
	{ "its own memory", V(OOM), "memory.max", true, QUICK, 9, 0, 0, 0, FIT_MEMORY, false,
	  FIT_LIMIT },
	{ "an ancestor's memory", V(OOM), "memory.max", false, QUICK, 9, 0, 0, 0, FIT_MEMORY,
	  false, FIT_FOREIGN },
	{ "the machine's memory", V(OOM), "ram", false, QUICK, 0, 0, 0, 0, FIT_MEMORY, false,
	  FIT_FOREIGN },
	{ "a fixed limit's memory", V(OOM), "memory.max", true, QUICK, 9, 0, 0, 0, FIT_TASKS,
	  false, FIT_FOREIGN },
	{ "its own tasks", V(TASKS), "pids.max", true, QUICK, 0, 3, 0, 0, FIT_TASKS, false,
	  FIT_LIMIT },
	{ "refused, and 0", V(OK), NULL, false, QUICK, 0, 3, 0, 0, FIT_TASKS, false, FIT_LIMIT },
	{ "refused, and 0, allowed", V(OK), NULL, false, QUICK, 0, 3, 0, 0, FIT_TASKS, true,
	  FIT_OK },
	{ "refused by a fixed limit", V(OK), NULL, false, QUICK, 0, 3, 0, 0, FIT_MEMORY, false,
	  FIT_OK },
	{ "failed where it met the limit", V(FAILED), NULL, false, QUICK, 1, 0, 0, 0, FIT_MEMORY,
	  false, FIT_LIMIT },
	{ "failed by itself", V(FAILED), NULL, false, QUICK, 0, 0, 0, 0, FIT_MEMORY, false,
	  FIT_UNEXPLAINED },
	{ "a signal where forks were refused", V(SIGNAL), NULL, false, QUICK, 0, 1, 0, 0,
	  FIT_TASKS, false, FIT_LIMIT },
	{ "failed while throttled", V(FAILED), NULL, false, QUICK, 0, 0, 0, 9, FIT_CPU, false,
	  FIT_UNEXPLAINED },
	{ "systemd-oomd", V(OOMD), NULL, false, QUICK, 0, 0, 0, 0, FIT_MEMORY, false,
	  FIT_FOREIGN },
	{ "a fixed CPU time", V(CPU_TIME), NULL, false, QUICK, 0, 0, 0, 0, FIT_CPU, false,
	  FIT_FOREIGN },
};

static void set_figure(struct record_view *view, enum cg2_figure figure, uint64_t value)
{
	view->known |= UINT64_C(1) << figure;
	view->figures[figure] = value;
}

static void test_what_runs_say(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(run_cases); i++) {
		const struct run_case *t = &run_cases[i];
		const struct fit_question q = { t->resource, ALLOWED_USEC, t->allows_refused };
		struct record_view view = { .verdict = t->verdict, .has_blame = t->file,
					    .blame = { .file = t->file, .is_own = t->is_own } };

		set_figure(&view, CG2_FIGURE_WALL_USEC, t->wall_usec);
		set_figure(&view, CG2_FIGURE_MEMORY_MAX_COUNT, t->max_events);
		set_figure(&view, CG2_FIGURE_TASKS_REFUSED_COUNT, t->refused);
		set_figure(&view, CG2_FIGURE_MEMORY_SOME_USEC, t->stalled_usec);
		set_figure(&view, CG2_FIGURE_CPU_THROTTLED_USEC, t->throttled_usec);
		check_case(t->name, fit_classify(&view, &q) == t->why);
	}
}

/* ---- several limits ---- */

static const struct {
	const char *name;
	enum cg2_verdict verdict;
	const char *file;
	uint64_t wall_usec, max_events, refused;
	enum fit_why why;
	unsigned int blamed;
} all_cases[] = {
	{ "it passed", V(OK), NULL, QUICK, 9, 0, FIT_OK, 0 },
	{ "out of memory", V(OOM), "memory.max", QUICK, 9, 0, FIT_LIMIT, 1U << FIT_MEMORY },
	{ "refused", V(OK), NULL, QUICK, 0, 2, FIT_LIMIT, 1U << FIT_TASKS },
	{ "failed at both", V(FAILED), NULL, QUICK, 1, 1, FIT_LIMIT,
	  1U << FIT_MEMORY | 1U << FIT_TASKS },
	{ "slow, and reclaimed", V(OK), NULL, SLOW, 1, 0, FIT_LIMIT, 1U << FIT_MEMORY },
	{ "slow by itself", V(OK), NULL, SLOW, 0, 0, FIT_UNEXPLAINED, 0 },
	{ "failed by itself", V(FAILED), NULL, QUICK, 0, 0, FIT_UNEXPLAINED, 0 },
	{ "systemd-oomd", V(OOMD), NULL, QUICK, 0, 0, FIT_FOREIGN, 0 },
};

static void test_what_runs_say_of_several_limits(void **state _unused_)
{
	const struct fit_found found[] = { { .resource = FIT_MEMORY }, { .resource = FIT_TASKS } };
	const struct fit_question q = { FIT_RESOURCE_COUNT, ALLOWED_USEC, false };

	for (size_t i = 0; i < ARRAY_SIZE(all_cases); i++) {
		struct record_view view = { .verdict = all_cases[i].verdict,
					    .has_blame = all_cases[i].file,
					    .blame = { .file = all_cases[i].file,
						       .is_own = true } };
		unsigned int blamed = 99;

		set_figure(&view, CG2_FIGURE_WALL_USEC, all_cases[i].wall_usec);
		set_figure(&view, CG2_FIGURE_MEMORY_MAX_COUNT, all_cases[i].max_events);
		set_figure(&view, CG2_FIGURE_TASKS_REFUSED_COUNT, all_cases[i].refused);
		check_case(all_cases[i].name,
			   fit_classify_all(&view, &q, found, 2, &blamed) == all_cases[i].why &&
				   blamed == all_cases[i].blamed);
	}
}

/* ---- limits in others' words ---- */

static char *const command[] = { (char *)"./build", (char *)"it's 100% \"done\"", (char *)"$HOME",
				 NULL };

#define WORDS "./build 'it'\\''s 100% \"done\"' '$HOME'\n"

static const struct {
	enum limits_as as;
	const char *mem, *tasks, *cpu, *time;
	const char *text;
} as_cases[] = {
	{ LIMITS_AS_FLAGS, "104M", NULL, NULL, NULL, "--mem 104M\n" },
	{ LIMITS_AS_FLAGS, "104M", "15", "125%", "20s",
	  "--mem 104M --cpu 125% --tasks 15 --time 20s\n" },
	{ LIMITS_AS_FLAGS, NULL, NULL, "50%", NULL, "--cpu 50%\n" },
	{ LIMITS_AS_DROPIN, "104M", "15", "50.5%", "20s",
	  "[Service]\nMemoryMax=104M\nMemorySwapMax=0\nCPUQuota=50.5%\nTasksMax=15\n"
	  "RuntimeMaxSec=20s\n" },
	{ LIMITS_AS_UNIT, NULL, "15", NULL, NULL,
	  "[Unit]\nDescription=./build\n\n[Service]\nType=exec\n"
	  "ExecStart=/src/build \"it's 100%% \\\"done\\\"\" \"$$HOME\"\nTasksMax=15\n"
	  "\n[Install]\nWantedBy=multi-user.target\n" },
	{ LIMITS_AS_DOCKER, "104M", "15", "50%", NULL,
	  "docker run --memory 104m --memory-swap 104m --pids-limit 15 --cpus 0.50 IMAGE " WORDS },
	{ LIMITS_AS_PODMAN, "1048577", NULL, NULL, "20s",
	  "podman run --memory 2m --memory-swap 2m IMAGE " WORDS "# not in it: --time 20s\n" },
	{ LIMITS_AS_KUBERNETES, "104M", "15", "50%", NULL,
	  "resources:\n  limits:\n    memory: 104Mi\n    cpu: 500m\n"
	  "# 15 tasks: podPidsLimit of the kubelet\n" },
	{ LIMITS_AS_SYSTEMD_RUN, "104M", "15", "50%", NULL,
	  "systemd-run --scope -p MemoryMax=104M -p MemorySwapMax=0 -p CPUQuota=50% "
	  "-p TasksMax=15 -- " WORDS },
	{ LIMITS_AS_SLURM, "104M", "15", "150%", NULL,
	  "#SBATCH --mem=104M\n#SBATCH --cpus-per-task=2\n# 15 tasks: Slurm has no such limit\n" },
};

static void set_limit(struct limit_set *set, enum cg2_limit limit, const char *word)
{
	if (word)
		assert_int_equal(cg2_limits_parse(set->limits, limit, word, NULL), 0);
}

static void test_limits_in_others_words(void **state _unused_)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;

	assert_int_equal(cg2_ctx_new(NULL, &ctx, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(as_cases); i++) {
		_cleanup_(limit_sets_clear) struct limit_sets sets = { .sets = NULL };
		const struct option_words none = { .n_words = 0 };
		_cleanup_free_ char *text = NULL, *problem = NULL;
		struct limits_words words = { ctx, NULL, command, "/src/build",
					      CG2_MANAGER_SYSTEM };

		assert_int_equal(limit_sets_make(ctx, &none, &sets, &problem), 0);
		words.set = &sets.sets[0];
		set_limit(&sets.sets[0], CG2_LIMIT_MEMORY_MAX, as_cases[i].mem);
		set_limit(&sets.sets[0], CG2_LIMIT_TASKS_MAX, as_cases[i].tasks);
		set_limit(&sets.sets[0], CG2_LIMIT_CPU_MAX, as_cases[i].cpu);
		set_limit(&sets.sets[0], CG2_LIMIT_WALL_TIME, as_cases[i].time);
		assert_int_equal(limit_set_name(&sets.sets[0]), 0);
		assert_int_equal(limits_to_words(&words, as_cases[i].as, &text, NULL), 0);
		assert_string_equal(text, as_cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_runs_say),
		cmocka_unit_test(test_what_runs_say_of_several_limits),
		cmocka_unit_test(test_limits_in_others_words),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
