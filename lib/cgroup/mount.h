/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is mounted at one place, without reading the whole of /proc/self/mountinfo.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

struct mount_here {
	uint64_t magic; /* of the file system: CGROUP2_SUPER_MAGIC */
	char *root;     /* the part of it that is mounted, as mountinfo has it; free with free() */
};

/*
 * By statmount(2). -ENOTDIR: nothing is mounted right there; other -errno: it is not known, as
 * before Linux 6.8.
 */
int mount_ask(const char *path, struct mount_here *ret) _must_check_;
