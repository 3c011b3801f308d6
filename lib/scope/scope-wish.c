/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names and properties of a scope that is to be, and the start of one that has them.
 */
#include "scope/scope-wish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scope/dead-unit.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* A made-up name is in use once in four billion times; then another one will do. */
#define NAME_TRIES 3

void scope_wish_clear(struct scope_wish *wish)
{
	free(wish->unit);
	free(wish->prefix);
	free(wish->slice);
	free(wish->description);
	property_list_clear(&wish->properties);
	*wish = (struct scope_wish){ .unit = NULL };
}

static int set_text(char **text, char *value)
{
	if (!value)
		return -ENOMEM;
	free(*text);
	*text = value;
	return 0;
}

static int set_name(char **text, const char *name, const char *suffix, const char *what,
		    struct cg2_error *reterr)
{
	char *unit = NULL;
	int r = unit_name_complete(name, suffix, what, &unit, reterr);

	return r < 0 ? r : set_text(text, unit);
}

int scope_wish_set_unit(struct scope_wish *wish, const char *name, struct cg2_error *reterr)
{
	return set_name(&wish->unit, name, ".scope", "name", reterr);
}

int scope_wish_set_slice(struct scope_wish *wish, const char *slice, struct cg2_error *reterr)
{
	return set_name(&wish->slice, slice, ".slice", "slice", reterr);
}

int scope_wish_set_prefix(struct scope_wish *wish, const char *prefix, struct cg2_error *reterr)
{
	int r = unit_prefix_check(prefix, reterr);

	if (r < 0)
		return r;
	r = set_text(&wish->prefix, strdup(prefix));
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, "prefix", prefix) : 0;
}

int scope_wish_set_description(struct scope_wish *wish, const char *text,
			       struct cg2_error *reterr)
{
	int r;

	if (!property_is_line(text))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, "description", text,
				  "must be one line of UTF-8");
	r = set_text(&wish->description, strdup(text));
	return r < 0 ? error_set(reterr, CG2_OP_PARSE, r, "description", text) : 0;
}

static int choose_name(struct scope_wish *wish, const char *command, struct cg2_error *reterr)
{
	char *unit;
	int r = 0;

	if (wish->unit && !wish->is_unit_made_up)
		return 0;
	if (!wish->prefix)
		r = unit_prefix_of_command(command, &wish->prefix);
	if (r == 0)
		r = unit_name_make_up(wish->prefix, &unit);
	if (r < 0)
		return error_set(reterr, CG2_OP_CALL, r, wish->prefix, NULL);
	wish->is_unit_made_up = true;
	return set_text(&wish->unit, unit);
}

static void fill_request(const struct scope_wish *wish, struct scope_request *q)
{
	q->unit = wish->unit;
	q->slice = wish->slice;
	q->description = wish->description ? wish->description
			 : wish->prefix	   ? wish->prefix
					   : wish->unit;
	q->properties = wish->properties.list;
	q->n_properties = wish->properties.n;
}

int scope_wish_start(struct scope_wish *wish, struct cg2_ctx *ctx, struct bus *bus,
		     const char *command, struct scope_request *request, uint64_t *end_usec,
		     struct cg2_error *reterr)
{
	for (int i = 1;; i++) {
		int r = choose_name(wish, command, reterr);

		if (r < 0)
			return r;
		fill_request(wish, request);
		r = scope_start(bus, request, end_usec, reterr);
		if (r != -EEXIST || i == NAME_TRIES)
			return r;
		if (!wish->is_unit_made_up && !dead_unit_clear(ctx, bus, wish->unit))
			return r;
		cg2_error_clear(reterr);
	}
}
