/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel tells of a process by its pidfd.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/*
 * The number of the cgroup that the process is in, or was in when it ended if nobody has waited for
 * it yet. -errno: kernels before 6.13 do not tell.
 */
int pidfd_get_cgroup_id(int pidfd, uint64_t *ret_id) _must_check_;
