/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing limits of what runs: memory is reclaimed first, a unit's own values go through its
 * manager, cgroups that are ours are written, and both are read back.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "limit/limits-effect.h"
#include "manage/keep.h"
#include "manage/lift.h"
#include "manage/period.h"
#include "place/nest.h"
#include "scope/scope.h"
#include "systemd/bus.h"
#include "systemd/call.h"
#include "systemd/unit-name.h"
#include "value/error.h"

/* memory.reclaim is asked for so much at a time, so that the deadline is kept. */
#define RECLAIM_STEP (UINT64_C(16) << 20)

struct change {
	struct cg2_scope *scope;
	struct cg2_group *group; /* the scope's */
	struct cg2_group *leaf;  /* the command's, if it is another one */
	struct cg2_limits *limits;
	bool is_persistent;
	uint64_t reclaim_usec;
	cg2_change_fn fn;
	void *userdata;
};

/* ---- values ---- */

static struct cg2_group *shown(const struct change *c)
{
	return c->leaf ? c->leaf : c->group;
}

/* The file's first line; "" if there is none. */
static char *read_text(struct cg2_group *group, const char *file)
{
	char *buf = NULL;
	size_t len;

	if (cg2_group_read(group, file, &buf, &len, NULL) < 0)
		return strdup("");
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

/* ---- before ---- */

/* What is used of the limit now. */
static int read_use(struct cg2_group *group, enum cg2_limit limit, uint64_t *ret_value)
{
	const char *file = limit == CG2_LIMIT_TASKS_MAX ? "pids.current"
			   : limit == CG2_LIMIT_SWAP_MAX ? "memory.swap.current"
							 : "memory.current";

	return cg2_group_read_value(group, file, ret_value, NULL);
}

/* As much as can be had in the time. The kernel gives EAGAIN when it found no more. */
static void reclaim(struct change *c, uint64_t wanted)
{
	uint64_t end_usec = now_usec() + c->reclaim_usec, current;

	while (now_usec() < end_usec &&
	       cg2_group_read_value(shown(c), "memory.current", &current, NULL) == 0 &&
	       current > wanted) {
		char text[32];

		snprintf(text, sizeof(text), "%" PRIu64, MIN(current - wanted, RECLAIM_STEP));
		if (cg2_group_write(shown(c), "memory.reclaim", text, NULL) < 0)
			break;
	}
}

static const struct {
	enum cg2_limit limit;
	const char *effect;
} effects[] = {
	{ CG2_LIMIT_MEMORY_MAX, "the kernel reclaims what it can, and kills a process if that is "
				"not enough" },
	{ CG2_LIMIT_MEMORY_HIGH, "its processes are slowed down until they use less" },
	{ CG2_LIMIT_SWAP_MAX, "what is swapped out stays there, and nothing is added" },
	{ CG2_LIMIT_TASKS_MAX, "they go on, and no new one can start before some have ended" },
};

/* A limit below the present use: memory is made free first, and what remains is told. */
static void look_ahead(struct change *c, enum cg2_limit limit)
{
	uint64_t wanted, use;

	for (size_t i = 0; i < ARRAY_SIZE(effects); i++) {
		_cleanup_free_ char *have = NULL, *want = NULL;

		if (effects[i].limit != limit || cg2_limits_get(c->limits, limit, &wanted) <= 0 ||
		    read_use(shown(c), limit, &use) < 0 || use <= wanted)
			continue;
		if (limit == CG2_LIMIT_MEMORY_MAX || limit == CG2_LIMIT_MEMORY_HIGH) {
			reclaim(c, wanted);
			if (read_use(shown(c), limit, &use) < 0 || use <= wanted)
				return;
		}
		if ((limit == CG2_LIMIT_TASKS_MAX ? limit_number_to_string(use, &have)
						  : cg2_size_to_string(use, &have)) < 0)
			have = NULL;
		if (cg2_limits_to_string(c->limits, limit, &want) < 0)
			want = NULL;
		ctx_log(c->scope->ctx, CG2_LOG_WARNING, NULL, "%s: %s %s are more than %s: %s",
			c->scope->name, have ? have : "?",
			limit == CG2_LIMIT_TASKS_MAX ? "tasks" : "in use", want ? want : "?",
			effects[i].effect);
	}
}

/* ---- the change ---- */

static bool needs_manager(const struct change *c)
{
	return c->scope->is_unit;
}

/* Some properties are only for a unit that is being made. */
static int explain_refusal(int r, const char *unit, struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (r >= 0 || !reterr || !reterr->bus_name ||
	    strcmp(reterr->bus_name, SD_BUS_ERROR_PROPERTY_READ_ONLY) != 0)
		return r;
	cg2_error_move(&err, reterr);
	error_setf(reterr, CG2_OP_CALL, err.code, unit, NULL,
		   "systemd cannot change this property of a running unit");
	error_bus(reterr, err.bus_name, err.bus_message);
	return r;
}

static int call_manager(struct change *c, const struct allowance *extra,
			struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	struct bus bus;
	int r;

	if (!scope_has_manager(c->scope))
		return error_setf(reterr, CG2_OP_FIND, EPERM, c->scope->name, NULL,
				  "it is a unit of another user's manager");
	r = bus_open(c->scope->ctx, c->scope->manager, &bus, reterr);
	if (r < 0)
		return r;
	r = call_new(&bus, "SetUnitProperties", &m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "sb", c->scope->name, !c->is_persistent);
	if (r >= 0)
		r = sdbus.sd_bus_message_open_container(m, 'a', "(sv)");
	for (unsigned int i = 0; r >= 0 && i < N_LIMITS; i++)
		if (limits_has(c->limits, (enum cg2_limit)i))
			r = limits_append(c->limits, (enum cg2_limit)i, extra, m);
	for (size_t i = 0; r >= 0 && i < c->scope->properties.n; i++)
		r = property_append(m, c->scope->properties.list[i]);
	if (r >= 0)
		r = sdbus.sd_bus_message_close_container(m);
	if (r < 0)
		r = error_set(reterr, CG2_OP_CALL, r, c->scope->name, NULL);
	else
		r = explain_refusal(call_send(&bus, m, c->scope->name, NULL, NULL, reterr),
				    c->scope->name, reterr);
	bus_close(&bus);
	return r;
}

/*
 * The command's cgroup first: the writer of a limit that is lowered has to wait for the kernel, and
 * that shall not be the manager.
 */
static int try_leaf(struct change *c, enum cg2_limit limit, struct cg2_error *reterr)
{
	int r = limits_write(c->limits, limit, shown(c), reterr);

	if (r != -ENOENT)
		return r;
	cg2_error_clear(reterr);
	return 0;
}

/* A file is missing: the uppermost cgroup that has not got its controller is to blame. */
static int explain_missing(struct change *c, enum cg2_limit limit, struct cg2_error *reterr)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = cg2_group_ref(shown(c));
	const struct cg2_limit_info *info = &limit_row(limit)->info;
	_cleanup_free_ char *wanted = NULL;
	uint64_t have = 0;

	while (!(have & controller_bit(info->controller))) {
		struct cg2_group *parent = NULL;

		if (group_open_parent(group, &parent, NULL) < 0 || !parent)
			break;
		if (cg2_group_read_controllers(parent, &have, NULL) < 0 ||
		    (have & controller_bit(info->controller))) {
			cg2_group_unref(parent);
			break;
		}
		cg2_group_unref(group);
		group = parent;
	}
	if (cg2_limits_to_string(c->limits, limit, &wanted) < 0)
		wanted = NULL;
	return limits_explain_missing(group, info->file, info->controller, wanted, reterr);
}

static int write_leaf(struct change *c, enum cg2_limit limit, struct cg2_error *reterr)
{
	int r;

	if (!c->leaf && needs_manager(c) && limit_row(limit)->is_bus)
		return 0;
	r = limits_write(c->limits, limit, shown(c), reterr);
	if (r != -ENOENT)
		return r;
	cg2_error_clear(reterr);
	return explain_missing(c, limit, reterr);
}

/* A nested run was given the controllers of the limits that it began with. */
static int enable_around(struct change *c, struct cg2_error *reterr)
{
	_cleanup_(place_clear) struct place place = { .backend = CG2_BACKEND_SYSTEMD };
	int r;

	r = place_around(c->group, &place, reterr);
	if (r <= 0)
		return r;
	return nest_enable(&place, c->group,
			   limits_controllers(c->limits) |
				   property_list_controllers(&c->scope->properties),
			   reterr);
}

/* So was the command of a run with a manager. */
static int enable_controllers(struct change *c, struct cg2_error *reterr)
{
	uint64_t have, wanted = limits_controllers(c->limits);
	int r = cg2_group_read_controllers(c->group, &have, reterr);

	/* One that is missing is told of when the limit is written. */
	return r < 0 ? r : cg2_group_enable_controllers(c->group, wanted & have, reterr);
}

static int verify(struct change *c, enum cg2_limit limit, struct cg2_error *reterr)
{
	int r = 0;

	if (needs_manager(c) && limit_row(limit)->is_bus)
		r = limits_verify(c->limits, limit,
				  c->leaf ? &allowance_of_holder : &allowance_none,
				  c->group, reterr);
	if (r == 0 && (c->leaf || !needs_manager(c) || !limit_row(limit)->is_bus))
		r = limits_verify(c->limits, limit, &allowance_none, shown(c), reterr);
	return r;
}

/* Depends on disks and ancestors alone, so it is known before anything is changed. */
static int has_effect(struct change *c, enum cg2_limit limit, struct cg2_error *reterr)
{
	return limits_effect_check(c->limits, limit, c->group, reterr);
}

typedef int (*limit_fn)(struct change *c, enum cg2_limit limit, struct cg2_error *reterr);

static int each(struct change *c, limit_fn fn, struct cg2_error *reterr)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < N_LIMITS; i++)
		if (limits_has(c->limits, (enum cg2_limit)i) && limit_row(i)->info.file)
			r = fn(c, (enum cg2_limit)i, reterr);
	return r;
}

/* Written together with the quota, if that is changed; else the command's gets it here. */
static int apply_period(struct change *c, uint64_t period_usec, struct cg2_error *reterr)
{
	if (limits_has(c->limits, CG2_LIMIT_CPU_MAX) || (needs_manager(c) && !c->leaf))
		return 0;
	return period_write(shown(c), period_usec, reterr);
}

static int write_property(struct change *c, const struct property *property,
			  struct cg2_error *reterr)
{
	const uint64_t period_usec = property_cpu_period_usec(property);

	if (period_usec)
		return apply_period(c, period_usec, reterr);
	return needs_manager(c) ? 0 : property_write(property, c->group, reterr);
}

/* A unit's are its manager's, and so are on the scope around the command's cgroup. */
static int apply_properties(struct change *c, struct cg2_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < c->scope->properties.n; i++) {
		const struct property *property = c->scope->properties.list[i];

		r = write_property(c, property, reterr);
		if (r == 0)
			r = property_verify(property, c->group, reterr);
	}
	return r;
}

/* The manager is told of what is named, and what is not keeps its value. */
static int apply_by_manager(struct change *c, struct cg2_error *reterr)
{
	_cleanup_(keep_clear) struct kept kept;
	int r;

	keep_read(&kept, c->group, c->limits, &c->scope->properties);
	r = call_manager(c, c->leaf ? &allowance_of_holder : &allowance_none, reterr);
	if (r == 0)
		r = keep_restore(&kept, c->group, reterr);
	/* A controller that no limit asked for before is there now, and not below. */
	if (r == 0 && c->leaf)
		r = enable_controllers(c, reterr);
	/* The period may be one that the manager had in mind. */
	period_take(c->limits, &c->scope->properties, c->group);
	/* Here too what the manager has no property of may have lost its value. */
	return r < 0 ? r : each(c, write_leaf, reterr);
}

static int apply(struct change *c, struct cg2_error *reterr)
{
	int r = 0;

	for (unsigned int i = 0; i < N_LIMITS; i++)
		if (limits_has(c->limits, (enum cg2_limit)i))
			look_ahead(c, (enum cg2_limit)i);
	if (!needs_manager(c))
		r = enable_around(c, reterr);
	if (r == 0)
		r = each(c, c->leaf ? try_leaf : write_leaf, reterr);
	if (r == 0 && needs_manager(c))
		r = apply_by_manager(c, reterr);
	if (r == 0)
		r = each(c, verify, reterr);
	return r < 0 ? r : apply_properties(c, reterr);
}

/* ---- what is told ---- */

static struct cg2_change property_change(const struct property *property)
{
	return (struct cg2_change){ .size = sizeof(struct cg2_change),
				    .property = property_name(property),
				    .file = property_file(property) };
}

/* A property is the scope's as a whole, a limit the command's. */
static char *read_now(struct change *c, const struct cg2_change *change)
{
	return change->file ? read_text(change->info ? shown(c) : c->group, change->file)
			    : strdup("");
}

/* after: what is to be said where no file shows it. */
static void tell(struct change *c, struct cg2_change *change, const char *before,
		 const char *after)
{
	_cleanup_free_ char *now = read_now(c, change);

	if (!before || !now)
		return;
	change->before = before;
	change->after = change->file ? now : after;
	c->fn(c->userdata, change);
}

static void tell_all(struct change *c, char *const old[])
{
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		struct cg2_change change = limit_change(i);

		if (limits_has(c->limits, (enum cg2_limit)i) && change.file)
			tell(c, &change, old[i], "");
	}
	for (size_t i = 0; i < c->scope->properties.n; i++) {
		const struct property *property = c->scope->properties.list[i];
		struct cg2_change change = property_change(property);

		tell(c, &change, old[N_LIMITS + i], property_value(property));
	}
}

/* A change that failed half way: what it did is said, whoever asked for the rest. */
static void say_applied(struct change *c, char *const old[])
{
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		struct cg2_change change = limit_change(i);
		_cleanup_free_ char *now = NULL;

		if (!limits_has(c->limits, (enum cg2_limit)i) || !change.file || !old[i])
			continue;
		now = read_now(c, &change);
		if (now && strcmp(now, old[i]) != 0)
			ctx_log(c->scope->ctx, CG2_LOG_WARNING, NULL,
				"%s: %s has been changed all the same: it was %s and is %s",
				c->scope->name, change.file, *old[i] ? old[i] : "empty",
				*now ? now : "empty");
	}
}

static int apply_and_tell(struct change *c, struct cg2_error *reterr)
{
	size_t n = N_LIMITS + c->scope->properties.n;
	char **old = calloc(n, sizeof(*old));
	int r;

	if (!old)
		return error_set(reterr, CG2_OP_READ, ENOMEM, c->group->path, NULL);
	for (size_t i = 0; i < n; i++) {
		struct cg2_change change =
			i < N_LIMITS ? limit_change((unsigned int)i)
				     : property_change(c->scope->properties.list[i - N_LIMITS]);

		if (i >= N_LIMITS || limits_has(c->limits, (enum cg2_limit)i))
			old[i] = read_now(c, &change);
	}
	r = apply(c, reterr);
	if (r < 0)
		say_applied(c, old);
	else if (c->fn)
		tell_all(c, old);
	for (size_t i = 0; i < n; i++)
		free(old[i]);
	free(old);
	return r;
}

/* ---- the call ---- */

static int check(struct change *c, struct cg2_error *reterr)
{
	if (limits_has(c->limits, CG2_LIMIT_WALL_TIME) ||
	    limits_has(c->limits, CG2_LIMIT_CPU_TIME))
		return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, NULL,
				  "a time limit is enforced by what started the command");
	if (c->is_persistent &&
	    (!c->scope->is_unit || unit_name_is_of(c->scope->name, ".scope")))
		return error_setf(reterr, CG2_OP_FIND, EOPNOTSUPP, c->scope->name, NULL,
				  "a scope cannot keep settings across a reboot");
	if (scope_has_manager(c->scope)) {
		int r = limits_check_manager(c->limits, c->scope->ctx, c->scope->manager, reterr);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < c->scope->properties.n; i++) {
		const struct property *property = c->scope->properties.list[i];
		int r = property_check_privileged(property, c->scope->manager, reterr);

		if (r < 0)
			return r;
		if (!needs_manager(c) && !property_is_direct(property) &&
		    !property_cpu_period_usec(property))
			return error_setf(reterr, CG2_OP_WRITE, EOPNOTSUPP, c->scope->path,
					  property_name(property),
					  "only a manager can apply it, and it is no unit");
	}
	return 0;
}

CG2_EXPORT int cg2_scope_add_property(struct cg2_scope *scope, const char *assignment,
				      struct cg2_error *err)
{
	return property_list_add(&scope->properties, assignment, err);
}

CG2_EXPORT void cg2_scope_lift_limits(struct cg2_scope *scope)
{
	scope->is_lifted = true;
}

/* The limits with those that are taken off; a copy, since other scopes have others. */
static int complete(struct change *c, struct cg2_limits **ret_limits, struct cg2_error *reterr)
{
	int r = limits_dup(c->limits, ret_limits);

	if (r < 0)
		return error_set(reterr, CG2_OP_WRITE, r, c->scope->path, NULL);
	c->limits = *ret_limits;
	period_take(c->limits, &c->scope->properties, c->group);
	if (!c->scope->is_lifted)
		return 0;
	r = lift_limits(c->limits, c->group, reterr);
	return r == 0 && c->leaf ? lift_limits(c->limits, c->leaf, reterr) : r;
}

CG2_EXPORT int cg2_scope_set(struct cg2_scope *scope, struct cg2_limits *limits,
			     bool is_persistent, uint64_t reclaim_usec, cg2_change_fn fn,
			     void *userdata, struct cg2_error *err)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL, *leaf = NULL;
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *completed = NULL;
	struct change c = { .scope = scope, .limits = limits, .is_persistent = is_persistent,
			    .reclaim_usec = reclaim_usec, .fn = fn, .userdata = userdata };
	int r;

	r = check(&c, err);
	if (r == 0)
		r = cg2_scope_open_group(scope, &group, err);
	if (r == 0)
		r = cg2_scope_open_leaf(scope, &leaf, err);
	if (r < 0)
		return r;
	c.group = group;
	c.leaf = strcmp(leaf->path, group->path) == 0 ? NULL : leaf;
	r = complete(&c, &completed, err);
	if (r == 0)
		r = each(&c, has_effect, err);
	return r < 0 ? r : apply_and_tell(&c, err);
}
