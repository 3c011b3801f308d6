/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of the kernel's log; the first line of the input is the cgroup that is asked about.
 */
#include "fuzz.h"

#include "evidence/kernel-log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *own = fuzz_line(&data, &size);
	_cleanup_free_ char *text = fuzz_text(data, size);
	_cleanup_free_ char *memcg = kmsg_memcg_of_record(text, own, 0);

	if (!memcg)
		return 0;
	check(strstr(text, "oom_memcg=") && strstr(text, ",task_memcg="));
	check(strstr(text, own) && strstr(text, memcg));
	check(!strchr(memcg, ','));
	return 0;
}
