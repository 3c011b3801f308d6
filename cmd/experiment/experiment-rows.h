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
