/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command's process, cloned straight into a cgroup that the caller may write.
 */
#pragma once

#include "base/macro.h"
#include "child/exec.h"
#include "libcg2.h"

/*
 * Returns when the command has begun or could not be executed (CG2_OP_EXEC). All signals of the
 * calling thread are to be blocked. cgroup_fd: -1 for the caller's own. -ENOENT, -ENODEV: it has
 * vanished.
 */
int spawn_into(const struct exec_plan *plan, int cgroup_fd, pid_t *ret_pid, int *ret_pidfd,
	       struct cg2_error *reterr) _must_check_;
