/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "manage/period.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "value/error.h"

static int read_max(struct cg2_group *group, struct cg2_cpu_max *ret_max)
{
	char buf[64];
	size_t len;
	int r = fsio_read_into(group->fd, "cpu.max", buf, sizeof(buf), &len);

	return r < 0 ? r : cg2_parse_cpu_max(buf, len, ret_max);
}

void period_take(struct cg2_limits *limits, const struct property_list *properties,
		 struct cg2_group *group)
{
	struct cg2_cpu_max max;
	uint64_t asked = 0;

	if (!limits_has(limits, CG2_LIMIT_CPU_MAX))
		return;
	for (size_t i = 0; i < properties->n; i++)
		if (property_cpu_period_usec(properties->list[i]))
			asked = property_cpu_period_usec(properties->list[i]);
	if (asked)
		limits->cpu_period_usec = asked == CG2_MAX ? 0 : asked;
	/* The least quota there is has a period that is longer for it, and nobody asked for. */
	else if (read_max(group, &max) == 0 && max.quota_usec > USEC_PER_MSEC)
		limits->cpu_period_usec = max.period_usec;
}

int period_write(struct cg2_group *group, uint64_t period_usec, struct cg2_error *reterr)
{
	_cleanup_(cg2_limits_unrefp) struct cg2_limits *limits = NULL;
	struct cg2_cpu_max max;
	int r = read_max(group, &max);

	if (r == 0)
		r = cg2_limits_new(group->ctx, &limits);
	if (r == 0)
		r = cg2_limits_set(limits, CG2_LIMIT_CPU_MAX,
				   max.quota_usec == CG2_MAX
					   ? CG2_MAX
					   : max.quota_usec * 10000 / max.period_usec);
	if (r < 0)
		return error_set(reterr, CG2_OP_WRITE, r, group->path, NULL);
	limits->cpu_period_usec = period_usec == CG2_MAX ? 0 : period_usec;
	return limits_write(limits, CG2_LIMIT_CPU_MAX, group, reterr);
}
