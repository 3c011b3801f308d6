/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Locks on a cgroup, between processes of its owner. A lock asks for no right but that the file is
 * open, and anybody may open a directory or cgroup.procs. So they are on cgroup.kill, which only
 * the file's owner and root can open.
 *
 * There are two, of two kinds that the kernel keeps apart: a cgroup may be a run's and the base
 * of others at once. Each lasts until lock_end(), or until its descriptor and all copies of that
 * are closed, as they are by our death.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/*
 * Whoever made the cgroup has this one for as long as he lives. The descriptor; -EAGAIN: somebody
 * has it; -errno: it cannot be had, being another user's.
 */
int lock_for_life(int group_fd) _must_check_;

/*
 * LOCK_SH or LOCK_EX, for a change of what is in the cgroup. Where cgroup.kill is another's, as in
 * a unit that systemd gave to its user, or missing (before 5.14), on cgroup.subtree_control. The
 * descriptor; -ETIMEDOUT: somebody has had it all the time; -errno.
 */
int lock_for_change(int group_fd, int operation, uint64_t timeout_usec) _must_check_;

/*
 * Closes it, if there is one. A process that another thread has forked meanwhile may have a copy,
 * which holds nothing any more. Returns -1.
 */
int lock_end(int fd);

static inline void lock_endp(int *fd)
{
	*fd = lock_end(*fd);
}
