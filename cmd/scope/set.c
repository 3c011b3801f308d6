/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope set": new limits for a scope, a nested run or a unit that is there.
 */
#include "cmd/scope/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/verb/verb.h"
#include "libcg2.h"

#define RECLAIM_DEFAULT_USEC (10 * USEC_PER_SEC)

struct set_options {
	struct cg2_limits *limits;
	struct option_list properties; /* NAME=VALUE each */
	unsigned int manager;	       /* enum cg2_manager */
	bool unlimited;
	bool persistent;
	uint64_t reclaim_usec;
	bool json;
	bool quiet;
	bool verbose;
};

#define AT(member) offsetof(struct set_options, member)

static const struct option rows[] = {
	OPTION_ROW_PROPERTY(AT(properties)),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"the scope belongs to your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "the scope belongs to the system manager"),
	{ .names = { "unlimited" },
	  .help = "take off all limits but those that are given",
	  .kind = OPTION_FLAG,
	  .offset = AT(unlimited),
	  .group = OPTION_GROUP_SCOPE },
	{ .names = { "persistent" },
	  .help = "keep the change across reboots; not for scopes",
	  .kind = OPTION_FLAG,
	  .offset = AT(persistent),
	  .group = OPTION_GROUP_SCOPE },
	{ .names = { "reclaim" },
	  .metavar = "DURATION",
	  .help = "time to reclaim memory before limiting it (10s)",
	  .kind = OPTION_DURATION,
	  .offset = AT(reclaim_usec),
	  .complete = OPTION_COMPLETE_DURATION,
	  .group = OPTION_GROUP_SCOPE },
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_QUIET(AT(quiet), "do not print how long the change lasts"),
	{ .short_name = 'v',
	  .names = { "verbose" },
	  .help = "show the old and the new values",
	  .kind = OPTION_FLAG,
	  .offset = AT(verbose),
	  .group = OPTION_GROUP_GENERAL },
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
};

static const struct option_foreign foreign[] = {
	OPTION_FOREIGN_TIMES("the cgscope that started the command enforces it"),
};

const struct option_table set_option_table = {
	OPTION_DEFAULTS(struct set_options, .manager = CG2_MANAGER_AUTO,
			.reclaim_usec = RECLAIM_DEFAULT_USEC),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_FOREIGN(foreign),
	.limits = true,
	.limits_offset = AT(limits),
	.limits_left_out = OPTION_LIMITS_OF_TIME,
};

/* What a change is told to. */
struct changes {
	const struct set_options *opts;
	struct set_scope *set;
};

static void note_change(void *userdata, const struct cg2_change *change)
{
	struct changes *c = userdata;
	struct set_change *grown;

	if (c->opts->verbose)
		set_say_change(change);
	if (!c->opts->json)
		return;
	grown = reallocarray(c->set->changes, c->set->n + 1, sizeof(*grown));
	if (!grown)
		return;
	c->set->changes = grown;
	grown[c->set->n] = (struct set_change){ .info = change->info,
						.property = change->property,
						.file = change->file,
						.before = strdup(change->before),
						.after = strdup(change->after) };
	if (grown[c->set->n].before && grown[c->set->n].after)
		c->set->n++;
}

static void set_scope_clear(struct set_scope *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->changes[i].before);
		free(set->changes[i].after);
	}
	free(set->changes);
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

static int set_one(struct cg2_scope *scope, const struct set_options *opts, struct set_scope *set)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct changes changes = { opts, set };
	int r;

	set->scope = scope;
	if (opts->unlimited)
		cg2_scope_lift_limits(scope);
	r = cg2_scope_set(scope, opts->limits, opts->persistent, opts->reclaim_usec, note_change,
			  &changes, &err);
	if (r < 0)
		message_error(&err);
	else
		say_how_long(scope, opts);
	return r;
}

static int set_all(struct cg2_scope *const scopes[], const struct set_options *opts)
{
	struct set_scope *sets;
	int status = STATUS_OK;
	size_t n = 0, done = 0;

	while (scopes[n])
		n++;
	sets = calloc(n + 1, sizeof(*sets));
	if (!sets)
		return verb_out_of_memory();
	for (size_t i = 0; i < n; i++)
		if (set_one(scopes[i], opts, &sets[done]) < 0) {
			status = STATUS_FAILED;
			set_scope_clear(&sets[done]);
			sets[done] = (struct set_scope){ .n = 0 };
		} else {
			done++;
		}
	if (opts->json)
		status = set_print_json(sets, done, status);
	for (size_t i = 0; i < done; i++)
		set_scope_clear(&sets[i]);
	free(sets);
	return status;
}

static int add_properties(struct cg2_scope *const scopes[], const struct set_options *opts,
			  struct cg2_error *err)
{
	int r = 0;

	for (size_t i = 0; scopes[i]; i++)
		for (size_t k = 0; r == 0 && k < opts->properties.n_words; k++)
			r = cg2_scope_add_property(scopes[i], opts->properties.words[k], err);
	return r;
}

int set_main(const struct invocation *inv)
{
	const struct set_options *opts = inv->options;
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (inv->argc == 0 || !*inv->argv[0])
		return verb_usage(inv, "no scope given: cgscope set SCOPE --mem 300M");
	if (inv->argc > 1)
		return verb_usage(inv, "more than one scope given: '%s'; use a pattern for several",
				  inv->argv[1]);
	if (!options_have_limits(opts->limits) && opts->properties.n_words == 0 &&
	    !opts->unlimited)
		return verb_usage(inv, "no limit given: cgscope set SCOPE --mem 300M, or "
				       "--unlimited");
	if (cg2_scopes_resolve(inv->ctx, (enum cg2_manager)opts->manager,
			       (const char *const *)inv->argv, CG2_SCOPES_PID, &scopes, &err) < 0)
		return verb_failed(&err);
	if (add_properties(scopes, opts, &err) < 0)
		return verb_usage_error(inv, &err);
	return set_all(scopes, opts);
}
