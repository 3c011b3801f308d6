/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The journal, through libsystemd's sd-journal, which is loaded when it is needed.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * The last lines that a unit's processes wrote, at most n, oldest first. invocation: 16 bytes,
 * NULL: of any of its lives. ret_lines is ended by NULL; free each, and the array. An empty array
 * if the journal is not readable or libsystemd is not there: nobody is to fail for that.
 */
int journal_last_lines(enum cg2_manager manager, const char *unit, const uint8_t *invocation,
		       size_t n, char ***ret_lines) _must_check_;
