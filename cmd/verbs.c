/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of verbs, and what is the same for all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/typo.h"
#include "help.h"
#include "message.h"
#include "run-options.h"
#include "run.h"
#include "status.h"
#include "streams.h"
#include "verbs.h"

static int run_main(const struct invocation *inv);

static const struct verb verbs[] = {
	{ .name = "run",
	  .synopsis = "[LIMITS] [OPTIONS] [--] COMMAND [ARG...]",
	  .summary = "Run a command under limits that hold, and end as it ends",
	  .options = &run_option_table,
	  .usage_status = STATUS_REFUSED,
	  .fn = run_main },
	{ .name = "help",
	  .synopsis = "[VERB]",
	  .summary = "Print help",
	  .options = &help_option_table,
	  .usage_status = STATUS_USAGE,
	  .fn = help_main },
	/* Reserved for later versions. */
	{ .name = "attach" },
	{ .name = "move" },
	{ .name = "set" },
	{ .name = "list" },
	{ .name = "status" },
	{ .name = "stop" },
	{ .name = "kill" },
	{ .name = "freeze" },
	{ .name = "thaw" },
	{ .name = "check" },
	{ .name = "doctor" },
	{ .name = "monitor" },
	{ .name = "explain" },
	{ .name = "compare" },
	{ .name = "fit" },
	{ .name = "trace" },
	{ .name = "unit" },
};

const struct verb *verb_get(size_t i)
{
	return i < ARRAY_SIZE(verbs) ? &verbs[i] : NULL;
}

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

/* A typo_name_fn: the verbs of this version come first. */
static const char *usable_name(size_t i, const void *data _unused_)
{
	return i < ARRAY_SIZE(verbs) && verbs[i].fn ? verbs[i].name : NULL;
}

const char *verb_nearest(const char *word)
{
	return typo_nearest(word, usable_name, NULL);
}

int verb_answer(const struct invocation *inv, enum option_result result,
		const char *error)
{
	switch (result) {
	case OPTIONS_PARSED:
		break;
	case OPTIONS_HELP:
		if (inv->named)
			help_print_verb(stdout, inv->verb);
		else
			help_print_brief(stdout);
		return streams_close_stdout(STATUS_OK);
	case OPTIONS_VERSION:
		printf("cgscope %s\n", PACKAGE_VERSION);
		return streams_close_stdout(STATUS_OK);
	case OPTIONS_WRONG:
		message_usage("%s", error ? error : "out of memory");
		return inv->verb->usage_status;
	}
	return STATUS_OK;
}

static int run_parsed(struct cg2_ctx *ctx, const struct invocation *inv)
{
	_cleanup_(run_options_clear) struct run_options opts;
	_cleanup_free_ char *error = NULL;
	enum option_result result;

	if (run_options_init(&opts, ctx) < 0)
		return verb_answer(inv, OPTIONS_WRONG, NULL);
	result = run_options_parse(&opts, inv->argv, &error);
	if (result != OPTIONS_PARSED)
		return verb_answer(inv, result, error);
	return verb_run(ctx, &opts);
}

static int run_main(const struct invocation *inv)
{
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_ctx_new(NULL, &ctx, &err) < 0) {
		message_error(&err);
		return STATUS_REFUSED;
	}
	cg2_ctx_set_log(ctx, message_log, NULL, CG2_LOG_WARNING);
	return run_parsed(ctx, inv);
}
