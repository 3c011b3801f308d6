/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope set": new limits for a scope, a nested run or a unit that is there.
 */
#include "set.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "libcg2.h"
#include "message.h"
#include "option-rows.h"
#include "status.h"
#include "verbs.h"

#define RECLAIM_DEFAULT_USEC (10 * USEC_PER_SEC)

struct set_options {
	struct cg2_limits *limits;
	unsigned int manager; /* enum cg2_manager */
	bool persistent;
	uint64_t reclaim_usec;
	bool quiet;
	bool verbose;
};

#define AT(member) offsetof(struct set_options, member)

static const struct option rows[] = {
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"the scope is one of your own systemd manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "the scope is one of the system's manager"),
	{ .names = { "persistent" },
	  .help = "write it down, for the next boot too; not for scopes",
	  .kind = OPTION_FLAG,
	  .offset = AT(persistent),
	  .group = OPTION_GROUP_SCOPE },
	{ .names = { "reclaim" },
	  .metavar = "DURATION",
	  .help = "how long memory may be made free before it is limited (10s)",
	  .kind = OPTION_DURATION,
	  .offset = AT(reclaim_usec),
	  .complete = OPTION_COMPLETE_DURATION,
	  .group = OPTION_GROUP_SCOPE },
	{ .short_name = 'q',
	  .names = { "quiet" },
	  .help = "do not say how long it lasts",
	  .kind = OPTION_FLAG,
	  .offset = AT(quiet),
	  .group = OPTION_GROUP_GENERAL },
	{ .short_name = 'v',
	  .names = { "verbose" },
	  .help = "show the old and the new values",
	  .kind = OPTION_FLAG,
	  .offset = AT(verbose),
	  .group = OPTION_GROUP_GENERAL },
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "one manager has a scope" },
};

static const struct option_foreign foreign[] = {
	{ "time", "it is kept by the cgscope that started the command" },
	{ "cpu-time", "it is kept by the cgscope that started the command" },
};

const struct option_table set_option_table = {
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.conflicts = conflicts,
	.n_conflicts = ARRAY_SIZE(conflicts),
	.foreign = foreign,
	.n_foreign = ARRAY_SIZE(foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = 1U << CG2_LIMIT_WALL_TIME | 1U << CG2_LIMIT_CPU_TIME,
};

static void show_change(void *userdata, const struct cg2_limit_info *info, const char *before,
			const char *after)
{
	const struct set_options *opts = userdata;

	if (opts->verbose)
		message_info("%s: %s -> %s", info->file, *before ? before : "nothing",
			     *after ? after : "nothing");
}

/* What is there only as long as the unit or the machine runs. */
static void say_how_long(struct cg2_scope *scope, const struct set_options *opts)
{
	const char *name = cg2_scope_get_name(scope), *dot = strrchr(name, '.');

	if (opts->quiet || opts->persistent || !cg2_scope_is_unit(scope) ||
	    (dot && strcmp(dot, ".scope") == 0))
		return;
	message_info("%s has these limits until the next boot; --persistent keeps them", name);
}

static int set_limits(struct cg2_ctx *ctx, struct set_options *opts, const char *word)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const char *const words[] = { word, NULL };
	int r;

	r = cg2_scopes_resolve(ctx, (enum cg2_manager)opts->manager, words, 0, &scopes, &err);
	for (size_t i = 0; r == 0 && scopes[i]; i++) {
		r = cg2_scope_set(scopes[i], opts->limits, opts->persistent, opts->reclaim_usec,
				  show_change, opts, &err);
		if (r == 0)
			say_how_long(scopes[i], opts);
	}
	if (r < 0)
		message_error(&err);
	return r < 0 ? STATUS_FAILED : STATUS_OK;
}

static bool has_limits(struct cg2_limits *limits)
{
	bool has_any = false;

	for (unsigned int i = 0; cg2_limit_get_info(i); i++) {
		_cleanup_free_ char *text = NULL;

		has_any |= cg2_limits_to_string(limits, (enum cg2_limit)i, &text) > 0;
	}
	return has_any;
}

static int set_parsed(struct cg2_ctx *ctx, const struct invocation *inv,
		      struct set_options *opts)
{
	_cleanup_free_ char *error = NULL;
	enum option_result result;
	size_t n = 0;

	result = options_parse(inv->verb->options, inv->verb->name, opts, inv->argv, &n, &error);
	if (result != OPTIONS_PARSED)
		return verb_answer(inv, result, error);
	if (n == 1 && has_limits(opts->limits))
		return set_limits(ctx, opts, inv->argv[0]);
	message_usage("%s", n == 1 ? "set needs a limit, as in --mem 512M"
				   : "set needs one scope; a pattern is for more of them");
	return inv->verb->usage_status;
}

int set_main(const struct invocation *inv)
{
	struct set_options opts = { .manager = CG2_MANAGER_AUTO,
				    .reclaim_usec = RECLAIM_DEFAULT_USEC };
	_cleanup_(cg2_ctx_unrefp) struct cg2_ctx *ctx = NULL;
	int status;

	if (verb_open_ctx(false, &ctx) < 0 || cg2_limits_new(ctx, &opts.limits) < 0)
		return STATUS_FAILED;
	status = set_parsed(ctx, inv, &opts);
	cg2_limits_unref(opts.limits);
	return status;
}
