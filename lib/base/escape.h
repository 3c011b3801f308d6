/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts that others made, such as names of files and cgroups, in a line of ours: it stays one
 * line, and no terminal obeys it.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/macro.h"

/*
 * Writes the text, at most max bytes of it, with "\x1b" for a control character, and
 * likewise for a byte that is no UTF-8. What is cut
 * off is "..."; a UTF-8 sequence is not cut in two. A backslash stays as it is, since unit
 * names are full of them: so what is escaped already comes out as it went in.
 */
void put_escaped(FILE *f, const char *text, size_t max) _nonnull_(1, 2);
