/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * compare without its runs: sets from what users write, and what is told of a comparison.
 */
#include "unit.h"

#include "cmd/experiment/comparison-json.h"
#include "cmd/experiment/comparison-text.h"
#include "cmd/experiment/sets.h"
#include "cmd/output/jsonc.h"

/* ---- sets ---- */

#define MEM CG2_LIMIT_MEMORY_MAX
#define TASKS CG2_LIMIT_TASKS_MAX
#define VS { LIMIT_SETS_VS, "vs", NULL }

struct set_case {
	const char *name;
	struct option_word words[8];
	size_t n_words;
	const char *sets; /* their names, a line each; NULL: problem is what is said */
	const char *problem;
};

static const struct set_case set_cases[] = {
	{ "nothing", { { 0 } }, 0, "no limit\n", NULL },
	{ "a list", { { MEM, "mem", "max,256M,128M" } }, 1,
	  "no limit\n--mem 256M\n--mem 128M\n", NULL },
	{ "a product", { { MEM, "mem", "64M,32M" }, { TASKS, "tasks", "9,8" } }, 2,
	  "--mem 64M --tasks 9\n--mem 64M --tasks 8\n--mem 32M --tasks 9\n--mem 32M --tasks 8\n",
	  NULL },
	{ "sections", { { MEM, "mem", "64M" }, VS, VS, { TASKS, "tasks", "9,max" } }, 4,
	  "--mem 64M\nno limit\n--tasks 9\nno limit\n", NULL },
	{ "equal ones", { VS }, 1, "no limit\nno limit\n", NULL },
	{ "a list with commas of its own", { { CG2_LIMIT_CPUSET_MEMS, "cpuset-mems", "0,0" } }, 1,
	  "--cpuset-mems 0\n", NULL },
	{ "a property",
	  { { LIMIT_SETS_PROPERTY, "property", "TasksMax=3,4" }, VS, { MEM, "mem", "1M" } }, 3,
	  "-p TasksMax=3,4\n--mem 1M\n", NULL },
	{ "an empty word", { { MEM, "mem", "64M," } }, 1, NULL, "--mem: '':" },
	{ "no size", { { MEM, "mem", "64M,x" } }, 1, NULL, "--mem: 'x': expected a size" },
	{ "too many",
	  { { MEM, "mem", "1M,2M,3M,4M,5M" }, { TASKS, "tasks", "1,2,3,4,5" },
	    { CG2_LIMIT_CPU_MAX, "cpu", "10%,20%,30%" } }, 3, NULL, "more than 64 sets of limits" },
};

static void check_names(const struct set_case *t, const struct limit_sets *sets)
{
	char names[512] = "";

	for (size_t i = 0; i < sets->n_sets; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s\n",
			 sets->sets[i].name);
	if (strcmp(names, t->sets) != 0)
		fail_msg("%s: not\n%s but\n%s", t->name, t->sets, names);
}

static void test_sets(void **state _unused_)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;

	assert_int_equal(cg2_ctx_new(NULL, &ctx, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(set_cases); i++) {
		const struct set_case *t = &set_cases[i];
		struct option_words words = { (struct option_word *)t->words, t->n_words };
		struct limit_sets sets;
		char *problem = NULL;
		int r = limit_sets_make(ctx, &words, &sets, &problem);

		check_case(t->name, r == (t->sets ? 0 : -EINVAL));
		if (t->sets)
			check_names(t, &sets);
		else
			if (!problem || strncmp(problem, t->problem,
strlen(t->problem)) != 0)
			fail_msg("%s: %s", t->name, problem);
		free(problem);
		limit_sets_clear(&sets);
	}
}

/* ---- what is told ---- */

#define RUNS 10

/* A set whose n-th run takes usec and a thousandth of it more each time; some fail. */
struct made_set {
	const char *name, *file;
	uint64_t limit, usec;
	size_t n_failed;
	const char *reason;
};

static const char record[] =
	"{\"labels\":{},\"verdict\":\"%s\",\"reason\":\"%s\",\"wall_usec\":%" PRIu64
	",\"cpu\":{\"usage_usec\":1000,\"throttled_usec\":null},\"memory\":{\"peak_bytes\":2097152,"
	"\"anon_peak_bytes\":null},\"tasks\":{\"peak\":3},"
	"\"pressure\":{\"memory\":{\"some_usec\":0},\"io\":{\"some_usec\":0}}}";

static void add_trial(struct comparison *c, const struct made_set *set, size_t i, size_t round)
{
	struct trial *trial = comparison_add_trial(c);
	const bool fails = round <= set->n_failed;

	assert_non_null(trial);
	trial->round = round;
	trial->position = i + 1;
	trial->set = i;
	trial->verdict = fails ? CG2_VERDICT_OOM : CG2_VERDICT_OK;
	trial->reason = strdup(fails ? set->reason : "exit status 0");
	trial->values[METRIC_WALL] = set->usec + round * set->usec / 1000;
	trial->values[METRIC_CPU] = 1000;
	trial->values[METRIC_PEAK] = 2 * MIB;
	trial->values[METRIC_TASKS] = 3;
	trial->values[METRIC_MEMORY_STALL] = 0;
	trial->values[METRIC_IO_STALL] = 0;
	assert_true(asprintf(&trial->record, record, fails ? "oom" : "ok", trial->reason,
			     trial->values[METRIC_WALL]) > 0);
}

static void make_comparison(struct comparison *c, const struct made_set *made, size_t n)
{
	*c = (struct comparison){ .seed = 0x7f3a2c91, .n_rounds = RUNS, .n_warmup_rounds = 1,
				  .tolerance_permyriad = 500, .is_complete = true,
				  .started_usec = UINT64_C(1769860800123456) };
	c->command = calloc(3, sizeof(*c->command));
	c->command[0] = strdup("./build");
	c->command[1] = strdup("a|b");
	c->host = strdup("host");
	c->kernel = strdup("6.12");
	c->sets = calloc(n, sizeof(*c->sets));
	for (size_t i = 0; i < n; i++) {
		struct compared_set *set = &c->sets[c->n_sets++];

		set->name = strdup(made[i].name);
		set->limits = calloc(1, sizeof(*set->limits));
		if (!made[i].file)
			continue;
		set->limits[set->n_limits++] = (struct compared_limit){
			strdup(made[i].file), strdup("bytes"), strdup("64M"), made[i].limit
		};
	}
	for (size_t round = 1; round <= RUNS; round++)
		for (size_t i = 0; i < n; i++)
			add_trial(c, &made[i], i, round);
}

static const struct made_set made_sets[] = {
	{ "no limit", NULL, 0, 1210000, 0, NULL },
	{ "--mem 256M", "memory.max", 256 * MIB, 1213000, 0, NULL },
	{ "--mem 128M", "memory.max", 128 * MIB, 1500000, 0, NULL },
	{ "--mem 96M", "memory.max", 96 * MIB, 4000000, 7,
	  "out of memory: memory.max 96M of this run's cgroup" },
};

static const char expected_markdown[] =
	"./build a\\|b on host, Linux 6.12\n"
	"\n"
	"10 rounds of 4 sets in random order (--seed 7f3a2c91), 1 warm-up\n"
	"\n"
	"| SET | PASSED | TIME | RATIO | CPU | MEMORY | STALLED |\n"
	"|:---|---:|---:|:---|---:|---:|---:|\n"
	"| 1 no limit | 10/10 | 1.22s | reference | 1ms | 2M | 0% |\n"
	"| 2 --mem 256M | 10/10 | 1.22s | 1.00 (1.00-1.01) same | 1ms | 2M | 0% |\n"
	"| 3 --mem 128M | 10/10 | 1.51s | 1.24 (1.23-1.24) | 1ms | 2M | 0% |\n"
	"| 4 --mem 96M | 3/10 | 4.04s | - | 1ms | 2M | 0% |\n"
	"\n"
	"- 3: slower than 1: 1.24 times the time (1.23 to 1.24; 95 % for all 3 together)\n"
	"- 4: out of memory in 7 of 10 runs: memory.max 96M of this run's cgroup; 3 times are too "
	"few to compare (5)\n";

static void test_what_is_told(void **state _unused_)
{
	_cleanup_(comparison_clear) struct comparison c;
	_cleanup_(judgement_clear) struct judgement j;
	_cleanup_free_ char *markdown = NULL;

	make_comparison(&c, made_sets, ARRAY_SIZE(made_sets));
	assert_int_equal(judgement_make(&c, &j), 0);
	assert_int_equal(comparison_to_markdown(&c, &j, &markdown), 0);
	assert_string_equal(markdown, expected_markdown);
}

/* The JSON has all that the others are made of. */
static void test_json_and_back(void **state _unused_)
{
	_cleanup_(comparison_clear) struct comparison c, back;
	_cleanup_(judgement_clear) struct judgement j, j_back;
	_cleanup_free_ char *json = NULL, *again = NULL, *csv = NULL, *csv_back = NULL;
	const char *missing;
	struct jsonc lib;
	size_t len;

	assert_int_equal(jsonc_load(&lib), 0);
	make_comparison(&c, made_sets, ARRAY_SIZE(made_sets));
	c.trials[5].other_cpu_permyriad = 1234;
	assert_int_equal(judgement_make(&c, &j), 0);
	assert_int_equal(comparison_to_json(&lib, &c, &j, &json, &len), 0);
	assert_int_equal(comparison_from_json(&lib, json, &back, &missing), 0);
	assert_int_equal(judgement_make(&back, &j_back), 0);
	assert_int_equal(comparison_to_json(&lib, &back, &j_back, &again, &len), 0);
	assert_string_equal(again, json);
	assert_int_equal(comparison_to_csv(&c, &csv), 0);
	assert_int_equal(comparison_to_csv(&back, &csv_back), 0);
	assert_string_equal(csv, csv_back);
}

/* It may come from another machine, and from anybody there. */
static void test_no_terminal_obeys_a_file(void **state _unused_)
{
	static const char hostile[] = "\x1b[31m\nx\xc2\x9b";
	static const char told[] = "\\x1b[31m\\x0ax\\xc2\\x9b";
	_cleanup_(comparison_clear) struct comparison c, back;
	_cleanup_(judgement_clear) struct judgement j;
	_cleanup_free_ char *json = NULL;
	const char *missing = NULL;
	struct jsonc lib;
	size_t len;

	assert_int_equal(jsonc_load(&lib), 0);
	make_comparison(&c, made_sets, 2);
	free(c.host);
	free(c.command[0]);
	free(c.sets[0].name);
	c.host = strdup(hostile);
	c.command[0] = strdup(hostile);
	c.sets[0].name = strdup(hostile);
	assert_int_equal(judgement_make(&c, &j), 0);
	assert_int_equal(comparison_to_json(&lib, &c, &j, &json, &len), 0);
	assert_int_equal(comparison_from_json(&lib, json, &back, &missing), 0);
	assert_string_equal(back.host, told);
	assert_string_equal(back.command[0], told);
	assert_string_equal(back.sets[0].name, told);
}

static void check_broken(const struct jsonc *lib, const char *json, const char *what)
{
	_cleanup_(comparison_clear) struct comparison back;
	const char *missing = NULL;
	int r = comparison_from_json(lib, json, &back, &missing);

	if (r != -EBADMSG || !missing)
		fail_msg("%s: %d", what, r);
}

/* Every key is asked for; nothing leads out of an array. */
static void test_broken_json_is_refused(void **state _unused_)
{
	static const char *const keys[] = {
		"schema", "command", "host", "kernel", "started_at", "order", "seed", "rounds",
		"reference", "tolerance_permyriad", "sets", "runs\":[", "record", "verdict\":\"o",
		"wall_usec\":1", "peak_bytes\":2", "complete", "other_cpu_permyriad", "limits",
	};
	static const char *const texts[] = { "", "x", "[]", "{}", "1", "null", "{\"schema\":1}" };
	_cleanup_(comparison_clear) struct comparison c;
	_cleanup_(judgement_clear) struct judgement j;
	_cleanup_free_ char *json = NULL;
	struct jsonc lib;
	size_t len;

	assert_int_equal(jsonc_load(&lib), 0);
	make_comparison(&c, made_sets, 2);
	assert_int_equal(judgement_make(&c, &j), 0);
	assert_int_equal(comparison_to_json(&lib, &c, &j, &json, &len), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_broken(&lib, texts[i], texts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *at = strstr(json, keys[i]);

		check_case(keys[i], at);
		*at ^= 1;
		check_broken(&lib, json, keys[i]);
		*at ^= 1;
	}
	free(json);
	c.reference = 64;
	assert_int_equal(comparison_to_json(&lib, &c, &j, &json, &len), 0);
	check_broken(&lib, json, "reference");
}

static void test_an_unclear_difference(void **state _unused_)
{
	static const struct made_set sets[] = {
		{ "no limit", NULL, 0, 1000000, 0, NULL },
		{ "--tasks 9", "pids.max", 9, 1000000, 0, NULL },
	};
	_cleanup_(comparison_clear) struct comparison c;
	_cleanup_(judgement_clear) struct judgement j;
	_cleanup_free_ char *sentences = NULL;

	make_comparison(&c, sets, 2);
	for (size_t i = 0; i < c.n_trials; i++)
		c.trials[i].values[METRIC_WALL] += (i * 7919 % 13) * 40000;
	for (size_t i = 0; i < c.n_trials; i++)
		c.trials[i].other_cpu_permyriad = 4321;
	assert_int_equal(judgement_make(&c, &j), 0);
	sentences = comparison_sentences(&c, &j);
	if (!strstr(sentences, "2: no difference that can be shown: between ") ||
	    !strstr(sentences, " rounds would tell 5%\n") ||
	    !strstr(sentences, "\nOthers used 43% of the CPUs meanwhile"))
		fail_msg("%s", sentences);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_json_and_back),
		cmocka_unit_test(test_no_terminal_obeys_a_file),
		cmocka_unit_test(test_broken_json_is_refused),
		cmocka_unit_test(test_an_unclear_difference),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
