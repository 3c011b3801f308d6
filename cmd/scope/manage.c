/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope stop", "kill", "freeze" and "thaw": which scopes, then one call of the library's for
 * all of them. They print nothing when all is well.
 */
#include "cmd/scope/manage.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/scope/choose.h"
#include "cmd/verb/verb.h"
#include "libcg2.h"

/* A kernel that is busy may take its time, a manager has 30 s to answer. */
#define TIMEOUT_DEFAULT_USEC (60 * USEC_PER_SEC)

struct manage_options {
	unsigned int manager; /* enum cg2_manager */
	bool all;
	bool failed;
	bool force;
	bool verbose;
	int signal;
	uint64_t grace_usec;
	uint64_t timeout_usec;
};

#define AT(member) offsetof(struct manage_options, member)

#define USER_ROW \
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE, "only scopes of your user manager")
#define SYSTEM_ROW \
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE, "only scopes of the system manager")
#define ALL_ROW \
	{ .names = { "all" }, \
	  .help = "all scopes that cgscope made for you", \
	  .kind = OPTION_FLAG, \
	  .offset = AT(all), \
	  .group = OPTION_GROUP_SCOPE }
#define FORCE_ROW \
	OPTION_ROW_FORCE(AT(force), "include other units, and what cgscope itself runs in", \
			 OPTION_GROUP_SCOPE)
#define TIMEOUT_ROW \
	{ .names = { "timeout" }, \
	  .metavar = "DURATION", \
	  .help = "give up after this time (60s)", \
	  .kind = OPTION_DURATION, \
	  .offset = AT(timeout_usec), \
	  .complete = OPTION_COMPLETE_DURATION, \
	  .group = OPTION_GROUP_COMMAND }
#define VERBOSE_ROW \
	{ .short_name = 'v', \
	  .names = { "verbose" }, \
	  .help = "print what was done to each scope", \
	  .kind = OPTION_FLAG, \
	  .offset = AT(verbose), \
	  .group = OPTION_GROUP_GENERAL }

static const struct option stop_rows[] = {
	USER_ROW,
	SYSTEM_ROW,
	ALL_ROW,
	{ .names = { "failed" },
	  .help = "clear failed scopes that cgscope made",
	  .kind = OPTION_FLAG,
	  .offset = AT(failed),
	  .group = OPTION_GROUP_SCOPE },
	FORCE_ROW,
	OPTION_ROW_SIGNAL(AT(signal), "signal to send first (TERM)"),
	OPTION_ROW_GRACE(AT(grace_usec)),
	TIMEOUT_ROW,
	VERBOSE_ROW,
};

static const struct option kill_rows[] = {
	USER_ROW,
	SYSTEM_ROW,
	ALL_ROW,
	FORCE_ROW,
	OPTION_ROW_SIGNAL(AT(signal), "signal to send, without waiting (KILL)"),
	TIMEOUT_ROW,
	VERBOSE_ROW,
};

static const struct option freeze_rows[] = {
	USER_ROW, SYSTEM_ROW, ALL_ROW, FORCE_ROW, TIMEOUT_ROW, VERBOSE_ROW,
};

static const struct option thaw_rows[] = {
	USER_ROW, SYSTEM_ROW, ALL_ROW, TIMEOUT_ROW, VERBOSE_ROW,
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
};

#define TABLE(array, first_signal) \
	{ OPTION_DEFAULTS(struct manage_options, .manager = CG2_MANAGER_AUTO, \
			  .signal = (first_signal), .grace_usec = OPTION_GRACE_DEFAULT_USEC, \
			  .timeout_usec = TIMEOUT_DEFAULT_USEC), \
	  OPTION_ROWS(array), \
	  OPTION_CONFLICTS(conflicts) }

const struct option_table stop_option_table = TABLE(stop_rows, SIGTERM);
const struct option_table kill_option_table = TABLE(kill_rows, SIGKILL);
const struct option_table freeze_option_table = TABLE(freeze_rows, 0);
const struct option_table thaw_option_table = TABLE(thaw_rows, 0);

/* ---- the verbs ---- */

/* What makes a verb. */
struct act {
	int (*fn)(struct cg2_scope *const scopes[], const struct manage_options *opts);
	const char *done; /* what the scopes are then; NULL: a signal was sent */
	bool is_told;	  /* to a person who looks on, without -v: it cannot be undone */
	bool is_harmless; /* to others' units too, and to what cgscope itself runs in */
};

static int do_stop(struct cg2_scope *const scopes[], const struct manage_options *opts)
{
	return cg2_scopes_stop(scopes, opts->signal, opts->grace_usec, opts->timeout_usec);
}

static int do_kill(struct cg2_scope *const scopes[], const struct manage_options *opts)
{
	if (opts->signal != SIGKILL)
		return cg2_scopes_signal(scopes, opts->signal);
	return cg2_scopes_kill(scopes, opts->timeout_usec);
}

static int do_freeze(struct cg2_scope *const scopes[], const struct manage_options *opts)
{
	return cg2_scopes_freeze(scopes, true, opts->timeout_usec);
}

static int do_thaw(struct cg2_scope *const scopes[], const struct manage_options *opts)
{
	return cg2_scopes_freeze(scopes, false, opts->timeout_usec);
}

/* "cgscope-go.scope: stopped" */
static void say_done(struct cg2_scope *scope, const struct manage_options *opts,
		     const struct act *act)
{
	const char *name = cg2_scope_get_name(scope), *sig = cg2_signal_to_string(opts->signal);

	if (act->done)
		message_info("%s: %s", name, act->done);
	else if (opts->signal == SIGKILL)
		message_info("%s: killed", name);
	else if (sig)
		message_info("%s: sent %s", name, strncmp(sig, "SIG", 3) == 0 ? sig + 3 : sig);
	else
		message_info("%s: sent signal %d", name, opts->signal);
}

static int report_scopes(struct cg2_scope *const scopes[], const struct manage_options *opts,
			 const struct act *act, int r)
{
	const bool is_looked_at = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);

	for (size_t i = 0; scopes[i]; i++) {
		const struct cg2_error *err = cg2_scope_get_error(scopes[i]);

		if (err)
			message_error(err);
		else if (opts->verbose || (act->is_told && is_looked_at))
			say_done(scopes[i], opts, act);
	}
	if (r < 0)
		message_failure("%s", strerror(-r));
	return r == 0 ? STATUS_OK : STATUS_FAILED;
}

static int act_on(struct cg2_ctx *ctx, const struct manage_options *opts, char **words,
		  const struct act *act)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	const struct choice choice = {
		.manager = (enum cg2_manager)opts->manager,
		.words = opts->all ? NULL : (const char *const *)words,
		.is_forced = opts->force,
		.is_harmless = act->is_harmless,
	};
	int n_missing, status;

	n_missing = choose_scopes(ctx, &choice, &scopes, &err);
	if (n_missing < 0)
		return verb_failed(&err);
	verb_raise_descriptors();
	status = report_scopes(scopes, opts, act, act->fn(scopes, opts));
	return n_missing ? STATUS_FAILED : status;
}

static int clear_failed(struct cg2_ctx *ctx, const struct manage_options *opts)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	char **names;

	if (cg2_scopes_clear_failed(ctx, (enum cg2_manager)opts->manager, &names, &err) < 0)
		return verb_failed(&err);
	for (size_t i = 0; names[i]; i++) {
		if (opts->verbose)
			message_info("%s: cleared", names[i]);
		free(names[i]);
	}
	free(names);
	return STATUS_OK;
}

static int manage_main(const struct invocation *inv, const struct act *act)
{
	const struct manage_options *opts = inv->options;
	int status = STATUS_OK;

	if (opts->all && inv->argc > 0)
		return verb_usage(inv, "'--all' takes no names: '%s'", inv->argv[0]);
	if (inv->argc == 0 && !opts->all && !opts->failed)
		return verb_usage(inv, "no scope given; see cgscope list");
	if (opts->verbose)
		verb_set_log(inv, CG2_LOG_INFO);
	if (opts->failed)
		status = clear_failed(inv->ctx, opts);
	if ((inv->argc > 0 || opts->all) &&
	    act_on(inv->ctx, opts, inv->argv, act) != STATUS_OK)
		status = STATUS_FAILED;
	return status;
}

int stop_main(const struct invocation *inv)
{
	return manage_main(inv, &(const struct act){
		.fn = do_stop, .done = "stopped", .is_told = true });
}

int kill_main(const struct invocation *inv)
{
	return manage_main(inv, &(const struct act){ .fn = do_kill, .is_told = true });
}

int freeze_main(const struct invocation *inv)
{
	return manage_main(inv, &(const struct act){ .fn = do_freeze, .done = "frozen" });
}

int thaw_main(const struct invocation *inv)
{
	return manage_main(inv, &(const struct act){
		.fn = do_thaw, .done = "thawed", .is_harmless = true });
}
