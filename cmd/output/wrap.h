/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said in sentences, on terminals of any width: lines end between two words, but a command
 * that is to be copied stays whole.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

/*
 * Writes a text that begins at a column in lines that are no wider than width (0: one line), and
 * ends the last one. If it needs several, the others begin with next, and a command after a colon
 * is a line of its own, however wide it is.
 */
void wrap_put(FILE *f, const char *text, size_t column, const char *next, size_t width);
