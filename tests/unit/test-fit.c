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

/* ---- limits in others' words ---- */

static char *const command[] = { (char *)"./build", (char *)"it's 100% \"done\"", (char *)"$HOME",
				 NULL };

#define WORDS "./build 'it'\\''s 100% \"done\"' '$HOME'\n"

static const struct {
	enum limits_as as;
	struct limits_words limits;
	const char *text;
} as_cases[] = {
	{ LIMITS_AS_FLAGS, { 104 * MIB, CG2_MAX, CG2_MAX, command }, "--mem 104M\n" },
	{ LIMITS_AS_FLAGS, { 104 * MIB, 15, 12500, command },
	  "--mem 104M --tasks 15 --cpu 125%\n" },
	{ LIMITS_AS_FLAGS, { CG2_MAX, CG2_MAX, 5000, command }, "--cpu 50%\n" },
	{ LIMITS_AS_DROPIN, { 104 * MIB, 15, 5050, command },
	  "[Service]\nMemoryMax=104M\nMemorySwapMax=0\nTasksMax=15\nCPUQuota=50.5%\n" },
	{ LIMITS_AS_UNIT, { CG2_MAX, 15, CG2_MAX, command },
	  "[Unit]\nDescription=./build\n\n[Service]\n"
	  "ExecStart=./build \"it's 100%% \\\"done\\\"\" \"$$HOME\"\nTasksMax=15\n" },
	{ LIMITS_AS_DOCKER, { 104 * MIB, 15, 5000, command },
	  "docker run --memory 104m --memory-swap 104m --pids-limit 15 --cpus 0.50 IMAGE " WORDS },
	{ LIMITS_AS_PODMAN, { MIB + 1, CG2_MAX, CG2_MAX, command },
	  "podman run --memory 2m --memory-swap 2m IMAGE " WORDS },
	{ LIMITS_AS_KUBERNETES, { 104 * MIB, 15, 5000, command },
	  "resources:\n  limits:\n    memory: 104Mi\n    cpu: 500m\n"
	  "# 15 tasks: podPidsLimit of the kubelet\n" },
	{ LIMITS_AS_SYSTEMD_RUN, { 104 * MIB, 15, 5000, command },
	  "systemd-run --scope -p MemoryMax=104M -p MemorySwapMax=0 -p TasksMax=15 -p CPUQuota=50% "
	  "-- " WORDS },
	{ LIMITS_AS_SLURM, { 104 * MIB, 15, 15000, command },
	  "#SBATCH --mem=104M\n#SBATCH --cpus-per-task=2\n# 15 tasks: Slurm has no such limit\n" },
};

static void test_limits_in_others_words(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(as_cases); i++) {
		_cleanup_free_ char *text = NULL;

		assert_int_equal(limits_to_words(&as_cases[i].limits, as_cases[i].as, &text), 0);
		assert_string_equal(text, as_cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_runs_say),
		cmocka_unit_test(test_limits_in_others_words),
	};

	return cmocka_run_group_tests_name("fit", tests, NULL, NULL);
}
