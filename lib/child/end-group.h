/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a cgroup whose supervisor has died. For the holder and the guard: only raw calls.
 */
#pragma once

/*
 * SIGKILL to all in it and below it, by cgroup.kill or, before kernel 5.14, process by process,
 * until it is empty; what the kernel itself cannot end is waited for no longer than a minute.
 */
void end_group(int group_fd);

/* Removes it and what is below it, all of which is empty. */
void end_group_remove(int parent_fd, const char *name);
