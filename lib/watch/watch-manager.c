/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A watch's connections to managers: they hang in its epoll set, never wait for an answer, and are
 * made again when a manager has executed itself anew.
 */
#include "watch/watch-unit-internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "systemd/call.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"
#include "value/error.h"

#define RETRY_MIN_USEC (100 * USEC_PER_MSEC)
#define RETRY_MAX_USEC (5 * USEC_PER_SEC)

#define MANAGER_MATCH                                                                     \
	"type='signal',path='/org/freedesktop/systemd1',"                                 \
	"interface='org.freedesktop.systemd1.Manager',member='"
#define CHANGED_MATCH                                                                     \
	"type='signal',path_namespace='/org/freedesktop/systemd1/unit',"                  \
	"interface='org.freedesktop.DBus.Properties',member='"

/* From a manager's own socket signals have no sender; on a bus anybody could send them. */
#define SENDER_MATCH "',sender='org.freedesktop.systemd1'"

/* ---- calls ---- */

/* ---- the connection ---- */

static void watch_bus_disconnect(struct watch_bus *b)
{
	struct cg2_watch *watch = b->watch;

	watch_units_forget_questions(b);
	b->n_pending = 0;
	b->is_synced = true;
	if (!b->bus.bus)
		return;
	epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, sdbus.sd_bus_get_fd(b->bus.bus), NULL);
	bus_close(&b->bus);
	b->events = 0;
}

static void watch_bus_retry_later(struct watch_bus *b)
{
	watch_bus_disconnect(b);
	b->retry_at_usec = now_usec() + b->retry_step;
	b->retry_step = MIN(2 * b->retry_step, RETRY_MAX_USEC);
	watch_set_due(b->watch, DUE_BUS, b->retry_at_usec);
}

/* Handles what has come and tells epoll what is waited for. -errno: the connection is gone. */
static int watch_bus_pump(struct watch_bus *b)
{
	struct epoll_event event = { .data.ptr = &b->source };
	int r;

	do
		r = sdbus.sd_bus_process(b->bus.bus, NULL);
	while (r > 0);
	if (r == 0)
		r = sdbus.sd_bus_get_events(b->bus.bus);
	if (r < 0)
		return r;
	event.events = (uint32_t)r;
	if (event.events == b->events)
		return 0;
	if (epoll_ctl(b->watch->epoll_fd, b->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		      sdbus.sd_bus_get_fd(b->bus.bus), &event) < 0)
		return -errno;
	b->events = event.events;
	return 0;
}

static void on_bus_ready(struct cg2_watch *watch, struct watch_source *source)
{
	struct watch_bus *b = (struct watch_bus *)source;

	if (b->bus.bus && watch_bus_pump(b) < 0) {
		ctx_log(watch->ctx, CG2_LOG_INFO, NULL,
			"the manager closed the connection, reconnecting");
		watch_bus_retry_later(b);
	}
}

static int add_match(struct watch_bus *b, const char *rule, const char *member,
		     sd_bus_message_handler_t fn)
{
	_cleanup_free_ char *match =
		text_format("%s%s%s", rule, member, b->bus.is_daemon ? SENDER_MATCH : "'");

	if (!match)
		return -ENOMEM;
	/* Without a slot it lives as long as the connection. */
	return sdbus.sd_bus_add_match_async(b->bus.bus, NULL, match, fn, NULL, b);
}

/* A reload may have changed everything. */
static int on_reloading(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct watch_bus *b = userdata;
	int active, r = sdbus.sd_bus_message_read(m, "b", &active);

	for (struct watch_wish *wish = b->wishes; r >= 0 && !active && wish; wish = wish->next)
		r = watch_wish_ask(wish);
	return 0;
}

/* The signals first: what happens between a question and its answer is not lost. */
static int watch_bus_subscribe(struct watch_bus *b)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	r = add_match(b, MANAGER_MATCH, "UnitNew", watch_unit_on_new);
	if (r >= 0)
		r = add_match(b, MANAGER_MATCH, "UnitRemoved", watch_unit_on_removed);
	if (r >= 0)
		r = add_match(b, MANAGER_MATCH, "Reloading", on_reloading);
	if (r >= 0)
		r = add_match(b, CHANGED_MATCH, "PropertiesChanged", watch_unit_on_changed);
	if (r >= 0)
		r = call_new(&b->bus, "Subscribe", &m);
	/* Nobody has to know what it answers: a manager's own socket has all signals anyway. */
	return r < 0 ? r : sdbus.sd_bus_call_async(b->bus.bus, NULL, m, NULL, NULL, UINT64_MAX);
}

static int watch_bus_connect(struct watch_bus *b, struct cg2_error *reterr)
{
	int r;

	r = bus_open(b->watch->ctx, b->manager, &b->bus, reterr);
	if (r < 0)
		return r;
	r = watch_bus_subscribe(b);
	for (struct watch_wish *wish = b->wishes; r >= 0 && wish; wish = wish->next)
		r = watch_wish_ask(wish);
	if (r >= 0)
		r = watch_bus_pump(b);
	return r < 0 ? error_set(reterr, CG2_OP_CALL, r, b->bus.address, NULL) : 0;
}

static int watch_bus_reconnect(struct watch_bus *b, struct cg2_error *reterr)
{
	int r;

	b->retry_at_usec = CG2_MAX;
	r = watch_bus_connect(b, reterr);
	if (r < 0)
		watch_bus_retry_later(b);
	else
		b->retry_step = RETRY_MIN_USEC;
	return r;
}

void watch_buses_dispatch_due(struct cg2_watch *watch)
{
	uint64_t now = now_usec(), next = CG2_MAX;

	for (struct watch_bus *b = watch->buses; b; b = b->next) {
		if (now >= b->retry_at_usec)
			watch_bus_reconnect(b, NULL);
		next = MIN(next, MIN(b->retry_at_usec, watch_units_tell_failures(b, now)));
	}
	if (next != CG2_MAX)
		watch_set_due(watch, DUE_BUS, next);
}

/* ---- wishes ---- */

bool watch_buses_have_wishes(const struct cg2_watch *watch)
{
	const struct watch_bus *b = watch->buses;

	while (b && !b->wishes)
		b = b->next;
	return b != NULL;
}

static void watch_bus_free(struct watch_bus *b)
{
	watch_bus_disconnect(b);
	while (b->units) {
		struct watch_unit *unit = b->units;

		b->units = unit->next;
		watch_unit_free(unit);
	}
	while (b->wishes) {
		struct watch_wish *wish = b->wishes;

		b->wishes = wish->next;
		watch_wish_free(wish);
	}
	free(b);
}

void watch_buses_free(struct cg2_watch *watch)
{
	while (watch->buses) {
		struct watch_bus *b = watch->buses;

		watch->buses = b->next;
		watch_bus_free(b);
	}
}

static int get_watch_bus(struct cg2_watch *watch, enum cg2_manager manager,
			 struct watch_bus **ret_bus, struct cg2_error *reterr)
{
	struct watch_bus *b;
	int r;

	for (b = watch->buses; b; b = b->next)
		if (b->manager == manager) {
			*ret_bus = b;
			return b->bus.bus ? 0 : watch_bus_reconnect(b, reterr);
		}
	b = calloc(1, sizeof(*b));
	if (!b)
		return error_set(reterr, CG2_OP_CONNECT, ENOMEM, NULL, NULL);
	*b = (struct watch_bus){ .source = { on_bus_ready },
				 .watch = watch,
				 .manager = manager,
				 .retry_at_usec = CG2_MAX,
				 .retry_step = RETRY_MIN_USEC,
				 .is_first = true,
				 .is_synced = true };
	r = watch_bus_connect(b, reterr);
	if (r < 0) {
		watch_bus_free(b);
		return r;
	}
	b->next = watch->buses;
	watch->buses = b;
	*ret_bus = b;
	return 0;
}

static void drop_wish(struct watch_bus *b, struct watch_wish *wish)
{
	struct watch_wish **at = &b->wishes;

	for (struct watch_unit **u = &b->units; *u;) {
		struct watch_unit *unit = *u;

		if (unit->wish != wish) {
			u = &unit->next;
			continue;
		}
		*u = unit->next;
		watch_unit_free(unit);
	}
	while (*at != wish)
		at = &(*at)->next;
	*at = wish->next;
	watch_wish_free(wish);
}

/* Waits for the first answers; a name that means nothing is an error. */
static int await_first_answers(struct watch_bus *b, struct watch_wish *wish,
			       struct cg2_error *reterr)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const struct watch_unit *unit;
	int r;

	b->is_first = true;
	b->reterr = &err;
	r = watch_wish_ask(wish);
	if (r == 0)
		r = bus_run_until(&b->bus, &b->is_synced, end_after(ANSWER_TIMEOUT_USEC), &err);
	b->reterr = NULL;
	b->is_first = false;
	if (r == 0)
		r = watch_bus_pump(b);
	/* sd-bus has closed its descriptor, so that epoll would not tell. */
	if (r < 0 && sdbus.sd_bus_is_open(b->bus.bus) <= 0) {
		watch_bus_retry_later(b);
		return error_setf(reterr, CG2_OP_CALL, ECONNRESET, wish->text, NULL,
				  "the manager closed the connection");
	}
	if (r == 0 && err.code)
		r = -err.code;
	unit = r == 0 && !wish->is_pattern ? watch_unit_of(b, wish) : NULL;
	if (unit && unit->is_missing)
		return error_setf(reterr, CG2_OP_CALL, ENOENT, wish->text, NULL,
				  "there is no such unit");
	if (r < 0 && err.code)
		error_copy(reterr, &err);
	else if (r < 0)
		error_set(reterr, CG2_OP_CALL, r, wish->text, NULL);
	return r;
}

static bool is_name_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* Whether any unit that it matches runs. */
static bool is_met(const struct watch_bus *b, const struct watch_wish *wish)
{
	for (const struct watch_unit *unit = b->units; unit; unit = unit->next)
		if (unit->wish == wish && unit->target)
			return true;
	return false;
}

static int add_wish(struct cg2_watch *watch, enum cg2_manager manager, const char *text,
		    const char *name, struct cg2_error *reterr)
{
	struct watch_wish *wish;
	struct watch_bus *b = NULL;
	int r;

	r = get_watch_bus(watch, manager, &b, reterr);
	if (r < 0)
		return r;
	wish = calloc(1, sizeof(*wish));
	if (!wish)
		return error_set(reterr, CG2_OP_CALL, ENOMEM, text, NULL);
	wish->owner = b;
	wish->is_pattern = is_name_pattern(text);
	wish->text = strdup(text);
	wish->name = wish->is_pattern ? NULL : strdup(name);
	wish->next = b->wishes;
	b->wishes = wish;
	if (!wish->text || (!wish->name && !wish->is_pattern))
		r = error_set(reterr, CG2_OP_CALL, ENOMEM, text, NULL);
	if (r == 0)
		r = await_first_answers(b, wish, reterr);
	if (r < 0) {
		drop_wish(b, wish);
		return r;
	}
	return wish->is_pattern && !is_met(b, wish);
}

CG2_EXPORT int cg2_watch_add_unit(struct cg2_watch *watch, enum cg2_manager manager,
				  const char *name, struct cg2_error *err)
{
	_cleanup_free_ char *unit = NULL;
	enum cg2_manager first = bus_manager(manager);
	int r = 0;

	if (!unit_name_is_valid(name) && !is_name_pattern(name))
		r = unit_name_complete(name, ".scope", NULL, &unit, err);
	else if (!(unit = strdup(name)))
		r = error_set(err, CG2_OP_CALL, ENOMEM, name, NULL);
	if (r < 0)
		return r;
	r = add_wish(watch, first, unit, name, err);
	if (r != -ENOENT || manager != CG2_MANAGER_AUTO || first == CG2_MANAGER_SYSTEM)
		return r;
	cg2_error_clear(err);
	return add_wish(watch, CG2_MANAGER_SYSTEM, unit, name, err);
}
