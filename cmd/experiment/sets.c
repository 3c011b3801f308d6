/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A section, what stands between two --vs, is a list of choices: an option and the words of its
 * comma list. Its sets are what an odometer shows whose wheels are the choices, the last one
 * turning fastest.
 */
#include "cmd/experiment/sets.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/output/shell-word.h"

struct wheel {
	const struct option_word *word;
	size_t n, at;
};

/* Whether a limit's value has commas of its own. */
static bool has_commas(unsigned int value)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(value);

	return !info || info->unit == CG2_UNIT_LIST || info->unit == CG2_UNIT_IO;
}

static size_t count_choices(const struct option_word *word)
{
	size_t n = 1;

	for (const char *c = has_commas(word->value) ? "" : word->word; *c; c++)
		n += *c == ',';
	return n;
}

/* The choice of that number; free with free(). */
static char *get_choice(const struct wheel *wheel)
{
	const char *word = wheel->word->word;

	if (has_commas(wheel->word->value))
		return strdup(word);
	for (size_t i = 0; i < wheel->at; i++)
		word += strcspn(word, ",") + 1;
	return strndup(word, strcspn(word, ","));
}

static _printf_(2, 3) int problem(char **ret_problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*ret_problem = text_vformat(format, args);
	va_end(args);
	return -EINVAL;
}

static int add_property(struct limit_set *set, const char *word)
{
	const char **grown;
	size_t n = 0;

	while (set->properties && set->properties[n])
		n++;
	grown = reallocarray(set->properties, n + 2, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	set->properties = grown;
	set->properties[n] = word;
	set->properties[n + 1] = NULL;
	return 0;
}

/* "max" leaves the limit out: that set is limited by what limits the caller. */
static int apply_choice(struct limit_set *set, const struct wheel *wheel, char **ret_problem)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *choice = NULL;
	int r;

	if (wheel->word->value == LIMIT_SETS_PROPERTY)
		return add_property(set, wheel->word->word);
	choice = get_choice(wheel);
	if (!choice)
		return -ENOMEM;
	if (strcmp(choice, "max") == 0 && !has_commas(wheel->word->value))
		return 0;
	r = cg2_limits_parse(set->limits, (enum cg2_limit)wheel->word->value, choice, &err);
	if (r == 0 || r == -ENOMEM)
		return r;
	return problem(ret_problem, "--%s: '%s': %s", wheel->word->name, choice,
		       err.detail ? err.detail : strerror(err.code));
}

int limit_set_name(struct limit_set *set)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const struct cg2_limit_info *info;
	const char *space = "";

	if (!f)
		return -ENOMEM;
	free(set->name);
	set->name = NULL;
	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++) {
		_cleanup_free_ char *value = NULL;

		if (cg2_limits_to_string(set->limits, (enum cg2_limit)i, &value) <= 0)
			continue;
		fprintf(f, "%s--%s ", space, info->option);
		shell_put_word(f, value);
		space = " ";
	}
	for (size_t i = 0; set->properties && set->properties[i]; i++) {
		fprintf(f, "%s-p ", space);
		shell_put_word(f, set->properties[i]);
		space = " ";
	}
	if (!*space)
		fputs("no limit", f);
	return text_close(&text, &set->name);
}

/* A new one at the end; NULL: no memory. */
static struct limit_set *add_set(struct cg2_ctx *ctx, struct limit_sets *sets)
{
	struct limit_set *grown = reallocarray(sets->sets, sets->n_sets + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	sets->sets = grown;
	grown += sets->n_sets;
	*grown = (struct limit_set){ .limits = NULL };
	if (cg2_limits_new(ctx, &grown->limits) < 0)
		return NULL;
	sets->n_sets++;
	return grown;
}

static int make_set(struct cg2_ctx *ctx, const struct wheel *wheels, size_t n_wheels,
		    struct limit_sets *sets, char **ret_problem)
{
	struct limit_set *set;

	if (sets->n_sets == LIMIT_SETS_MAX)
		return problem(ret_problem, "more than %d sets of limits", LIMIT_SETS_MAX);
	set = add_set(ctx, sets);
	if (!set)
		return -ENOMEM;
	for (size_t i = 0; i < n_wheels; i++) {
		int r = apply_choice(set, &wheels[i], ret_problem);

		if (r < 0)
			return r;
	}
	return limit_set_name(set);
}

/* False: it has shown everything. */
static bool turn(struct wheel *wheels, size_t n_wheels)
{
	for (size_t i = n_wheels; i > 0; i--) {
		if (++wheels[i - 1].at < wheels[i - 1].n)
			return true;
		wheels[i - 1].at = 0;
	}
	return false;
}

static int make_section(struct cg2_ctx *ctx, const struct option_word *words, size_t n_words,
			struct limit_sets *sets, char **ret_problem)
{
	_cleanup_free_ struct wheel *wheels = calloc(n_words + 1, sizeof(*wheels));
	int r;

	if (!wheels)
		return -ENOMEM;
	for (size_t i = 0; i < n_words; i++)
		wheels[i] = (struct wheel){ &words[i], count_choices(&words[i]), 0 };
	do
		r = make_set(ctx, wheels, n_words, sets, ret_problem);
	while (r == 0 && turn(wheels, n_words));
	return r;
}

int limit_sets_make(struct cg2_ctx *ctx, const struct option_words *words, struct limit_sets *sets,
		    char **ret_problem)
{
	size_t start = 0;
	int r = 0;

	*sets = (struct limit_sets){ .sets = NULL };
	for (size_t i = 0; r == 0 && i <= words->n_words; i++) {
		if (i < words->n_words && words->words[i].value != LIMIT_SETS_VS)
			continue;
		r = make_section(ctx, i > start ? words->words + start : NULL, i - start, sets,
				 ret_problem);
		start = i + 1;
	}
	return r;
}

void limit_sets_clear(struct limit_sets *sets)
{
	for (size_t i = 0; i < sets->n_sets; i++) {
		cg2_limits_unref(sets->sets[i].limits);
		free(sets->sets[i].properties);
		free(sets->sets[i].name);
	}
	free(sets->sets);
	*sets = (struct limit_sets){ .sets = NULL };
}
