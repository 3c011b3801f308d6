/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's log, where the caller may read it.
 */
#pragma once

/*
 * The cgroup whose limit made the OOM killer take a process of the cgroup own, as a path; NULL:
 * the log does not say, or may not be read. Free with free().
 */
char *kmsg_oom_memcg(const char *own);
