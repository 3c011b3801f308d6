/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <sys/types.h>

/*
 * fork(2) into a process that no signal ends before its time: not the terminal's, whose process
 * group it starts in, not a manager's SIGTERM to a unit.
 */
pid_t blocked_fork(void);
