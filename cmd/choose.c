/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On which scopes stop, kill, freeze and thaw act: those that were named, or all.
 */
#include "choose.h"

#include "message.h"

static void tell_missing(void *userdata _unused_, const char *word _unused_,
			 const struct cg2_error *err)
{
	message_error(err);
}

/* What runs cgscope stays, and what is below another one ends with it. */
static void leave_out(struct cg2_scope **scopes, bool is_forced)
{
	size_t n = 0;

	for (size_t i = 0; scopes[i]; i++) {
		bool is_held = !is_forced && cg2_scope_holds_caller(scopes[i]);

		if (is_held)
			message_warning("%s stays as it is: cgscope itself runs in there",
					cg2_scope_get_name(scopes[i]));
		if (is_held || cg2_scope_get_parent(scopes[i]))
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
		return cg2_scopes_resolve_each(ctx, choice->manager, choice->words,
					       choice->is_forced ? 0 : CG2_SCOPES_GUARD,
					       tell_missing, NULL, ret_scopes, err);
	r = cg2_scopes_find(ctx, choice->manager, NULL, 0, ret_scopes, err);
	if (r == 0)
		leave_out(*ret_scopes, choice->is_forced);
	return r;
}
