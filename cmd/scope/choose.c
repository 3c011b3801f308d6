/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On which scopes stop, kill, freeze and thaw act: those that were named, or all.
 */
#include "cmd/scope/choose.h"

#include "cmd/output/message.h"

static void tell_missing(void *userdata _unused_, const char *word _unused_,
			 const struct cg2_error *err)
{
	message_error(err);
}

/* What runs cgscope stays as it is. */
static bool is_spared(struct cg2_scope *scope, const struct choice *choice)
{
	return !choice->is_forced && cg2_scope_holds_caller(scope);
}

/* What is below one that is acted on ends, or stands still, with it. */
static bool is_covered(struct cg2_scope *scope, const struct choice *choice)
{
	struct cg2_scope *parent = cg2_scope_get_parent(scope);

	return parent && !is_spared(parent, choice);
}

static void leave_out(struct cg2_scope **scopes, const struct choice *choice)
{
	size_t n = 0;

	for (size_t i = 0; scopes[i]; i++) {
		bool spared = is_spared(scopes[i], choice);

		if (spared)
			message_warning("%s is left alone: cgscope itself runs in it",
					cg2_scope_get_name(scopes[i]));
		if (spared || is_covered(scopes[i], choice))
			cg2_scope_unref(scopes[i]);
		else
			scopes[n++] = scopes[i];
	}
	scopes[n] = NULL;
}

int choose_scopes(struct cg2_ctx *ctx, const struct choice *choice,
		  struct cg2_scope ***ret_scopes, struct cg2_error *err)
{
	int r;

	if (choice->words)
		return cg2_scopes_resolve_each(
			ctx, choice->manager, choice->words,
			choice->is_forced || choice->is_harmless ? 0 : CG2_SCOPES_GUARD,
			tell_missing, NULL, ret_scopes, err);
	r = cg2_scopes_find(ctx, choice->manager, NULL, 0, ret_scopes, err);
	/* What was frozen by itself thaws by itself. */
	if (r == 0 && !choice->is_harmless)
		leave_out(*ret_scopes, choice);
	return r;
}
