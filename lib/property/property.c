/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Properties from "NAME=VALUE": what NAME stands for, why it may not be given, and the
 * life of the value that the parsers of its kind make of VALUE.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/typo.h"
#include "limit/limit.h"
#include "property/property-kind.h"
#include "value/error.h"

#define BLANKS " \t"

/* ------------------------------------------------------------------------------------
 * Names
 */

static const struct property_info *find_info(const char *name)
{
	for (const struct property_info *info = property_table; info->name; info++)
		if (strcmp(info->name, name) == 0)
			return info;
	return NULL;
}

static bool matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern);

	if (pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strcmp(pattern, name) == 0;
}

/* Fills ret with the reason why name may not be given, if there is one. */
static bool find_refused(const char *name, struct property_refused *ret)
{
	const struct cg2_limit_info *info;

	for (unsigned int i = 0; (info = cg2_limit_get_info(i)); i++)
		if (info->property && strcmp(info->property, name) == 0) {
			*ret = (struct property_refused){ .name = name,
							  .why = PROPERTY_OF_LIMIT,
							  .limit = i };
			return true;
		}
	for (const struct property_refused *row = property_refused_table; row->name;
	     row++)
		if (matches(row->name, name)) {
			*ret = *row;
			return true;
		}
	return false;
}

/* Candidates for what a word was meant to be, one table after the other. "": none. */
static const char *candidate(size_t i, const void *data _unused_)
{
	const struct cg2_limit_info *limit;
	size_t n;

	for (n = 0; property_table[n].name; n++)
		if (n == i)
			return property_table[n].name;
	i -= n;
	for (n = 0; property_refused_table[n].name; n++)
		if (n == i)
			return strchr(property_refused_table[n].name, '*')
				       ? ""
				       : property_refused_table[n].name;
	limit = cg2_limit_get_info((unsigned int)(i - n));
	if (!limit)
		return NULL;
	return limit->property ? limit->property : "";
}

/* ------------------------------------------------------------------------------------
 * Refusals
 */

static int fail(struct cg2_error *reterr, const char *assignment, const char *detail)
{
	return error_setf(reterr, CG2_OP_PARSE, EINVAL, "-p", assignment, "%s", detail);
}

static int refuse_unknown(const char *assignment, const char *name,
			  struct cg2_error *reterr)
{
	const char *near = typo_nearest(name, candidate, NULL);

	if (near)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, "-p", assignment,
				  "unknown property, did you mean %s?", near);
	fail(reterr, assignment, "a scope has no property of that name");
	error_hint(reterr, "see systemd.resource-control(5), systemd.kill(5), "
			   "systemd.scope(5) and systemd.unit(5)");
	return -EINVAL;
}

static int refuse_service(const char *assignment, const char *name, const char *instead,
			  struct cg2_error *reterr)
{
	error_setf(reterr, CG2_OP_PARSE, EINVAL, "-p", assignment,
		   "%s is a property of services, a scope does not have it", name);
	if (instead)
		error_hint(reterr, "%s", instead);
	return -EINVAL;
}

static int refuse(const char *assignment, const char *name,
		  const struct property_refused *refused, struct cg2_error *reterr)
{
	/* What is around the words that say what there is instead. */
	static const struct {
		const char *before;
		const char *after;
	} texts[] = {
		[PROPERTY_OF_LIMIT] = { "write --", " instead" },
		[PROPERTY_OF_OPTION] = { "write --", " instead" },
		[PROPERTY_V1_LIMIT] = { "it is of cgroup v1; write --", " instead" },
		[PROPERTY_V1_PROPERTY] = { "it is of cgroup v1; write -p ", "= instead" },
		[PROPERTY_NOT_TRANSIENT] = { "no transient unit takes it; write -p ",
					     "= instead" },
		[PROPERTY_OF_RUN] = { "the run itself sets it", "" },
	};
	bool limit =
		refused->why == PROPERTY_OF_LIMIT || refused->why == PROPERTY_V1_LIMIT;
	const char *instead =
		limit ? limit_row(refused->limit)->info.option : refused->instead;

	if (refused->why == PROPERTY_OF_SERVICE)
		return refuse_service(assignment, name, instead, reterr);
	return error_setf(reterr, CG2_OP_PARSE, EINVAL, "-p", assignment, "%s%s%s",
			  texts[refused->why].before, instead ? instead : "",
			  texts[refused->why].after);
}

static int refuse_value(const struct property *property, int code, const char *assignment,
			struct cg2_error *reterr)
{
	const struct property_info *info = property->info;
	const char *accepts = property_syntax(property)->accepts;

	if (code == -ENOMEM)
		return error_set(reterr, CG2_OP_PARSE, code, "-p", assignment);
	return error_setf(reterr, CG2_OP_PARSE, code, "-p", assignment, "%s takes %s%s%s",
			  info->name, accepts ? accepts : "one of ",
			  accepts ? "" : info->choices,
			  info->scale ? " or a percentage" : "");
}

/* ------------------------------------------------------------------------------------
 * Values
 */

/* text without the blanks around; ends it where its last word ends. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, BLANKS);
	for (end = text + strlen(text); end > text && strchr(BLANKS, end[-1]); end--)
		;
	*end = '\0';
	return text;
}

static int parse_value(struct property *property, const char *assignment,
		       struct cg2_error *reterr)
{
	const struct property_syntax *syntax = property_syntax(property);
	const struct property_info *info = property->info;
	int r;

	property->bus_name = info->bus_name ? info->bus_name : info->name;
	property->type = syntax->type;
	r = syntax->parse(property, property->value);
	return r < 0 ? refuse_value(property, r, assignment, reterr) : 0;
}

int property_parse(const char *assignment, struct property **ret,
		   struct cg2_error *reterr)
{
	_cleanup_(property_freep) struct property *property =
		calloc(1, sizeof(*property));
	struct property_refused refused;
	char *equals, *name;
	int r;

	if (!property || !(property->assignment = strdup(assignment)))
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, "-p", assignment);
	if (!property_is_line(assignment))
		return fail(reterr, assignment, "a property is one line of UTF-8");
	equals = strchr(property->assignment, '=');
	if (equals)
		*equals = '\0';
	name = trim(property->assignment);
	if (!equals || *name == '\0')
		return fail(reterr, assignment, "a property is given as NAME=VALUE");
	property->value = trim(equals + 1);
	property->info = find_info(name);
	if (!property->info && find_refused(name, &refused))
		return refuse(assignment, name, &refused, reterr);
	if (!property->info)
		return refuse_unknown(assignment, name, reterr);
	r = parse_value(property, assignment, reterr);
	if (r < 0)
		return r;
	*ret = take_ptr(&property);
	return 0;
}

const char *property_name(const struct property *property)
{
	return property->info->name;
}

const char *property_value(const struct property *property)
{
	return property->value;
}

bool property_is_privileged(const struct property *property)
{
	return property->info->is_privileged;
}

unsigned int property_since(const struct property *property)
{
	return property->info->since;
}

/* ------------------------------------------------------------------------------------
 * The cgroup
 */

const char *property_file(const struct property *property)
{
	return property->info->files[0];
}

const char *property_other_file(const struct property *property)
{
	return property->info->files[1];
}

int property_verify_value(const struct property *property, const char *buf, size_t len)
{
	const struct property_syntax *syntax = property_syntax(property);

	return syntax->verify ? syntax->verify(property, buf, len) : -EOPNOTSUPP;
}

int property_file_text(const struct property *property, uint64_t total_bytes,
		       char **ret_text)
{
	const struct property_syntax *syntax = property_syntax(property);

	if (!property->info->files[0] || !syntax->file_text)
		return -EOPNOTSUPP;
	return syntax->file_text(property, total_bytes, ret_text);
}

uint64_t property_cpu_period_usec(const struct property *property)
{
	return property->info->kind == PROPERTY_PERIOD ? property->atoms[0].number : 0;
}

bool property_is_direct(const struct property *property)
{
	return property->info->files[0] && property_syntax(property)->file_text;
}
