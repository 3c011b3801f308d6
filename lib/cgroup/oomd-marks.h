/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The marks that systemd-oomd leaves on a cgroup.
 */
#pragma once

#include "base/macro.h"
#include "libcg2.h"

/*
 * How often it has decided to kill this cgroup (user.oomd_ooms), or how many processes it has
 * killed there (user.oomd_kill); 0: never.
 */
uint64_t oomd_read_decisions(struct cg2_group *group);
uint64_t oomd_read_kills(struct cg2_group *group);
