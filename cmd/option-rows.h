/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows that stand in the option tables of several verbs: the same name means the same
 * everywhere.
 */
#pragma once

#include "options.h"
#include "table.h"

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
	  .help = "another property of the scope, in systemd's words", \
	  .kind = OPTION_LIST, \
	  .offset = at, \
	  .group = OPTION_GROUP_LIMITS }

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
	  .help = "say what is done, and why", \
	  .kind = OPTION_FLAG, \
	  .offset = at, \
	  .group = OPTION_GROUP_GENERAL }
