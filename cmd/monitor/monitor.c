/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope monitor": its options, and what is watched. What happens then is in monitor-loop.c.
 */
#include "cmd/monitor/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/monitor/hook-process.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/verb/verb.h"

#define HOOK_TIMEOUT_USEC (30 * USEC_PER_SEC)

/* A collector asks every 15 s or more. */
#define METRICS_USEC (15 * USEC_PER_SEC)

#define AT(member) offsetof(struct monitor_options, member)

static const struct option rows[] = {
	{ .names = { "all" },
	  .help = "all scopes that cgscope made, including new ones",
	  .kind = OPTION_FLAG,
	  .offset = AT(all),
	  .group = OPTION_GROUP_TARGET },
	OPTION_ROW_UID(AT(uid), "watch the slice of this user (name or number)"),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET,
			"TARGET is a unit of your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "TARGET is a unit of the system manager"),
	OPTION_ROW_WARN_AT(AT(warn_at), "report thresholds such as tasks:80%, memory:1G",
			   OPTION_GROUP_EVENTS),
	{ .names = { "interval" },
	  .metavar = "DURATION",
	  .help = "print the usage at this interval",
	  .kind = OPTION_DURATION,
	  .complete = OPTION_COMPLETE_DURATION,
	  .offset = AT(interval_usec),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "count" },
	  .metavar = "N",
	  .help = "exit after N samples",
	  .kind = OPTION_STRING,
	  .offset = AT(count_word),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "on" },
	  .metavar = "KIND,...",
	  .help = "report, and run the hook for, these kinds alone",
	  .kind = OPTION_STRING,
	  .complete = OPTION_COMPLETE_KIND,
	  .offset = AT(on_words),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "until" },
	  .metavar = "KIND",
	  .help = "exit with 0 at an event of this kind, else with 1",
	  .kind = OPTION_STRING,
	  .complete = OPTION_COMPLETE_EVENT,
	  .offset = AT(until_word),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "timeout" },
	  .metavar = "DURATION",
	  .help = "exit with 124 after this time",
	  .kind = OPTION_DURATION,
	  .complete = OPTION_COMPLETE_DURATION,
	  .offset = AT(timeout_usec),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "hook" },
	  .metavar = "COMMAND",
	  .help = "run with sh for each event, its JSON on stdin",
	  .kind = OPTION_STRING,
	  .offset = AT(hook),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "hook-timeout" },
	  .metavar = "DURATION",
	  .help = "kill a hook after this time (30s)",
	  .kind = OPTION_DURATION,
	  .complete = OPTION_COMPLETE_DURATION,
	  .offset = AT(hook_timeout_usec),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "openmetrics" },
	  .metavar = "FILE",
	  .help = "write metrics for Prometheus' node_exporter",
	  .kind = OPTION_STRING,
	  .complete = OPTION_COMPLETE_FILE,
	  .offset = AT(openmetrics),
	  .group = OPTION_GROUP_EVENTS },
	{ .names = { "processes" },
	  .help = "report forks, execs and exits too (CAP_NET_ADMIN)",
	  .kind = OPTION_FLAG,
	  .offset = AT(processes),
	  .group = OPTION_GROUP_EVENTS },
	OPTION_ROW_JSON(AT(json)),
	OPTION_ROW_VERBOSE(AT(verbose)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a unit belongs to one manager" },
};

static const struct option_need needs[] = {
	{ "count", "interval" },
	{ "hook-timeout", "hook" },
};

const struct option_table monitor_option_table = {
	OPTION_DEFAULTS(struct monitor_options, .manager = CG2_MANAGER_AUTO,
			.interval_usec = CG2_MAX, .timeout_usec = CG2_MAX,
			.hook_timeout_usec = HOOK_TIMEOUT_USEC),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_NEEDS(needs),
};

/* ---- words ---- */

/* "sample, tasks, ... or exit"; free with free(). */
static char *list_kinds(void)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	FILE *f = text_open(&text);
	const char *name;
	char *kinds;

	for (unsigned int i = 0; f && (name = cg2_event_kind_to_string(i)); i++)
		fprintf(f, "%s%s", i == 0 ? "" : cg2_event_kind_to_string(i + 1) ? ", " : " or ",
			name);
	return f && text_close(&text, &kinds) == 0 ? kinds : NULL;
}

static bool is_of_processes(int kind)
{
	return kind == CG2_EVENT_FORK || kind == CG2_EVENT_EXEC || kind == CG2_EVENT_EXIT;
}

/* Whether events of that kind can come at all. 0, or the status of a usage error. */
static int check_kind(const struct invocation *inv, const struct monitor_options *opts,
		      const char *option, int kind)
{
	const char *name = cg2_event_kind_to_string((unsigned int)kind);

	if (is_of_processes(kind) && !opts->processes)
		return verb_usage(inv, "--%s %s needs --processes", option, name);
	if (kind == CG2_EVENT_SAMPLE && opts->interval_usec == CG2_MAX)
		return verb_usage(inv, "--%s sample needs --interval", option);
	return 0;
}

static int parse_kind(const struct invocation *inv, const struct monitor_options *opts,
		      const char *option, const char *word, int *ret_kind)
{
	_cleanup_free_ char *kinds = NULL;
	int kind = cg2_event_kind_from_string(word);

	if (kind < 0) {
		kinds = list_kinds();
		return verb_usage(inv, "--%s: '%s': expected %s", option, word,
				  kinds ? kinds : "a kind of event");
	}
	*ret_kind = kind;
	return check_kind(inv, opts, option, kind);
}

static int parse_on(const struct invocation *inv, struct monitor_options *opts)
{
	const char *word = opts->on_words;
	int status = 0, kind = 0;

	opts->on = word ? 0 : UINT64_MAX;
	while (word && status == 0) {
		const size_t len = strcspn(word, ",");
		_cleanup_free_ char *name = strndup(word, len);

		if (!name)
			return verb_out_of_memory();
		status = parse_kind(inv, opts, "on", name, &kind);
		opts->on |= UINT64_C(1) << kind;
		word = word[len] ? word + len + 1 : NULL;
	}
	return status;
}

/* 0, or the status of a usage error; so do the others here. */
static int parse_until(const struct invocation *inv, struct monitor_options *opts)
{
	opts->until = -1;
	if (!opts->until_word)
		return 0;
	return parse_kind(inv, opts, "until", opts->until_word, &opts->until);
}

static int parse_samples(const struct invocation *inv, struct monitor_options *opts)
{
	if (opts->interval_usec == 0)
		return verb_usage(inv,
				  "--interval: '0': expected a time above 0");
	if (!opts->count_word || (cg2_u64_from_string(opts->count_word, &opts->count) == 0 &&
				  opts->count > 0))
		return 0;
	return verb_usage(inv, "--count: '%s': expected a number of samples, 1 or more",
			  opts->count_word);
}

static int parse_thresholds(const struct invocation *inv, const struct monitor_options *opts,
			    struct cg2_watch *watch)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	unsigned int kinds = 0;

	for (size_t i = 0; i < opts->warn_at.n_words; i++) {
		struct cg2_threshold threshold = { .size = sizeof(threshold) };

		if (cg2_threshold_from_string(opts->warn_at.words[i], &threshold, &err) < 0 ||
		    cg2_watch_add_threshold(watch, &threshold, &err) < 0) {
			message_error(&err);
			return STATUS_USAGE;
		}
		kinds |= 1U << threshold.kind;
	}
	if ((opts->until == CG2_EVENT_TASKS && !(kinds >> CG2_THRESHOLD_TASKS & 1)) ||
	    (opts->until == CG2_EVENT_MEMORY && !(kinds >> CG2_THRESHOLD_MEMORY & 1)) ||
	    (opts->until == CG2_EVENT_PRESSURE && !(kinds >> CG2_THRESHOLD_PRESSURE & 1)))
		return verb_usage(inv, "--until %s needs --warn-at with such a threshold",
				  opts->until_word);
	return 0;
}

/* ---- what is watched ---- */

/* A look before the search for all scopes, which a thousand targets should not make each. */
static bool may_have_leaf(struct cg2_target *target)
{
	const char *unit = cg2_target_get_unit(target);
	const char *type = unit ? strrchr(unit, '.') : NULL;

	return type && strcmp(type, ".scope") == 0 &&
	       faccessat(cg2_group_get_fd(cg2_target_get_group(target)), "run", F_OK, 0) == 0;
}

/*
 * Of a scope that cgscope made the command's own cgroup is watched: its limits are those that were
 * asked for, and it freezes and ends as the command does.
 */
static int open_group(struct cg2_ctx *ctx, struct cg2_target *target,
		      struct cg2_group **ret_group, struct cg2_error *err)
{
	const char *words[] = { cg2_target_get_unit(target), NULL };
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	struct cg2_group *group = cg2_target_get_group(target);

	if (may_have_leaf(target) &&
	    cg2_scopes_resolve(ctx, cg2_target_get_manager(target), words, 0, &scopes, NULL) == 0 &&
	    cg2_scope_is_own(scopes[0]) &&
	    strcmp(cg2_scope_get_path(scopes[0]), cg2_group_get_path(group)) == 0)
		return cg2_scope_open_leaf(scopes[0], ret_group, err);
	*ret_group = cg2_group_ref(group);
	return 0;
}

/*
 * A pattern, or a unit that may come back: its manager is asked. A scope does not come back, nor
 * does what is named by its path; and a slice is there for any manager that hears its name.
 */
static bool is_followed(const char *word)
{
	static const char *const types[] = { ".service", ".socket", ".mount", ".swap" };
	const char *type = strrchr(word, '.');

	if (strchr(word, '/'))
		return false;
	for (size_t i = 0; type && i < ARRAY_SIZE(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return strpbrk(word, "*?[") != NULL;
}

/* To a person who looks on, and not into files and journals. */
static bool is_watched_by_user(const struct monitor_options *opts)
{
	return isatty(STDOUT_FILENO) && isatty(STDERR_FILENO) && !opts->json;
}

/* Of what was not named, what it is and how it ends; of a pattern, why nothing happens. */
static void say_watched(const struct monitor_options *opts, const char *word, const char *name,
			bool is_waiting)
{
	if (!is_watched_by_user(opts))
		return;
	if (is_waiting)
		message_info("waiting for a unit that matches '%s'; Ctrl-C ends this", word);
	else if (!word)
		message_info("watching %s, where this command runs; Ctrl-C ends this", name);
}

static int add_target(struct cg2_ctx *ctx, const struct monitor_options *opts,
		      struct cg2_watch *watch, const char *word, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	int r;

	if (word && is_followed(word)) {
		r = cg2_watch_add_unit(watch, (enum cg2_manager)opts->manager, word, err);
		say_watched(opts, word, word, r > 0);
		return r < 0 ? r : 0;
	}

	r = cg2_target_open(ctx, word, (enum cg2_manager)opts->manager, &target, err);
	if (r == 0)
		r = open_group(ctx, target, &group, err);
	if (r < 0)
		return r;
	say_watched(opts, word, cg2_target_get_name(target), false);
	return cg2_watch_add_group(watch, group, word ? cg2_target_get_name(target) : NULL, err);
}

static int add_user(struct cg2_ctx *ctx, const struct monitor_options *opts,
		    struct cg2_watch *watch, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	int r;

	r = cg2_target_open_user(ctx, opts->uid, &target, err);
	if (r < 0)
		return r;
	return cg2_watch_add_group(watch, cg2_target_get_group(target),
				   cg2_target_get_name(target), err);
}

static int add_targets(struct cg2_ctx *ctx, const struct monitor_options *opts,
		       struct cg2_watch *watch, struct cg2_error *err)
{
	int r = 0;

	if (opts->all)
		r = cg2_watch_add_own(watch, (enum cg2_manager)opts->manager, err);
	if (r == 0 && opts->uid)
		r = add_user(ctx, opts, watch, err);
	if (r == 0 && !opts->uid && !opts->all && !opts->targets[0])
		r = add_target(ctx, opts, watch, NULL, err);
	for (size_t i = 0; r == 0 && opts->targets[i]; i++)
		r = add_target(ctx, opts, watch, opts->targets[i], err);
	return r;
}

/* ---- the verb ---- */

/* The kernel gives 1024 descriptors, and each cgroup takes a few; hooks get the old limit. */
static void raise_nofile(struct rlimit *ret_old)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, ret_old);
	limit = *ret_old;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void ignore(int sig, struct hook_setting *setting)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction old;

	sigaction(sig, &ignored, &old);
	if (old.sa_handler == SIG_IGN)
		sigaddset(&setting->ignored, sig);
}

/* A reader that goes away, and a file that is too large, are errors; hooks are waited for. */
static void set_signals(struct hook_setting *setting)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };

	sigprocmask(SIG_SETMASK, NULL, &setting->mask);
	sigemptyset(&setting->ignored);
	ignore(SIGPIPE, setting);
	ignore(SIGXFSZ, setting);
	sigaction(SIGCHLD, &normal, NULL);
}

static int set_samples(const struct monitor_options *opts, struct cg2_watch *watch)
{
	uint64_t usec = opts->interval_usec;

	if (usec == CG2_MAX && opts->openmetrics)
		usec = METRICS_USEC;
	return usec == CG2_MAX ? 0 : cg2_watch_set_sample(watch, usec, 0);
}

/* Without the right to it all else works, but for waiting for it. */
static int observe(const struct monitor_options *opts, struct cg2_watch *watch)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (!opts->processes || cg2_watch_observe_processes(watch, &err) == 0)
		return 0;
	if (is_of_processes(opts->until)) {
		message_error(&err);
		return -EPERM;
	}
	/* One line: nothing has to be done about it. */
	free(err.hint);
	err.hint = NULL;
	message_error(&err);
	return 0;
}

static int watch_targets(struct cg2_ctx *ctx, const struct monitor_options *opts,
			 struct cg2_watch *watch)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(monitor_closep) struct monitor *monitor = NULL;
	struct hook_setting setting = { .command = opts->hook };

	raise_nofile(&setting.nofile);
	set_signals(&setting);
	if (monitor_open(opts, watch, &setting, &monitor) < 0)
		return STATUS_FAILED;
	if (add_targets(ctx, opts, watch, &err) < 0)
		return verb_failed(&err);
	return monitor_live(monitor);
}

int monitor_main(const struct invocation *inv)
{
	struct monitor_options *opts = inv->options;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_watch_unrefp) struct cg2_watch *watch = NULL;
	int status;

	opts->targets = inv->argv;
	opts->ctx = inv->ctx;
	status = parse_until(inv, opts);
	if (status == 0)
		status = parse_on(inv, opts);
	if (status == 0)
		status = parse_samples(inv, opts);
	if (status)
		return status;
	if (opts->verbose)
		verb_set_log(inv, CG2_LOG_INFO);
	if (cg2_watch_new(inv->ctx, &watch, &err) < 0)
		return verb_failed(&err);
	status = parse_thresholds(inv, opts, watch);
	if (status)
		return status;
	if (set_samples(opts, watch) < 0)
		return verb_out_of_memory();
	if (observe(opts, watch) < 0)
		return STATUS_FAILED;
	return watch_targets(inv->ctx, opts, watch);
}
