/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows that stand in the option tables of several verbs: the same name means the same
 * everywhere.
 */
#pragma once

#include "cmd/option/options.h"
#include "cmd/output/table.h"

/* What the manager is chosen for is the verb's to say. */
#define OPTION_ROW_USER(at, in_group, text) \
	{ .names = { "user" }, \
	  .help = text, \
	  .kind = OPTION_PICK, \
	  .offset = at, \
	  .value = CG2_MANAGER_USER, \
	  .group = in_group }

#define OPTION_ROW_SYSTEM(at, in_group, text) \
	{ .names = { "system" }, \
	  .help = text, \
	  .kind = OPTION_PICK, \
	  .offset = at, \
	  .value = CG2_MANAGER_SYSTEM, \
	  .group = in_group }

#define OPTION_ROW_PROPERTY(at) \
	{ .short_name = 'p', \
	  .names = { "property" }, \
	  .metavar = "NAME=VALUE", \
	  .help = "set another systemd property of the scope", \
	  .kind = OPTION_LIST, \
	  .offset = at, \
	  .group = OPTION_GROUP_LIMITS }

/* How a scope that is made is named and where it goes. */
#define OPTION_ROW_SLICE(at) \
	{ .names = { "slice" }, \
	  .metavar = "NAME", \
	  .help = "put the scope into this slice", \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .complete = OPTION_COMPLETE_SLICE, \
	  .group = OPTION_GROUP_SCOPE }

#define OPTION_ROW_NAME(at) \
	{ .short_name = 'u', \
	  .names = { "name", "unit" }, \
	  .metavar = "NAME", \
	  .help = "name of the scope; it must not be in use", \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .group = OPTION_GROUP_SCOPE }

#define OPTION_ROW_PREFIX(at) \
	{ .names = { "prefix" }, \
	  .metavar = "PREFIX", \
	  .help = "name the scope PREFIX-ID (cgscope-COMMAND)", \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .rare = true, \
	  .group = OPTION_GROUP_SCOPE }

#define OPTION_ROW_DESCRIPTION(at) \
	{ .names = { "description" }, \
	  .metavar = "TEXT", \
	  .help = "description of the scope, shown by systemd", \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .rare = true, \
	  .group = OPTION_GROUP_SCOPE }

/* The slice of a user, as a target; what is done with it is the verb's to say. */
#define OPTION_ROW_UID(at, text) \
	{ .names = { "uid" }, \
	  .metavar = "NAME", \
	  .help = text, \
	  .kind = OPTION_STRING, \
	  .complete = OPTION_COMPLETE_USER, \
	  .offset = at, \
	  .group = OPTION_GROUP_TARGET }

#define OPTION_ROW_WARN_AT(at, text, in_group) \
	{ .names = { "warn-at" }, \
	  .metavar = "KIND:VALUE", \
	  .help = text, \
	  .kind = OPTION_THRESHOLDS, \
	  .complete = OPTION_COMPLETE_THRESHOLD, \
	  .offset = at, \
	  .rare = true, \
	  .group = in_group }

#define OPTION_ROW_SIGNAL(at, text) \
	{ .names = { "signal" }, \
	  .metavar = "SIGNAL", \
	  .help = text, \
	  .kind = OPTION_SIGNAL, \
	  .offset = at, \
	  .rare = true, \
	  .complete = OPTION_COMPLETE_SIGNAL, \
	  .group = OPTION_GROUP_COMMAND }

#define OPTION_ROW_GRACE(at) \
	{ .short_name = 'k', \
	  .names = { "grace" }, \
	  .metavar = "DURATION", \
	  .help = "time from that signal to SIGKILL (5s)", \
	  .kind = OPTION_DURATION, \
	  .offset = at, \
	  .rare = true, \
	  .complete = OPTION_COMPLETE_DURATION, \
	  .group = OPTION_GROUP_COMMAND }

#define OPTION_GRACE_DEFAULT_USEC (5 * USEC_PER_SEC)

/* Past what they may move or end; see the verb. */
#define OPTION_ROW_FORCE(at, text, in_group) \
	{ .names = { "force" }, \
	  .help = text, \
	  .kind = OPTION_FLAG, \
	  .offset = at, \
	  .group = in_group }

#define OPTION_ROW_QUIET(at, text) \
	{ .short_name = 'q', \
	  .names = { "quiet" }, \
	  .help = text, \
	  .kind = OPTION_FLAG, \
	  .offset = at, \
	  .group = OPTION_GROUP_GENERAL }

/* Limits that no cgroup has, for verbs that have no command to watch. */
#define OPTION_LIMITS_OF_TIME (1U << CG2_LIMIT_WALL_TIME | 1U << CG2_LIMIT_CPU_TIME)
#define OPTION_FOREIGN_TIMES(why) { "time", why }, { "cpu-time", why }

/* The member is a uint64_t, 0: not given. */
#define OPTION_ROW_WATCH(at)                                                             \
	{ .names = { "watch" },                                                          \
	  .help = "show it again every second; --watch=5s: every 5 s",                   \
	  .kind = OPTION_WATCH,                                                          \
	  .complete = OPTION_COMPLETE_DURATION,                                          \
	  .offset = (at),                                                                \
	  .group = OPTION_GROUP_GENERAL }

#define OPTION_ROW_JSON(at) \
	{ .names = { "json" }, \
	  .help = "print JSON", \
	  .kind = OPTION_FLAG, \
	  .offset = at, \
	  .group = OPTION_GROUP_GENERAL }

#define OPTION_ROW_COLOR(at) \
	{ .names = { "color" }, \
	  .metavar = TABLE_COLOR_METAVAR, \
	  .help = TABLE_COLOR_HELP, \
	  .kind = OPTION_CHOICE, \
	  .offset = at, \
	  .group = OPTION_GROUP_GENERAL }

#define OPTION_ROW_VERBOSE(at) \
	{ .short_name = 'v', \
	  .names = { "verbose" }, \
	  .help = "explain what is being done", \
	  .kind = OPTION_FLAG, \
	  .offset = at, \
	  .group = OPTION_GROUP_GENERAL }
