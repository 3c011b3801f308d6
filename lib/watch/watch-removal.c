/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The removal of cgroups, of which their own files tell nothing: inotify does, on the directory
 * above. Only an empty cgroup can be removed, so only then it is watched for.
 */
#include "watch/watch-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/group.h"

/* Where inotify has no room, empty cgroups are looked at that often. */
#define LOOK_USEC (500 * USEC_PER_MSEC)

bool watch_target_is_removed(struct watch_target *target)
{
	char buf[256];
	size_t len;
	int r;

	r = watch_level_read(target->levels[0], FILE_CGROUP_EVENTS, buf, sizeof(buf), &len);
	return r == -ENODEV || (r == -ENOENT && !group_is_real_root(target->levels[0]->group));
}

void watch_removal_dispatch(struct cg2_watch *watch)
{
	for (struct watch_target *target = watch->targets; target; target = target->next) {
		if (target->is_gone || target->is_populated)
			continue;
		if (watch_target_is_removed(target))
			watch_target_gone(watch, target);
		else if (target->removal_wd < 0)
			watch_set_due(watch, DUE_REMOVAL, now_usec() + LOOK_USEC);
	}
}

/* Several cgroups of one directory share its watch. */
static int hold_directory(struct cg2_watch *watch, int wd)
{
	struct watch_removal *grown;

	for (size_t i = 0; i < watch->n_removals; i++)
		if (watch->removals[i].wd == wd) {
			watch->removals[i].n_ref++;
			return 0;
		}
	grown = reallocarray(watch->removals, watch->n_removals + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	watch->removals = grown;
	grown[watch->n_removals++] = (struct watch_removal){ wd, 1 };
	return 0;
}

static int watch_directory(struct cg2_watch *watch, struct watch_target *target)
{
	int fd = target->n_levels > 1 ? target->levels[1]->group->fd
				      : watch->ctx->hierarchy.mount_fd;
	char path[64];
	int wd, r;

	r = watch_open_inotify(watch);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	wd = inotify_add_watch(watch->inotify_fd, path, IN_DELETE | IN_ONLYDIR);
	if (wd < 0)
		return -errno;
	r = hold_directory(watch, wd);
	if (r == 0)
		target->removal_wd = wd;
	return r;
}

void watch_removal_expect(struct cg2_watch *watch, struct watch_target *target)
{
	/* It may have been quicker; and without a watch it is looked at again. */
	if (target->removal_wd >= 0 || watch_directory(watch, target) < 0 ||
	    watch_target_is_removed(target))
		watch_set_due(watch, DUE_REMOVAL, now_usec());
}

void watch_removal_forget(struct cg2_watch *watch, struct watch_target *target)
{
	for (size_t i = 0; target->removal_wd >= 0 && i < watch->n_removals; i++) {
		struct watch_removal *removal = &watch->removals[i];

		if (removal->wd != target->removal_wd)
			continue;
		assert(removal->n_ref > 0);
		target->removal_wd = -1;
		if (--removal->n_ref > 0)
			continue;
		/* The kernel may have dropped it already, with the directory. */
		inotify_rm_watch(watch->inotify_fd, removal->wd);
		*removal = watch->removals[--watch->n_removals];
	}
}
