/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits beside those that are changed: read before, written back after.
 */
#include "manage/keep.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"
#include "value/error.h"

/* The file's first line; NULL if there is none. Free with free(). */
static char *first_line(struct cg2_group *group, const char *file)
{
	char *buf = NULL;
	size_t len;

	if (cg2_group_read(group, file, &buf, &len, NULL) < 0)
		return NULL;
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

static bool is_named(unsigned int limit, const struct cg2_limits *limits,
		     const struct property_list *properties)
{
	const char *file = limit_row(limit)->info.file, *other;

	if (limits_has(limits, (enum cg2_limit)limit))
		return true;
	for (size_t i = 0; i < properties->n; i++) {
		other = property_file(properties->list[i]);
		if (other && strcmp(other, file) == 0)
			return true;
	}
	return false;
}

/* io.max is written a device at a time, and a manager touches no device that it is not told of. */
void keep_read(struct kept *kept, struct cg2_group *group, const struct cg2_limits *limits,
	       const struct property_list *properties)
{
	*kept = (struct kept){ { NULL } };
	for (unsigned int i = 0; i < N_LIMITS; i++) {
		const struct cg2_limit_info *info = &limit_row(i)->info;

		if (info->file && info->unit != CG2_UNIT_IO && !is_named(i, limits, properties))
			kept->text[i] = first_line(group, info->file);
	}
}

int keep_restore(const struct kept *kept, struct cg2_group *group, struct cg2_error *reterr)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < N_LIMITS; i++) {
		const char *file = limit_row(i)->info.file, *old = kept->text[i];
		_cleanup_free_ char *now = old ? first_line(group, file) : NULL;

		/* An empty list of CPUs could not be written back. */
		if (!now || !*old || strcmp(now, old) == 0)
			continue;
		ctx_log(group->ctx, CG2_LOG_INFO, NULL, "%s of %s is %s again, not %s", file,
			group->path, old, *now ? now : "empty");
		r = cg2_group_write(group, file, old, reterr);
	}
	return r;
}

void keep_clear(struct kept *kept)
{
	for (unsigned int i = 0; i < N_LIMITS; i++)
		free(kept->text[i]);
	*kept = (struct kept){ { NULL } };
}
