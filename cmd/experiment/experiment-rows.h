/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows of options that compare and fit share. at(MEMBER) is the offset of a member of struct
 * experiment_setting in what the options are parsed into.
 */
#pragma once

#include "cmd/experiment/experiment.h"
#include "cmd/option/option-rows.h"

#define EXPERIMENT_ROW_HOOK(at, name, text) \
	{ .names = { name }, \
	  .metavar = "COMMAND", \
	  .help = text, \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .group = OPTION_GROUP_COMMAND }

/* A word that the verb reads itself. */
#define EXPERIMENT_ROW_TEXT(short_, name, metavar_, at, text) \
	{ .short_name = short_, \
	  .names = { name }, \
	  .metavar = metavar_, \
	  .help = text, \
	  .kind = OPTION_STRING, \
	  .offset = at, \
	  .group = OPTION_GROUP_EXPERIMENT }

#define EXPERIMENT_ROW_PERCENT(name, at, text) \
	{ .names = { name }, \
	  .metavar = "PERCENT", \
	  .help = text, \
	  .kind = OPTION_STRING, \
	  .complete = OPTION_COMPLETE_PERCENT, \
	  .offset = at, \
	  .group = OPTION_GROUP_EXPERIMENT }

#define EXPERIMENT_ROW_BUDGET(at, text) \
	{ .names = { "budget" }, \
	  .metavar = "DURATION", \
	  .help = text, \
	  .kind = OPTION_DURATION, \
	  .complete = OPTION_COMPLETE_DURATION, \
	  .offset = at, \
	  .group = OPTION_GROUP_EXPERIMENT }

#define EXPERIMENT_ROW_FILES(name, at, text) \
	{ .names = { name }, \
	  .metavar = "FILE", \
	  .help = text, \
	  .kind = OPTION_LIST, \
	  .complete = OPTION_COMPLETE_FILE, \
	  .offset = at, \
	  .group = OPTION_GROUP_RECORD }

#define EXPERIMENT_ROW_PROPERTY(at) \
	{ .short_name = 'p', \
	  .names = { "property" }, \
	  .metavar = "NAME=VALUE", \
	  .help = "set another systemd property of the scope", \
	  .kind = OPTION_WORD, \
	  .offset = at, \
	  .value = LIMIT_SETS_PROPERTY, \
	  .group = OPTION_GROUP_LIMITS }

#define EXPERIMENT_ROWS(at) \
	EXPERIMENT_ROW_HOOK(at(hooks.setup), "setup", "run this by sh -c once, before all runs"), \
	EXPERIMENT_ROW_HOOK(at(hooks.prepare), "prepare", "the same before each run"), \
	EXPERIMENT_ROW_HOOK(at(hooks.conclude), "conclude", "the same after each run"), \
	EXPERIMENT_ROW_HOOK(at(hooks.cleanup), "cleanup", "the same at the end, in any case"), \
	{ .names = { "output" }, \
	  .metavar = "FILE", \
	  .help = "where its output goes: null, pipe, inherit or a file (null)", \
	  .kind = OPTION_STRING, \
	  .offset = at(output), \
	  .complete = OPTION_COMPLETE_FILE, \
	  .group = OPTION_GROUP_COMMAND }, \
	{ .names = { "input" }, \
	  .metavar = "FILE", \
	  .help = "what it reads (nothing)", \
	  .kind = OPTION_STRING, \
	  .offset = at(input), \
	  .complete = OPTION_COMPLETE_FILE, \
	  .group = OPTION_GROUP_COMMAND }, \
	{ .names = { "records" }, \
	  .metavar = "FILE", \
	  .help = "write the record of each run, a line of JSON each", \
	  .kind = OPTION_STRING, \
	  .offset = at(records), \
	  .complete = OPTION_COMPLETE_FILE, \
	  .group = OPTION_GROUP_RECORD }, \
	OPTION_ROW_USER(at(manager), OPTION_GROUP_SCOPE, \
			"use your user manager (default)"), \
	OPTION_ROW_SYSTEM(at(manager), OPTION_GROUP_SCOPE, \
			  "use the system manager (default for root)"), \
	OPTION_ROW_QUIET(at(quiet), "print the result alone"), \
	OPTION_ROW_VERBOSE(at(verbose))

#define EXPERIMENT_DEFAULTS { .manager = CG2_MANAGER_AUTO, .output = "null" }
