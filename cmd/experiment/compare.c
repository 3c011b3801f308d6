/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verb compare: from the options to sets, from runs or files to what is shown. */
#include "cmd/experiment/compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/experiment/compare-plot.h"
#include "cmd/experiment/comparison-json.h"
#include "cmd/experiment/comparison-text.h"
#include "cmd/experiment/export.h"
#include "cmd/experiment/hosts.h"
#include "cmd/experiment/words.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

#define ROUNDS_MAX 1000

/* ---- what is made of it ---- */

struct compared {
	struct jsonc *lib;
	const struct comparison *c;
	const struct judgement *j;
};

static int make_json(void *data, char **ret_text)
{
	const struct compared *compared = data;
	size_t len;

	return comparison_to_json(compared->lib, compared->c, compared->j, ret_text, &len);
}

static int make_csv(void *data, char **ret_text)
{
	return comparison_to_csv(((const struct compared *)data)->c, ret_text);
}

static int make_markdown(void *data, char **ret_text)
{
	const struct compared *compared = data;

	return comparison_to_markdown(compared->c, compared->j, ret_text);
}

static int make_svg(void *data, char **ret_text)
{
	const struct compared *compared = data;
	_cleanup_free_ char *json = NULL;
	int r = make_json(data, &json);

	return r < 0 ? r : comparison_to_svg(compared->c, compared->j, json, ret_text);
}

static int make_html(void *data, char **ret_text)
{
	const struct compared *compared = data;

	return comparison_to_html(compared->c, compared->j, ret_text);
}

static const struct export_kind kinds[] = {
	{ ".json", make_json },
	{ ".csv", make_csv },
	{ ".md", make_markdown },
	{ ".svg", make_svg },
	{ ".html", make_html },
	{ NULL, NULL },
};

static int print(const struct compare_options *opts, struct compared *compared)
{
	_cleanup_free_ char *text = NULL;
	int r;

	if (!opts->json) {
		r = comparison_print(compared->c, compared->j, table_wants_color(opts->color));
		return r < 0 ? STATUS_FAILED : STATUS_OK;
	}
	if (make_json(compared, &text) < 0)
		return verb_out_of_memory();
	fputs(text, stdout);
	return STATUS_OK;
}

/* --max-slowdown: what the whole interval shows. */
static int check_slowdown(const struct comparison *c, const struct judgement *j, double max)
{
	int status = STATUS_OK;

	for (size_t i = 0; max > 0 && i < c->n_sets; i++) {
		const struct stats_ratio *ratio = &j->sets[i].ratios[METRIC_WALL];
		char low[RATIO_TEXT_MAX], text[RATIO_TEXT_MAX];

		if (ratio->outcome != STATS_SLOWER || ratio->low <= max)
			continue;
		ratio_to_text(ratio->low, low);
		ratio_to_text(max, text);
		message_failure("compare: %zu %s takes at least %s times the time, more than %s",
				i + 1, c->sets[i].name, low, text);
		status = STATUS_FAILED;
	}
	return status;
}

static int show(const struct compare_options *opts, const struct comparison *c, struct jsonc *lib,
		struct exports *exports, double max_slowdown)
{
	_cleanup_(judgement_clear) struct judgement j = { .sets = NULL };
	struct compared compared = { lib, c, &j };
	int status;

	if (judgement_make(c, &j) < 0)
		return verb_out_of_memory();
	status = print(opts, &compared);
	if (exports_write(exports, &compared) < 0)
		status = STATUS_FAILED;
	return status == STATUS_OK ? check_slowdown(c, &j, max_slowdown) : status;
}

/* ---- what the options say ---- */

static int read_plan(const struct invocation *inv, const struct compare_options *opts,
		     size_t n_sets, struct compare_plan *plan)
{
	int status;

	*plan = (struct compare_plan){ .seed = order_seed() };
	status = word_count(inv, "--rounds", opts->rounds, 1, ROUNDS_MAX, &plan->n_rounds);
	if (status == STATUS_OK)
		status = word_count(inv, "--warmup", opts->warmup, 0, ROUNDS_MAX,
				    &plan->n_warmup_rounds);
	if (status == STATUS_OK)
		status = word_count(inv, "--reference", opts->reference, 1, n_sets,
				    &plan->reference);
	if (status == STATUS_OK)
		status = word_percent(inv, "--tolerance", opts->tolerance,
				      &plan->tolerance_permyriad);
	if (status == STATUS_OK && opts->max_slowdown)
		status = word_ratio(inv, "--max-slowdown", opts->max_slowdown,
				    &plan->max_slowdown);
	if (status == STATUS_OK && opts->seed &&
	    order_seed_from_string(opts->seed, &plan->seed) < 0)
		status = verb_usage(inv, "--seed: '%s': expected up to 16 hexadecimal digits",
				    opts->seed);
	plan->reference--;
	return status;
}

static int check_exports(const struct invocation *inv, const struct compare_options *opts)
{
	for (size_t i = 0; i < opts->exports.n_words; i++)
		if (!export_kind_of(kinds, opts->exports.words[i]))
			return verb_usage(inv,
					  "--export: '%s': expected a name that ends in .json, "
					  ".csv, .md, .svg or .html",
					  opts->exports.words[i]);
	return STATUS_OK;
}

/* ---- runs ---- */

static int describe_set(const struct limit_set *set, struct compared_set *ret)
{
	const struct cg2_limit_info *info;

	ret->name = strdup(set->name);
	ret->limits = calloc(CG2_LIMIT_CPU_TIME + 1, sizeof(*ret->limits));
	if (!ret->name || !ret->limits)
		return -ENOMEM;
	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++) {
		struct compared_limit *limit = &ret->limits[ret->n_limits];
		uint64_t value;

		if (cg2_limits_to_string(set->limits, (enum cg2_limit)i, &limit->text) <= 0)
			continue;
		if (cg2_limits_get(set->limits, (enum cg2_limit)i, &value) <= 0)
			value = CG2_MAX;
		limit->name = strdup(info->file ? info->file : info->option);
		limit->unit = strdup(record_unit_to_string(info->unit));
		limit->value = value;
		ret->n_limits++;
		if (!limit->name || !limit->unit)
			return -ENOMEM;
	}
	return 0;
}

static int describe_command(char *const *argv, struct comparison *c)
{
	size_t n = 0;

	while (argv[n])
		n++;
	c->command = calloc(n + 1, sizeof(*c->command));
	for (size_t i = 0; c->command && i < n; i++) {
		c->command[i] = strdup(argv[i]);
		if (!c->command[i])
			return -ENOMEM;
	}
	return c->command ? 0 : -ENOMEM;
}

static int describe(const struct compare_plan *plan, const struct compare_options *opts,
		    char *const *argv, const struct limit_sets *sets, struct comparison *c)
{
	struct utsname machine = { .release = "" };
	int r;

	c->order = (enum order_kind)opts->order;
	c->seed = plan->seed;
	c->n_rounds = plan->n_rounds;
	c->n_warmup_rounds = plan->n_warmup_rounds;
	c->reference = plan->reference;
	c->tolerance_permyriad = plan->tolerance_permyriad;
	c->is_complete = true;
	uname(&machine);
	c->host = strdup(machine.nodename);
	c->kernel = strdup(machine.release);
	c->sets = calloc(sets->n_sets, sizeof(*c->sets));
	r = c->host && c->kernel && c->sets ? describe_command(argv, c) : -ENOMEM;
	for (size_t i = 0; r == 0 && i < sets->n_sets; i++) {
		c->n_sets++;
		r = describe_set(&sets->sets[i], &c->sets[i]);
	}
	return r;
}

/* What would fail in a run fails before the first one. */
static int prepare(struct experiment *e, const struct limit_sets *sets)
{
	bool needs_manager = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < sets->n_sets; i++) {
		needs_manager |= sets->sets[i].properties != NULL;
		r = experiment_check_bounds(e->ctx, sets->sets[i].limits, sets->sets[i].name);
	}
	if (r == 0)
		r = experiment_place(e, needs_manager);
	for (size_t i = 0; r == 0 && i < sets->n_sets; i++) {
		const struct experiment_run q = { .limits = sets->sets[i].limits,
						  .properties = sets->sets[i].properties,
						  .set = sets->sets[i].name };

		r = experiment_try(e, &q);
	}
	return r;
}

static int run_sets(const struct invocation *inv, struct experiment *e,
		    const struct compare_plan *plan, const struct limit_sets *sets)
{
	const struct compare_options *opts = inv->options;
	_cleanup_(comparison_clear) struct comparison c = { .command = NULL };
	_cleanup_(exports_close) struct exports exports = { .files = NULL };
	int status = STATUS_FAILED, shown;

	if (describe(plan, opts, inv->argv, sets, &c) < 0)
		return verb_out_of_memory();
	if (exports_open(&exports, &opts->exports, kinds) < 0)
		return STATUS_FAILED;
	if (experiment_open(e, inv->ctx, "compare", &opts->setting, inv->argv,
			    opts->json || opts->exports.n_words > 0) == 0 &&
	    prepare(e, sets) == 0)
		status = compare_run(e, opts, plan, sets, &c);
	if (c.n_trials == 0 || (status != STATUS_OK && e->signal == 0))
		return status;
	shown = show(opts, &c, &e->json, &exports, plan->max_slowdown);
	return status == STATUS_OK ? shown : status;
}

static int compare_sets(const struct invocation *inv, const struct limit_sets *sets)
{
	struct experiment e = { .in_fd = -1, .out_fd = -1, .records_fd = -1, .signal_fd = -1 };
	struct compare_plan plan;
	int status;

	if (sets->n_sets < 2)
		return verb_usage(inv, "there is one set of limits; give others by a comma list "
				       "(-m 64M,128M) or after --vs");
	status = read_plan(inv, inv->options, sets->n_sets, &plan);
	if (status != STATUS_OK)
		return status;
	status = run_sets(inv, &e, &plan, sets);
	experiment_close(&e);
	return experiment_status(&e, status);
}

/* ---- files ---- */

#define FILE_BYTES_MAX (UINT64_C(1) << 30)

/* ret_text: to be freed. */
static int read_file(const char *name, char **ret_text)
{
	_cleanup_close_ int fd = open(name, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len = 0, size = 0;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n;

		if (len + 1 >= size) {
			char *grown = realloc(text, size ? 2 * size : 65536);

			if (!grown || size > FILE_BYTES_MAX) {
				text = grown ? grown : text;
				return grown ? -EFBIG : -ENOMEM;
			}
			text = grown;
			size = size ? 2 * size : 65536;
		}
		n = read(fd, text + len, size - len - 1);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	text[len] = '\0';
	*ret_text = take_ptr(&text);
	return 0;
}

static int load_file(const struct jsonc *lib, const char *name, struct comparison *c)
{
	_cleanup_free_ char *text = NULL;
	const char *missing = NULL;
	int r = read_file(name, &text);

	if (r == 0)
		r = comparison_from_json(lib, text, c, &missing);
	if (missing)
		message_failure("--from: %s: this is no result of 'compare --export FILE.json': "
				"no \"%s\", or another than there should be", name, missing);
	else if (r < 0)
		message_failure("--from: cannot read %s: %s", name, strerror(-r));
	return r;
}

static int show_file(const struct invocation *inv, struct jsonc *lib)
{
	const struct compare_options *opts = inv->options;
	_cleanup_(comparison_clear) struct comparison c = { .command = NULL };
	_cleanup_(exports_close) struct exports exports = { .files = NULL };
	double max_slowdown = 0;
	int status = STATUS_OK;

	if (opts->max_slowdown)
		status = word_ratio(inv, "--max-slowdown", opts->max_slowdown, &max_slowdown);
	if (status != STATUS_OK)
		return status;
	if (load_file(lib, opts->from.words[0], &c) < 0 ||
	    exports_open(&exports, &opts->exports, kinds) < 0)
		return STATUS_FAILED;
	return show(opts, &c, lib, &exports, max_slowdown);
}

/* Files of several hosts, as they were loaded. */
struct loaded {
	struct comparison *comparisons;
	struct judgement *judgements;
	size_t n;
};

static void loaded_clear(struct loaded *l)
{
	for (size_t i = 0; i < l->n; i++) {
		comparison_clear(&l->comparisons[i]);
		judgement_clear(&l->judgements[i]);
	}
	free(l->comparisons);
	free(l->judgements);
}

/* Each with its own table, then what they say together. */
static int show_hosts(const struct compare_options *opts, const struct jsonc *lib)
{
	const size_t n = opts->from.n_words;
	_cleanup_(loaded_clear) struct loaded l = {
		.comparisons = calloc(n, sizeof(*l.comparisons)),
		.judgements = calloc(n, sizeof(*l.judgements)),
	};
	_cleanup_free_ char *text = NULL;

	if (!l.comparisons || !l.judgements)
		return verb_out_of_memory();
	for (size_t i = 0; i < n; i++) {
		l.n++;
		if (load_file(lib, opts->from.words[i], &l.comparisons[i]) < 0)
			return STATUS_FAILED;
		if (judgement_make(&l.comparisons[i], &l.judgements[i]) < 0)
			return verb_out_of_memory();
	}
	for (size_t i = 0; i < n; i++) {
		printf("%s, %s:\n", opts->from.words[i], l.comparisons[i].host);
		if (comparison_print(&l.comparisons[i], &l.judgements[i],
				     table_wants_color(opts->color)) < 0)
			return STATUS_FAILED;
		putchar('\n');
	}
	if (hosts_to_text(l.comparisons, l.judgements, n, &text) < 0)
		return verb_out_of_memory();
	fputs(text, stdout);
	return STATUS_OK;
}

static int compare_files(const struct invocation *inv)
{
	const struct compare_options *opts = inv->options;
	const bool is_one = opts->from.n_words == 1;
	struct jsonc lib;

	if (!is_one && (opts->json || opts->exports.n_words > 0 || opts->max_slowdown))
		return verb_usage(inv, "several --from are only printed: without --json, --export "
				       "and --max-slowdown");
	if (jsonc_load(&lib) < 0) {
		message_failure("--from needs libjson-c (Debian: libjson-c5)");
		return STATUS_FAILED;
	}
	return is_one ? show_file(inv, &lib) : show_hosts(opts, &lib);
}

int compare_main(const struct invocation *inv)
{
	const struct compare_options *opts = inv->options;
	_cleanup_(limit_sets_clear) struct limit_sets sets = { .sets = NULL };
	_cleanup_free_ char *problem = NULL;
	int r, status = check_exports(inv, opts);

	if (status != STATUS_OK)
		return status;
	if (opts->from.n_words > 0)
		return inv->argc > 0 || opts->limits.n_words > 0
			       ? verb_usage(inv, "--from runs nothing: it takes no limits and no "
						 "command")
			       : compare_files(inv);
	if (inv->argc == 0)
		return verb_usage(inv, "there is no command to run");
	verb_set_log(inv, opts->setting.verbose ? CG2_LOG_INFO : CG2_LOG_WARNING);
	r = limit_sets_make(inv->ctx, &opts->limits, &sets, &problem);
	if (problem)
		return verb_usage(inv, "%s", problem);
	return r < 0 ? verb_out_of_memory() : compare_sets(inv, &sets);
}
