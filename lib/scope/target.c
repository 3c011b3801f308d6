/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a word of a user's to a cgroup: a PID, a cgroup's path, the name of a unit.
 *
 * A unit that runs is where its name says, so it is looked for in the tree first: that needs no
 * bus. The managers are asked for what is not there, which may be an alias, and to tell a unit
 * that is not running from one that does not exist.
 */
#include "scope/target.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/thread.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

/* Slices in slices; nobody has more. */
#define SLICE_DEPTH_MAX 32

/* ---- the tree ---- */

/* Whether the entry of a slice is that unit's cgroup; a name may have a "_" before it. */
static bool is_cgroup_of(const char *entry, const char *unit)
{
	return strcmp(entry[0] == '_' ? entry + 1 : entry, unit) == 0;
}

/* Looks for the unit in the slice at path and below. 1: *ret_path is it; 0: not there. */
static int find_below(struct cg2_ctx *ctx, const char *path, const char *unit,
		      unsigned int depth, char **ret_path)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_(dir_closep) DIR *dir = NULL;
	struct dirent *entry;
	int r = 0;

	if (depth > SLICE_DEPTH_MAX || cg2_group_open(ctx, *path ? path : "/", &group, NULL) < 0)
		return 0;
	dir = dir_open(group->fd, ".");
	if (!dir)
		return 0;
	while (r == 0 && (entry = readdir(dir))) {
		_cleanup_free_ char *child = NULL;
		bool is_found = is_cgroup_of(entry->d_name, unit);

		if (!is_found && !unit_name_is_of(entry->d_name, ".slice"))
			continue;
		child = path_join(path, entry->d_name);
		if (!child) {
			r = -ENOMEM;
		} else if (is_found) {
			*ret_path = take_ptr(&child);
			r = 1;
		} else {
			r = find_below(ctx, child, unit, depth + 1, ret_path);
		}
	}
	return r;
}

/* The cgroup of a unit of that manager. 1: *ret_path is it; 0: it has none. */
static int find_in_tree(struct cg2_ctx *ctx, enum cg2_manager manager, const char *unit,
			char **ret_path)
{
	_cleanup_free_ char *top = unit_manager_path(manager), *path = NULL;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	int r;

	if (!top)
		return -ENOMEM;
	if (!unit_name_is_of(unit, ".slice"))
		return find_below(ctx, top, unit, 0, ret_path);
	r = unit_slice_cgroup(manager, unit, &path);
	if (r < 0)
		return r;
	if (cg2_group_open(ctx, path, &group, NULL) < 0)
		return 0;
	*ret_path = take_ptr(&path);
	return 1;
}

/* ---- the managers ---- */

/* In which order they are asked. */
static size_t list_managers(enum cg2_manager manager, enum cg2_manager list[2])
{
	list[0] = bus_manager(manager);
	if (manager != CG2_MANAGER_AUTO || list[0] == CG2_MANAGER_SYSTEM)
		return 1;
	list[1] = CG2_MANAGER_SYSTEM;
	return 2;
}

static int not_running(const char *word, const char *id, const char *state,
		       struct cg2_error *reterr)
{
	int r;

	r = error_setf(reterr, CG2_OP_OPEN, ESRCH, word, NULL,
		       "the unit is not running (%s), so it has no cgroup", state);
	error_hint(reterr, "why: cgscope explain %s", id);
	return r;
}

/* 1: *ret_path is the unit's cgroup; 0: the manager does not know it. */
static int ask_manager(struct cg2_ctx *ctx, enum cg2_manager manager, const char *word,
		       const char *unit, char **ret_path, struct cg2_error *reterr)
{
	_cleanup_(unit_freep) struct unit *found = NULL;
	struct bus bus = { .bus = NULL };
	const char *cgroup, *state;
	int r;

	r = bus_open(ctx, manager, &bus, reterr);
	if (r < 0)
		return r;
	r = unit_read(&bus, unit, true, ANSWER_TIMEOUT_USEC, &found, reterr);
	bus_close(&bus);
	if (r == -ENOENT) {
		cg2_error_clear(reterr);
		return 0;
	}
	if (r < 0)
		return r;
	cgroup = unit_get_text(found, "ControlGroup");
	state = unit_get_text(found, "ActiveState");
	if (!cgroup || !*cgroup)
		return not_running(word, unit_get_id(found), state ? state : "inactive",
				   reterr);
	*ret_path = strdup(cgroup);
	return *ret_path ? 1 : error_set(reterr, CG2_OP_OPEN, ENOMEM, word, NULL);
}

/*
 * In the tree of each manager, then with each manager. 1: *ret_path is it; 0: there is no such
 * unit. A manager that can't be reached is an error only if no other one has the unit.
 */
static int find_unit(struct cg2_ctx *ctx, enum cg2_manager manager, const char *word,
		     const char *unit, char **ret_path, struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error first = CG2_ERROR_INIT;
	enum cg2_manager list[2];
	size_t n = list_managers(manager, list);

	for (size_t i = 0; i < n; i++) {
		int r = find_in_tree(ctx, list[i], unit, ret_path);

		if (r != 0)
			return r < 0 ? error_set(reterr, CG2_OP_OPEN, r, word, NULL) : 1;
	}
	for (size_t i = 0; i < n && ctx->is_real_root; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		int r = ask_manager(ctx, list[i], word, unit, ret_path, &err);

		if (r > 0)
			return r;
		if (r < 0 && first.code == 0)
			cg2_error_move(&first, &err);
	}
	if (first.code == 0)
		return 0;
	error_copy(reterr, &first);
	return -first.code;
}

/* ---- words ---- */

static int target_new(struct cg2_ctx *ctx, const char *name, struct cg2_target **ret_target)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = calloc(1, sizeof(*target));

	if (!target)
		return -ENOMEM;
	target->n_ref = 1;
	target->ctx = cg2_ctx_ref(ctx);
	target->manager = CG2_MANAGER_SYSTEM;
	target->uid = CG2_MAX;
	target->name = strdup(name);
	if (!target->name)
		return -ENOMEM;
	*ret_target = take_ptr(&target);
	return 0;
}

/* Which unit the cgroup is in. */
static int set_unit(struct cg2_target *target)
{
	struct unit_place place;

	if (!unit_place_of(target->group->path, &place)) {
		if (strcmp(target->group->path, "/") != 0)
			return 0;
		target->unit = strdup("-.slice");
		return target->unit ? 0 : -ENOMEM;
	}
	target->manager = place.manager;
	target->uid = place.uid;
	target->unit = unit_place_name(&place);
	return target->unit ? 0 : -ENOMEM;
}

static int open_process(struct cg2_target *target, pid_t pid, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL;
	const char *end;
	int r;

	target->pid = pid ? pid : getpid();
	r = pid ? thread_refuse(target->ctx, CG2_OP_OPEN, pid, reterr) : 0;
	if (r == 0)
		r = group_path_of_pid(target->ctx, pid, &path, reterr);
	if (r < 0)
		return r;
	end = strrchr(path, ' ');
	if (end && strcmp(end, " (deleted)") == 0)
		return error_setf(reterr, CG2_OP_OPEN, ESRCH, target->name, NULL,
				  "the process has ended, and its cgroup is gone");
	return cg2_group_open(target->ctx, path, &target->group, reterr);
}

/* A path as in /proc/PID/cgroup, or as files of the cgroup have it. */
static int open_path(struct cg2_target *target, const char *word, struct cg2_error *reterr)
{
	const struct hierarchy *h = &target->ctx->hierarchy;
	_cleanup_free_ char *path = NULL;
	size_t len;
	int r;

	r = hierarchy_detect(target->ctx, reterr);
	if (r < 0)
		return r;
	len = strlen(h->mount_point);
	if (strncmp(word, h->mount_point, len) == 0 && (word[len] == '/' || !word[len]))
		path = text_format("%s%s", strcmp(h->mount_root, "/") == 0 ? "" : h->mount_root,
				   word + len);
	else
		path = strdup(word);
	if (!path)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, word, NULL);
	len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	r = cg2_group_open(target->ctx, *path ? path : "/", &target->group, reterr);
	if (r == -ENOENT)
		error_hint(reterr, "systemd-cgls shows the cgroups that there are");
	return r;
}

/* A name without its type is a scope's; the user may have meant another one. */
static void hint_type(struct cg2_target *target, enum cg2_manager manager, const char *word,
		      struct cg2_error *reterr)
{
	static const char *const types[] = { ".service", ".slice" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		_cleanup_free_ char *unit = text_format("%s%s", word, types[i]), *path = NULL;

		if (!unit)
			return;
		if (find_unit(target->ctx, manager, word, unit, &path, NULL) > 0) {
			error_hint(reterr, "did you mean %s?", unit);
			return;
		}
	}
}

static int open_unit(struct cg2_target *target, enum cg2_manager manager, const char *word,
		     struct cg2_error *reterr)
{
	_cleanup_free_ char *unit = NULL, *path = NULL;
	const char *type = unit_name_type(word);
	int r;

	if (!unit_name_is_valid(word))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, word,
				  "expected a PID, a unit, a scope or the path of a cgroup");
	r = hierarchy_detect(target->ctx, reterr);
	if (r < 0)
		return r;
	unit = text_format("%s%s", word, type ? "" : ".scope");
	if (!unit)
		return error_set(reterr, CG2_OP_OPEN, ENOMEM, word, NULL);
	r = find_unit(target->ctx, manager, word, unit, &path, reterr);
	if (r < 0)
		return r;
	if (r > 0)
		return cg2_group_open(target->ctx, path, &target->group, reterr);
	r = error_setf(reterr, CG2_OP_OPEN, ENOENT, word, NULL, "no unit %s", unit);
	if (!type)
		hint_type(target, manager, word, reterr);
	return r;
}

CG2_EXPORT int cg2_target_open(struct cg2_ctx *ctx, const char *word, enum cg2_manager manager,
			       struct cg2_target **ret_target, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	uint64_t pid;
	int r;

	r = target_new(ctx, word ? word : "", &target);
	if (r < 0)
		return error_set(err, CG2_OP_OPEN, r, word, NULL);
	if (!word)
		r = open_process(target, 0, err);
	else if (cg2_u64_from_string(word, &pid) == 0 && pid > 0 && pid <= INT32_MAX)
		r = open_process(target, (pid_t)pid, err);
	else if (*word == '/')
		r = open_path(target, word, err);
	else
		r = open_unit(target, manager, word, err);
	if (r < 0)
		return r;
	r = set_unit(target);
	if (r < 0)
		return error_set(err, CG2_OP_OPEN, r, word, NULL);
	*ret_target = take_ptr(&target);
	return 0;
}

/* ---- users ---- */

static int find_user(const char *name, uint64_t *ret_uid, struct cg2_error *reterr)
{
	struct passwd pw, *found = NULL;
	char text[4096];

	if (getpwnam_r(name, &pw, text, sizeof(text), &found) == 0 && found)
		*ret_uid = found->pw_uid;
	else if (cg2_u64_from_string(name, ret_uid) < 0 || *ret_uid >= UINT32_MAX)
		return error_setf(reterr, CG2_OP_PARSE, ENOENT, "uid", name,
				  "there is no such user");
	return 0;
}

CG2_EXPORT int cg2_target_open_user(struct cg2_ctx *ctx, const char *name,
				    struct cg2_target **ret_target, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_free_ char *path = NULL;
	uint64_t uid;
	int r;

	r = find_user(name, &uid, err);
	if (r < 0)
		return r;
	r = target_new(ctx, name, &target);
	if (r == 0) {
		path = text_format("/user.slice/user-%u.slice", (unsigned int)uid);
		r = path ? 0 : -ENOMEM;
	}
	if (r < 0)
		return error_set(err, CG2_OP_OPEN, r, name, NULL);
	r = hierarchy_detect(ctx, err);
	if (r < 0)
		return r;
	if (cg2_group_open(ctx, path, &target->group, NULL) < 0)
		return error_setf(err, CG2_OP_OPEN, ENOENT, path, NULL,
				  "%s is not logged in and has no manager running", name);
	r = set_unit(target);
	if (r < 0)
		return error_set(err, CG2_OP_OPEN, r, name, NULL);
	*ret_target = take_ptr(&target);
	return 0;
}

/* ---- the object ---- */

CG2_EXPORT struct cg2_target *cg2_target_ref(struct cg2_target *target)
{
	if (target)
		target->n_ref++;
	return target;
}

CG2_EXPORT struct cg2_target *cg2_target_unref(struct cg2_target *target)
{
	assert(!target || target->n_ref > 0);
	if (!target || --target->n_ref > 0)
		return NULL;
	cg2_group_unref(target->group);
	cg2_ctx_unref(target->ctx);
	free(target->name);
	free(target->unit);
	free(target);
	return NULL;
}

CG2_EXPORT const char *cg2_target_get_name(struct cg2_target *target)
{
	return target->name;
}

CG2_EXPORT struct cg2_group *cg2_target_get_group(struct cg2_target *target)
{
	return target->group;
}

CG2_EXPORT const char *cg2_target_get_unit(struct cg2_target *target)
{
	return target->unit;
}

CG2_EXPORT enum cg2_manager cg2_target_get_manager(struct cg2_target *target)
{
	return target->manager;
}

CG2_EXPORT pid_t cg2_target_get_pid(struct cg2_target *target)
{
	return target->pid;
}
