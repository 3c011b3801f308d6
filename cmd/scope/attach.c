/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope attach" and "cgscope move": processes that run already.
 */
#include "cmd/scope/attach.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/verb/verb.h"
#include "libcg2.h"

struct attach_options {
	struct cg2_limits *limits;
	struct option_list properties; /* NAME=VALUE each */
	unsigned int manager; /* enum cg2_manager */
	const char *slice;    /* here and below NULL: not given */
	const char *name;
	const char *prefix;
	const char *description;
	bool no_children;
	bool force;
	bool json;
	bool quiet;
	bool verbose;
};

#define AT(member) offsetof(struct attach_options, member)

static const struct option attach_rows[] = {
	OPTION_ROW_PROPERTY(AT(properties)),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"create the scope in your user manager (default)"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "create it in the system manager (default for root)"),
	OPTION_ROW_SLICE(AT(slice)),
	OPTION_ROW_NAME(AT(name)),
	OPTION_ROW_PREFIX(AT(prefix)),
	OPTION_ROW_DESCRIPTION(AT(description)),
	{ .names = { "no-children" },
	  .help = "do not move the processes' children",
	  .kind = OPTION_FLAG,
	  .offset = AT(no_children),
	  .group = OPTION_GROUP_COMMAND },
	OPTION_ROW_FORCE(AT(force), "allow login leaders, main processes, other scopes",
			 OPTION_GROUP_COMMAND),
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_QUIET(AT(quiet), "do not print notes"),
	OPTION_ROW_VERBOSE(AT(verbose)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
	{ "name", "prefix", "a prefix is for generated names" },
};

static const struct option_foreign attach_foreign[] = {
	{ "cpu-time", "it cannot be enforced on attached processes; --cpu limits their CPU usage" },
};

const struct option_table attach_option_table = {
	OPTION_DEFAULTS(struct attach_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(attach_rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_FOREIGN(attach_foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = 1U << CG2_LIMIT_CPU_TIME,
};

static const struct option move_rows[] = {
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"the scope belongs to your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "the scope belongs to the system manager"),
	OPTION_ROW_FORCE(AT(force), "allow login leaders, main processes, other scopes",
			 OPTION_GROUP_COMMAND),
	OPTION_ROW_VERBOSE(AT(verbose)),
};

const struct option_table move_option_table = {
	OPTION_DEFAULTS(struct attach_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(move_rows),
	.conflicts = conflicts,
	.n_conflicts = 1,
};

/* 0 and the PIDs, or the status of a usage error. */
static int parse_pids(const struct invocation *inv, char **words, size_t n, pid_t **ret_pids)
{
	_cleanup_free_ pid_t *pids = calloc(n + 1, sizeof(*pids));

	if (!pids)
		return verb_out_of_memory();
	for (size_t i = 0; i < n; i++) {
		uint64_t pid;

		if (cg2_u64_from_string(words[i], &pid) < 0 || pid == 0 || pid > INT32_MAX)
			return verb_usage(inv, "'%s': expected a PID", words[i]);
		pids[i] = (pid_t)pid;
	}
	*ret_pids = take_ptr(&pids);
	return 0;
}

/* ---- attach ---- */

static int set_attach_names(struct cg2_attach *a, const struct attach_options *opts,
			    struct cg2_error *err)
{
	int r = 0;

	cg2_attach_set_manager(a, (enum cg2_manager)opts->manager);
	cg2_attach_set_forced(a, opts->force);
	cg2_attach_set_children(a, !opts->no_children);
	if (opts->name)
		r = cg2_attach_set_unit(a, opts->name, err);
	if (r == 0 && opts->prefix)
		r = cg2_attach_set_prefix(a, opts->prefix, err);
	if (r == 0 && opts->slice)
		r = cg2_attach_set_slice(a, opts->slice, err);
	if (r == 0 && opts->description)
		r = cg2_attach_set_description(a, opts->description, err);
	for (size_t i = 0; r == 0 && i < opts->properties.n_words; i++)
		r = cg2_attach_add_property(a, opts->properties.words[i], err);
	return r;
}

static int attach_pids(struct cg2_attach *a, const struct attach_options *opts,
		       const pid_t *pids)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r = 0, status;

	for (size_t i = 0; r == 0 && pids[i]; i++)
		r = cg2_attach_add(a, pids[i], &err);
	if (r == 0)
		r = cg2_attach_start(a, &err);
	if (r < 0)
		return verb_failed(&err);
	status = r > 0 ? STATUS_FAILED : STATUS_OK;
	if (opts->json)
		return attach_print_json(a, status);
	puts(cg2_attach_get_unit(a));
	return status;
}

int attach_main(const struct invocation *inv)
{
	const struct attach_options *opts = inv->options;
	_cleanup_(cg2_attach_unrefp) struct cg2_attach *a = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ pid_t *pids = NULL;
	int status;

	if (inv->argc == 0)
		return verb_usage(inv, "no process given: cgscope attach --mem 2G PID...");
	status = parse_pids(inv, inv->argv, inv->argc, &pids);
	if (status)
		return status;
	/* A process that could not be moved is told of in any case. */
	verb_set_log(inv, opts->quiet	  ? CG2_LOG_WARNING
			  : opts->verbose ? CG2_LOG_INFO
					  : CG2_LOG_NOTICE);
	if (cg2_attach_new(inv->ctx, opts->limits, &a) < 0)
		return verb_out_of_memory();
	if (set_attach_names(a, opts, &err) < 0)
		return verb_usage_error(inv, &err);
	verb_raise_descriptors();
	return attach_pids(a, opts, pids);
}

/* ---- move ---- */

static int move_pids(struct cg2_ctx *ctx, const struct attach_options *opts, const char *word,
		     const pid_t *pids, size_t n)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const char *const words[] = { word, NULL };
	int r;

	if (cg2_scopes_resolve(ctx, (enum cg2_manager)opts->manager, words, CG2_SCOPES_ONE,
			       &scopes, &err) < 0)
		return verb_failed(&err);
	verb_raise_descriptors();
	r = cg2_scope_move(scopes[0], pids, n, opts->force, &err);
	if (r < 0)
		return verb_failed(&err);
	n -= (size_t)r;
	if (opts->verbose)
		message_info("moved %zu process%s to %s", n, n == 1 ? "" : "es",
			     cg2_scope_get_path(scopes[0]));
	return r > 0 ? STATUS_FAILED : STATUS_OK;
}

int move_main(const struct invocation *inv)
{
	const struct attach_options *opts = inv->options;
	_cleanup_free_ pid_t *pids = NULL;
	int status;

	if (inv->argc < 2)
		return verb_usage(inv, "no %s given: cgscope move SCOPE PID...",
				  inv->argc == 0 ? "scope" : "process");
	status = parse_pids(inv, inv->argv + 1, inv->argc - 1, &pids);
	if (status)
		return status;
	if (opts->verbose)
		verb_set_log(inv, CG2_LOG_INFO);
	return move_pids(inv->ctx, opts, inv->argv[0], pids, inv->argc - 1);
}
