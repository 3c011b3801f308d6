/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Page cache in the figures of memory.stat.
 */
#include "cgroup/cache.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cgroup/fsio.h"
#include "libcg2.h"

int cache_parse(const char *buf, size_t len, uint64_t *ret_bytes)
{
	static const char *const held[] = { "file_dirty", "file_writeback" };
	uint64_t active, inactive, cache, value;
	int r;

	r = cg2_parse_flat(buf, len, "active_file", &active);
	if (r == 0)
		r = cg2_parse_flat(buf, len, "inactive_file", &inactive);
	if (r < 0)
		return r;
	cache = active + inactive;
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		if (cg2_parse_flat(buf, len, held[i], &value) == 0)
			cache -= MIN(cache, value);
	*ret_bytes = cache;
	return 0;
}

int cache_read(int group_fd, uint64_t *ret_bytes)
{
	_cleanup_free_ char *buf = NULL;
	size_t len;
	int r;

	r = fsio_read(group_fd, "memory.stat", &buf, &len);
	return r < 0 ? r : cache_parse(buf, len, ret_bytes);
}
