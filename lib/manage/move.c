/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Moving processes that run already, into a scope that is there.
 */
#include "manage/move.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "place/place.h"
#include "scope/scope.h"
#include "systemd/call.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

bool move_is_in(const struct held *proc, const struct cg2_group *group)
{
	_cleanup_free_ char *path = NULL;

	return held_read_cgroup(group->ctx, proc, &path) == 0 &&
	       path_is_within(path, group->path);
}

void move_end(struct move_target *to)
{
	if (to->bus.bus)
		bus_close(&to->bus);
}

/* ---- what should stay ---- */

static int stays(const struct held *proc, const char *why, const char *unit,
		 struct cg2_error *reterr)
{
	char label[96];
	int r;

	held_label(proc, label, sizeof(label));
	r = error_setf(reterr, CG2_OP_MOVE, EBUSY, NULL, label, "%s %s", why, unit);
	error_advice(reterr, CG2_ADVICE_FORCE);
	return r;
}

/* The manager takes its end for the end of the service. */
static bool is_main_process(struct cg2_ctx *ctx, const struct unit_place *place, pid_t pid)
{
	_cleanup_free_ char *name = unit_place_name(place);
	_cleanup_(unit_freep) struct unit *unit = NULL;
	struct bus bus;
	uint64_t main_pid = 0;

	if (!name || !unit_name_is_of(name, ".service"))
		return false;
	if (place->manager == CG2_MANAGER_USER && place->uid != geteuid())
		return false;
	if (bus_open(ctx, place->manager, &bus, NULL) < 0)
		return false;
	if (unit_read(&bus, name, false, ANSWER_TIMEOUT_USEC, &unit, NULL) < 0 ||
	    unit_get_number(unit, "MainPID", &main_pid) <= 0)
		main_pid = 0;
	bus_close(&bus);
	return main_pid == (uint64_t)pid;
}

static bool is_own_unit(struct cg2_ctx *ctx, const char *path)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	struct mark mark;
	struct stat st;

	if (cg2_group_open(ctx, path, &group, NULL) < 0)
		return false;
	mark_read(group->fd, ".", &mark);
	return mark.kind != MARK_NONE && fstat(group->fd, &st) == 0 && st.st_uid == geteuid();
}

char *move_find_own_unit(struct cg2_ctx *ctx, const struct held *proc)
{
	_cleanup_free_ char *path = NULL;
	char *slash;

	if (held_read_cgroup(ctx, proc, &path) < 0)
		return NULL;
	while ((slash = strrchr(path, '/')) && slash[1]) {
		if (is_own_unit(ctx, path))
			return strdup(slash + 1);
		*slash = '\0';
	}
	return NULL;
}

int move_check_home(struct cg2_ctx *ctx, const struct held *proc, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = NULL, *name = NULL, *own = NULL;
	struct unit_place place;

	own = move_find_own_unit(ctx, proc);
	if (own)
		return stays(proc, "it would leave the limits of", own, reterr);
	if (held_read_cgroup(ctx, proc, &path) < 0 || !unit_place_of(path, &place))
		return 0;
	name = unit_place_name(&place);
	if (!name)
		return error_set(reterr, CG2_OP_MOVE, ENOMEM, NULL, NULL);
	if (is_main_process(ctx, &place, proc->pid))
		return stays(proc, "it is the main process of", name, reterr);
	return 0;
}

/* ---- moving ---- */

/*
 * What takes a process of the group: once its processes have made runs inside of it, that is the
 * leaf they are in. Looked for each time, since that may happen at any moment.
 */
static int open_room(struct move_target *to, struct cg2_group **ret_room,
		     struct cg2_error *reterr)
{
	int r = group_open_child(to->group, MARK_LEAF_MAIN, ret_room, NULL);

	if (r == -ENOMEM)
		return error_set(reterr, CG2_OP_MOVE, r, to->group->path, NULL);
	if (r < 0)
		*ret_room = cg2_group_ref(to->group);
	return 0;
}

static int ask_manager(struct move_target *to, struct cg2_group *room, struct held *proc,
		       struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_free_ char *below = NULL;
	int r = 0;

	if (asprintf(&below, "%s%s", to->below, room->path + strlen(to->group->path)) < 0) {
		below = NULL;
		return error_set(reterr, CG2_OP_MOVE, ENOMEM, to->unit, NULL);
	}
	if (!to->bus.bus)
		r = bus_open(to->group->ctx, to->manager, &to->bus, reterr);
	if (r < 0)
		return r;
	/* An older manager takes numbers alone; that it is still his is seen afterwards. */
	if (!held_is_alive(proc))
		return -ESRCH;
	r = call_new(&to->bus, "AttachProcessesToUnit", &m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "ssau", to->unit, below, 1,
					      (uint32_t)proc->pid);
	if (r < 0)
		return error_set(reterr, CG2_OP_MOVE, r, to->unit, NULL);
	return call_send(&to->bus, m, to->unit, NULL, NULL, reterr);
}

/* The nearest cgroup that both are below: whose cgroup.procs has to be writable. */
static char *common_ancestor(const char *a, const char *b)
{
	size_t end = 0;

	for (size_t i = 0;; i++) {
		bool is_end = (!a[i] || a[i] == '/') && (!b[i] || b[i] == '/');

		if (is_end)
			end = i;
		if (a[i] != b[i] || !a[i])
			break;
	}
	return end == 0 ? strdup("/") : strndup(a, end);
}

static bool is_writable(struct cg2_ctx *ctx, const char *path)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;

	return cg2_group_open(ctx, path, &group, NULL) == 0 &&
	       faccessat(group->fd, "cgroup.procs", W_OK, AT_EACCESS) == 0;
}

/* Names the cgroup that is in the way. */
static int explain_access(struct cg2_group *room, struct held *proc, struct cg2_error *reterr)
{
	_cleanup_free_ char *from = NULL, *ancestor = NULL;
	struct cg2_ctx *ctx = room->ctx;
	char label[96];
	int r;

	if (held_read_cgroup(ctx, proc, &from) < 0)
		return -ESRCH;
	held_label(proc, label, sizeof(label));
	ancestor = common_ancestor(from, room->path);
	if (!is_writable(ctx, room->path) || !ancestor)
		r = error_setf(reterr, CG2_OP_MOVE, EACCES, room->path, label,
			       "its cgroup.procs is not yours to write");
	else
		r = error_setf(reterr, CG2_OP_MOVE, EACCES, room->path, label,
			       "cgroup.procs of %s is not yours to write", ancestor);
	error_hint(reterr, "a move needs write access to cgroup.procs of the new cgroup and of the "
			   "nearest one above both, or a manager that does it");
	return r;
}

static int put_into(struct move_target *to, struct cg2_group *room, struct held *proc,
		    struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r;

	r = cg2_group_move(room, proc->pid, &err);
	if ((r == -EACCES || r == -EPERM || r == -ENOENT) && to->unit) {
		_cleanup_(cg2_error_clear) struct cg2_error bus_err = CG2_ERROR_INIT;

		r = ask_manager(to, room, proc, &bus_err);
		if (r < 0 && r != -ESRCH && r != -EACCES) {
			cg2_error_move(reterr, &bus_err);
			return r;
		}
	}
	if (r == -ESRCH || !held_is_alive(proc))
		return -ESRCH;
	if (r == -EACCES || r == -EPERM)
		return explain_access(room, proc, reterr);
	if (r < 0)
		cg2_error_move(reterr, &err);
	return r;
}

int move_process(struct move_target *to, struct held *proc, struct cg2_error *reterr)
{
	int r = -EBUSY;

	if (!held_is_alive(proc))
		return -ESRCH;
	/* EBUSY once: a run inside was being made, and the leaf is there now. */
	for (int i = 0; r == -EBUSY && i < 2; i++) {
		_cleanup_(cg2_group_unrefp) struct cg2_group *room = NULL;

		if (i > 0)
			cg2_error_clear(reterr);
		r = open_room(to, &room, reterr);
		if (r == 0)
			r = put_into(to, room, proc, reterr);
	}
	if (r < 0)
		return r;
	proc->is_moved = move_is_in(proc, to->group);
	if (proc->is_moved)
		return 0;
	if (!held_is_alive(proc))
		return -ESRCH;
	return stays(proc, "somebody else moved it out of", to->group->path, reterr);
}

int move_own_process(struct move_target *to, pid_t pid, struct cg2_error *reterr)
{
	struct held proc = { .pid = pid };
	int r;

	r = held_open(to->group->ctx, &proc);
	if (r == 0)
		r = move_process(to, &proc, reterr);
	held_close(&proc);
	if (r < 0 && reterr && reterr->code == 0)
		return error_set(reterr, CG2_OP_MOVE, r, to->group->path, NULL);
	return r;
}

/* ---- into a scope ---- */

int move_check_way(struct cg2_scope *scope, struct cg2_group *group, const struct held *proc,
		   struct cg2_error *reterr)
{
	_cleanup_free_ char *from = NULL, *ancestor = NULL;
	int r;

	if (held_read_cgroup(scope->ctx, proc, &from) < 0)
		return 0;
	ancestor = common_ancestor(from, group->path);
	if (!ancestor || (is_writable(scope->ctx, group->path) &&
			  is_writable(scope->ctx, ancestor)) ||
	    cg2_scope_is_delegated(scope) != 0)
		return 0;
	r = error_setf(reterr, CG2_OP_MOVE, EPERM, scope->name, NULL,
		       "it is not delegated: its manager lets nobody move processes into it");
	error_hint(reterr, "cgscope attach puts processes into a scope of their own");
	return r;
}

void move_target_in(struct cg2_scope *scope, struct cg2_group *group,
		    struct move_target *ret_target)
{
	*ret_target = (struct move_target){
		.group = group,
		.unit = scope_has_manager(scope) ? scope->name : NULL,
		.manager = scope->manager,
		.below = group->path + strlen(scope->path),
	};
}
