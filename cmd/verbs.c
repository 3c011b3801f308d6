/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of verbs, and what is the same for all of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/typo.h"
#include "cmd/check/check.h"
#include "cmd/check/doctor.h"
#include "cmd/help.h"
#include "cmd/monitor/monitor.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/streams.h"
#include "cmd/run/run-options.h"
#include "cmd/run/run.h"
#include "cmd/scope/attach.h"
#include "cmd/scope/list.h"
#include "cmd/scope/manage.h"
#include "cmd/scope/scope-status.h"
#include "cmd/scope/set.h"
#include "cmd/verbs.h"

static int run_main(const struct invocation *inv);

static const struct verb verbs[] = {
	{ .name = "run",
	  .synopsis = "[LIMITS] [OPTIONS] [--] COMMAND [ARG...]",
	  .summary = "Run a command under limits that hold, and end as it ends",
	  .options = &run_option_table,
	  .usage_status = STATUS_REFUSED,
	  .fn = run_main },
	{ .name = "check",
	  .synopsis = "[LIMITS] [OPTIONS] [TARGET]",
	  .summary = "Show what limits TARGET, and what is wrong with its limits",
	  .options = &check_option_table,
	  .operands = OPTION_COMPLETE_SLICE,
	  .usage_status = STATUS_USAGE,
	  .fn = check_main },
	{ .name = "doctor",
	  .synopsis = "[LIMITS] [OPTIONS]",
	  .summary = "Test whether this machine is set up for limits",
	  .options = &doctor_option_table,
	  .usage_status = STATUS_USAGE,
	  .fn = doctor_main },
	{ .name = "help",
	  .synopsis = "[VERB]",
	  .summary = "Print help",
	  .options = &help_option_table,
	  .usage_status = STATUS_USAGE,
	  .fn = help_main },
	{ .name = "attach",
	  .synopsis = "[LIMITS] [OPTIONS] PID...",
	  .summary = "Put processes that run already into a scope, with their children",
	  .options = &attach_option_table,
	  .operands = OPTION_COMPLETE_PID,
	  .usage_status = STATUS_USAGE,
	  .fn = attach_main },
	{ .name = "move",
	  .synopsis = "[OPTIONS] SCOPE PID...",
	  .summary = "Move processes into a scope that is there",
	  .options = &move_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = move_main },
	{ .name = "set",
	  .synopsis = "[OPTIONS] SCOPE LIMITS",
	  .summary = "Change the limits of a scope or a unit that runs",
	  .options = &set_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = set_main },
	{ .name = "list",
	  .synopsis = "[OPTIONS] [SLICE]",
	  .summary = "Show the scopes that cgscope made, with use against limit",
	  .options = &list_option_table,
	  .operands = OPTION_COMPLETE_SLICE,
	  .usage_status = STATUS_USAGE,
	  .fn = list_main },
	{ .name = "status",
	  .synopsis = "[OPTIONS] [SCOPE]",
	  .summary = "Show all there is to know of one scope",
	  .options = &status_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = status_main },
	{ .name = "stop",
	  .synopsis = "[OPTIONS] SCOPE...",
	  .summary = "End scopes: SIGTERM, and SIGKILL to what is left",
	  .options = &stop_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = stop_main },
	{ .name = "kill",
	  .synopsis = "[OPTIONS] SCOPE...",
	  .summary = "SIGKILL to the whole of scopes, or another signal to all in them",
	  .options = &kill_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = kill_main },
	{ .name = "freeze",
	  .synopsis = "[OPTIONS] SCOPE...",
	  .summary = "Stop all processes of scopes where they are",
	  .options = &freeze_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = freeze_main },
	{ .name = "thaw",
	  .synopsis = "[OPTIONS] SCOPE...",
	  .summary = "Let frozen scopes go on",
	  .options = &thaw_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = thaw_main },
	{ .name = "monitor",
	  .synopsis = "[OPTIONS] [TARGET...]",
	  .summary = "Tell of limits that are near or were hit, as it happens",
	  .options = &monitor_option_table,
	  .operands = OPTION_COMPLETE_SCOPE,
	  .usage_status = STATUS_USAGE,
	  .fn = monitor_main },
	/* Reserved for later versions. */
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

int verb_open_ctx(bool is_verbose, struct cg2_ctx **ret_ctx)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r;

	r = cg2_ctx_new(NULL, ret_ctx, &err);
	if (r < 0) {
		message_error(&err);
		return r;
	}
	cg2_ctx_set_log(*ret_ctx, message_log, NULL,
			is_verbose ? CG2_LOG_INFO : CG2_LOG_WARNING);
	return 0;
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

	if (verb_open_ctx(false, &ctx) < 0)
		return STATUS_REFUSED;
	return run_parsed(ctx, inv);
}
