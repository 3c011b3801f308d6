/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An I/O weight where a disk has the scheduler bfq: it looks at a file of its own, io.bfq.weight,
 * with a scale that ends at 1000. io.weight is iocost's alone.
 */
#include "limit/limit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/group.h"
#include "value/error.h"
#include "value/unknown.h"

#define FILE_NAME "io.bfq.weight"

#define DEFAULT_WEIGHT 100

/* As systemd does it: 100 is 100 on both scales. */
uint64_t limits_bfq_weight(uint64_t weight)
{
	if (weight <= DEFAULT_WEIGHT)
		return weight;
	return DEFAULT_WEIGHT +
	       (weight - DEFAULT_WEIGHT) * (1000 - DEFAULT_WEIGHT) / (10000 - DEFAULT_WEIGHT);
}

bool limits_has_bfq_weight(struct cg2_group *group)
{
	return faccessat(group->fd, FILE_NAME, F_OK, 0) == 0;
}

int limits_write_bfq_weight(struct cg2_group *group, uint64_t weight, struct cg2_error *reterr)
{
	_cleanup_free_ char *text = text_format("%" PRIu64, limits_bfq_weight(weight));

	if (!text)
		return error_set(reterr, CG2_OP_WRITE, ENOMEM, FILE_NAME, NULL);
	return cg2_group_write(group, FILE_NAME, text, reterr);
}

int limits_verify_bfq_weight(struct cg2_group *group, uint64_t weight, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = group_join(group, FILE_NAME);
	_cleanup_free_ char *wanted = text_format("%" PRIu64, limits_bfq_weight(weight));
	const uint64_t have = group_peek_flat(group, FILE_NAME, "default");

	if (have == limits_bfq_weight(weight))
		return 0;
	if (!is_known(have))
		return error_setf(reterr, CG2_OP_VERIFY, EBADE, path, wanted,
				  "the kernel reports nothing");
	return error_setf(reterr, CG2_OP_VERIFY, EBADE, path, wanted,
			  "the kernel reports %" PRIu64, have);
}
