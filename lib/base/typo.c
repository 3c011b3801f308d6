/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The number of insertions, deletions, replacements and exchanges of neighbours that make
 * one word of the other, and what that says about candidates.
 */
#include <stdbool.h>
#include <string.h>

#include "base/typo.h"

/* Nobody mistypes a word longer than this into a name of ours. */
#define LENGTH_MAX 64

#define ALLOWED_MAX 3

/* Without the locale: names are ASCII. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(const char *a, size_t i, const char *b, size_t j)
{
	return lower(a[i]) == lower(b[j]);
}

/*
 * The cells of row i, column j hold the distance between the first i letters of a and the
 * first j of b; a cell needs the two rows above it. Not less than limit: it may be more.
 */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len, size_t limit)
{
	size_t rows[3][LENGTH_MAX + 1];
	size_t *above2 = rows[0], *above = rows[1], *row = rows[2];
	size_t least = 0, least_above;

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = above2;

		above2 = above;
		above = row;
		row = spare;
		least_above = least;
		least = row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = above[j - 1] + !same(a, i - 1, b, j - 1);
			row[j] = MIN(row[j], MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same(a, i - 1, b, j - 2) &&
			    same(a, i - 2, b, j - 1))
				row[j] = MIN(row[j], above2[j - 2] + 1);
			least = MIN(least, row[j]);
		}
		/* No cell below can be less than both. */
		if (least >= limit && least_above >= limit)
			return limit;
	}
	return row[b_len];
}

const char *typo_nearest(const char *word, typo_name_fn name, const void *data)
{
	size_t len = strlen(word);
	size_t best = MIN(len / 3 + (len < 3), (size_t)ALLOWED_MAX) + 1;
	const char *nearest = NULL, *candidate;

	/* A single letter is one change away from every other. */
	if (len < 2 || len > LENGTH_MAX)
		return NULL;
	for (size_t i = 0; (candidate = name(i, data)); i++) {
		const size_t candidate_len = strlen(candidate);
		size_t d;

		/* Each letter more is a change. */
		if (candidate_len > LENGTH_MAX || candidate_len >= len + best ||
		    len >= candidate_len + best)
			continue;
		d = distance(word, len, candidate, candidate_len, best);
		if (d < best) {
			best = d;
			nearest = candidate;
		}
	}
	return nearest;
}
