/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What programs say when something is missing.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * Whether the line is a shell's, or env's, about a command that it did not find; ret_name has
 * room for EXEC_NAME_MAX bytes.
 */
bool explain_missing_command(const char *line, char *ret_name);
