/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What became of a unit file: whether its manager loads it, what it told the kernel, and what the
 * kernel has. Written is not in force: a later drop-in may say otherwise, a unit may have started
 * before, a controller may not be there.
 */
#include "unitfile/unit-file.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "systemd/bus.h"
#include "systemd/call.h"
#include "systemd/deadline.h"
#include "systemd/job.h"
#include "systemd/unit.h"
#include "value/error.h"

/* ---- calls ---- */

/* Others' managers cannot be asked. */
static int open_manager(const struct cg2_unit_file *file, struct bus *ret_bus,
			struct cg2_error *reterr)
{
	if (file->is_global)
		return error_setf(reterr, CG2_OP_CALL, EOPNOTSUPP, file->unit, NULL,
				  "it is for the managers of all users, which read it when "
				  "they start");
	return bus_open(file->ctx, file->manager, ret_bus, reterr);
}

CG2_EXPORT int cg2_unit_file_has_unit(struct cg2_unit_file *file, struct cg2_error *err)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error error = CG2_ERROR_INIT;
	_cleanup_free_ char *name = NULL;
	const char *at = strchr(file->unit, '@');
	struct bus bus;
	int r;

	/* Of a template only instances can be loaded; of a prefix anything may come. */
	if (unit_file_is_for_many(file) && !at)
		return 1;
	name = unit_file_is_for_many(file)
		       ? text_format("%.*scgscope%s", (int)(at + 1 - file->unit), file->unit,
				     at + 1)
		       : strdup(file->unit);
	if (!name)
		return error_set(err, CG2_OP_CALL, ENOMEM, file->unit, NULL);
	r = open_manager(file, &bus, err);
	if (r < 0)
		return r;
	r = unit_read(&bus, name, true, ANSWER_TIMEOUT_USEC, &unit, &error);
	bus_close(&bus);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		cg2_error_move(err, &error);
	return r < 0 ? r : 1;
}

static int check_loaded(struct bus *bus, const char *name, struct cg2_error *reterr)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	const char *state;
	int r;

	r = unit_read(bus, name, true, ANSWER_TIMEOUT_USEC, &unit, reterr);
	if (r < 0)
		return r;
	state = unit_get_text(unit, "LoadState");
	if (!state || strcmp(state, "loaded") == 0)
		return 0;
	r = error_setf(reterr, CG2_OP_CALL, ENOEXEC, name, NULL, "the manager says: %s", state);
	error_hint(reterr, "see: systemctl %sstatus %s",
		   bus->manager == CG2_MANAGER_USER ? "--user " : "", name);
	return r;
}

static int reload(struct bus *bus, struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r = call_new(bus, "Reload", &m);

	return r < 0 ? error_set(reterr, CG2_OP_CALL, r, "daemon-reload", NULL)
		     : call_send(bus, m, "daemon-reload", NULL, NULL, reterr);
}

CG2_EXPORT int cg2_unit_file_load(struct cg2_unit_file *file, struct cg2_error *err)
{
	struct stat st;
	struct bus bus;
	int r;

	r = open_manager(file, &bus, err);
	if (r < 0)
		return r;
	r = reload(&bus, err);
	if (r == 0 && !unit_file_is_for_many(file) && stat(file->path, &st) == 0)
		r = check_loaded(&bus, file->unit, err);
	bus_close(&bus);
	return r;
}

/* A slice holds what others run: it is never stopped for its limits. */
CG2_EXPORT int cg2_unit_file_start(struct cg2_unit_file *file, struct cg2_error *err)
{
	const char *method = file->type->has_processes ? "RestartUnit" : "StartUnit";
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	uint64_t end_usec = end_after(ANSWER_TIMEOUT_USEC);
	struct bus bus;
	struct job job = { .bus = &bus, .unit = file->unit, .failed = "it failed to start",
			   .end_usec = &end_usec, .reterr = err, .is_patient = true };
	int r;

	if (unit_file_is_for_many(file))
		return error_setf(err, CG2_OP_CALL, EINVAL, file->unit, NULL,
				  "it stands for many units; start one of them");
	r = open_manager(file, &bus, err);
	if (r < 0)
		return r;
	r = bus_wait_ready(&bus, end_usec, err);
	if (r == 0) {
		r = call_new(&bus, method, &m);
		if (r >= 0)
			r = sdbus.sd_bus_message_append(m, "ss", file->unit, "replace");
		r = r < 0 ? error_set(err, CG2_OP_CALL, r, file->unit, NULL) : job_run(&job, m);
	}
	bus_close(&bus);
	return r;
}

/* ---- one unit ---- */

/* A unit, and whom to tell what it has. */
struct look {
	const struct cg2_unit_file *file;
	const char *name;
	const struct unit *unit;
	struct cg2_group *group; /* NULL: it does not run */
	cg2_setting_fn fn;
	void *userdata;
	int n_missing;
};

static void tell(struct look *l, const char *setting, enum cg2_setting_outcome outcome,
		 const char *by, const struct cg2_error *error)
{
	_cleanup_free_ char *property = strndup(setting, strcspn(setting, "="));
	const char *value = strchr(setting, '=');
	struct cg2_setting state = { .size = sizeof(state), .unit = l->name,
				     .property = property ? property : "",
				     .value = value ? value + 1 : "", .outcome = outcome,
				     .by = by, .error = error };

	if (outcome != CG2_SETTING_IN_FORCE && outcome != CG2_SETTING_LOADED)
		l->n_missing++;
	if (l->fn)
		l->fn(l->userdata, &state);
}

/* Whether a file of systemd's sets it: "MemoryMax = 1G". */
static bool file_sets(const char *path, const char *property)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (fsio_read_regular(AT_FDCWD, path, &text, &len) < 0)
		return false;
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n");
		if (strncmp(line, property, strlen(property)) != 0)
			continue;
		line += strlen(property);
		line += strspn(line, " \t");
		if (*line == '=')
			return true;
	}
	return false;
}

/* The last file that sets it; ours is before it. The unit's. */
static const char *overridden_by(const struct look *l, const char *setting)
{
	_cleanup_free_ char *property = strndup(setting, strcspn(setting, "="));
	const char *path, *by = NULL;

	if (!property)
		return NULL;
	for (size_t i = 0; (path = unit_get_item(l->unit, "DropInPaths", i)); i++)
		if (strcmp(path, l->file->path) == 0)
			by = NULL;
		else if (file_sets(path, property))
			by = path;
	if (by || l->file->kind == CG2_UNIT_FILE_DROP_IN ||
	    l->file->kind == CG2_UNIT_FILE_QUADLET)
		return by;
	path = unit_get_text(l->unit, "FragmentPath");
	return path && strcmp(path, l->file->path) != 0 ? path : NULL;
}

/* What the manager was told of it, if it tells; a list is compared in the kernel's words alone. */
static bool is_told(const struct look *l, enum cg2_limit limit)
{
	struct cg2_limits *limits = l->file->limits;
	uint64_t wanted, told;
	const char *policy;

	if (limit == CG2_LIMIT_OOM_GROUP) {
		policy = unit_get_text(l->unit, "OOMPolicy");
		return !policy || strcmp(policy, limits->value[limit] ? "kill" : "continue") == 0;
	}
	if (cg2_limits_get(limits, limit, &wanted) <= 0)
		return true;
	if (limit == CG2_LIMIT_WALL_TIME)
		return unit_get_number(l->unit, "RuntimeMaxUSec", &told) <= 0 || told == wanted;
	return limit_read_told(l->unit, limit, &told) <= 0 || told == wanted;
}

static void look_at_limit(struct look *l, enum cg2_limit limit, const char *setting)
{
	_cleanup_(cg2_error_clear) struct cg2_error error = CG2_ERROR_INIT;
	const char *by;
	int r;

	if (!is_told(l, limit)) {
		by = overridden_by(l, setting);
		tell(l, setting, by ? CG2_SETTING_OVERRIDDEN : CG2_SETTING_MISSING, by, NULL);
		return;
	}
	if (!l->group) {
		tell(l, setting, CG2_SETTING_LOADED, NULL, NULL);
		return;
	}
	if (!limit_row(limit)->info.file) {
		tell(l, setting, CG2_SETTING_IN_FORCE, NULL, NULL);
		return;
	}
	r = limits_verify(l->file->limits, limit, &allowance_none, l->group, &error);
	if (r == 0) {
		tell(l, setting, CG2_SETTING_IN_FORCE, NULL, NULL);
		return;
	}
	by = overridden_by(l, setting);
	if (by)
		tell(l, setting, CG2_SETTING_OVERRIDDEN, by, NULL);
	else if (r == -EOPNOTSUPP)
		tell(l, setting, CG2_SETTING_MISSING, NULL, &error);
	else
		tell(l, setting, CG2_SETTING_RESTART_NEEDED, NULL, NULL);
}

/* A manager, or a service, looks at its controllers when it starts. */
static bool is_older_than_file(const struct look *l)
{
	uint64_t started;
	struct stat st;

	if (unit_get_number(l->unit, "ActiveEnterTimestamp", &started) <= 0 ||
	    stat(l->file->path, &st) < 0)
		return false;
	return started < (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC +
				 (uint64_t)st.st_mtim.tv_nsec / NSEC_PER_USEC;
}

static uint64_t delegated_controllers(const struct cg2_unit_file *file, uint64_t all)
{
	uint64_t mask = 0;
	size_t pos = 0, len;
	const char *word;

	if (strcmp(file->delegate, "yes") == 0)
		return all;
	while (cg2_parse_word(file->delegate, strlen(file->delegate), &pos, &word, &len) > 0) {
		_cleanup_free_ char *name = strndup(word, len);

		mask |= name ? controller_bit(name) : 0;
	}
	return mask;
}

static void look_at_delegation(struct look *l)
{
	_cleanup_free_ char *setting = text_format("Delegate=%s", l->file->delegate);
	uint64_t have = 0, wanted;
	const char *by = overridden_by(l, "Delegate=");

	if (!setting)
		return;
	if (!l->group) {
		tell(l, setting, by ? CG2_SETTING_OVERRIDDEN : CG2_SETTING_LOADED, by, NULL);
		return;
	}
	cg2_group_read_controllers(l->group, &have, NULL);
	wanted = delegated_controllers(l->file, have);
	if (by)
		tell(l, setting, CG2_SETTING_OVERRIDDEN, by, NULL);
	else if (is_older_than_file(l))
		tell(l, setting, CG2_SETTING_RESTART_NEEDED, NULL, NULL);
	else
		tell(l, setting, wanted & ~have ? CG2_SETTING_MISSING : CG2_SETTING_IN_FORCE, NULL,
		     NULL);
}

static int look_at_limits(struct look *l)
{
	for (unsigned int limit = 0; limit < N_LIMITS; limit++)
		for (size_t i = 0;; i++) {
			_cleanup_free_ char *setting = NULL;
			int r = cg2_limits_get_setting(l->file->limits, (enum cg2_limit)limit, i,
						       &setting);

			if (r < 0)
				return r;
			if (r == 0)
				break;
			look_at_limit(l, (enum cg2_limit)limit, setting);
		}
	return 0;
}

static int look_at_unit(struct look *l, struct bus *bus, bool is_loading, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(unit_freep) struct unit *unit = NULL;
	const char *path;
	int r;

	r = unit_read(bus, l->name, is_loading, ANSWER_TIMEOUT_USEC, &unit, reterr);
	/* It may have ended just now. */
	if (r == -ENOENT && !is_loading) {
		cg2_error_clear(reterr);
		return 0;
	}
	if (r < 0)
		return r;
	path = unit_get_text(unit, "ControlGroup");
	if (path && *path && cg2_group_open(l->file->ctx, path, &group, NULL) < 0)
		group = NULL;
	l->unit = unit;
	l->group = group;
	r = look_at_limits(l);
	if (r == 0 && l->file->delegate)
		look_at_delegation(l);
	return r < 0 ? error_set(reterr, CG2_OP_READ, r, l->name, NULL) : 0;
}

/* ---- all of them ---- */

/* "go@*.service" for "go@.service"; free with free(). */
static char *pattern_of(const char *unit)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
	const char *split = at ? at + 1 : dot;

	return text_format("%.*s*%s", (int)(split - unit), unit, split);
}

static int look_at_many(struct look *l, struct bus *bus, struct cg2_error *reterr)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **units = NULL;
	_cleanup_free_ char *pattern = pattern_of(l->file->unit);
	int r;

	if (!pattern)
		return error_set(reterr, CG2_OP_READ, ENOMEM, l->file->unit, NULL);
	r = cg2_scopes_find(l->file->ctx, l->file->manager, NULL, CG2_SCOPES_UNITS, &units, reterr);
	for (size_t i = 0; r == 0 && units[i]; i++) {
		l->name = cg2_scope_get_name(units[i]);
		if (cg2_scope_is_unit(units[i]) && fnmatch(pattern, l->name, FNM_NOESCAPE) == 0)
			r = look_at_unit(l, bus, false, reterr);
	}
	return r;
}

CG2_EXPORT int cg2_unit_file_verify(struct cg2_unit_file *file, cg2_setting_fn fn, void *userdata,
				    struct cg2_error *err)
{
	struct look look = { .file = file, .name = file->unit, .fn = fn, .userdata = userdata };
	struct bus bus;
	int r;

	r = open_manager(file, &bus, err);
	if (r < 0)
		return r;
	r = unit_file_is_for_many(file) ? look_at_many(&look, &bus, err)
					: look_at_unit(&look, &bus, true, err);
	bus_close(&bus);
	return r < 0 ? r : look.n_missing;
}

static const char *const outcomes[] = {
	[CG2_SETTING_IN_FORCE] = "in force",
	[CG2_SETTING_LOADED] = "loaded",
	[CG2_SETTING_OVERRIDDEN] = "overridden",
	[CG2_SETTING_RESTART_NEEDED] = "restart needed",
	[CG2_SETTING_MISSING] = "not in force",
};

CG2_EXPORT const char *cg2_setting_outcome_to_string(unsigned int outcome)
{
	return outcome < ARRAY_SIZE(outcomes) ? outcomes[outcome] : NULL;
}
