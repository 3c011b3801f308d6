/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The option table of "cgscope run". The limits are not in it: options.c adds them from
 * the library's table.
 */
#include <signal.h>

#include "cmd/option/option-rows.h"
#include "cmd/run/run-options.h"
#include "cmd/run/sampler.h"

#define AT(member) offsetof(struct run_options, member)

static const struct option rows[] = {
	OPTION_ROW_PROPERTY(AT(properties)),
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_SCOPE,
			"create the scope in your user manager (default)"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_SCOPE,
			  "create it in the system manager (default for root)"),
	{ .names = { "in" },
	  .metavar = "SCOPE",
	  .help = "run inside this existing scope, under its limits",
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
	  .help = "how to create the cgroup (auto)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(backend),
	  .rare = true,
	  .group = OPTION_GROUP_SCOPE },
	{ .names = { "best-effort" },
	  .help = "only warn if a limit cannot be enforced",
	  .kind = OPTION_FLAG,
	  .offset = AT(best_effort),
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "exec" },
	  .help = "become the command: same PID, no supervisor",
	  .kind = OPTION_FLAG,
	  .offset = AT(exec),
	  .group = OPTION_GROUP_COMMAND },
	OPTION_ROW_WARN_AT(AT(warn_at), "warn at thresholds such as tasks:80%, memory:1G",
			   OPTION_GROUP_COMMAND),
	{ .names = { "stop-at" },
	  .metavar = "KIND:VALUE",
	  .help = "end the run at this threshold, with status 124",
	  .kind = OPTION_THRESHOLDS,
	  .complete = OPTION_COMPLETE_THRESHOLD,
	  .offset = AT(stop_at),
	  .rare = true,
	  .group = OPTION_GROUP_COMMAND },
	{ .names = { "leftovers" },
	  .metavar = "leave|kill|wait",
	  .help = "what to do with remaining processes (leave)",
	  .kind = OPTION_CHOICE,
	  .offset = AT(leftovers),
	  .group = OPTION_GROUP_COMMAND },
	OPTION_ROW_SIGNAL(AT(signal), "signal that a time limit sends first (TERM)"),
	OPTION_ROW_GRACE(AT(grace_usec)),
	{ .names = { "summary" },
	  .help = "print resource usage and limits at the end",
	  .kind = OPTION_FLAG,
	  .offset = AT(summary),
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "progress" },
	  .help = "show usage in the last line of the terminal",
	  .kind = OPTION_FLAG,
	  .offset = AT(progress),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "record" },
	  .metavar = "FILE",
	  .help = "write verdict and figures as JSON; - is stdout",
	  .kind = OPTION_STRING,
	  .offset = AT(record),
	  .complete = OPTION_COMPLETE_FILE,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "append" },
	  .help = "append the record to the file as one line",
	  .kind = OPTION_FLAG,
	  .offset = AT(append),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "label" },
	  .metavar = "KEY=VALUE",
	  .help = "add a label to the record; may be repeated",
	  .kind = OPTION_LABELS,
	  .offset = AT(labels),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "processes" },
	  .help = "list the processes in the record (CAP_NET_ADMIN)",
	  .kind = OPTION_FLAG,
	  .offset = AT(processes),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "timeline" },
	  .metavar = "FILE",
	  .help = "draw usage over time: .svg or .html; .json, .csv",
	  .kind = OPTION_STRING,
	  .offset = AT(timeline),
	  .rare = true,
	  .complete = OPTION_COMPLETE_FILE,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "sample" },
	  .metavar = "DURATION",
	  .help = "time between two samples of it (100ms)",
	  .kind = OPTION_DURATION,
	  .offset = AT(sample_usec),
	  .rare = true,
	  .complete = OPTION_COMPLETE_DURATION,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "expect" },
	  .metavar = "VERDICT,...",
	  .help = "exit with 0 if the verdict is one of these, else with 1",
	  .kind = OPTION_VERDICTS,
	  .offset = AT(expect),
	  .rare = true,
	  .complete = OPTION_COMPLETE_VERDICT,
	  .group = OPTION_GROUP_RECORD },
	{ .names = { "strict" },
	  .help = "exit with 1, not 0, after refused forks or an OOM kill",
	  .kind = OPTION_FLAG,
	  .offset = AT(strict),
	  .rare = true,
	  .group = OPTION_GROUP_RECORD },
	OPTION_ROW_QUIET(AT(quiet), "do not print the verdict and notes"),
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
	{ "user", "system", "a scope belongs to one manager" },
	{ "name", "prefix", "a prefix is for generated names" },
	{ "in", "slice", "an existing scope has its slice already" },
	{ "in", "backend", "the command is nested in that scope" },
	{ "in", "description", "only units have a description" },
	{ "exec", "leftovers", "no supervisor remains to handle them" },
	{ "exec", "warn-at", "no supervisor remains to watch it" },
	{ "exec", "stop-at", "no supervisor remains to watch it" },
	{ "exec", "cpu-time", "no supervisor remains to enforce it" },
	{ "exec", "record", "no supervisor remains to write it" },
	{ "exec", "summary", "no supervisor remains to print it" },
	{ "exec", "progress", "no supervisor remains to show it" },
	{ "exec", "timeline", "no supervisor remains to take samples" },
	{ "exec", "expect", "no supervisor remains to check it" },
	{ "exec", "strict", "no supervisor remains to check it" },
};

static const struct option_need needs[] = {
	{ "append", "record" },
	{ "label", "record" },
	{ "processes", "record" },
	{ "sample", "timeline" },
};

static const struct option_foreign foreign[] = {
	{ "json", "the output belongs to the command; use '--record -'" },
};

const struct option_table run_option_table = {
	OPTION_DEFAULTS(struct run_options, .manager = CG2_MANAGER_AUTO,
			.leftovers = CG2_LEFTOVERS_LEAVE, .signal = SIGTERM,
			.grace_usec = OPTION_GRACE_DEFAULT_USEC,
			.sample_usec = SAMPLER_INTERVAL_USEC),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
	OPTION_NEEDS(needs),
	OPTION_FOREIGN(foreign),
	.limits = true,
	.limits_offset = offsetof(struct run_options, limits),
	.operands_last = true,
};
