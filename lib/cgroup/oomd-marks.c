/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The marks that systemd-oomd leaves on a cgroup: the first before it kills, the second after.
 */
#include "cgroup/oomd-marks.h"

#include "cgroup/group.h"
#include "cgroup/xattr.h"

static uint64_t read_mark(struct cg2_group *group, const char *name)
{
	char text[32];
	uint64_t value;
	ssize_t n;

	n = xattr_read(group->fd, ".", name, text, sizeof(text));
	if (n <= 0)
		return 0;
	/* One that says nothing is a mark all the same. */
	return cg2_parse_value(text, (size_t)n, &value) < 0 || value == 0 ? 1 : value;
}

uint64_t oomd_read_decisions(struct cg2_group *group)
{
	return read_mark(group, "user.oomd_ooms");
}

uint64_t oomd_read_kills(struct cg2_group *group)
{
	return read_mark(group, "user.oomd_kill");
}
