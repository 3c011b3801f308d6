/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A command line against an option table. Long options are exact, "--name=value" or
 * "--name value"; short ones may be joined, "-qm512M". What an option's word means is the
 * library's to say; what is wrong with it ends up in one line that quotes it.
 *
 * getopt_long() would abbreviate, print by itself, and need the table a second time.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"
#include "cmd/option/options.h"
#include "libcg2.h"

struct parser {
	const struct option_table *table;
	const char *verb;
	void *dest;
	char **argv;
	size_t next; /* of argv, not yet looked at */
	size_t n_operands;
	uint64_t seen;	/* bit i: set.rows[i] was given */
	char label[32]; /* the option at hand as the user wrote it, "-m" or "--memory" */
	char *error;
	struct option_set set;
};

static_assert(OPTION_SET_MAX <= 64, "a row needs its bit in seen");

static _printf_(2, 3) enum option_result wrong(struct parser *p, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vasprintf(&p->error, format, args) < 0)
		p->error = NULL;
	va_end(args);
	return OPTIONS_WRONG;
}

/* What the library has against the word of the option at hand. */
static enum option_result wrong_value(struct parser *p, struct cg2_error *err)
{
	_cleanup_free_ char *text = NULL;

	/* The library knows the option by its first name only, or not at all. */
	free(err->path);
	err->path = strdup(p->label);
	if (cg2_error_format(err, &text) < 0)
		return OPTIONS_WRONG;
	return wrong(p, "%s%s%s", text, err->hint ? "; " : "",
		     err->hint ? err->hint : "");
}

/* ------------------------------------------------------------------------------------
 * What an option does to its destination
 */

typedef enum option_result (*store_fn)(struct parser *p, const struct option *option,
				       const char *word);

static void *member(const struct parser *p, const struct option *option)
{
	return (char *)p->dest + option->offset;
}

static enum option_result store_flag(struct parser *p, const struct option *option,
				     const char *word _unused_)
{
	*(bool *)member(p, option) = true;
	return OPTIONS_PARSED;
}

static enum option_result store_pick(struct parser *p, const struct option *option,
				     const char *word _unused_)
{
	*(unsigned int *)member(p, option) = option->value;
	return OPTIONS_PARSED;
}

/* "leave, kill or wait"; free with free(). */
static char *list_choices(const char *metavar)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const char *word, *next;
	size_t len, next_len;
	char *result;

	if (!f)
		return NULL;
	len = option_metavar_word(metavar, 0, &word);
	for (size_t i = 1; len > 0; i++, word = next, len = next_len) {
		next_len = option_metavar_word(metavar, i, &next);
		if (i > 1)
			fputs(next_len > 0 ? ", " : " or ", f);
		fprintf(f, "%.*s", (int)len, word);
	}
	return text_close(&text, &result) < 0 ? NULL : result;
}

static enum option_result store_choice(struct parser *p, const struct option *option,
				       const char *word)
{
	_cleanup_free_ char *choices = NULL;
	const char *choice;
	size_t len;

	for (unsigned int i = 0;; i++) {
		len = option_metavar_word(option->metavar, i, &choice);
		if (len == 0)
			break;
		if (strlen(word) == len && strncmp(word, choice, len) == 0) {
			*(unsigned int *)member(p, option) = i;
			return OPTIONS_PARSED;
		}
	}
	choices = list_choices(option->metavar);
	return wrong(p, "%s: '%s': expected %s", p->label, word,
		     choices ? choices : option->metavar);
}

static enum option_result store_string(struct parser *p, const struct option *option,
				       const char *word)
{
	*(const char **)member(p, option) = word;
	return OPTIONS_PARSED;
}

static enum option_result store_list(struct parser *p, const struct option *option,
				     const char *word)
{
	struct option_list *list = member(p, option);
	const char **words = reallocarray(list->words, list->n_words + 1, sizeof(*words));

	if (!words)
		return OPTIONS_WRONG;
	list->words = words;
	list->words[list->n_words++] = word;
	return OPTIONS_PARSED;
}

static enum option_result store_duration(struct parser *p, const struct option *option,
					 const char *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_duration_from_string(word, member(p, option), &err) < 0)
		return wrong_value(p, &err);
	return OPTIONS_PARSED;
}

/* The word is optional, and so it has to be joined by a "=". */
static enum option_result store_watch(struct parser *p, const struct option *option,
				      const char *word)
{
	uint64_t *usec = member(p, option);

	if (word && store_duration(p, option, word) != OPTIONS_PARSED)
		return OPTIONS_WRONG;
	if (!word)
		*usec = USEC_PER_SEC;
	return *usec > 0 ? OPTIONS_PARSED
			 : wrong(p, "%s: '%s': expected a time above 0", p->label, word);
}

static enum option_result store_signal(struct parser *p, const struct option *option,
				       const char *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_signal_from_string(word, member(p, option), &err) < 0)
		return wrong_value(p, &err);
	return OPTIONS_PARSED;
}

static enum option_result store_label(struct parser *p, const struct option *option,
				      const char *word)
{
	if (word[0] == '=' || !strchr(word, '='))
		return wrong(p, "%s: '%s': expected %s", p->label, word, option->metavar);
	return store_list(p, option, word);
}

/* The words stay words: what they say is read again by whoever watches. */
static enum option_result store_threshold(struct parser *p, const struct option *option,
					  const char *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_threshold threshold = { .size = sizeof(threshold) };

	if (cg2_threshold_from_string(word, &threshold, &err) < 0)
		return wrong_value(p, &err);
	return store_list(p, option, word);
}

/* One name of the list. 0 or -EINVAL. */
static int add_verdict(unsigned int *verdicts, const char *name, size_t len)
{
	_cleanup_free_ char *copy = strndup(name, len);
	int verdict = copy ? cg2_verdict_from_string(copy) : -ENOMEM;

	if (verdict < 0)
		return verdict;
	*verdicts |= 1U << verdict;
	return 0;
}

static enum option_result store_verdicts(struct parser *p, const struct option *option,
					 const char *word)
{
	unsigned int verdicts = 0;
	const char *name = word;

	for (;;) {
		const size_t len = strcspn(name, ",");

		if (add_verdict(&verdicts, name, len) < 0) {
			_cleanup_free_ char *names = option_verdicts_to_string(~0U);

			return wrong(p, "%s: '%.*s': expected %s", p->label, (int)len,
				     name, names ? names : option->metavar);
		}
		if (!name[len])
			break;
		name += len + 1;
	}
	*(unsigned int *)member(p, option) = verdicts;
	return OPTIONS_PARSED;
}

static enum option_result store_limit(struct parser *p, const struct option *option,
				      const char *word)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_limits *limits = *(struct cg2_limits **)member(p, option);

	if (cg2_limits_parse(limits, (enum cg2_limit)option->value, word, &err) < 0)
		return wrong_value(p, &err);
	return OPTIONS_PARSED;
}

static enum option_result store_word(struct parser *p, const struct option *option,
				     const char *word)
{
	struct option_words *list = member(p, option);
	struct option_word *words = reallocarray(list->words, list->n_words + 1, sizeof(*words));

	if (!words)
		return OPTIONS_WRONG;
	list->words = words;
	list->words[list->n_words++] =
		(struct option_word){ option->value, option->names[0], word };
	return OPTIONS_PARSED;
}

static enum option_result answer_help(struct parser *p _unused_,
				      const struct option *option _unused_,
				      const char *word _unused_)
{
	return OPTIONS_HELP;
}

static enum option_result answer_version(struct parser *p _unused_,
					 const struct option *option _unused_,
					 const char *word _unused_)
{
	return OPTIONS_VERSION;
}

static enum option_result store(struct parser *p, const struct option *option,
				const char *word)
{
	static const store_fn by_kind[] = {
		[OPTION_WATCH] = store_watch,
		[OPTION_FLAG] = store_flag,	    [OPTION_PICK] = store_pick,
		[OPTION_CHOICE] = store_choice,	    [OPTION_STRING] = store_string,
		[OPTION_LIST] = store_list,	    [OPTION_DURATION] = store_duration,
		[OPTION_SIGNAL] = store_signal,	    [OPTION_LABELS] = store_label,
		[OPTION_VERDICTS] = store_verdicts, [OPTION_LIMIT] = store_limit,
		[OPTION_THRESHOLDS] = store_threshold, [OPTION_WORD] = store_word,
		[OPTION_MARK] = store_word,
		[OPTION_HELP] = answer_help,	    [OPTION_VERSION] = answer_version,
	};

	p->seen |= UINT64_C(1) << (option - p->set.rows);
	return by_kind[option->kind](p, option, word);
}

/* ------------------------------------------------------------------------------------
 * Words
 */

/* The word of the option at hand: what follows it directly, else the next one. */
static enum option_result store_with_word(struct parser *p, const struct option *option,
					  const char *word)
{
	if (!word)
		word = p->argv[p->next];
	else
		return store(p, option, word);
	if (!word)
		return wrong(p, "'%s' needs a value: %s", p->label, option->metavar);
	p->next++;
	return store(p, option, word);
}

static const struct option_foreign *find_foreign(const struct option_table *table,
						 const char *name)
{
	for (size_t i = 0; i < table->n_foreign; i++)
		if (strcmp(table->foreign[i].name, name) == 0)
			return &table->foreign[i];
	return table->base ? find_foreign(table->base, name) : NULL;
}

static enum option_result unknown_long(struct parser *p, const char *name)
{
	const struct option_foreign *foreign = find_foreign(p->table, name);
	const char *nearest;

	if (foreign)
		return wrong(p, "'--%s' is not an option of %s: %s", name, p->verb,
			     foreign->why);
	nearest = option_set_nearest(&p->set, name);
	if (nearest)
		return wrong(p, "unknown option '--%s'; did you mean --%s?", name,
			     nearest);
	return wrong(p, "unknown option '--%s'", name);
}

static enum option_result parse_long(struct parser *p, const char *name)
{
	const size_t len = strcspn(name, "=");
	const char *word = name[len] ? name + len + 1 : NULL;
	const struct option *option = option_set_find_long(&p->set, name, len);

	if (!option) {
		_cleanup_free_ char *copy = strndup(name, len);

		return copy ? unknown_long(p, copy) : OPTIONS_WRONG;
	}
	snprintf(p->label, sizeof(p->label), "--%.*s", (int)len, name);
	if (option->metavar)
		return store_with_word(p, option, word);
	if (word && option->kind != OPTION_WATCH)
		return wrong(p, "'%s' takes no value: '%s'", p->label, word);
	return store(p, option, word);
}

/* "-9", "-KILL" and "-SIGTERM" are kill(1)'s; a run's --signal is for time limits. */
static bool is_signal(const struct parser *p, const char *word)
{
	int sig;

	return !p->table->operands_last && option_set_find_long(&p->set, "signal", 6) &&
	       cg2_signal_from_string(word, &sig, NULL) == 0;
}

static enum option_result unknown_short(struct parser *p, const char *word, char name)
{
	if (is_signal(p, word + 1))
		return wrong(p, "unknown option '%s'; did you mean --signal %s?", word, word + 1);
	if (word[2])
		return wrong(p, "unknown option '-%c' in '%s'", name, word);
	return wrong(p, "unknown option '-%c'", name);
}

/*
 * "-user" for "--user" is a habit from other tools. Read as "-u ser" it would be
 * accepted, and do what nobody meant.
 */
static bool is_long_with_one_dash(const struct parser *p, const char *word)
{
	const size_t len = strcspn(word + 1, "=");

	return len > 1 && option_set_find_long(&p->set, word + 1, len);
}

/* Short options in one word, of which the last one may be followed by its own word. */
static enum option_result parse_short(struct parser *p, const char *word)
{
	if (is_long_with_one_dash(p, word))
		return wrong(p, "unknown option '%s'; did you mean -%s?", word, word);
	for (const char *c = word + 1; *c; c++) {
		const struct option *option = option_set_find_short(&p->set, *c);
		enum option_result r;

		if (!option)
			return unknown_short(p, word, *c);
		snprintf(p->label, sizeof(p->label), "-%c", *c);
		if (option->metavar)
			return store_with_word(p, option, c[1] ? c + 1 : NULL);
		r = store(p, option, NULL);
		if (r != OPTIONS_PARSED)
			return r;
	}
	return OPTIONS_PARSED;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static enum option_result parse_words(struct parser *p)
{
	enum option_result r = OPTIONS_PARSED;
	bool options_over = false;
	char *word;

	while (r == OPTIONS_PARSED && (word = p->argv[p->next])) {
		p->next++;
		if (options_over || !is_option(word)) {
			p->argv[p->n_operands++] = word;
			options_over |= p->table->operands_last;
		} else if (strcmp(word, "--") == 0) {
			options_over = true;
		} else if (word[1] == '-') {
			r = parse_long(p, word + 2);
		} else {
			r = parse_short(p, word);
		}
	}
	return r;
}

static bool was_given(const struct parser *p, const char *name)
{
	const struct option *option = option_set_find_long(&p->set, name, strlen(name));

	return option && (p->seen >> (option - p->set.rows) & 1);
}

static enum option_result check_conflicts(struct parser *p, const struct option_table *table)
{
	for (size_t i = 0; i < table->n_conflicts; i++) {
		const struct option_conflict *conflict = &table->conflicts[i];

		if (was_given(p, conflict->a) && was_given(p, conflict->b))
			return wrong(p, "'--%s' and '--%s' exclude each other: %s",
				     conflict->a, conflict->b, conflict->why);
	}
	return OPTIONS_PARSED;
}

static enum option_result check_needs(struct parser *p, const struct option_table *table)
{
	for (size_t i = 0; i < table->n_needs; i++) {
		const struct option_need *need = &table->needs[i];

		if (was_given(p, need->name) && !was_given(p, need->needed))
			return wrong(p, "'--%s' needs '--%s'", need->name, need->needed);
	}
	return OPTIONS_PARSED;
}

static enum option_result check_given(struct parser *p, const struct option_table *table)
{
	enum option_result r = check_conflicts(p, table);

	if (r == OPTIONS_PARSED)
		r = check_needs(p, table);
	return r == OPTIONS_PARSED && table->base ? check_given(p, table->base) : r;
}

enum option_result options_parse(const struct option_table *table, const char *verb,
				 void *dest, char **argv, size_t *ret_operands,
				 char **ret_error)
{
	struct parser p = { .table = table, .verb = verb, .dest = dest, .argv = argv };
	enum option_result r;

	option_set_init(&p.set, table);
	r = parse_words(&p);
	if (r == OPTIONS_PARSED)
		r = check_given(&p, table);
	if (r == OPTIONS_PARSED) {
		argv[p.n_operands] = NULL;
		*ret_operands = p.n_operands;
	}
	if (r == OPTIONS_WRONG)
		*ret_error = p.error;
	return r;
}
