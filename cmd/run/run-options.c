/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The option table of "cgscope run". The limits are not in it: options.c adds them from
 * the library's table.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/option/option-rows.h"
#include "cmd/run/run-options.h"

#define GRACE_DEFAULT_USEC (5 * USEC_PER_SEC)

#define AT(member) offsetof(struct run_options, member)

static const struct option rows[] = {
	OPTION_ROW_PROPERTY(AT(properties)),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"your own systemd manager makes the scope (default)"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "the system's manager makes it (default for root)"),
	{ .names = { "in" },
	  .metavar = "SCOPE",
	  .help = "inside that existing scope, under its limits",
	  .kind = OPTION_STRING,
	  .offset = AT(in),
	  .rare = true,
	  .complete = OPTION_COMPLETE_SCOPE,
	  .group = OPTION_GROUP_SCOPE },
	OPTION_ROW_SLICE(AT(slice)),
	OPTION_ROW_NAME(AT(name)),
	OPTION_ROW_PREFIX(AT(prefix)),
	OPTION_ROW_DESCRIPTION(AT(description)),
	{ .names = { "backend" },
	  .metavar = "auto|nested|systemd|cgroupfs",
	  .help = "who makes the cgroup (auto)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(backend),
	  .rare = true,
	  .group = OPTION_GROUP_SCOPE },
	{ .names = { "best-effort" },
	  .help = "run even if a limit cannot be enforced; warn",
	  .kind = OPTION_FLAG,
	  .offset = AT(best_effort),
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "exec" },
	  .help = "become the command: same PID, no supervisor",
	  .kind = OPTION_FLAG,
	  .offset = AT(exec),
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "warn-at" },
	  .metavar = "KIND:VALUE",
	  .help = "a line at tasks:80%, memory:1G, pressure:io:some:9%/2s",
	  .kind = OPTION_THRESHOLDS,
	  .complete = OPTION_COMPLETE_THRESHOLD,
	  .offset = AT(warn_at),
	  .rare = true,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "stop-at" },
	  .metavar = "KIND:VALUE",
	  .help = "end the run there, with status 124",
	  .kind = OPTION_THRESHOLDS,
	  .complete = OPTION_COMPLETE_THRESHOLD,
	  .offset = AT(stop_at),
	  .rare = true,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "leftovers" },
	  .metavar = "leave|kill|wait",
	  .help = "processes that outlive the command (leave)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(leftovers),
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "signal" },
	  .metavar = "SIGNAL",
	  .help = "what a time limit sends first (TERM)",
	  .kind = OPTION_SIGNAL,
	  .offset = AT(signal),
	  .rare = true,
	  .complete = OPTION_COMPLETE_SIGNAL,
	  .group = OPTION_GROUP_COMMAND },
	{ .short_name = 'k',
	  .names = { "grace" },
	  .metavar = "DURATION",
	  .help = "from that signal to SIGKILL (5s)",
	  .kind = OPTION_DURATION,
	  .offset = AT(grace_usec),
	  .rare = true,
	  .complete = OPTION_COMPLETE_DURATION,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "summary" },
	  .help = "print what the run used of its limits, at the end",
	  .kind = OPTION_FLAG,
	  .offset = AT(summary),
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "progress" },
	  .help = "while it runs: its use, in the terminal's last line",
	  .kind = OPTION_FLAG,
	  .offset = AT(progress),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "record" },
	  .metavar = "FILE",
	  .help = "verdict and figures to FILE as JSON; - is stdout",
	  .kind = OPTION_STRING,
	  .offset = AT(record),
	  .complete = OPTION_COMPLETE_FILE,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "append" },
	  .help = "add the record to FILE as one more line",
	  .kind = OPTION_FLAG,
	  .offset = AT(append),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "label" },
	  .metavar = "KEY=VALUE",
	  .help = "a label for the record; may be given more than once",
	  .kind = OPTION_LABELS,
	  .offset = AT(labels),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "processes" },
	  .help = "the run's processes in the record (CAP_NET_ADMIN)",
	  .kind = OPTION_FLAG,
	  .offset = AT(processes),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "expect" },
	  .metavar = "VERDICT,...",
	  .help = "end with 0 if the verdict is one of these, else with 1",
	  .kind = OPTION_VERDICTS,
	  .offset = AT(expect),
	  .rare = true,
	  .complete = OPTION_COMPLETE_VERDICT,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "strict" },
	  .help = "1 instead of 0 after refused forks or an OOM kill",
	  .kind = OPTION_FLAG,
	  .offset = AT(strict),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .short_name = 'q',
	  .names = { "quiet" },
	  .help = "no line on how the command ended, no notes",
	  .kind = OPTION_FLAG,
	  .offset = AT(quiet),
	  .group = OPTION_GROUP_GENERAL },
	OPTION_ROW_VERBOSE(AT(verbose)),
};

/* The choices of --leftovers are in the order of the enum. */
static_assert(CG2_LEFTOVERS_LEAVE == 0, "leave|kill|wait");
static_assert(CG2_LEFTOVERS_KILL == 1, "leave|kill|wait");
static_assert(CG2_LEFTOVERS_WAIT == 2, "leave|kill|wait");

/* Those of --backend too. */
static_assert(CG2_BACKEND_AUTO == 0, "auto|nested|systemd|cgroupfs");
static_assert(CG2_BACKEND_NESTED == 1, "auto|nested|systemd|cgroupfs");
static_assert(CG2_BACKEND_SYSTEMD == 2, "auto|nested|systemd|cgroupfs");
static_assert(CG2_BACKEND_CGROUPFS == 3, "auto|nested|systemd|cgroupfs");

static const struct option_conflict conflicts[] = {
	{ "user", "system", "one manager makes the scope" },
	{ "name", "prefix", "a prefix is for a name that is made up" },
	{ "in", "slice", "a scope that exists has its slice" },
	{ "in", "backend", "it is nested in that scope" },
	{ "in", "description", "only a unit has one" },
	{ "exec", "leftovers", "nobody stays to look after them" },
	{ "exec", "warn-at", "nobody stays to watch" },
	{ "exec", "stop-at", "nobody stays to watch" },
	{ "exec", "cpu-time", "nobody stays to watch it" },
	{ "exec", "record", "nobody stays to write it" },
	{ "exec", "summary", "nobody stays to print it" },
	{ "exec", "progress", "nobody stays to show it" },
	{ "exec", "expect", "nobody stays to compare" },
	{ "exec", "strict", "nobody stays to look" },
};

static const struct option_need needs[] = {
	{ "append", "record" },
	{ "label", "record" },
	{ "processes", "record" },
};

static const struct option_foreign foreign[] = {
	{ "json", "what a run prints is its command's; write '--record -'" },
};

const struct option_table run_option_table = {
	.rows = rows,
	.n_rows = ARRAY_SIZE(rows),
	.conflicts = conflicts,
	.n_conflicts = ARRAY_SIZE(conflicts),
	.needs = needs,
	.n_needs = ARRAY_SIZE(needs),
	.foreign = foreign,
	.n_foreign = ARRAY_SIZE(foreign),
	.limits = true,
	.limits_offset = offsetof(struct run_options, limits),
	.operands_last = true,
};

int run_options_init(struct run_options *opts, struct cg2_ctx *ctx)
{
	*opts = (struct run_options){
		.manager = CG2_MANAGER_AUTO,
		.leftovers = CG2_LEFTOVERS_LEAVE,
		.signal = SIGTERM,
		.grace_usec = GRACE_DEFAULT_USEC,
	};
	return cg2_limits_new(ctx, &opts->limits);
}

void run_options_clear(struct run_options *opts)
{
	opts->limits = cg2_limits_unref(opts->limits);
	free(opts->properties.words);
	opts->properties = (struct option_list){ NULL, 0 };
	free(opts->warn_at.words);
	free(opts->stop_at.words);
	opts->warn_at = opts->stop_at = (struct option_list){ NULL, 0 };
	free(opts->labels.words);
	opts->labels = (struct option_list){ NULL, 0 };
}

enum option_result run_options_parse(struct run_options *opts, char **argv,
				     char **ret_error)
{
	enum option_result r = options_parse(&run_option_table, "run", opts, argv,
					     &opts->argc, ret_error);

	opts->argv = argv;
	if (r == OPTIONS_PARSED && opts->argc == 0) {
		*ret_error = strdup("there is no command to run");
		return OPTIONS_WRONG;
	}
	return r;
}
