/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tables of options and verbs hold what the parser, the help and the generators take
 * for granted, and command lines mean what the manual says.
 */
#include "unit.h"

#include <ctype.h>
#include <signal.h>

#include "cmd/option/options.h"
#include "cmd/run/run-options.h"
#include "cmd/verb/help-text.h"
#include "cmd/verbs.h"

#define WORDS_MAX 12
#define HELP_LINE_MAX 60
#define SCREEN_WIDTH 80
#define SCREEN_HEIGHT 45

/* ------------------------------------------------------------------------------------
 * The tables
 */

/* Calls the function for every verb that this version has. */
static void for_each_verb(void (*fn)(const struct verb *verb,
				     const struct option_set *set))
{
	struct option_set set;

	for (const struct verb *verb = verbs; verb->name; verb++) {
		if (!verb->fn)
			continue;
		option_set_init(&set, verb->options);
		fn(verb, &set);
	}
}

static void check_names(const struct verb *verb, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option *option = &set->rows[i];

		assert_non_null(option->names[0]);
		check_case(option->names[0],
			   !option->short_name || isalpha(option->short_name));
		check_case(option->names[0],
			   !option->short_name ||
				   option_set_find_short(set, option->short_name) ==
					   option);
		for (size_t j = 0; j < OPTION_NAMES_MAX && option->names[j]; j++) {
			const char *name = option->names[j];

			check_case(name, strlen(name) >= 2 && islower(name[0]));
			check_case(name, strspn(name, "abcdefghijklmnopqrstuvwxyz-") ==
						 strlen(name));
			check_case(name, option_set_find_long(set, name, strlen(name)) ==
						 option);
		}
	}
}

static void option_names_are_unique(void **state _unused_)
{
	for_each_verb(check_names);
}

static void check_help(const struct verb *verb, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const char *help = set->rows[i].help;
		const char *name = set->rows[i].names[0];

		check_case(name, help && *help);
		check_case(name, strlen(help) <= HELP_LINE_MAX);
		check_case(name, help[strlen(help) - 1] != '.');
		for (const char *c = help; *c; c++)
			check_case(name, isprint(*c));
	}
}

static void every_option_has_a_line_of_help(void **state _unused_)
{
	for_each_verb(check_help);
}

static size_t count_words(const char *metavar)
{
	const char *word;
	size_t n = 0;

	while (option_metavar_word(metavar, n, &word) > 0)
		n++;
	return n;
}

/* SIZE, N|idle, PATH:KEY=N,...: words of letters, and what separates them. */
static void check_metavar(const struct option *option)
{
	const char *metavar = option->metavar;
	size_t n_alternatives = 1;

	check_case(option->names[0], *metavar && !strchr("|:=,", *metavar));
	check_case(option->names[0], !strpbrk(metavar, " <>[]"));
	for (const char *c = metavar; *c; c++)
		n_alternatives += *c == '|';
	if (option->kind == OPTION_CHOICE)
		check_case(option->names[0], count_words(metavar) == n_alternatives);
	else
		check_case(option->names[0],
			   option->kind == OPTION_LIMIT || option->kind == OPTION_WORD ||
				   count_words(metavar) == 0);
}

static void check_kinds(const struct verb *verb, const struct option_set *set)
{
	for (size_t i = 0; i < set->n_rows; i++) {
		const struct option *option = &set->rows[i];
		bool takes_word =
			option->kind != OPTION_FLAG && option->kind != OPTION_PICK &&
			option->kind != OPTION_WATCH && option->kind != OPTION_MARK &&
			option->kind != OPTION_HELP && option->kind != OPTION_VERSION;

		check_case(option->names[0], takes_word == !!option->metavar);
		if (option->metavar)
			check_metavar(option);
		else
			check_case(option->names[0],
				   (option->complete != OPTION_COMPLETE_NONE) ==
					   (option->kind == OPTION_WATCH));
	}
}

static void an_option_takes_a_word_where_its_kind_says_so(void **state _unused_)
{
	for_each_verb(check_kinds);
}

static void check_links(const struct verb *verb, const struct option_set *set)
{
	const struct option_table *table = verb->options;

	for (size_t i = 0; i < table->n_conflicts; i++) {
		const char *a = table->conflicts[i].a, *b = table->conflicts[i].b;

		check_case(a, option_set_find_long(set, a, strlen(a)));
		check_case(b, option_set_find_long(set, b, strlen(b)));
		check_case(a, table->conflicts[i].why);
	}
	for (size_t i = 0; i < table->n_needs; i++) {
		const char *a = table->needs[i].name, *b = table->needs[i].needed;

		check_case(a, option_set_find_long(set, a, strlen(a)));
		check_case(b, option_set_find_long(set, b, strlen(b)));
	}
	for (size_t i = 0; i < table->n_foreign; i++) {
		const char *name = table->foreign[i].name;

		check_case(name, !option_set_find_long(set, name, strlen(name)));
	}
}

static void conflicts_and_foreign_options_name_what_is_there(void **state _unused_)
{
	for_each_verb(check_links);
}

static void the_words_of_a_metavar_are_those_without_capitals(void **state _unused_)
{
	static const struct {
		const char *metavar;
		size_t n;
		const char *first;
	} cases[] = {
		{ NULL, 0, NULL },
		{ "", 0, NULL },
		{ "SIZE", 0, NULL },
		{ "N|N%|max", 1, "max" },
		{ "N|idle", 1, "idle" },
		{ "leave|kill|wait", 3, "leave" },
		{ "PATH:KEY=N,...", 0, NULL },
		{ "a|B|c|", 2, "a" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *word = NULL;
		size_t len = option_metavar_word(cases[i].metavar, 0, &word);

		check_case(cases[i].metavar, count_words(cases[i].metavar) == cases[i].n);
		if (cases[i].first)
			check_case(cases[i].metavar,
				   len == strlen(cases[i].first) &&
					   strncmp(word, cases[i].first, len) == 0);
	}
}

static void every_kind_of_completion_has_a_name(void **state _unused_)
{
	for (unsigned int i = 0; i < OPTION_COMPLETE_COUNT; i++) {
		assert_non_null(option_complete_to_string((enum option_complete)i));
		assert_non_null(option_complete_suffixes((enum option_complete)i));
	}
	for (unsigned int i = 0; i < OPTION_GROUP_COUNT; i++)
		assert_non_null(option_group_to_string((enum option_group)i));
}

static void verbs_are_unique_and_all_there(void **state _unused_)
{
	static const char *const names[] = { "run",    "help",	  "attach",  "move",
					     "set",    "list",	  "status",  "stop",
					     "kill",   "freeze",  "thaw",    "check",
					     "doctor", "monitor", "explain", "compare",
					     "fit",    "trace",	  "unit" };
	size_t n = 0;

	for (; verbs[n].name; n++)
		check_case(verbs[n].name, verb_find(verbs, verbs[n].name) == &verbs[n]);
	assert_int_equal(n, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_case(names[i], verb_find(verbs, names[i]));
	assert_null(verb_find(verbs, "ls"));
	assert_string_equal(verb_nearest(verbs, "hlep"), "help");
	assert_null(verb_nearest(verbs, "grep"));
}

/* ------------------------------------------------------------------------------------
 * Help
 */

static size_t check_screen(char *text)
{
	size_t n_lines = 0;
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		check_case(line, strlen(line) <= SCREEN_WIDTH);
		check_case(line, line[strlen(line) - 1] != ' ');
		n_lines++;
	}
	return n_lines;
}

static void short_help_fits_on_a_screen(void **state _unused_)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0, n_lines = 0;
	FILE *f = open_memstream(&text, &size);

	help_print_brief(f, verbs);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < size; i++)
		n_lines += text[i] == '\n';
	assert_true(n_lines >= 20 && n_lines <= SCREEN_HEIGHT);
	check_screen(text);
}

static void check_verb_help(const struct verb *verb, const struct option_set *set)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	help_print_verb(f, verbs, verb);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < set->n_rows; i++)
		for (size_t j = 0; j < OPTION_NAMES_MAX && set->rows[i].names[j]; j++)
			check_case(set->rows[i].names[j],
				   strstr(text, set->rows[i].names[j]));
	assert_true(check_screen(text) > 5);
}

static void help_of_a_verb_names_every_option(void **state _unused_)
{
	for_each_verb(check_verb_help);
}

/* ------------------------------------------------------------------------------------
 * Command lines
 */

struct line {
	struct run_options opts;
	enum option_result result;
	char *error;
	char *argv[WORDS_MAX + 1];
	char *words[WORDS_MAX]; /* argv as it was: the parser moves words in it */
};

static struct cg2_ctx *ctx;

/* Parses the words of a run, which blanks separate. "''" is an empty one. */
static void parse(struct line *line, const char *words)
{
	_cleanup_free_ char *copy = strdup(words);
	char *save = NULL;
	size_t n = 0;

	assert_non_null(copy);
	memset(line, 0, sizeof(*line));
	for (char *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(n < WORDS_MAX);
		line->words[n] = strdup(strcmp(word, "''") == 0 ? "" : word);
		line->argv[n] = line->words[n];
		n++;
	}
	assert_int_equal(options_init(&run_option_table, ctx, &line->opts), 0);
	line->result = options_parse(&run_option_table, "run", &line->opts, line->argv,
				     &line->opts.argc, &line->error);
	line->opts.argv = line->argv;
}

static void clear(struct line *line)
{
	options_clear(&run_option_table, &line->opts);
	free(line->error);
	for (size_t i = 0; i < WORDS_MAX; i++)
		free(line->words[i]);
}

static void parse_right(struct line *line, const char *words)
{
	parse(line, words);
	if (line->result != OPTIONS_PARSED)
		fail_msg("%s: %s", words, line->error ? line->error : "(no error)");
}

static void options_end_at_the_first_word_that_is_none(void **state _unused_)
{
	static const struct {
		const char *words;
		const char *command; /* all of it */
	} cases[] = {
		{ "ls -l", "ls -l" },
		{ "-q ls -l --help", "ls -l --help" },
		{ "-m 1G ls -m 1G", "ls -m 1G" },
		{ "-- ls -- -l", "ls -- -l" },
		{ "-q -- --quiet", "--quiet" },
		{ "-- -x", "-x" },
		{ "- -x", "- -x" },
		{ "'' -x", " -x" },
		{ "--oom kill ls", "ls" },
		{ "--oom=kill kill", "kill" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char command[64] = "";
		struct line line;

		parse_right(&line, cases[i].words);
		for (size_t j = 0; j < line.opts.argc; j++) {
			strncat(command, j ? " " : "",
				sizeof(command) - strlen(command) - 1);
			strncat(command, line.opts.argv[j],
				sizeof(command) - strlen(command) - 1);
		}
		check_case(cases[i].words, strcmp(command, cases[i].command) == 0);
		check_case(cases[i].words, !line.opts.argv[line.opts.argc]);
		clear(&line);
	}
}

static void limits_are_set_in_every_way_of_writing(void **state _unused_)
{
	static const char *const ways[] = {
		"-m 512M x",	   "-m512M x",
		"-qm512M x",	   "-qvm 512M x",
		"--mem 512M x",	   "--mem=512M x",
		"--memory 512M x", "--memory=512M x",
		"-m 1G -m 512M x", "--memory=1G -m512M x",
	};

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct line line;
		uint64_t value = 0;

		parse_right(&line, ways[i]);
		check_case(ways[i], cg2_limits_get(line.opts.limits, CG2_LIMIT_MEMORY_MAX,
						   &value) == 1);
		check_case(ways[i], value == UINT64_C(512) << 20);
		clear(&line);
	}
}

static void every_limit_is_an_option_of_a_run(void **state _unused_)
{
	struct option_set set;
	const struct cg2_limit_info *info;

	option_set_init(&set, &run_option_table);
	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++) {
		const struct option *option =
			option_set_find_long(&set, info->option, strlen(info->option));

		check_case(info->option, option && option->kind == OPTION_LIMIT);
		check_case(info->option, option->value == i);
	}
}

static void defaults_are_those_of_the_manual(void **state _unused_)
{
	struct line line;

	parse_right(&line, "x");
	assert_int_equal(line.opts.manager, CG2_MANAGER_AUTO);
	assert_int_equal(line.opts.leftovers, CG2_LEFTOVERS_LEAVE);
	assert_int_equal(line.opts.signal, SIGTERM);
	assert_int_equal(line.opts.grace_usec, 5000000);
	assert_null(line.opts.slice);
	assert_null(line.opts.name);
	assert_null(line.opts.prefix);
	assert_null(line.opts.description);
	assert_int_equal(line.opts.properties.n_words, 0);
	assert_null(line.opts.record);
	assert_int_equal(line.opts.expect, 0);
	assert_int_equal(line.opts.labels.n_words, 0);
	assert_false(line.opts.summary || line.opts.append || line.opts.strict);
	assert_false(line.opts.best_effort || line.opts.exec || line.opts.quiet ||
		     line.opts.verbose);
	clear(&line);
}

static void every_option_reaches_its_member(void **state _unused_)
{
	struct line line;

	parse_right(&line,
		    "--system --slice=batch --unit job --description d --best-effort "
		    "--leftovers wait -k 200ms x");
	assert_int_equal(line.opts.manager, CG2_MANAGER_SYSTEM);
	assert_string_equal(line.opts.slice, "batch");
	assert_string_equal(line.opts.name, "job");
	assert_string_equal(line.opts.description, "d");
	assert_true(line.opts.best_effort);
	assert_int_equal(line.opts.leftovers, CG2_LEFTOVERS_WAIT);
	assert_int_equal(line.opts.grace_usec, 200000);
	clear(&line);
	parse_right(&line, "--user --exec --prefix p --signal INT -pA=1 -p B=2 -qv x");
	assert_int_equal(line.opts.manager, CG2_MANAGER_USER);
	assert_true(line.opts.exec && line.opts.quiet && line.opts.verbose);
	assert_string_equal(line.opts.prefix, "p");
	assert_int_equal(line.opts.signal, SIGINT);
	assert_int_equal(line.opts.properties.n_words, 2);
	assert_string_equal(line.opts.properties.words[0], "A=1");
	assert_string_equal(line.opts.properties.words[1], "B=2");
	clear(&line);
	parse_right(&line, "--record=f --append --label a=1 --label b= --summary --strict "
			   "--expect oom,tasks x");
	assert_string_equal(line.opts.record, "f");
	assert_true(line.opts.append && line.opts.summary && line.opts.strict);
	assert_int_equal(line.opts.labels.n_words, 2);
	assert_string_equal(line.opts.labels.words[1], "b=");
	assert_int_equal(line.opts.expect, 1 << CG2_VERDICT_OOM | 1 << CG2_VERDICT_TASKS);
	clear(&line);
}

static void help_and_version_end_the_parsing(void **state _unused_)
{
	static const struct {
		const char *words;
		enum option_result result;
	} cases[] = {
		{ "-h", OPTIONS_HELP },
		{ "--help", OPTIONS_HELP },
		{ "-m 1G -qh --nonsense", OPTIONS_HELP },
		{ "--user --system --help", OPTIONS_HELP },
		{ "-V", OPTIONS_VERSION },
		{ "--version --help", OPTIONS_VERSION },
		{ "--nonsense --help", OPTIONS_WRONG },
		{ "x --help", OPTIONS_PARSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line line;

		parse(&line, cases[i].words);
		check_case(cases[i].words, line.result == cases[i].result);
		clear(&line);
	}
}

static void what_is_wrong_is_quoted_in_one_line(void **state _unused_)
{
	static const struct {
		const char *words;
		const char *error;
	} cases[] = {
		{ "--bogus x", "unknown option '--bogus'" },
		{ "--bogus=1 x", "unknown option '--bogus'" },
		{ "--cpu-wieght=5 x",
		  "unknown option '--cpu-wieght'; did you mean --cpu-weight?" },
		{ "--QUIET x", "unknown option '--QUIET'; did you mean --quiet?" },
		{ "--desc=d x", "unknown option '--desc'; did you mean --description?" },
		{ "--memo 1G x", "unknown option '--memo'; did you mean --memory?" },
		{ "--pids-limit=5 x", "unknown option '--pids-limit'; did you mean --tasks?" },
		{ "--runs 5 x", "unknown option '--runs'" },
		{ "--setenv A=B x", "'--setenv' is not an option of run: write cgscope env "
				    "NAME=VALUE COMMAND" },
		{ "-x", "unknown option '-x'" },
		{ "-qx", "unknown option '-x' in '-qx'" },
		{ "-mem=2G x", "unknown option '-mem=2G'; did you mean --mem=2G?" },
		{ "-user x", "unknown option '-user'; did you mean --user?" },
		{ "--json x",
		  "'--json' is not an option of run: the output belongs to "
		  "the command; use '--record -'" },
		{ "--record", "'--record' needs a value: FILE" },
		{ "--append x", "'--append' needs '--record'" },
		{ "--label a=b x", "'--label' needs '--record'" },
		{ "--label a --record - x", "--label: 'a': expected KEY=VALUE" },
		{ "--label =a --record - x", "--label: '=a': expected KEY=VALUE" },
		{ "--expect oomm x",
		  "--expect: 'oomm': expected refused, exec, time, cpu_time, pressure, oomd, oom, "
		  "tasks, signal, failed or ok" },
		{ "--expect ok,,tasks x",
		  "--expect: '': expected refused, exec, time, cpu_time, pressure, oomd, oom, "
		  "tasks, signal, failed or ok" },
		{ "--exec --record - x", "'--exec' and '--record' exclude each other: "
					 "no supervisor remains to write it" },
		{ "--summary --exec x", "'--exec' and '--summary' exclude each other: "
					"no supervisor remains to print it" },
		{ "--mem", "'--mem' needs a value: SIZE" },
		{ "-qm", "'-m' needs a value: SIZE" },
		{ "--quiet=yes x", "'--quiet' takes no value: 'yes'" },
		{ "--help=x", "'--help' takes no value: 'x'" },
		{ "--leftovers stay x",
		  "--leftovers: 'stay': expected leave, kill or wait" },
		{ "--leftovers '' x", "--leftovers: '': expected leave, kill or wait" },
		{ "--leftovers=leave|kill x",
		  "--leftovers: 'leave|kill': expected leave, kill "
		  "or wait" },
		{ "--memory 512MB x", "--memory: '512MB': write 512M" },
		{ "-m=512M x",
		  "-m: '=512M': expected a size like 512M, 1.5G, 25% or max" },
		{ "--user --system x", "'--user' and '--system' exclude each other: a "
				       "scope belongs to one manager" },
		{ "--exec --leftovers=kill x", "'--exec' and '--leftovers' exclude each "
					       "other: no supervisor remains to "
					       "handle them" },
		{ "--cpu-time 5 --exec x", "'--exec' and '--cpu-time' exclude each "
					   "other: no supervisor remains to "
					   "enforce it" },
		{ "-u a --prefix b x", "'--name' and '--prefix' exclude each other: a "
				       "prefix is for generated names" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line line;

		parse(&line, cases[i].words);
		check_case(cases[i].words, line.result == OPTIONS_WRONG);
		if (!line.error || strcmp(line.error, cases[i].error) != 0)
			fail_msg("%s: %s", cases[i].words, line.error);
		clear(&line);
	}
}

/* Options that later versions will have do nothing here, and are refused. */
static void options_of_later_versions_are_unknown(void **state _unused_)
{
	static const char *const names[] = { "json", "color" };
	struct option_set set;

	option_set_init(&set, &run_option_table);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		check_case(names[i],
			   !option_set_find_long(&set, names[i], strlen(names[i])));
}

/* ------------------------------------------------------------------------------------ */

static const struct option plain_rows[] = {
	{ .names = { "word" },
	  .metavar = "WORD",
	  .help = "a word",
	  .kind = OPTION_STRING,
	  .offset = 0 },
};
static const struct option_table plain_table = {
	.rows = plain_rows,
	.n_rows = ARRAY_SIZE(plain_rows),
};

static void other_verbs_take_options_anywhere(void **state _unused_)
{
	char a[] = "a", option[] = "--word=w", b[] = "b", dashes[] = "--",
	     dash_c[] = "-c";
	char *argv[] = { a, option, b, dashes, dash_c, NULL };
	const char *word = NULL;
	char *error = NULL;
	size_t n = 0;

	assert_int_equal(options_parse(&plain_table, "plain", &word, argv, &n, &error),
			 OPTIONS_PARSED);
	assert_string_equal(word, "w");
	assert_int_equal(n, 3);
	assert_string_equal(argv[0], "a");
	assert_string_equal(argv[1], "b");
	assert_string_equal(argv[2], "-c");
	assert_null(argv[3]);
}

static int make_ctx(void **state _unused_)
{
	return cg2_ctx_new(NULL, &ctx, NULL);
}

static int drop_ctx(void **state _unused_)
{
	ctx = cg2_ctx_unref(ctx);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(option_names_are_unique),
		cmocka_unit_test(every_option_has_a_line_of_help),
		cmocka_unit_test(an_option_takes_a_word_where_its_kind_says_so),
		cmocka_unit_test(conflicts_and_foreign_options_name_what_is_there),
		cmocka_unit_test(the_words_of_a_metavar_are_those_without_capitals),
		cmocka_unit_test(every_kind_of_completion_has_a_name),
		cmocka_unit_test(verbs_are_unique_and_all_there),
		cmocka_unit_test(short_help_fits_on_a_screen),
		cmocka_unit_test(help_of_a_verb_names_every_option),
		cmocka_unit_test(options_end_at_the_first_word_that_is_none),
		cmocka_unit_test(limits_are_set_in_every_way_of_writing),
		cmocka_unit_test(every_limit_is_an_option_of_a_run),
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(every_option_reaches_its_member),
		cmocka_unit_test(help_and_version_end_the_parsing),
		cmocka_unit_test(what_is_wrong_is_quoted_in_one_line),
		cmocka_unit_test(options_of_later_versions_are_unknown),
		cmocka_unit_test(other_verbs_take_options_anywhere),
	};

	return cmocka_run_group_tests(tests, make_ctx, drop_ctx);
}
