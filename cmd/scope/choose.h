/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * On which scopes stop, kill, freeze and thaw act.
 */
#pragma once

#include <stdbool.h>

#include "base/macro.h"
#include "libcg2.h"

/* What the command line says of it. */
struct choice {
	enum cg2_manager manager;
	const char *const *words; /* ended by NULL; NULL: all that cgscope made for the user */
	bool is_forced;		  /* others' units as well, and what cgscope itself runs in */
	bool is_harmless;	  /* neither needs force for what is done to them */
};

/*
 * The scopes, ended by NULL: cg2_scopes_free(). A word that none has is told on stderr, as what
 * --all spares is. Returns how many such words there are, or -errno and nothing is to be done.
 */
int choose_scopes(struct cg2_ctx *ctx, const struct choice *choice,
		  struct cg2_scope ***ret_scopes, struct cg2_error *err) _must_check_;
