/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fit says: the answer with its evidence, or why there is none. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/experiment/comparison-text.h"
#include "cmd/experiment/fit.h"
#include "cmd/output/message.h"
#include "cmd/output/width.h"

/* Where a fact goes on in the next line. */
#define FACT_INDENT 4

/* ---- the evidence ---- */

/* Why the runs under that limit failed, as the first of them did. */
static const char *reason_at(const struct fit_result *result, enum fit_resource resource,
			     uint64_t value)
{
	for (size_t i = 0; i < result->n_trials; i++) {
		const struct fit_trial *trial = &result->trials[i];

		if (trial->resource != resource || trial->value != value || trial->why == FIT_OK)
			continue;
		if (trial->why == FIT_SLOW || trial->why == FIT_SLOW_ALONE)
			return "too slow";
		return trial->reason ? trial->reason : cg2_verdict_to_string(trial->verdict);
	}
	return "failed";
}

/* "  82M: failed 3 of 3: out of memory" */
static void print_below(FILE *f, const struct fit_result *result, const struct fit_found *found)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_search *s = &found->search;
	const struct fit_tally *tally = fit_search_tally(s, s->lo);
	const char *reason = reason_at(result, found->resource, s->lo);
	char value[HUMAN_MAX];

	if (s->lo == 0) {
		fprintf(f, "%-10s  nothing lower was tried: it is the lowest value\n", "");
		return;
	}
	info->format(s->lo, value);
	fprintf(f, "%-10s %5s: failed %zu of %zu: %.*s\n", "", value, tally->failed,
		tally->failed + tally->passed, (int)strcspn(reason, ":"), reason);
}

static void print_answer(FILE *f, const struct fit_result *result, const struct fit_found *found)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_tally *tally = fit_search_tally(&found->search, found->value);
	char value[HUMAN_MAX], ratio[RATIO_TEXT_MAX] = "";

	info->format(found->value, value);
	if (result->baseline.wall_usec > 0)
		ratio_to_text((double)found->wall_usec / (double)result->baseline.wall_usec, ratio);
	fprintf(f, "%-10s %5s: passed %zu of %zu%s%s%s\n", info->file, value, tally->passed,
		tally->passed + tally->failed, *ratio ? ", " : "", ratio,
		*ratio ? " times the time" : "");
	print_below(f, result, found);
	if (!found->search.is_certain)
		fprintf(f, "%-10s failures that nothing explains were taken for the limit's\n", "");
}

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

#define ABOVE_MAX 5

/* "Checked above: 96M and 128M passed." */
static void print_above(FILE *f, const struct fit_found *found)
{
	const struct fit_search *s = &found->search;
	uint64_t values[FIT_RUNS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < s->n_tallies; i++)
		if (s->tallies[i].value > found->value && s->tallies[i].failed == 0)
			values[n++] = s->tallies[i].value;
	if (n == 0)
		return;
	qsort(values, n, sizeof(*values), by_value);
	n = MIN(n, (size_t)ABOVE_MAX);
	fputs("Checked above: ", f);
	for (size_t i = 0; i < n; i++) {
		char value[HUMAN_MAX];

		fit_resources[found->resource].format(values[i], value);
		fprintf(f, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", value);
	}
	fputs(" passed.\n", f);
}

static void print_trust(FILE *f, const struct fit_result *result)
{
	const size_t n = result->plan->n_confirm;

	fprintf(f, "%zu of %zu says with 95 %% confidence: passes at least %u of 100 times", n, n,
		(unsigned int)(stats_pass_share(n) * 100));
	fprintf(f, "%s\n", n < 59 ? " (--confirm 59: 95)." : ".");
}

/* Less of the peak is no file that it reads. */
#define CACHE_MIN_BYTES (UINT64_C(4) << 20)

/* What page cache did to the answer. */
static void print_cache(const struct fit_result *result)
{
	const struct fit_baseline *base = &result->baseline;
	_cleanup_free_ char *text = NULL;
	char cache[HUMAN_MAX];

	if (base->peak_bytes == CG2_MAX || base->anon_bytes == CG2_MAX ||
	    base->peak_bytes < base->anon_bytes + CACHE_MIN_BYTES) {
		width_print_lines("The files that it reads were in the page cache, which counts "
				  "for nobody then.", 0, WIDTH_WORDS);
		return;
	}
	human_bytes(base->peak_bytes - base->anon_bytes, cache);
	text = text_format("Some %s of its peak were page cache of files, which counts and is "
			   "given back where memory is short: with less of it files are read "
			   "again, and it gets slow before it fails.", cache);
	if (text)
		width_print_lines(text, 0, WIDTH_WORDS);
}

/* Commands are copied and pasted: they are not broken. Several were shown with their margin. */
static void print_advice(const struct fit_result *result)
{
	_cleanup_(limit_sets_clear) struct limit_sets shown = { .sets = NULL };
	_cleanup_(limit_sets_clear) struct limit_sets advised = { .sets = NULL };

	if (fit_advice(result, false, &shown) < 0 || fit_advice(result, true, &advised) < 0)
		return;
	if (result->n_found == 1)
		printf("shown:        cgscope %s\n", shown.sets[0].name);
	printf("with margin:  cgscope %s\n", advised.sets[0].name);
	if (result->n_found > 1)
		printf("Under all of these %zu of %zu passed.\n", result->plan->n_confirm,
		       result->plan->n_confirm);
	width_print_lines("In CI, put what has the margin before the command; --as writes it for "
			  "units and containers.", 0, WIDTH_WORDS);
	if (result->plan->ranges[FIT_MEMORY].is_wanted)
		print_cache(result);
}

/* ---- without an answer ---- */

static void print_bracket(FILE *f, const struct fit_result *result, const struct fit_found *found)
{
	const struct fit_resource_info *info = &fit_resources[found->resource];
	const struct fit_tally *tally = fit_search_tally(&found->search, found->search.hi);
	char low[HUMAN_MAX] = "0", high[HUMAN_MAX];

	if (found->search.lo > 0)
		info->format(found->search.lo, low);
	info->format(found->search.hi, high);
	fprintf(f, "%s: between %s and %s, which passed %zu of %zu: not confirmed\n",
		info->file, low, high, tally->passed, result->plan->n_confirm);
}

void fit_say_end(const struct fit_result *result)
{
	const struct fit_found *found =
		result->n_found > 0 ? &result->found[result->n_found - 1] : NULL;
	const struct fit_trial *last =
		result->n_trials > 0 ? &result->trials[result->n_trials - 1] : NULL;
	const char *reason = last && last->reason ? last->reason : "it failed";
	char high[HUMAN_MAX] = "";

	if (found)
		fit_resources[found->resource].format(found->search.hi, high);
	switch (result->end) {
	case FIT_UNEXPLAINED_END:
		message_failure("fit: runs fail, and it cannot be shown that the limit is why: %s",
				reason);
		message_hint("a program that reads its limit may fail without a trace: --failures "
			     "any takes what fails three times of three for the limit's");
		break;
	case FIT_NOT_MONOTONIC:
		message_failure("fit: there is no such limit: it fails under higher limits than "
				"some it passes under");
		break;
	case FIT_HIGH_FAILS:
		message_failure("fit: %s is not enough: %s", high, reason);
		message_hint("give a higher one: --find %s:LOW..HIGH",
			     fit_resources[found->resource].name);
		break;
	case FIT_TOGETHER_FAILS:
		message_failure("fit: each limit was enough beside the ones before it, and under "
				"all of them it fails: %s", reason);
		message_hint("look for one of them, with the others given: --find %s",
			     fit_resources[found->resource].name);
		break;
	case FIT_FOREIGN_END:
		message_failure("fit: something else than this limit makes it fail: %s", reason);
		break;
	case FIT_BUDGET:
		message_failure("fit: ended by %s before there was an answer",
				result->n_trials >= result->plan->n_runs_max ? "--max-runs"
									      : "--budget");
		break;
	case FIT_GOING_ON:
	case FIT_FOUND:
	case FIT_BASELINE_FAILED:
	case FIT_SIGNAL:
		break;
	}
}

/* ---- all ---- */

static void print_baseline(FILE *f, const struct fit_result *result)
{
	const struct fit_baseline *base = &result->baseline;
	char wall[HUMAN_MAX], peak[HUMAN_MAX], anon[HUMAN_MAX];

	human_usec(base->wall_usec, wall);
	fprintf(f, "without limit: %zu of %zu passed, %s", base->n_passed, base->n, wall);
	if (base->peak_bytes != CG2_MAX) {
		human_bytes(base->peak_bytes, peak);
		fprintf(f, ", peak %s", peak);
	}
	if (base->peak_bytes != CG2_MAX && base->anon_bytes != CG2_MAX) {
		human_bytes(base->anon_bytes, anon);
		fprintf(f, " of which %s anonymous", anon);
	}
	fputc('\n', f);
}

static void print_cost(FILE *f, const struct fit_result *result)
{
	char spent[HUMAN_MAX];

	human_usec(result->spent_usec, spent);
	fprintf(f, "%zu runs, %s.\n", result->n_trials, spent);
}

static void print_facts(FILE *f, const struct fit_result *result)
{
	print_baseline(f, result);
	for (size_t i = 0; i < result->n_found; i++) {
		const struct fit_found *found = &result->found[i];

		if (found->value == CG2_MAX) {
			print_bracket(f, result, found);
			continue;
		}
		print_answer(f, result, found);
		print_above(f, found);
	}
	print_cost(f, result);
	if (result->end == FIT_FOUND)
		print_trust(f, result);
}

void fit_print(const struct fit_result *result)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *facts = NULL;
	FILE *f;

	if (result->baseline.n_passed < result->plan->n_baseline)
		return;
	f = text_open(&text);
	if (f)
		print_facts(f, result);
	if (f && text_close(&text, &facts) == 0)
		width_print_lines(facts, FACT_INDENT, WIDTH_ITEMS);
	if (result->end == FIT_FOUND)
		print_advice(result);
}
