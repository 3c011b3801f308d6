/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process/pidfd-info.h"

#include <errno.h>
#include <sys/ioctl.h>

/* As linux/pidfd.h of 6.13 has it, which older headers have not; later ones are longer. */
struct info {
	uint64_t mask; /* what is asked for, then what is told */
	uint64_t cgroup_id;
	uint32_t ids[11];
	int32_t exit_code;
};

#define GET_INFO _IOWR(0xFF, 11, struct info)
#define INFO_CGROUP_ID (UINT64_C(1) << 2)

int pidfd_get_cgroup_id(int pidfd, uint64_t *ret_id)
{
	struct info info = { .mask = INFO_CGROUP_ID };

	if (ioctl(pidfd, GET_INFO, &info) < 0)
		return -errno;
	if (!(info.mask & INFO_CGROUP_ID))
		return -ENODATA;
	*ret_id = info.cgroup_id;
	return 0;
}
