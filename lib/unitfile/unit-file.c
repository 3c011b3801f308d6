/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A service, a template or a drop-in with limits: what it can be for.
 */
#include "unitfile/unit-file.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "systemd/unit-name.h"
#include "value/error.h"

static const struct unit_file_type types[] = {
	{ ".service", "Service", true }, { ".slice", "Slice", false },
	{ ".socket", "Socket", false },	 { ".mount", "Mount", false },
	{ ".swap", "Swap", false },
};

static const char *const kind_names[] = {
	[CG2_UNIT_FILE_SERVICE] = "service",
	[CG2_UNIT_FILE_TEMPLATE] = "template",
	[CG2_UNIT_FILE_DROP_IN] = "drop-in",
	[CG2_UNIT_FILE_QUADLET] = "quadlet",
};

CG2_EXPORT const char *cg2_unit_file_kind_to_string(unsigned int kind)
{
	return kind < ARRAY_SIZE(kind_names) ? kind_names[kind] : NULL;
}

/* ---- names ---- */

/* "x@.service"; what is between the two makes it an instance. */
static bool is_template(const char *unit)
{
	const char *at = strchr(unit, '@');

	return at && at[1] == '.';
}

/* "user-.slice" has no units of that name, and its drop-ins are those of all "user-*.slice". */
static bool is_prefix(const char *unit)
{
	const char *dot = strrchr(unit, '.');

	return dot && dot > unit && dot[-1] == '-';
}

bool unit_file_is_for_many(const struct cg2_unit_file *file)
{
	return is_template(file->unit) || is_prefix(file->unit);
}

static int check_type(struct cg2_unit_file *file, struct cg2_error *reterr)
{
	const char *dot = strrchr(file->unit, '.');
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(dot, types[i].suffix) == 0)
			file->type = &types[i];
	if (strcmp(dot, ".scope") == 0) {
		r = error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
			       "a scope has no file: whoever starts it says its limits");
		error_hint(reterr, "for one that runs: cgscope set %s", file->unit);
		return r;
	}
	if (!file->type)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
				  "units of that type have no limits");
	if (file->kind != CG2_UNIT_FILE_DROP_IN && strcmp(dot, ".service") != 0)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
				  "only a service has a command");
	if (file->kind != CG2_UNIT_FILE_DROP_IN && is_prefix(file->unit))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
				  "a name cannot end with a dash");
	return 0;
}

static int set_unit(struct cg2_unit_file *file, const char *name, struct cg2_error *reterr)
{
	if (!unit_name_is_valid(name) || *name == '.' || *name == '@')
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, name,
				  *name ? "a unit name has only letters, digits and :-_.\\@"
					: "the name is empty");
	file->unit = text_format("%s%s", name, strrchr(name, '.') ? "" : ".service");
	if (!file->unit)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, name);
	if (file->kind == CG2_UNIT_FILE_SERVICE && is_template(file->unit))
		file->kind = CG2_UNIT_FILE_TEMPLATE;
	return check_type(file, reterr);
}

/* ---- limits ---- */

/* What only units with processes of their own have, and what nobody would keep. */
static int check_limits(const struct cg2_unit_file *file, struct cg2_error *reterr)
{
	static const enum cg2_limit of_processes[] = { CG2_LIMIT_OOM_GROUP, CG2_LIMIT_WALL_TIME };

	if (limits_has(file->limits, CG2_LIMIT_CPU_TIME)) {
		error_setf(reterr, CG2_OP_PARSE, EOPNOTSUPP, NULL, file->unit,
			   "systemd enforces no CPU time; a command that cgscope runs has one");
		error_limit(reterr, CG2_LIMIT_CPU_TIME);
		return -EOPNOTSUPP;
	}
	for (size_t i = 0; !file->type->has_processes && i < ARRAY_SIZE(of_processes); i++) {
		if (!limits_has(file->limits, of_processes[i]))
			continue;
		error_setf(reterr, CG2_OP_PARSE, EOPNOTSUPP, NULL, file->unit,
			   "a unit of that type has no %s=",
			   limit_row(of_processes[i])->info.property);
		error_limit(reterr, of_processes[i]);
		return -EOPNOTSUPP;
	}
	return 0;
}

static int set_limits(struct cg2_unit_file *file, struct cg2_limits *limits,
		      struct cg2_error *reterr)
{
	int r = limits ? limits_dup(limits, &file->limits)
		       : cg2_limits_new(file->ctx, &file->limits);

	if (r < 0)
		return error_set(reterr, CG2_OP_PARSE, r, NULL, file->unit);
	limits_complete(file->limits);
	return check_limits(file, reterr);
}

/* "all", or controllers as users separate them: by commas or blanks. */
static int set_delegate(struct cg2_unit_file *file, const char *words, struct cg2_error *reterr)
{
	_cleanup_free_ char *copy = NULL;
	char *word, *save = NULL;

	if (!words)
		return 0;
	if (!file->type->has_processes)
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, file->unit,
				  "only a service can be delegated controllers");
	file->delegate = strdup(strcmp(words, "all") == 0 ? "yes" : words);
	copy = strdup(words);
	if (!file->delegate || !copy)
		return error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, words);
	for (char *p = file->delegate; *p; p++)
		if (*p == ',')
			*p = ' ';
	if (strcmp(words, "all") == 0)
		return 0;
	for (word = strtok_r(copy, ", ", &save); word; word = strtok_r(NULL, ", ", &save))
		if (cg2_controller_from_string(word) < 0)
			return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, word,
					  "no controller; write all, or some of cpu, cpuset, io, "
					  "memory and pids");
	return *words ? 0
		      : error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, words,
				   "write all, or names of controllers");
}

/* ---- the object ---- */

/* All but its place. */
static int set_contents(struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
			const char *name, struct cg2_error *reterr)
{
	int r;

	file->kind = settings->is_quadlet ? CG2_UNIT_FILE_QUADLET
		     : settings->argv	  ? CG2_UNIT_FILE_SERVICE
					  : CG2_UNIT_FILE_DROP_IN;
	file->manager = settings->is_global ? CG2_MANAGER_USER
					    : bus_manager((enum cg2_manager)settings->manager);
	file->is_global = settings->is_global;
	r = set_unit(file, name, reterr);
	if (r == 0)
		r = set_limits(file, settings->limits, reterr);
	if (r == 0)
		r = set_delegate(file, settings->delegate, reterr);
	return r;
}

static struct cg2_unit_file *new_file(struct cg2_ctx *ctx)
{
	struct cg2_unit_file *file = calloc(1, sizeof(*file));

	if (file) {
		file->n_ref = 1;
		file->ctx = cg2_ctx_ref(ctx);
	}
	return file;
}

CG2_EXPORT int cg2_unit_file_new(struct cg2_ctx *ctx, const struct cg2_unit_settings *settings,
				 struct cg2_unit_file **ret_file, struct cg2_error *err)
{
	_cleanup_(cg2_unit_file_unrefp) struct cg2_unit_file *file = new_file(ctx);
	int r;

	if (!file)
		return error_set(err, CG2_OP_PARSE, ENOMEM, NULL, settings->name);
	r = set_contents(file, settings, settings->name, err);
	if (r == 0)
		r = unit_file_place(file, settings, err);
	if (r == 0)
		r = unit_file_compose(file, settings, err);
	if (r < 0)
		return r;
	*ret_file = take_ptr(&file);
	return 0;
}

CG2_EXPORT int cg2_unit_settings_to_text(struct cg2_ctx *ctx,
					 const struct cg2_unit_settings *settings, char **ret_text,
					 struct cg2_error *err)
{
	_cleanup_(cg2_unit_file_unrefp) struct cg2_unit_file *file = new_file(ctx);
	const char *name = settings->name ? settings->name : "unnamed";
	_cleanup_free_ char *body = NULL;
	int r;

	if (!file)
		return error_set(err, CG2_OP_PARSE, ENOMEM, NULL, name);
	r = set_contents(file, settings, name, err);
	if (r == 0)
		r = unit_file_body(file, settings, &body, err);
	if (r < 0)
		return r;
	/* The line that is empty below the comments. */
	memmove(body, body + 1, strlen(body));
	*ret_text = take_ptr(&body);
	return 0;
}

CG2_EXPORT struct cg2_unit_file *cg2_unit_file_ref(struct cg2_unit_file *file)
{
	if (file)
		file->n_ref++;
	return file;
}

CG2_EXPORT struct cg2_unit_file *cg2_unit_file_unref(struct cg2_unit_file *file)
{
	assert(!file || file->n_ref > 0);
	if (!file || --file->n_ref > 0)
		return NULL;
	free(file->unit);
	cg2_limits_unref(file->limits);
	free(file->delegate);
	free(file->directory);
	free(file->path);
	free(file->text);
	cg2_ctx_unref(file->ctx);
	free(file);
	return NULL;
}

CG2_EXPORT enum cg2_unit_file_kind cg2_unit_file_get_kind(struct cg2_unit_file *file)
{
	return file->kind;
}

CG2_EXPORT const char *cg2_unit_file_get_unit(struct cg2_unit_file *file)
{
	return file->unit;
}

CG2_EXPORT enum cg2_manager cg2_unit_file_get_manager(struct cg2_unit_file *file)
{
	return file->manager;
}

CG2_EXPORT const char *cg2_unit_file_get_path(struct cg2_unit_file *file)
{
	return file->path;
}

CG2_EXPORT const char *cg2_unit_file_get_text(struct cg2_unit_file *file)
{
	return file->text;
}

CG2_EXPORT int cg2_unit_file_is_for_many(struct cg2_unit_file *file)
{
	return unit_file_is_for_many(file);
}
