/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/experiment/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/experiment/comparison-text.h"

/* The ratio of the set of that name, in permyriad; 0: there is none. */
static uint64_t ratio_of(const struct comparison *c, const struct judgement *j, const char *name)
{
	for (size_t i = 0; i < c->n_sets; i++) {
		const struct stats_ratio *ratio = &j->sets[i].ratios[METRIC_WALL];

		if (i != c->reference && strcmp(c->sets[i].name, name) == 0 &&
		    ratio->outcome != STATS_TOO_FEW)
			return ratio_permyriad(ratio->ratio);
	}
	return 0;
}

static void put_ratio(FILE *f, uint64_t permyriad)
{
	char text[RATIO_TEXT_MAX];

	ratio_to_text((double)permyriad / 10000, text);
	fputs(text, f);
}

static void put_set(FILE *f, const struct comparison *c, size_t set, uint64_t *ratios, size_t n)
{
	struct stats_summary summary;

	stats_summarize(ratios, n, &summary);
	fprintf(f, "%zu %s: ", set + 1, c->sets[set].name);
	if (n == 0) {
		fputs("no host has a ratio\n", f);
		return;
	}
	put_ratio(f, summary.median);
	fprintf(f, " times the time of %zu, the median of %zu hosts (", c->reference + 1, n);
	put_ratio(f, summary.min);
	fputs(" to ", f);
	put_ratio(f, summary.max);
	fputs(")\n", f);
}

int hosts_to_text(const struct comparison *comparisons, const struct judgement *judgements,
		  size_t n, char **ret_text)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ uint64_t *ratios = calloc(n, sizeof(*ratios));
	const struct comparison *first = &comparisons[0];
	FILE *f = text_open(&text);

	if (!f || !ratios)
		return -ENOMEM;
	for (size_t set = 0; set < first->n_sets; set++) {
		size_t n_ratios = 0;

		if (set == first->reference)
			continue;
		for (size_t i = 0; i < n; i++) {
			ratios[n_ratios] = ratio_of(&comparisons[i], &judgements[i],
						    first->sets[set].name);
			n_ratios += ratios[n_ratios] > 0;
		}
		put_set(f, first, set, ratios, n_ratios);
	}
	return text_close(&text, ret_text);
}
