/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verb check: its options, and what it ends with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/check/check.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/verb/verb.h"

#define AT(member) offsetof(struct check_options, member)

static const struct option rows[] = {
	OPTION_ROW_UID(AT(uid), "check the slice of this user (name or number)"),
	{ .names = { "worst" },
	  .help = "list cgroups with less than 10% of a limit left",
	  .kind = OPTION_FLAG,
	  .offset = AT(worst),
	  .group = OPTION_GROUP_TARGET },
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET,
			"TARGET is a unit of your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "TARGET is a unit of the system manager"),
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_COLOR(AT(color)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a unit belongs to one manager" },
	{ "worst", "uid", "the whole machine is checked" },
};

static const struct option_foreign foreign[] = {
	OPTION_FOREIGN_TIMES("cgroups have no such limit; cgscope run enforces it"),
};

const struct option_table check_option_table = {
	OPTION_DEFAULTS(struct check_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_FOREIGN(foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = OPTION_LIMITS_OF_TIME,
};

/* Why there is no target; a unit that has failed is a finding all the same. */
static int no_target(struct cg2_ctx *ctx, const struct check_options *opts, struct cg2_error *err)
{
	struct check_failed failed = { .text = NULL };
	int status;

	if (err->code != ESRCH || !opts->target || !check_explain_failed(ctx, opts, &failed))
		return verb_failed(err);
	/* What it hints at is what has been done. */
	free(err->hint);
	err->hint = NULL;
	status = verb_failed(err);
	if (opts->json)
		status = check_print_failed_json(&failed.finding, opts->target, status);
	else
		check_print_finding(&failed.finding, table_wants_color(opts->color));
	check_failed_clear(&failed);
	return status;
}

static int check_target(struct cg2_ctx *ctx, const struct check_options *opts)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_check_unrefp) struct cg2_check *check = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_finding finding = { .size = sizeof(finding) };
	int r, status = STATUS_OK;

	r = opts->uid ? cg2_target_open_user(ctx, opts->uid, &target, &err)
		      : cg2_target_open(ctx, opts->target,
					(enum cg2_manager)opts->manager, &target, &err);
	if (r < 0)
		return no_target(ctx, opts, &err);
	r = cg2_check_read(target, opts->limits, &check, &err);
	if (r < 0)
		return verb_failed(&err);
	for (size_t i = 0; cg2_check_get_finding(check, i, &finding) > 0; i++)
		if (finding.severity >= CG2_SEVERITY_WARNING)
			status = STATUS_FAILED;
	if (opts->json)
		return check_print_json(check, cg2_target_get_name(target), status);
	r = check_print_text(check, table_wants_color(opts->color));
	return r ? r : status;
}

static int check_worst(struct cg2_ctx *ctx, const struct check_options *opts)
{
	_cleanup_(cg2_worst_unrefp) struct cg2_worst *worst = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_worst_entry entry = { .size = sizeof(entry) };
	int r, status;

	if (cg2_worst_read(ctx, CHECK_WORST_PERMYRIAD, &worst, &err) < 0)
		return verb_failed(&err);
	status = cg2_worst_get(worst, 0, &entry) > 0 ? STATUS_FAILED : STATUS_OK;
	if (opts->json)
		return check_print_worst_json(worst, status);
	r = check_print_worst_text(worst, table_wants_color(opts->color));
	return r ? r : status;
}

int check_main(const struct invocation *inv)
{
	struct check_options *opts = inv->options;

	if (inv->argc > 1)
		return verb_usage(inv, "more than one target given: '%s'", inv->argv[1]);
	if (inv->argc == 1 && (opts->uid || opts->worst))
		return verb_usage(inv, opts->uid ? "--uid names the target already"
						 : "--worst checks the whole machine");
	if (opts->worst && options_have_limits(opts->limits))
		return verb_usage(inv, "--worst takes no limits");
	opts->target = inv->argv[0];
	return opts->worst ? check_worst(inv->ctx, opts) : check_target(inv->ctx, opts);
}
