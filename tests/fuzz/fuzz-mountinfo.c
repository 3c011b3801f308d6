/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * /proc/self/mountinfo: where cgroup2 is mounted, if it is, is known in full.
 */
#include "fuzz.h"

#include "cgroup/ctx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = fuzz_text(data, size);
	struct hierarchy h = { .mount_fd = -1 };
	bool has_v1 = false;

	check(mountinfo_parse(text, &h, &has_v1) == 0);
	check(!h.mount_point == !h.mount_root);
	check(h.mount_point || h.flags == 0);
	check(!h.mount_point || strlen(h.mount_point) + strlen(h.mount_root) <= size);
	hierarchy_clear(&h);
	return 0;
}
