/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A cgroup and all that are below it: a command may have made some, or runs nested in it.
 */
#include "cgroup/group.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "value/error.h"

/* How long processes that were reaped may take to be gone, and how often that is looked at. */
#define DYING_ROUNDS 500
#define DYING_MSEC 1

static int call_for(struct cg2_group *group, const char *name, group_fn fn, void *userdata)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *child = NULL;
	int r = group_open_child(group, name, &child, NULL);

	if (r < 0)
		return is_gone(r) ? 0 : r;
	fn(child, userdata);
	return 0;
}

int group_for_each_child(struct cg2_group *group, group_fn fn, void *userdata)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(group->fd, ".");
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return is_gone(-errno) ? 0 : -errno;
	while ((entry = readdir(dir))) {
		int r = 0;

		if (dir_is_child(entry))
			r = call_for(group, entry->d_name, fn, userdata);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

uint64_t group_count_children(struct cg2_group *group)
{
	struct stat st;

	/* The directory's name and its own "." are links too. */
	return fstat(group->fd, &st) < 0 || st.st_nlink < 2 ? 0 : (uint64_t)st.st_nlink - 2;
}

bool group_is_real_root(struct cg2_group *group)
{
	/* One that was removed has no files at all. */
	return faccessat(group->fd, "cgroup.events", F_OK, 0) < 0 &&
	       faccessat(group->fd, "cgroup.procs", F_OK, 0) == 0;
}

struct count {
	const char *file;
	uint64_t n;
};

static void count_words(struct cg2_group *group, void *userdata)
{
	_cleanup_free_ char *buf = NULL;
	struct count *count = userdata;
	const char *word;
	size_t len, word_len, pos = 0;

	if (cg2_group_read(group, count->file, &buf, &len, NULL) == 0)
		while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0)
			count->n++;
	group_for_each_child(group, count_words, count);
}

uint64_t group_count_words(struct cg2_group *group, const char *file)
{
	struct count count = { .file = file };

	count_words(group, &count);
	return count.n;
}

CG2_EXPORT int cg2_group_count_processes(struct cg2_group *group, uint64_t *ret_n,
					 struct cg2_error *err)
{
	int populated;
	uint64_t n = 0;

	for (int i = 0; i <= DYING_ROUNDS; i++) {
		populated = cg2_group_is_populated(group, err);
		if (populated < 0)
			return populated;
		n = populated ? group_count_words(group, "cgroup.procs") : 0;
		if (!populated || n > 0)
			break;
		poll(NULL, 0, DYING_MSEC);
	}
	*ret_n = populated ? MAX(n, UINT64_C(1)) : 0;
	return 0;
}

bool group_is_empty_by(int events_fd)
{
	char buf[256];
	uint64_t populated;
	ssize_t n;

	n = pread(events_fd, buf, sizeof(buf), 0);
	/* ENODEV, or EBADF without the file: the cgroup is gone, and whoever was in it. */
	return n < 0 || cg2_parse_flat(buf, (size_t)n, "populated", &populated) < 0 ||
	       populated == 0;
}

static void remove_child(struct cg2_group *group, void *userdata)
{
	group_remove_tree(group, NULL);
}

int group_remove_tree(struct cg2_group *group, struct cg2_error *reterr)
{
	int r;

	r = cg2_group_remove(group, NULL);
	if (r == 0 || r == -ENOENT)
		return 0;
	if (r == -EBUSY)
		group_for_each_child(group, remove_child, NULL);
	return cg2_group_remove(group, reterr);
}
