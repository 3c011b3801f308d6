/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Ending scopes: politely and then by SIGKILL, at once, or by any signal to all of them.
 *
 * Ours are ended by what the kernel offers and not through the manager: the process that holds a
 * scope must stay until its supervisor has read the counters, and a manager that hangs is no
 * reason for a bomb to go on. Others' units are the manager's to stop.
 */
#include "manage/action.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/errno-text.h"
#include "cgroup/group.h"
#include "process/procfs.h"
#include "systemd/call.h"
#include "value/error.h"

/* After its processes have ended, a supervisor has this long to write its record and to go. */
#define REPORT_USEC (30 * USEC_PER_SEC)

/* An empty cgroup is removed by its manager, in its own time. */
#define REMOVAL_USEC (5 * USEC_PER_SEC)

/* ---- one scope ---- */

static int kill_unit(struct action *a, struct cg2_scope *scope, int sig,
		     struct cg2_error *reterr)
{
	_cleanup_(sdbus_message_unrefp) sd_bus_message *m = NULL;
	struct bus *bus;
	int r;

	r = action_open_bus(a, scope, &bus, reterr);
	if (r < 0)
		return r;
	r = call_new(bus, "KillUnit", &m);
	if (r >= 0)
		r = sdbus.sd_bus_message_append(m, "ssi", scope->name, "all", (int32_t)sig);
	if (r < 0)
		return error_set(reterr, a->op, r, scope->name, NULL);
	return call_send(bus, m, scope->name, NULL, NULL, reterr);
}

/* By cgroup.kill where we may, which forks can't outrun, else through the manager. */
static int kill_parts(struct action *a, struct await *item, struct cg2_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && item->parts[i]; i++) {
		r = group_kill_all(item->parts[i]);
		if (is_gone(r))
			r = 0;
	}
	if (r == -EACCES || r == -EPERM)
		return kill_unit(a, item->scope, SIGKILL, reterr);
	return r < 0 ? error_set(reterr, CG2_OP_STOP, r, item->scope->path, NULL) : 0;
}

static int signal_parts(struct await *item, int sig, struct group_missed *missed,
			struct cg2_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r == 0 && item->parts[i]; i++) {
		r = group_signal(item->parts[i], sig, missed, reterr);
		if (is_gone(r)) {
			cg2_error_clear(reterr);
			r = 0;
		}
	}
	return r;
}

/* What is frozen or stopped would not get the signal. */
static void wake_parts(struct await *item)
{
	for (size_t i = 0; item->parts[i]; i++) {
		group_signal(item->parts[i], SIGCONT, NULL, NULL);
		group_thaw(item->parts[i]);
	}
	group_thaw(item->scope->group);
}

/* "SIGUSR1", or a number. */
static const char *signal_word(int sig, char *buf, size_t size)
{
	const char *name = cg2_signal_to_string(sig);

	snprintf(buf, size, "%d", sig);
	return name ? name : buf;
}

/* The manager stops a unit by the signal that the unit's KillSignal= has. */
static int refuse_signal(struct action *a, struct cg2_scope *scope, int sig,
			 struct cg2_error *reterr)
{
	char buf[16];
	const char *word = signal_word(sig, buf, sizeof(buf));
	int r;

	r = error_setf(reterr, a->op, EOPNOTSUPP, scope->name, NULL,
		       "its manager stops it, by the unit's own signal and not by %s", word);
	error_hint(reterr, "send %s to its processes, or stop it by the unit's own signal", word);
	error_advice(reterr, CG2_ADVICE_SIGNAL);
	return r;
}

static int ask_to_end(struct action *a, struct await *item, int sig, struct cg2_error *reterr)
{
	struct cg2_scope *scope = item->scope;
	struct bus *bus;
	int r;

	if (scope_is_own(scope) || !scope->is_unit) {
		/* Who does not get it meets SIGKILL. */
		r = signal_parts(item, sig, NULL, reterr);
		if (r == 0)
			wake_parts(item);
		return r;
	}
	if (sig != SIGTERM)
		return refuse_signal(a, scope, sig, reterr);
	r = action_open_bus(a, scope, &bus, reterr);
	return r < 0 ? r : call_unit(bus, "StopUnit", scope->name, "replace", reterr);
}

/* ---- all of them ---- */

static int kill_step(struct action *a, struct await *item, int sig _unused_,
		     struct cg2_error *reterr)
{
	return kill_parts(a, item, reterr);
}

/* The holder too, whose supervisor had its time. */
static int kill_whole_step(struct action *a, struct await *item, int sig _unused_,
			   struct cg2_error *reterr)
{
	int r = group_kill_all(item->scope->group);

	if (r == -EACCES || r == -EPERM)
		return kill_unit(a, item->scope, SIGKILL, reterr);
	return r < 0 && !is_gone(r)
		       ? error_set(reterr, CG2_OP_STOP, r, item->scope->path, NULL)
		       : 0;
}

static int late_step(struct action *a _unused_, struct await *item, int sig _unused_,
		     struct cg2_error *reterr)
{
	error_setf(reterr, CG2_OP_STOP, ETIMEDOUT, item->scope->name, NULL,
		   "it got SIGKILL, and processes are still there");
	error_hint(reterr, "cgscope status %s shows them; the kernel ends no process that waits "
			   "for a disk or a network file system", item->scope->name);
	return -ETIMEDOUT;
}

/* A manager that has missed the end of a scope (252) keeps it, and its name, for ever. */
static int remind_step(struct action *a, struct await *item, int arg _unused_,
		       struct cg2_error *reterr)
{
	struct bus *bus;

	if (!scope_has_manager(item->scope) || !await_empty(item) ||
	    action_open_bus(a, item->scope, &bus, reterr) < 0 ||
	    call_unit(bus, "StopUnit", item->scope->name, "replace", reterr) < 0)
		cg2_error_clear(reterr);
	return 0;
}

/* An empty cgroup goes away when its manager has heard of it; then the name is free. */
static void await_removal(struct action *a)
{
	int left;

	for (size_t i = 0; i < a->n; i++)
		a->items[i].is_done = !a->items[i].parts || a->items[i].scope->error.code;
	left = await_all(a->items, a->n, await_gone, action_end_usec(REMOVAL_USEC));
	if (left <= 0)
		return;
	action_each(a, remind_step, 0);
	if (await_all(a->items, a->n, await_gone, action_end_usec(REMOVAL_USEC)) < 0)
		return;
}

/* SIGKILL to what is left, and the wait for its effect. */
static int finish_off(struct action *a, uint64_t timeout_usec)
{
	int r;

	action_each(a, kill_step, 0);
	r = await_all(a->items, a->n, await_empty, action_end_usec(MIN(REPORT_USEC, timeout_usec)));
	if (r > 0) {
		action_each(a, kill_whole_step, 0);
		r = await_all(a->items, a->n, await_empty, action_end_usec(timeout_usec));
	}
	if (r > 0)
		action_each(a, late_step, 0);
	await_removal(a);
	return r < 0 ? r : await_count_errors(a->items, a->n);
}

CG2_EXPORT int cg2_scopes_stop(struct cg2_scope *const scopes[], int sig, uint64_t grace_usec,
			       uint64_t timeout_usec)
{
	_cleanup_(action_end) struct action a;
	int r;

	r = action_begin(scopes, CG2_OP_STOP, &a);
	if (r < 0)
		return r;
	action_each(&a, ask_to_end, sig);
	r = await_all(a.items, a.n, await_empty, action_end_usec(grace_usec));
	if (r < 0)
		return r;
	if (r > 0)
		return finish_off(&a, timeout_usec);
	await_removal(&a);
	return await_count_errors(a.items, a.n);
}

CG2_EXPORT int cg2_scopes_kill(struct cg2_scope *const scopes[], uint64_t timeout_usec)
{
	_cleanup_(action_end) struct action a;
	int r;

	r = action_begin(scopes, CG2_OP_STOP, &a);
	return r < 0 ? r : finish_off(&a, timeout_usec);
}

/* Which process it was, and why: "123 (sudo) belongs to root". */
static char *explain_missed(struct cg2_scope *scope, const struct group_missed *missed)
{
	char status[PROCFS_BUF_SIZE], comm[64] = "?";
	char *text = NULL, unknown[32];
	uint64_t uid;
	int n;

	if (missed->pid == 0)
		return strdup("it is in another pid namespace");
	if (procfs_read(scope->ctx, missed->pid, "comm", comm, sizeof(comm)) == 0)
		comm[strcspn(comm, "\n")] = '\0';
	if (missed->code != -EPERM ||
	    procfs_read(scope->ctx, missed->pid, "status", status, sizeof(status)) < 0 ||
	    procfs_status_number(status, "Uid", &uid) < 0)
		n = asprintf(&text, "%d (%s): %s", (int)missed->pid, comm,
			     errno_text(-missed->code, unknown, sizeof(unknown)));
	else if (uid == 0)
		n = asprintf(&text, "%d (%s) belongs to root", (int)missed->pid, comm);
	else
		n = asprintf(&text, "%d (%s) belongs to uid %" PRIu64, (int)missed->pid, comm,
			     uid);
	return n < 0 ? NULL : text;
}

static int tell_missed(struct action *a, struct cg2_scope *scope, int sig,
		       const struct group_missed *missed, struct cg2_error *reterr)
{
	_cleanup_free_ char *why = explain_missed(scope, missed);
	char buf[16];
	int r;

	r = error_setf(reterr, a->op, missed->code, scope->name, NULL,
		       "%" PRIu64 " process%s did not get %s%s: %s", missed->n,
		       missed->n == 1 ? "" : "es", signal_word(sig, buf, sizeof(buf)),
		       missed->n == 1 ? "" : ", the first of them", why ? why : "?");
	if (missed->code == -EPERM)
		error_hint(reterr, "cgscope kill %s ends all of its processes, whoever they "
				   "belong to", scope->name);
	return r;
}

/* Others' processes may be another user's: the manager may signal those. */
static int signal_step(struct action *a, struct await *item, int sig, struct cg2_error *reterr)
{
	struct group_missed missed = { .n = 0 };
	int r;

	if (!scope_is_own(item->scope) && item->scope->is_unit)
		return kill_unit(a, item->scope, sig, reterr);
	r = signal_parts(item, sig, &missed, reterr);
	return r < 0 || missed.n == 0 ? r : tell_missed(a, item->scope, sig, &missed, reterr);
}

CG2_EXPORT int cg2_scopes_signal(struct cg2_scope *const scopes[], int sig)
{
	_cleanup_(action_end) struct action a;
	int r;

	r = action_begin(scopes, CG2_OP_SIGNAL, &a);
	if (r < 0)
		return r;
	action_each(&a, signal_step, sig);
	return await_count_errors(a.items, a.n);
}
