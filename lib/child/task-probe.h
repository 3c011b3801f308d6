/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many tasks a user has, as RLIMIT_NPROC counts them: in all PID namespaces, while /proc shows
 * those of one.
 */
#pragma once

#include <stdint.h>

#include "base/macro.h"

/*
 * For the calling process's user, who must not be privileged. visible: those that were seen, from
 * which the search begins; limit: where it ends, and nothing above is told apart. It makes
 * processes, one if all can be seen. -errno.
 */
int task_probe(uint64_t visible, uint64_t limit, uint64_t *ret_n) _must_check_;
