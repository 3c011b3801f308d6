/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A scope around processes that run already. All are checked before anything is made. The scope is
 * made around a process of ours, so that it comes about whichever of the others end meanwhile, and
 * none that is empty can stay; a manager that takes pidfds moves those that were named in the same
 * call. Who is outside then follows, and children until none is left outside.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "child/holder.h"
#include "limit/limit.h"
#include "limit/limits-effect.h"
#include "manage/move-all.h"
#include "manage/move.h"
#include "property/property-group.h"
#include "scope/scope-wish.h"
#include "scope/transient.h"
#include "systemd/bus.h"
#include "systemd/call.h"
#include "systemd/deadline.h"
#include "value/error.h"


/* The kernel's limit is 253 a message, a bus daemon's 16 as Debian configures it; ours is one. */
#define PIDFDS_MAX 250
#define PIDFDS_MAX_OF_DAEMON 15

/* One that failed around some of them, and the holder. */
struct dead_unit {
	char *name;
	struct cg2_group *group;
};

struct cg2_attach {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	struct cg2_limits *limits;
	enum cg2_manager manager;
	struct scope_wish wish;
	bool is_forced;
	bool leaves_children;
	struct held_list procs;
	struct holder holder;
	bool is_pending; /* the manager may still do what it was asked for */
	uint64_t answer_end_usec; /* until when the manager may answer, all in all */
	char *refuge; /* the unit that they were taken to out of one that failed; NULL: none */
	struct dead_unit *dead; /* units that failed */
	size_t n_dead;
	struct cg2_group *group;
};

CG2_EXPORT int cg2_attach_new(struct cg2_ctx *ctx, struct cg2_limits *limits,
			      struct cg2_attach **ret_attach)
{
	_cleanup_(cg2_attach_unrefp) struct cg2_attach *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->n_ref = 1;
	a->ctx = cg2_ctx_ref(ctx);
	a->procs.ctx = ctx;
	a->holder = (struct holder)HOLDER_NONE;
	r = limits ? limits_dup(limits, &a->limits) : cg2_limits_new(ctx, &a->limits);
	if (r < 0)
		return r;
	limits_complete(a->limits);
	*ret_attach = take_ptr(&a);
	return 0;
}

CG2_EXPORT struct cg2_attach *cg2_attach_unref(struct cg2_attach *a)
{
	if (!a || --a->n_ref > 0)
		return NULL;
	holder_abort(&a->holder);
	held_list_clear(&a->procs);
	cg2_group_unref(a->group);
	cg2_limits_unref(a->limits);
	scope_wish_clear(&a->wish);
	free(a->refuge);
	cg2_ctx_unref(a->ctx);
	free(a);
	return NULL;
}

CG2_EXPORT void cg2_attach_set_manager(struct cg2_attach *a, enum cg2_manager manager)
{
	a->manager = manager;
}

CG2_EXPORT int cg2_attach_set_unit(struct cg2_attach *a, const char *name,
				   struct cg2_error *err)
{
	return scope_wish_set_unit(&a->wish, name, err);
}

CG2_EXPORT int cg2_attach_set_prefix(struct cg2_attach *a, const char *prefix,
				     struct cg2_error *err)
{
	return scope_wish_set_prefix(&a->wish, prefix, err);
}

CG2_EXPORT int cg2_attach_set_slice(struct cg2_attach *a, const char *slice,
				    struct cg2_error *err)
{
	return scope_wish_set_slice(&a->wish, slice, err);
}

CG2_EXPORT int cg2_attach_set_description(struct cg2_attach *a, const char *text,
					  struct cg2_error *err)
{
	return scope_wish_set_description(&a->wish, text, err);
}

CG2_EXPORT int cg2_attach_add_property(struct cg2_attach *a, const char *assignment,
				       struct cg2_error *err)
{
	return property_list_add(&a->wish.properties, assignment, err);
}

CG2_EXPORT void cg2_attach_set_forced(struct cg2_attach *a, bool is_forced)
{
	a->is_forced = is_forced;
}

CG2_EXPORT void cg2_attach_set_children(struct cg2_attach *a, bool with_children)
{
	a->leaves_children = !with_children;
}

CG2_EXPORT int cg2_attach_add(struct cg2_attach *a, pid_t pid, struct cg2_error *err)
{
	const struct held_wish wish = { .is_forced = a->is_forced, .is_locked = true };
	size_t n = a->procs.n;
	int r;

	r = held_list_add(&a->procs, pid, &wish, err);
	if (r < 0 || a->procs.n == n || a->is_forced)
		return r;
	r = move_check_home(a->ctx, &a->procs.list[n], err);
	if (r < 0)
		held_list_drop_last(&a->procs);
	return r;
}

CG2_EXPORT const char *cg2_attach_get_unit(struct cg2_attach *a)
{
	return a->wish.unit;
}

CG2_EXPORT struct cg2_group *cg2_attach_get_group(struct cg2_attach *a)
{
	return a->group;
}

CG2_EXPORT int cg2_attach_get_process(struct cg2_attach *a, size_t i, pid_t *ret_pid)
{
	for (size_t k = 0; k < a->procs.n; k++)
		if (a->procs.list[k].is_moved && i-- == 0) {
			*ret_pid = a->procs.list[k].pid;
			return 1;
		}
	return 0;
}

/* ---- the scope ---- */

static void close_pidfds(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close_fd(fds[i]);
	free(fds);
}

/*
 * Those that were named and are there still, as many as one call takes. The manager gives up for
 * one that has just ended, which children often have: they follow.
 */
static int open_pidfds(struct cg2_attach *a, size_t n_max, int **ret_fds, size_t *ret_n,
		       struct cg2_error *reterr)
{
	int *fds = calloc(a->procs.n, sizeof(*fds));
	size_t n = 0;

	if (!fds)
		return error_set(reterr, CG2_OP_MOVE, ENOMEM, NULL, NULL);
	for (size_t i = 0; i < a->procs.n && n < n_max; i++) {
		const struct held *proc = &a->procs.list[i];
		int fd = proc->is_named ? held_open_pidfd(proc) : -ESRCH;
		char text[16];

		if (fd == -ESRCH)
			continue;
		if (fd >= 0) {
			fds[n++] = fd;
			continue;
		}
		close_pidfds(fds, n);
		snprintf(text, sizeof(text), "%d", (int)proc->pid);
		return error_set(reterr, CG2_OP_MOVE, fd, NULL, text);
	}
	*ret_fds = fds;
	*ret_n = n;
	return 0;
}

static int call_manager(struct cg2_attach *a, struct bus *bus, const int *pidfds, size_t n,
			struct cg2_error *reterr)
{
	struct scope_request q = { .pid = a->holder.pid, .pidfds = pidfds, .n_pidfds = n,
				   .limits = a->limits, .runtime_max_usec = CG2_MAX,
				   .stop_usec = CG2_MAX, .use_pidfd = true };
	char name[64];
	uint64_t value = 0;
	int r;

	if (cg2_limits_get(a->limits, CG2_LIMIT_WALL_TIME, &value) > 0)
		q.runtime_max_usec = value;
	value = 0;
	q.is_oom_kill = cg2_limits_get(a->limits, CG2_LIMIT_OOM_GROUP, &value) > 0 && value;
	if (held_read_name(&a->procs.list[0], name, sizeof(name)) < 0)
		snprintf(name, sizeof(name), "attached");
	r = scope_wish_start(&a->wish, a->ctx, bus, name, &q, &a->answer_end_usec, reterr);
	a->is_pending = q.is_pending;
	return r;
}

static int try_start(struct cg2_attach *a, struct bus *bus, struct cg2_error *reterr)
{
	size_t n_max = bus->is_daemon ? PIDFDS_MAX_OF_DAEMON : PIDFDS_MAX;
	int *pidfds = NULL;
	size_t n = 0;
	int r;

	r = open_pidfds(a, n_max, &pidfds, &n, reterr);
	if (r < 0)
		return r;
	r = call_manager(a, bus, pidfds, n, reterr);
	close_pidfds(pidfds, n);
	return r;
}

static size_t count_alive(const struct cg2_attach *a)
{
	size_t n = 0;

	for (size_t i = 0; i < a->procs.n; i++)
		n += a->procs.list[i].is_named && held_is_alive(&a->procs.list[i]);
	return n;
}

static int error_all_have_ended(const struct cg2_attach *a, struct cg2_error *reterr)
{
	char text[16];

	if (a->procs.n > 1)
		return error_setf(reterr, CG2_OP_MOVE, ESRCH, NULL, NULL,
				  "all of them have just ended");
	snprintf(text, sizeof(text), "%d", (int)a->procs.list[0].pid);
	return error_setf(reterr, CG2_OP_MOVE, ESRCH, NULL, text, "it has just ended");
}

static void note_dead(struct cg2_attach *a)
{
	struct dead_unit *grown, dead;

	if (scope_open_group(a->ctx, a->wish.unit, a->holder.pid, &dead.group, NULL) < 0)
		return;
	grown = reallocarray(a->dead, a->n_dead + 1, sizeof(*grown));
	dead.name = strdup(a->wish.unit);
	if (grown)
		a->dead = grown;
	if (grown && dead.name) {
		a->dead[a->n_dead++] = dead;
		return;
	}
	free(dead.name);
	cg2_group_unref(dead.group);
}

/*
 * A manager forgets the cgroup of a unit that failed if it was not empty then: the holder at least
 * was in it. What the unit's next life uses is not empty, and stays.
 */
static void clear_dead(struct cg2_attach *a, struct bus *bus)
{
	for (size_t i = 0; i < a->n_dead; i++) {
		struct dead_unit *dead = &a->dead[i];
		bool is_reset = call_unit(bus, "ResetFailedUnit", dead->name, NULL, NULL) == 0;

		if (cg2_group_remove(dead->group, NULL) == 0 || is_reset)
			ctx_log(a->ctx, CG2_LOG_INFO, NULL, "cleared %s, which failed",
				dead->name);
		free(dead->name);
		cg2_group_unref(dead->group);
	}
	free(a->dead);
	a->dead = NULL;
	a->n_dead = 0;
}

static int start_until_none_ends(struct cg2_attach *a, struct bus *bus,
				 struct cg2_error *reterr);

/*
 * A job that failed leaves those that it had moved in the unit that failed, which keeps its name as
 * long as they are there. Another scope takes them out of it.
 */
static void free_name(struct cg2_attach *a, struct bus *bus)
{
	char *unit = take_ptr(&a->wish.unit), *prefix = take_ptr(&a->wish.prefix);

	a->wish.is_unit_made_up = true;
	free(a->refuge);
	a->refuge = NULL;
	if (start_until_none_ends(a, bus, NULL) == 0)
		a->refuge = take_ptr(&a->wish.unit);
	free(a->wish.unit);
	free(a->wish.prefix);
	a->wish.unit = unit;
	a->wish.prefix = prefix;
	a->wish.is_unit_made_up = false;
}

/*
 * The manager refuses all for one that has just ended: the call, or the job if that was later. Then
 * it is asked for those that are left, and once more if another one has ended by then.
 */
static int start_until_none_ends(struct cg2_attach *a, struct bus *bus, struct cg2_error *reterr)
{
	size_t n_before, n = count_alive(a);

	while (n > 0) {
		struct cg2_error err = CG2_ERROR_INIT;
		int r = try_start(a, bus, &err);
		bool is_job = r < 0 && err.op == CG2_OP_JOB;

		n_before = n;
		n = count_alive(a);
		if (r >= 0)
			return r;
		if (is_job)
			note_dead(a);
		if ((r != -ESRCH && !is_job) || n == n_before) {
			if (a->refuge)
				error_hint(&err, "the processes are in %s now", a->refuge);
			cg2_error_move(reterr, &err);
			return r;
		}
		cg2_error_clear(&err);
		if (is_job && !a->wish.is_unit_made_up)
			free_name(a, bus);
	}
	return error_all_have_ended(a, reterr);
}

static int start_holders_scope(struct cg2_attach *a, struct bus *bus, struct cg2_error *reterr)
{
	int r;

	a->answer_end_usec = end_after(ANSWER_TIMEOUT_USEC);
	r = holder_expect_move(&a->holder, ANSWER_TIMEOUT_USEC + HOLDER_MOVE_MARGIN_USEC);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	r = start_until_none_ends(a, bus, reterr);
	/* The request may still be in the queue of a manager that is silent, or not to be heard. */
	if (r < 0 && a->is_pending)
		holder_leave(&a->holder, r);
	else if (r < 0 && holder_expect_nothing(&a->holder) < 0)
		return r;
	return r;
}

/* ret_bus: closed by the caller in any case. */
static int make_scope(struct cg2_attach *a, struct bus *ret_bus, struct cg2_error *reterr)
{
	_cleanup_free_ char *home = NULL;
	int r;

	r = group_path_of_pid(a->ctx, 0, &home, reterr);
	if (r == 0)
		r = bus_open(a->ctx, a->manager, ret_bus, reterr);
	if (r == 0)
		r = holder_start(&a->holder, a->ctx, NULL, home, reterr);
	if (r == 0)
		r = start_holders_scope(a, ret_bus, reterr);
	if (r == 0)
		r = scope_open_group(a->ctx, a->wish.unit, a->holder.pid, &a->group, reterr);
	if (r == 0)
		mark_write(a->group, MARK_ATTACH);
	return r;
}

/* ---- after it was made ---- */

static int verify_limits(struct cg2_attach *a, struct cg2_error *reterr)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < N_LIMITS; i++) {
		if (!limits_has(a->limits, (enum cg2_limit)i) || !limit_row(i)->info.file)
			continue;
		r = limits_verify(a->limits, (enum cg2_limit)i, &allowance_none, a->group, reterr);
		if (r == 0)
			r = limits_effect_check(a->limits, (enum cg2_limit)i, a->group, reterr);
	}
	for (size_t i = 0; r == 0 && i < a->wish.properties.n; i++)
		r = property_verify(a->wish.properties.list[i], a->group, reterr);
	return r;
}

static int move_all(struct cg2_attach *a, struct move_target *to, int *ret_failed,
		    struct cg2_error *reterr)
{
	struct chase chase = { .procs = &a->procs, .to = to,
			       .with_children = !a->leaves_children,
			       .is_forced = a->is_forced };
	int r;

	to->group = a->group;
	to->unit = a->wish.unit;
	r = chase_all(&chase, reterr);
	*ret_failed = chase.failed;
	if (r < 0 || chase.is_any_moved)
		return r;
	/* The scope ends with the holder. */
	return error_setf(reterr, CG2_OP_MOVE, ESRCH, a->wish.unit, NULL, "none could be moved");
}

/* What the limits cannot do to processes that were there before them. */
static void say_what_exceeds(struct cg2_attach *a)
{
	uint64_t tasks, max, value;

	if (cg2_group_read_value(a->group, "pids.current", &tasks, NULL) == 0 &&
	    cg2_group_read_value(a->group, "pids.max", &max, NULL) == 0 && tasks > max)
		ctx_log(a->ctx, CG2_LOG_NOTICE, NULL,
			"%llu tasks are more than the %llu that are allowed: they stay, and no new "
			"one can start before some have ended",
			(unsigned long long)tasks, (unsigned long long)max);
	if (cg2_limits_get(a->limits, CG2_LIMIT_MEMORY_MAX, &value) > 0 ||
	    cg2_limits_get(a->limits, CG2_LIMIT_MEMORY_HIGH, &value) > 0)
		ctx_log(a->ctx, CG2_LOG_NOTICE, NULL,
			"the memory that the processes have now stays charged to where they were; "
			"the limit counts what they take from now on");
}

/* After a failure when some were moved, or over a connection that was lost meanwhile. */
static void say_who_is_in(struct cg2_attach *a)
{
	size_t n = 0;

	for (size_t i = 0; a->wish.unit && i < a->procs.n; i++) {
		_cleanup_free_ char *path = NULL;
		const char *slash;

		if (held_read_cgroup(a->ctx, &a->procs.list[i], &path) < 0)
			continue;
		slash = strrchr(path, '/');
		n += slash && strcmp(slash + 1, a->wish.unit) == 0;
	}
	if (n > 0 || a->is_pending)
		ctx_log(a->ctx, CG2_LOG_WARNING, NULL,
			"%zu of the %zu processes %s in %s now, whose limits were not verified", n,
			a->procs.n, a->is_pending ? "or more are" : "are", a->wish.unit);
}

static int check_before(struct cg2_attach *a, struct cg2_error *reterr)
{
	int r;

	if (a->procs.n == 0 || a->group)
		return error_setf(reterr, CG2_OP_MOVE, EINVAL, NULL, NULL, "%s",
				  a->group ? "they are attached already" : "no process given");
	if (limits_has(a->limits, CG2_LIMIT_CPU_TIME)) {
		r = error_setf(reterr, CG2_OP_MOVE, EINVAL, NULL, NULL,
			       "a CPU time limit cannot be enforced on attached processes");
		error_limit(reterr, CG2_LIMIT_CPU_TIME);
		return r;
	}
	r = hierarchy_detect(a->ctx, reterr);
	if (r == 0)
		r = limits_check_manager(a->limits, a->ctx, a->manager, reterr);
	for (size_t i = 0; r == 0 && i < a->wish.properties.n; i++)
		r = property_check_privileged(a->wish.properties.list[i], a->manager, reterr);
	if (r == 0 && !a->leaves_children)
		r = held_list_add_children(&a->procs, false, reterr);
	return r < 0 ? r : 0;
}

CG2_EXPORT int cg2_attach_start(struct cg2_attach *a, struct cg2_error *err)
{
	struct move_target to = { .manager = bus_manager(a->manager), .below = "" };
	int r, failed = 0;

	r = check_before(a, err);
	if (r == 0)
		r = make_scope(a, &to.bus, err);
	if (r == 0)
		r = move_all(a, &to, &failed, err);
	if (r == 0) {
		r = verify_limits(a, err);
		if (r < 0)
			error_hint(err, "the processes are in %s now", a->wish.unit);
	}
	if (r < 0)
		say_who_is_in(a);
	holder_release(&a->holder);
	clear_dead(a, &to.bus);
	move_end(&to);
	if (r < 0)
		return r;
	say_what_exceeds(a);
	return failed;
}
