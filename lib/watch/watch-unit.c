/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Units that a watch follows. PropertiesChanged has what a failure is made of, so that one which
 * is over in a moment (a restart) is seen; the cgroup is asked for when the unit becomes active.
 */
#include "watch/watch-unit-internal.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "systemd/call.h"
#include "systemd/sdjournal.h"
#include "value/error.h"

/* What a process has written before its end takes a moment to be in the journal. */
#define JOURNAL_USEC (200 * USEC_PER_MSEC)
#define JOURNAL_LINES 10

/* ---- failures ---- */

static bool watch_unit_has_failed(const struct watch_unit *unit)
{
	const char *result = unit->result;

	/* ExecCondition= is no failure. */
	return result && *result && strcmp(result, "success") != 0 &&
	       strcmp(result, "exec-condition") != 0;
}

static const char *watch_unit_target_name(const struct watch_unit *unit)
{
	return unit->wish->name ? unit->wish->name : unit->name;
}

/* As it is now: a restart may follow at once. */
static struct cg2_event *new_failure(struct watch_unit *unit)
{
	const char *cgroup =
		unit->target ? cg2_group_get_path(unit->target->levels[0]->group) : NULL;
	struct cg2_event *event = event_new(CG2_EVENT_FAILED, watch_unit_target_name(unit), cgroup);

	if (!event)
		return NULL;
	event->exit_code = (int)unit->exit_code;
	event->exit_status = (int)unit->exit_status;
	event->result = strdup(unit->result);
	return event->result ? event : cg2_event_unref(event);
}

/* Nothing is wrong with an event without lines. */
static void tell_failure(struct watch_unit *unit)
{
	static const uint8_t none[INVOCATION_SIZE];
	struct cg2_event *event = take_ptr(&unit->failure);
	bool has_invocation = memcmp(unit->failed_invocation, none, sizeof(none)) != 0;

	unit->tell_at_usec = CG2_MAX;
	if (!event)
		return;
	if (journal_last_lines(unit->owner->manager, unit->name,
			       has_invocation ? unit->failed_invocation : NULL, JOURNAL_LINES,
			       &event->lines) < 0)
		ctx_log(unit->owner->watch->ctx, CG2_LOG_INFO, NULL,
			"%s: out of memory reading its journal", unit->name);
	watch_tell(unit->owner->watch, event);
}

/* One failure is told once, however often its unit is asked about. */
static void update_failure(struct watch_unit *unit)
{
	struct cg2_watch *watch = unit->owner->watch;

	if (!watch_unit_has_failed(unit)) {
		unit->is_told = false;
		return;
	}
	if (unit->is_told)
		return;
	unit->is_told = true;
	/* What was so before is no event. */
	if ((!unit->is_known && unit->owner->is_first) || !watch_wants(watch, CG2_EVENT_FAILED))
		return;
	tell_failure(unit);
	memcpy(unit->failed_invocation, unit->invocation, INVOCATION_SIZE);
	unit->failure = new_failure(unit);
	if (!unit->failure) {
		watch->n_lost++;
		return;
	}
	unit->tell_at_usec = now_usec() + JOURNAL_USEC;
	watch_set_due(watch, DUE_BUS, unit->tell_at_usec);
}

uint64_t watch_units_tell_failures(struct watch_bus *b, uint64_t now)
{
	struct watch_unit **at = &b->units;
	uint64_t next = CG2_MAX;

	while (*at) {
		struct watch_unit *unit = *at;

		assert((unit->failure != NULL) == (unit->tell_at_usec != CG2_MAX));
		if (now >= unit->tell_at_usec)
			tell_failure(unit);
		next = MIN(next, unit->tell_at_usec);
		if (unit->is_removed && !unit->failure) {
			*at = unit->next;
			watch_unit_free(unit);
		} else {
			at = &unit->next;
		}
	}
	return next;
}

/* ---- the cgroup ---- */

static void on_target_gone(struct cg2_watch *watch, struct watch_target *target)
{
	struct watch_unit *unit = target->owner;

	unit->target = NULL;
}

static bool is_target_of(const struct watch_target *target, struct cg2_group *group)
{
	struct stat st;

	return fstat(cg2_group_get_fd(group), &st) == 0 && st.st_ino == target->levels[0]->id;
}

/* The unit's cgroup is there, maybe for some time already, maybe another one than before. */
static void follow_cgroup(struct watch_unit *unit, const char *path)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	struct cg2_watch *watch = unit->owner->watch;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r;

	if (!path || !*path || cg2_group_open(watch->ctx, path, &group, NULL) < 0)
		return;
	if (unit->target && is_target_of(unit->target, group))
		return;
	if (unit->target)
		watch_target_gone(watch, unit->target);
	r = watch_target_add(watch, group, watch_unit_target_name(unit), !unit->owner->is_first,
			     &unit->target, &err);
	if (r < 0) {
		if (r != -ENOENT)
			ctx_log(watch->ctx, CG2_LOG_WARNING, &err, "cannot watch %s: %s",
				unit->name, err.detail ? err.detail : strerror(-r));
		return;
	}
	unit->target->on_gone = on_target_gone;
	unit->target->owner = unit;
}

/* ---- properties ---- */

static int watch_unit_query(struct watch_unit *unit);

/*
 * Counts the lives that ended while there was no connection, and how nobody knows: the last one
 * that was seen, unless its end was, and those that its manager restarted meanwhile.
 */
static void count_unseen(struct watch_unit *unit, uint64_t n_restarts)
{
	uint64_t n = n_restarts > unit->n_restarts ? n_restarts - unit->n_restarts : 1;

	if (unit->is_unseen)
		unit->owner->watch->n_lost += n - (unit->is_told || unit->is_over);
	unit->is_unseen = false;
}

/* It does not run, and nobody is asked how it has ended. */
static void watch_unit_set_inactive(struct watch_unit *unit)
{
	count_unseen(unit, unit->n_restarts);
	unit->is_known = unit->is_over = true;
}

static bool state_is_end(const char *state)
{
	return strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0;
}

/* Takes what is there; the answer to GetAll has all of it, a signal a part. */
static void watch_unit_update(struct watch_unit *unit, const struct unit *values)
{
	const char *result = unit_get_text(values, "Result");
	const char *state = unit_get_text(values, "ActiveState");
	uint64_t n_restarts = unit->n_restarts;
	const uint8_t *invocation;
	size_t n;

	unit_get_number(values, "NRestarts", &n_restarts);
	invocation = unit_get_bytes(values, "InvocationID", &n);
	if (n == INVOCATION_SIZE && memcmp(unit->invocation, invocation, n) != 0) {
		/*
		 * Another life: one that has failed as the last one did is another failure. But
		 * the signal with the result comes before the one with this.
		 */
		bool is_same = unit->failure && unit->is_told && !unit->is_unseen;

		count_unseen(unit, n_restarts);
		memcpy(unit->invocation, invocation, n);
		if (is_same)
			memcpy(unit->failed_invocation, invocation, n);
		else
			unit->is_told = false;
	}
	unit->n_restarts = n_restarts;
	if (state)
		unit->is_over = state_is_end(state);
	unit_get_number(values, "ExecMainCode", &unit->exit_code);
	unit_get_number(values, "ExecMainStatus", &unit->exit_status);
	if (result && (!unit->result || strcmp(result, unit->result) != 0)) {
		free(unit->result);
		unit->result = strdup(result);
	}
}

static int on_properties(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct watch_unit *unit = userdata;
	_cleanup_(unit_freep) struct unit *values = NULL;
	const char *state;

	watch_bus_answered(unit->owner, &unit->slot);
	if (unit->is_asked_again) {
		unit->is_asked_again = false;
		return watch_unit_query(unit);
	}
	/* It was forgotten meanwhile: UnitRemoved tells. */
	if (sdbus.sd_bus_message_get_error(m) || unit_parse(m, &values) < 0)
		return 0;
	state = unit_get_text(values, "LoadState");
	unit->is_missing = state && strcmp(state, "not-found") == 0;
	watch_unit_update(unit, values);
	update_failure(unit);
	unit->is_known = true;
	unit->is_unseen = false;
	follow_cgroup(unit, unit_get_text(values, "ControlGroup"));
	return 0;
}

static int watch_unit_query(struct watch_unit *unit)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	if (unit->slot) {
		unit->is_asked_again = true;
		return 0;
	}
	r = sdbus.sd_bus_message_new_method_call(unit->owner->bus.bus, &m,
						 "org.freedesktop.systemd1", unit->object,
						 "org.freedesktop.DBus.Properties", "GetAll");
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "s", "");
	return r < 0 ? r : watch_bus_call(unit->owner, m, &unit->slot, on_properties, unit);
}

/* ---- which units there are ---- */

void watch_unit_free(struct watch_unit *unit)
{
	if (unit->slot)
		watch_bus_answered(unit->owner, &unit->slot);
	if (unit->target)
		unit->target->on_gone = NULL;
	cg2_event_unref(unit->failure);
	free(unit->name);
	free(unit->object);
	free(unit->result);
	free(unit);
}

static struct watch_unit *watch_unit_find(struct watch_bus *b, const char *name)
{
	struct watch_unit *unit = b->units;

	while (unit && (unit->is_removed || strcmp(unit->name, name) != 0))
		unit = unit->next;
	return unit;
}

struct watch_unit *watch_unit_of(struct watch_bus *b, const struct watch_wish *wish)
{
	struct watch_unit *unit = b->units;

	while (unit && unit->wish != wish)
		unit = unit->next;
	return unit;
}

static int watch_unit_add(struct watch_bus *b, const struct watch_wish *wish, const char *name,
			  const char *object, struct watch_unit **ret_unit)
{
	struct watch_unit *unit = calloc(1, sizeof(*unit));

	if (!unit)
		return -ENOMEM;
	unit->owner = b;
	unit->wish = wish;
	unit->tell_at_usec = CG2_MAX;
	unit->name = strdup(name);
	unit->object = strdup(object);
	if (!unit->name || !unit->object) {
		watch_unit_free(unit);
		return -ENOMEM;
	}
	unit->next = b->units;
	b->units = unit;
	*ret_unit = unit;
	return 0;
}

/*
 * The manager knows that unit. It is asked for the properties of one that is not at rest: to ask
 * for others makes it load them, which is news of a unit, and so on for ever.
 */
static int watch_unit_discovered(struct watch_bus *b, const struct watch_wish *wish,
				 const char *name, const char *object, const char *state)
{
	struct watch_unit *unit = watch_unit_find(b, name);
	int r = 0;

	if (!unit)
		r = watch_unit_add(b, wish, name, object, &unit);
	if (r == 0 && state && strcmp(state, "inactive") == 0)
		watch_unit_set_inactive(unit);
	else if (r == 0)
		r = watch_unit_query(unit);
	return r;
}

/* Whether there is an answer; failures are for who waits for it. */
static bool wish_answered(sd_bus_message *m, struct watch_wish *wish)
{
	const sd_bus_error *failure = sdbus.sd_bus_message_get_error(m);
	struct watch_bus *b = wish->owner;

	watch_bus_answered(b, &wish->slot);
	if (failure && b->reterr && b->reterr->code == 0)
		bus_error_set(&b->bus, failure, wish->text, b->reterr);
	return !failure;
}

/* Who was named comes back under that name; its failure may have to be told yet. */
static void watch_unit_forget(struct watch_unit *unit)
{
	watch_unit_set_inactive(unit);
	if (!unit->wish->is_pattern)
		return;
	unit->is_removed = true;
	watch_set_due(unit->owner->watch, DUE_BUS, now_usec());
}

/* Those that a list does not have any more: nobody could tell of their end. */
static void forget_unlisted(const struct watch_wish *wish)
{
	for (struct watch_unit *unit = wish->owner->units; unit; unit = unit->next)
		if (unit->wish == wish && unit->is_unseen && !unit->slot && !unit->is_removed)
			watch_unit_forget(unit);
}

static int on_list(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *name, *state, *object;
	struct watch_wish *wish = userdata;
	int r;

	if (!wish_answered(m, wish))
		return 0;
	if (wish->is_asked_again) {
		wish->is_asked_again = false;
		return watch_wish_ask(wish);
	}
	r = sdbus.sd_bus_message_enter_container(m, 'a', "(ssssssouso)");
	while (r >= 0 && (r = sdbus.sd_bus_message_read(m, "(ssssssouso)", &name, NULL, NULL,
							&state, NULL, NULL, &object, NULL, NULL,
							NULL)) > 0)
		r = watch_unit_discovered(wish->owner, wish, name, object, state);
	if (r >= 0)
		forget_unlisted(wish);
	return r < 0 ? r : 0;
}

static int on_loaded(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct watch_wish *wish = userdata;
	const char *object;
	int r;

	if (!wish_answered(m, wish))
		return 0;
	wish->is_loaded = true;
	r = sdbus.sd_bus_message_read(m, "o", &object);
	return r < 0 ? r : watch_unit_discovered(wish->owner, wish, wish->text, object, NULL);
}

/* A name as a pattern that matches nothing else. NULL: out of memory. */
static char *pattern_of(const char *name)
{
	char *pattern = malloc(2 * strlen(name) + 1), *p = pattern;

	for (; pattern && *name; name++) {
		if (*name == '\\')
			*p++ = '\\';
		*p++ = *name;
	}
	if (pattern)
		*p = '\0';
	return pattern;
}

static int new_list(struct watch_wish *wish, sd_bus_message **ret_call)
{
	_cleanup_free_ char *pattern = wish->is_pattern ? strdup(wish->text)
							: pattern_of(wish->text);
	int r;

	if (!pattern)
		return -ENOMEM;
	r = call_new(&wish->owner->bus, "ListUnitsByPatterns", ret_call);
	return r < 0 ? r : sdbus.sd_bus_message_append(*ret_call, "asas", 0, 1, pattern);
}

static int new_load(struct watch_wish *wish, sd_bus_message **ret_call)
{
	int r = call_new(&wish->owner->bus, "LoadUnit", ret_call);

	return r < 0 ? r : sdbus.sd_bus_message_append(*ret_call, "s", wish->text);
}

int watch_wish_ask(struct watch_wish *wish)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	/* Only the first time it matters whether a unit that is not running exists. */
	bool is_load = !wish->is_pattern && !wish->is_loaded;
	struct watch_bus *b = wish->owner;
	int r;

	if (!b->bus.bus)
		return 0;
	if (wish->slot) {
		wish->is_asked_again = true;
		return 0;
	}
	r = is_load ? new_load(wish, &m) : new_list(wish, &m);
	return r < 0 ? r : watch_bus_call(b, m, &wish->slot, is_load ? on_loaded : on_list, wish);
}

void watch_wish_free(struct watch_wish *wish)
{
	if (wish->slot)
		watch_bus_answered(wish->owner, &wish->slot);
	free(wish->text);
	free(wish->name);
	free(wish);
}

void watch_units_forget_questions(struct watch_bus *b)
{
	for (struct watch_wish *wish = b->wishes; wish; wish = wish->next)
		if (wish->slot)
			watch_bus_answered(b, &wish->slot);
	for (struct watch_unit *unit = b->units; unit; unit = unit->next) {
		unit->is_unseen = true;
		if (unit->slot)
			watch_bus_answered(b, &unit->slot);
	}
}

/* ---- signals ---- */

static struct watch_wish *wish_for(const struct watch_bus *b, const char *name)
{
	struct watch_wish *wish = b->wishes;

	while (wish && (wish->is_pattern ? fnmatch(wish->text, name, FNM_NOESCAPE) != 0
					 : strcmp(wish->text, name) != 0))
		wish = wish->next;
	return wish;
}

/* It may be active already: a list tells, and loads nothing. */
int watch_unit_on_new(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct watch_bus *b = userdata;
	struct watch_wish *wish;
	const char *name;

	if (sdbus.sd_bus_message_read(m, "so", &name, NULL) < 0)
		return 0;
	wish = wish_for(b, name);
	if (wish && watch_wish_ask(wish) < 0)
		b->watch->n_lost++;
	return 0;
}

int watch_unit_on_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct watch_bus *b = userdata;
	struct watch_unit *unit;
	const char *name;

	if (sdbus.sd_bus_message_read(m, "so", &name, NULL) < 0)
		return 0;
	unit = watch_unit_find(b, name);
	if (unit)
		watch_unit_forget(unit);
	return 0;
}

static bool state_is_running(const char *state)
{
	return state && (strcmp(state, "active") == 0 || strcmp(state, "activating") == 0 ||
			 strcmp(state, "reloading") == 0);
}

int watch_unit_on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(unit_freep) struct unit *values = NULL;
	const char *object = sdbus.sd_bus_message_get_path(m);
	struct watch_bus *b = userdata;
	struct watch_unit *unit = b->units;

	while (unit && (unit->is_removed || strcmp(unit->object, object) != 0))
		unit = unit->next;
	if (!unit || sdbus.sd_bus_message_skip(m, "s") < 0 || unit_parse(m, &values) < 0)
		return 0;
	watch_unit_update(unit, values);
	update_failure(unit);
	/* Where it is now only an answer tells; as long as its cgroup is in use nothing changes. */
	if (state_is_running(unit_get_text(values, "ActiveState")) &&
	    !(unit->target && unit->target->is_populated) && watch_unit_query(unit) < 0)
		b->watch->n_lost++;
	return 0;
}
