/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Extended attributes of cgroups, by a descriptor of any kind.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"

/* As getxattr(2) of the directory "name" in dirfd, "." for itself. */
ssize_t xattr_read(int dirfd, const char *name, const char *attribute, char *buf, size_t size);

/* As setxattr(2). */
int xattr_write(int dirfd, const char *name, const char *attribute, const char *text, size_t len);
