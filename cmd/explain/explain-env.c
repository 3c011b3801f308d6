/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a unit's processes get beside what the caller has, and the line for the unit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/explain/explain.h"

static const char *value_or_not(const char *value)
{
	return value ? value : "not set";
}

static void print_difference(const struct cg2_environment *env)
{
	_cleanup_free_ char *line = NULL;

	line = env->is_same ? text_format("%s: %s, as yours", env->name, env->unit)
			    : text_format("%s: %s; yours: %s", env->name, value_or_not(env->unit),
					  value_or_not(env->caller));
	if (line)
		explain_print_labelled("env", line);
	if (env->advice)
		explain_print_labelled("do", env->advice);
}

/* Their names, if they are not shown one by one. */
static void print_same(struct cg2_explanation *explanation)
{
	struct cg2_environment env = { .size = sizeof(env) };
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *line = NULL;
	size_t n = 0;

	if (!text_open(&text))
		return;
	for (size_t i = 0; cg2_explanation_get_environment(explanation, i, &env) > 0; i++)
		if (env.is_same)
			fprintf(text.f, "%s%s", n++ ? ", " : "", env.name);
	if (text_close(&text, &line) == 0 && n > 0)
		explain_print_labelled("same", line);
}

void explain_print_environment(struct cg2_explanation *explanation,
			       const struct explain_options *opts)
{
	struct cg2_environment env = { .size = sizeof(env) };

	for (size_t i = 0; cg2_explanation_get_environment(explanation, i, &env) > 0; i++)
		if (!env.is_same || opts->verbose)
			print_difference(&env);
	if (!opts->verbose)
		print_same(explanation);
}
