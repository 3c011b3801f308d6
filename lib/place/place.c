/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decision where a run goes, and its reason in words.
 */
#include "place/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "cgroup/xattr.h"
#include "place/bound.h"
#include "scope/scope.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "systemd/unit.h"
#include "value/error.h"

/* On the cgroup of a unit of a user's manager: "1" or "0", what the manager said. */
#define DELEGATE_XATTR "user.cgscope.delegate"

static const char *const backend_names[] = {
	[CG2_BACKEND_AUTO] = "auto",
	[CG2_BACKEND_NESTED] = "nested",
	[CG2_BACKEND_SYSTEMD] = "systemd",
	[CG2_BACKEND_CGROUPFS] = "cgroupfs",
};

CG2_EXPORT const char *cg2_backend_to_string(unsigned int backend)
{
	return backend < ARRAY_SIZE(backend_names) ? backend_names[backend] : NULL;
}

bool place_has_systemd(struct cg2_ctx *ctx)
{
	return faccessat(ctx->root_fd, "run/systemd/system", F_OK, 0) == 0;
}

/* The nearest unit around a cgroup: a part of its path. */
struct enclosing {
	const char *name;
	size_t len;
	unsigned int depth; /* how many levels the cgroup is below it */
};

static bool find_unit(const char *path, struct enclosing *ret)
{
	const char *end = path + strlen(path);

	*ret = (struct enclosing){ NULL, 0, 0 };
	while (end > path) {
		const char *name = end;

		while (name[-1] != '/')
			name--;
		if (unit_name_has_cgroup(name, (size_t)(end - name))) {
			ret->name = name;
			ret->len = (size_t)(end - name);
			return true;
		}
		ret->depth++;
		end = name - 1;
	}
	return false;
}

/* user@UID.service is delegated, but to a manager of its own. */
static bool is_user_manager(const struct enclosing *unit)
{
	return unit->len > 13 && strncmp(unit->name, "user@", 5) == 0;
}

static bool is_service(const struct enclosing *unit)
{
	static const char type[] = ".service";
	const size_t len = strlen(type);

	return unit->len > len && strncmp(unit->name + unit->len - len, type, len) == 0;
}

/* The deepest that a unit's cgroup is looked for above the caller's. */
#define DEPTH_MAX 32

/* A directory above an open one: "../..". */
struct above {
	int dirfd;
	char name[3 * DEPTH_MAX + 2];
};

static bool find_above(struct cg2_group *group, unsigned int depth, struct above *ret)
{
	if (depth > DEPTH_MAX)
		return false;
	ret->dirfd = group->fd;
	memcpy(ret->name, ".", 2);
	for (unsigned int i = 0; i < depth; i++)
		memcpy(ret->name + (size_t)3 * i, "../", 4);
	return true;
}

/* An xattr of one character; '\0' without it. */
static char read_flag(const struct above *dir, const char *name)
{
	char value[2];

	return xattr_read(dir->dirfd, dir->name, name, value, sizeof(value)) == 1 ? value[0]
										  : '\0';
}

/*
 * The system's manager marks what it delegates: for everybody to see since 251, before for root.
 * A user's manager does not; its scopes that we made carry our mark.
 */
static bool is_marked(const struct above *dir)
{
	struct mark mark;

	mark_read(dir->dirfd, dir->name, &mark);
	return mark.kind != MARK_NONE || read_flag(dir, "user.delegate") == '1' ||
	       (geteuid() == 0 && read_flag(dir, "trusted.delegate") == '1');
}

/* One of the caller's own manager: it can be asked. */
static bool is_own_managers(struct cg2_group *group)
{
	char part[40];

	snprintf(part, sizeof(part), "/user@%u.service/", (unsigned int)bus_uid());
	return strstr(group->path, part);
}

/* '1' or '0'; '\0' if it does not say. */
static char ask_delegate(struct cg2_ctx *ctx, const char *name, uint64_t end_usec)
{
	_cleanup_(unit_freep) struct unit *unit = NULL;
	struct bus bus;
	uint64_t value = 0;
	int r;

	if (bus_open(ctx, CG2_MANAGER_USER, &bus, NULL) < 0)
		return '\0';
	r = unit_read(&bus, name, false, usec_until(end_usec), &unit, NULL);
	bus_close(&bus);
	if (r < 0 || unit_get_number(unit, "Delegate", &value) <= 0)
		return '\0';
	return value ? '1' : '0';
}

/* What the manager says is noted on the cgroup: it is the same as long as that lives. */
static bool is_delegated_by_user(struct cg2_ctx *ctx, const struct above *dir,
				 const struct enclosing *unit, uint64_t end_usec)
{
	_cleanup_free_ char *name = NULL;
	char flag;

	name = strndup(unit->name, unit->len);
	flag = name ? ask_delegate(ctx, name, end_usec) : '\0';
	if (!flag)
		return false;
	if (xattr_write(dir->dirfd, dir->name, DELEGATE_XATTR, &flag, 1) < 0)
		ctx_log(ctx, CG2_LOG_DEBUG, NULL, "no mark on %.*s: %s", (int)unit->len,
			unit->name, strerror(errno));
	return flag == '1';
}

/*
 * Whether a cgroup from base up to its unit's belongs to somebody who is neither the caller nor
 * root: he could freeze, kill and move what is in it, and has written what its marks say.
 */
static bool is_anothers(struct cg2_group *base, const struct enclosing *unit, uid_t *ret_uid)
{
	const uid_t self = geteuid();
	struct above dir;
	struct stat st;

	for (unsigned int i = 0; i <= unit->depth; i++) {
		if (!find_above(base, i, &dir) || fstatat(dir.dirfd, dir.name, &st, 0) < 0)
			return false;
		if (st.st_uid == 0 || st.st_uid == self)
			continue;
		*ret_uid = st.st_uid;
		return true;
	}
	return false;
}

static bool is_delegated(struct cg2_ctx *ctx, struct cg2_group *base,
			 const struct enclosing *unit, uint64_t end_usec)
{
	struct above dir;
	char flag;

	if (!find_above(base, unit->depth, &dir))
		return false;
	/* Whoever could write it here is the caller, or root. */
	flag = read_flag(&dir, DELEGATE_XATTR);
	if (flag == '1' || is_marked(&dir))
		return true;
	return !flag && is_own_managers(base) &&
	       is_delegated_by_user(ctx, &dir, unit, end_usec);
}

/* The caller's cgroup; that of the callers of nested runs stands for the one above it. */
static int open_base(struct cg2_group *home, struct cg2_group **ret_base, struct cg2_error *reterr)
{
	const char *name = strrchr(home->path, '/');
	struct cg2_group *parent = NULL;
	int r = 0;

	if (name && strcmp(name + 1, MARK_LEAF_MAIN) == 0)
		r = group_open_parent(home, &parent, reterr);
	if (r < 0)
		return r;
	*ret_base = parent ? parent : cg2_group_ref(home);
	return 0;
}

static int settle(struct place *place, enum cg2_backend backend, const char *format, ...)
	_printf_(3, 4);
static int settle(struct place *place, enum cg2_backend backend, const char *format, ...)
{
	va_list ap;
	int n;

	place->backend = backend;
	va_start(ap, format);
	n = vasprintf(&place->reason, format, ap);
	va_end(ap);
	if (n >= 0)
		return 0;
	place->reason = NULL;
	return -ENOMEM;
}

/* How many levels above base are of its cgroup namespace, whose root is inside of the unit. */
static bool is_namespace_in_unit(const struct place *place, const struct enclosing *unit,
				 unsigned int *ret_n_above)
{
	const char *path = place->base->path, *root = place->base->ctx->hierarchy.namespace_root;

	if (!root || !path_is_within(path, root) ||
	    strlen(root) <= (size_t)(unit->name - path) + unit->len)
		return false;
	*ret_n_above = 0;
	for (const char *below = path + strlen(root); *below; below++)
		*ret_n_above += *below == '/';
	return true;
}

static bool is_bound(struct cg2_group *group, struct cg2_group *parent)
{
	struct bound bounds[N_BOUNDS];
	bool result = false;

	bounds_read_for(group->ctx, group->path, parent->path, bounds);
	for (size_t i = 0; i < N_BOUNDS; i++)
		result |= bounds[i].value != CG2_MAX;
	bounds_clear(bounds);
	return result;
}

/* Whether no process is in the cgroup itself, nor would be but for nested runs. */
static bool is_vacant(struct cg2_group *group)
{
	char buf[64];
	size_t len;

	return faccessat(group->fd, MARK_LEAF_MAIN, F_OK, 0) < 0 &&
	       fsio_read_into(group->fd, "cgroup.procs", buf, sizeof(buf), &len) == 0 && len == 0;
}

/*
 * A service whose processes are in a cgroup of their own, as with DelegateSubgroup=: runs are
 * made beside that one, so that nobody has to move, unless it has limits to be kept. Controllers
 * are given back: systemd 262 starts the next process in the service's own cgroup all the same.
 */
static void leave_subgroup(struct place *place)
{
	const char *name = strrchr(place->base->path, '/') + 1;
	_cleanup_(cg2_group_unrefp) struct cg2_group *parent = NULL;

	/* That of the manager's own, for ExecReload= and the like. */
	if (*name == '.' || group_open_parent(place->base, &parent, NULL) < 0 || !parent ||
	    !is_vacant(parent) || is_bound(place->base, parent))
		return;
	cg2_group_unref(place->base);
	place->base = take_ptr(&parent);
	place->n_above = 0;
	place->is_service = false;
}

/* Inside of a unit: its own, if it is delegated, else what is systemd's. */
static int decide_in_unit(struct cg2_ctx *ctx, struct place *place,
			  const struct enclosing *unit, uint64_t end_usec)
{
	const char *root = ctx->hierarchy.namespace_root;
	int len = (int)unit->len;
	uid_t uid;

	place->is_given_back = is_service(unit) || (root && strcmp(place->base->path, root) == 0);
	/* Whoever made that cgroup has the unit from its manager, which can't be asked in here. */
	if (is_namespace_in_unit(place, unit, &place->n_above) && !place_has_systemd(ctx))
		return settle(place, CG2_BACKEND_NESTED, "no systemd is in charge of this %s",
			      "cgroup namespace");
	if (is_user_manager(unit))
		return settle(place, CG2_BACKEND_SYSTEMD, "%.*s belongs to its manager", len,
			   unit->name);
	if (is_anothers(place->base, unit, &uid))
		return settle(place, CG2_BACKEND_SYSTEMD, "%.*s belongs to another user (uid %u)",
			      len, unit->name, (unsigned int)uid);
	if (!is_delegated(ctx, place->base, unit, end_usec))
		return settle(place, CG2_BACKEND_SYSTEMD, "%.*s is not delegated", len, unit->name);
	place->n_above = unit->depth;
	place->is_service = is_service(unit);
	if (settle(place, CG2_BACKEND_NESTED, "%.*s is delegated", len, unit->name) < 0)
		return -ENOMEM;
	if (place->is_service && unit->depth == 1)
		leave_subgroup(place);
	return 0;
}

static int decide_by_cgroup(struct cg2_ctx *ctx, struct place *place, uint64_t end_usec)
{
	struct enclosing unit;
	bool is_root = strcmp(place->base->path, "/") == 0;

	if (find_unit(place->base->path, &unit))
		return decide_in_unit(ctx, place, &unit, end_usec);
	/* systemd keeps every process in a unit: here is none in charge. */
	if (hierarchy_is_in_namespace(ctx)) {
		place->is_given_back = is_root;
		return settle(place, CG2_BACKEND_NESTED, "no systemd is in charge of this %s",
			   "cgroup namespace");
	}
	if (place_has_systemd(ctx))
		return settle(place, CG2_BACKEND_SYSTEMD, "%s is in no unit", place->base->path);
	return settle(place, CG2_BACKEND_CGROUPFS, "there is no systemd");
}

/* A wish that the caller's cgroup does not grant. */
static int refuse_backend(const struct place_wish *wish, struct place *place,
			  struct cg2_error *reterr)
{
	int r;

	r = error_setf(reterr, CG2_OP_CREATE, EPERM, place->base->path, NULL,
		       "the backend %s is not possible here: %s",
		       cg2_backend_to_string(wish->backend), place->reason);
	error_hint(reterr, "run it inside of a cgscope, or of a unit with Delegate=yes");
	error_advice(reterr, CG2_ADVICE_AUTO_BACKEND);
	return r;
}

int place_decide(struct cg2_ctx *ctx, const struct place_wish *wish, struct place *ret_place,
		 struct cg2_error *reterr)
{
	_cleanup_(place_clear) struct place place = { .backend = CG2_BACKEND_SYSTEMD };
	bool wants_manager = wish->backend == CG2_BACKEND_SYSTEMD || wish->needs_manager;
	int r;

	r = cg2_group_open_pid(ctx, 0, &place.home, wants_manager ? NULL : reterr);
	if (wish->backend == CG2_BACKEND_SYSTEMD)
		r = settle(&place, CG2_BACKEND_SYSTEMD, "systemd is asked for");
	else if (wish->needs_manager)
		r = settle(&place, CG2_BACKEND_SYSTEMD, "%s", wish->needs_manager);
	else if (r == 0)
		r = open_base(place.home, &place.base, reterr);
	if (r == 0 && !wants_manager)
		r = decide_by_cgroup(ctx, &place, wish->end_usec);
	else if (r < 0 && wish->backend == CG2_BACKEND_AUTO && place_has_systemd(ctx)) {
		cg2_error_clear(reterr);
		r = settle(&place, CG2_BACKEND_SYSTEMD,
			   "the caller's cgroup can't be seen from here");
	}
	/* What is said already is why the cgroup could not be opened. */
	if (r == -ENOMEM && reterr && reterr->code == 0)
		return error_set(reterr, CG2_OP_CREATE, r, NULL, NULL);
	if (r < 0)
		return r;
	/* The two ways to do without a manager differ in nothing but their reason. */
	if (!wants_manager && wish->backend != CG2_BACKEND_AUTO) {
		if (place.backend == CG2_BACKEND_SYSTEMD)
			return refuse_backend(wish, &place, reterr);
		place.backend = wish->backend;
	}
	*ret_place = place;
	place = (struct place){ .backend = CG2_BACKEND_SYSTEMD };
	return 0;
}

/* One level below it a service's own processes may be (DelegateSubgroup=); a job's are deeper. */
#define JOB_DEPTH_MIN 2

/* Whether a cgroup from base up to its unit's is none that cgscope made. */
static bool is_made_by_others(struct cg2_group *base, const struct enclosing *unit)
{
	struct above dir;
	struct mark mark;

	for (unsigned int i = 0; i < unit->depth; i++) {
		if (!find_above(base, i, &dir))
			return false;
		mark_read(dir.dirfd, dir.name, &mark);
		if (mark.kind == MARK_NONE)
			return true;
	}
	return false;
}

/* In a scope of a run of ours all below it is of our making, by marks or by name. */
static bool is_job(struct cg2_group *base, const struct enclosing *unit)
{
	struct above dir;
	struct mark mark;

	if (unit->depth < JOB_DEPTH_MIN || is_user_manager(unit) ||
	    !find_above(base, unit->depth, &dir) || !is_marked(&dir))
		return false;
	mark_read(dir.dirfd, dir.name, &mark);
	return mark.kind == MARK_NONE && is_made_by_others(base, unit);
}

int place_check_job(const struct place *place, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *base = cg2_group_ref(place->base);
	struct enclosing unit;
	int r;

	/* What cannot be seen is left to who asks for it next. */
	if (!base && (!place->home || open_base(place->home, &base, NULL) < 0))
		return 0;
	if (!find_unit(base->path, &unit) || !is_job(base, &unit))
		return 0;
	r = error_setf(reterr, CG2_OP_CREATE, EPERM, base->path, NULL,
		       "it is a job's in %.*s, and the run would leave it", (int)unit.len,
		       unit.name);
	error_hint(reterr, "give the limits to the job or its step, by its job manager");
	error_advice(reterr, CG2_ADVICE_BEST_EFFORT);
	return r;
}

static int refuse_scope(struct cg2_scope *scope, const char *why, struct cg2_error *reterr)
{
	const char *name = cg2_scope_get_name(scope);
	int r = error_setf(reterr, CG2_OP_FIND, EPERM, name, NULL, "%s", why);

	if (!unit_name_is_of(name, ".slice")) {
		error_hint(reterr, "a scope that cgscope made is, and one with Delegate=yes");
		return r;
	}
	error_hint(reterr, "start a scope of its own in %s", name);
	error_advice(reterr, CG2_ADVICE_SLICE);
	return r;
}

int place_inside(struct cg2_scope *scope, uint64_t end_usec, struct place *ret_place,
		 struct cg2_error *reterr)
{
	_cleanup_(place_clear) struct place place = { .backend = CG2_BACKEND_NESTED };
	struct cg2_ctx *ctx;
	struct enclosing unit;
	uid_t uid;
	int r;

	r = cg2_scope_open_leaf(scope, &place.base, reterr);
	if (r < 0)
		return r;
	ctx = place.base->ctx;
	if (!find_unit(place.base->path, &unit))
		return refuse_scope(scope, "it is no part of a unit", reterr);
	if (is_user_manager(&unit))
		return refuse_scope(scope, "it belongs to its manager", reterr);
	/* What systemd has given to a user it has delegated. */
	if (!is_anothers(place.base, &unit, &uid) &&
	    !is_delegated(ctx, place.base, &unit, end_usec))
		return refuse_scope(scope, "it is not delegated, so nobody but its manager may "
				    "put anything there", reterr);
	place.n_above = unit.depth;
	if (settle(&place, CG2_BACKEND_NESTED, "it is to be in %s", cg2_scope_get_name(scope)) < 0)
		return error_set(reterr, CG2_OP_CREATE, ENOMEM, NULL, NULL);
	*ret_place = place;
	place = (struct place){ .backend = CG2_BACKEND_SYSTEMD };
	return 0;
}

int place_around(struct cg2_group *group, struct place *ret_place, struct cg2_error *reterr)
{
	_cleanup_(place_clear) struct place place = { .backend = CG2_BACKEND_SYSTEMD };
	int r;

	r = group_open_parent(group, &place.base, reterr);
	if (r == 0 && place.base)
		r = decide_by_cgroup(group->ctx, &place, end_after(ANSWER_TIMEOUT_USEC));
	if (r == -ENOMEM)
		return error_set(reterr, CG2_OP_OPEN, r, group->path, NULL);
	if (r < 0 || place.backend == CG2_BACKEND_SYSTEMD)
		return r;
	*ret_place = place;
	place = (struct place){ .backend = CG2_BACKEND_SYSTEMD };
	return 1;
}

CG2_EXPORT int cg2_scope_is_delegated(struct cg2_scope *scope)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	struct enclosing unit;
	int r;

	r = cg2_scope_open_group(scope, &group, NULL);
	if (r < 0)
		return r;
	return find_unit(scope->path, &unit) &&
	       is_delegated(scope->ctx, group, &unit, end_after(ANSWER_TIMEOUT_USEC));
}

void place_clear(struct place *place)
{
	place->base = cg2_group_unref(place->base);
	place->home = cg2_group_unref(place->home);
	free(place->reason);
	place->reason = NULL;
}
