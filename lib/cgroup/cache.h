/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Page cache of a cgroup that can be dropped at once: clean file pages, which count as free
 * memory below a limit.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

/* From the content of memory.stat. -errno: it does not tell. */
int cache_parse(const char *buf, size_t len, uint64_t *ret_bytes) _must_check_;

/* The same from that file. It is expensive for the kernel. */
int cache_read(int group_fd, uint64_t *ret_bytes) _must_check_;
