/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which file a system call is about.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the descriptor is in that process, "/etc/passwd", "pipe:[7]"; "" if it is none. */
void file_of_descriptor(pid_t pid, uint64_t fd, char *ret, size_t size);

/* The same for a call that is about to be made; "-" if it is about no file. */
void file_of_call(pid_t pid, const char *call, const uint64_t *arguments, char *ret, size_t size);
