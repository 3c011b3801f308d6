/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's log, where the caller may read it.
 */
#pragma once

#include <stdint.h>

/*
 * The cgroup whose limit made the OOM killer take a process of the cgroup own, as a path, since a
 * moment of now_usec(); NULL: the log does not say, or may not be read. Free with free().
 */
char *kmsg_oom_memcg(const char *own, uint64_t since_usec);

/* The same of one record, "PRIORITY,NUMBER,USEC,FLAGS;TEXT", by the log's clock. */
char *kmsg_memcg_of_record(const char *text, const char *own, uint64_t since_usec);
