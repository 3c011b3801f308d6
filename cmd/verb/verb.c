/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is the same for all verbs: their names, the answers to --help, --version and usage
 * errors, and what they need before they do anything.
 */
#include "cmd/verb/verb.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/typo.h"
#include "cmd/output/advice.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"
#include "cmd/verb/help-text.h"

const struct verb *verb_find(const struct verb *verbs, const char *name)
{
	for (; verbs->name; verbs++)
		if (strcmp(verbs->name, name) == 0)
			return verbs;
	return NULL;
}

/* A typo_name_fn. */
static const char *name_of(size_t i, const void *data)
{
	const struct verb *verbs = data;

	return verbs[i].name;
}

const char *verb_nearest(const struct verb *verbs, const char *word)
{
	return typo_nearest(word, name_of, verbs);
}

/* ---- telling ---- */

/* The help of cgscope itself is that of a run, and of help. */
static bool has_help(const struct verb *verb)
{
	return (!verb->is_run || verb->options->base) && verb->options->size > 0;
}

int verb_usage(const struct invocation *inv, const char *format, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	message_usage(text ? text : "out of memory", has_help(inv->verb) ? inv->verb->name : NULL);
	return inv->verb->is_run ? STATUS_REFUSED : STATUS_USAGE;
}

int verb_usage_error(const struct invocation *inv, const struct cg2_error *err)
{
	_cleanup_free_ char *text = advice_error_text(err), *hint = advice_error_hint(err);

	return verb_usage(inv, "%s%s%s", text ? text : strerror(err->code), hint ? "; " : "",
			  hint ? hint : "");
}

int verb_failed(const struct cg2_error *err)
{
	message_error(err);
	return STATUS_FAILED;
}

int verb_out_of_memory(void)
{
	message_failure("out of memory");
	return STATUS_FAILED;
}

void verb_set_log(const struct invocation *inv, enum cg2_log_level level)
{
	cg2_ctx_set_log(inv->ctx, message_log, NULL, level);
}

/* ---- calling ---- */

static int call_parsed(struct invocation *inv)
{
	_cleanup_free_ char *error = NULL;
	enum option_result result;

	result = options_parse(inv->verb->options, inv->verb->name, inv->options, inv->argv,
			       &inv->argc, &error);
	switch (result) {
	case OPTIONS_PARSED:
		return inv->verb->fn(inv);
	case OPTIONS_HELP:
		if (inv->named)
			help_print_verb(stdout, inv->verbs, inv->verb);
		else
			help_print_brief(stdout, inv->verbs);
		break;
	case OPTIONS_VERSION:
		printf("cgscope %s\n", PACKAGE_VERSION);
		break;
	case OPTIONS_WRONG:
		return verb_usage(inv, "%s", error ? error : "out of memory");
	}
	/* A run that prints this is none. */
	return inv->verb->is_run ? streams_close_stdout(STATUS_OK) : STATUS_OK;
}

static int cannot_begin(const struct invocation *inv, int status)
{
	return inv->verb->is_run ? STATUS_REFUSED : status;
}

static int call_with_options(struct invocation *inv)
{
	const struct option_table *table = inv->verb->options;
	_cleanup_free_ void *options = calloc(1, MAX(table->size, 1));
	int status;

	if (!options || options_init(table, inv->ctx, options) < 0)
		return cannot_begin(inv, verb_out_of_memory());
	inv->options = options;
	status = call_parsed(inv);
	options_clear(table, options);
	return inv->verb->is_run ? status : streams_close_stdout(status);
}

int verb_call(struct invocation *inv)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int status;

	if (cg2_ctx_new(NULL, &inv->ctx, &err) < 0)
		return cannot_begin(inv, verb_failed(&err));
	verb_set_log(inv, CG2_LOG_WARNING);
	status = call_with_options(inv);
	inv->ctx = cg2_ctx_unref(inv->ctx);
	return status;
}

char *verb_find_program(const char *word)
{
	_cleanup_free_ char *found = NULL, *cwd = NULL;

	if (*word == '/')
		return strdup(word);
	if (!strchr(word, '/')) {
		if (cg2_find_program(word, &found, NULL) < 0)
			return NULL;
		if (*found == '/')
			return take_ptr(&found);
		word = found;
	}
	cwd = getcwd(NULL, 0);
	return cwd ? text_format("%s/%s", cwd, word) : NULL;
}

void verb_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
}
