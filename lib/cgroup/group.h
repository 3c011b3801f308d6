/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside of a group, for the files of the library that work on many at once.
 */
#pragma once

#include <errno.h>
#include <string.h>

#include "base/macro.h"
#include "libcg2.h"

struct cg2_group {
	unsigned int n_ref;
	struct cg2_ctx *ctx;
	int fd;	     /* O_PATH where it may not be read */
	int lock_fd; /* lock_for_life() of whoever made it, -1: none */
	uint64_t id; /* 0: not asked for yet */
	struct cg2_group *parent; /* what it was made in, through this object; NULL: it was there */
	char *path; /* "/user.slice/..." */
};

/* The kernel's number of the cgroup, its inode's; on 32 bits the lower half of it. 0: unknown. */
uint64_t group_get_id(struct cg2_group *group);

/* The child NAME, which is there. */
int group_open_child(struct cg2_group *parent, const char *name, struct cg2_group **ret_group,
		     struct cg2_error *reterr) _must_check_;

/* The parent, NULL for the root. -errno. */
int group_open_parent(struct cg2_group *group, struct cg2_group **ret_parent,
		      struct cg2_error *reterr) _must_check_;

/* Puts the parent, NULL above the root, in the group's place; -errno leaves it. */
int group_step_up(struct cg2_group **group, struct cg2_error *reterr) _must_check_;

/* The path of a process's cgroup, below what is mounted. ret_path: free with free(). */
int group_path_of_pid(struct cg2_ctx *ctx, pid_t pid, char **ret_path,
		      struct cg2_error *reterr) _must_check_;

/* The same of what namespace_find_line() found. */
int group_path_of_line(struct cg2_ctx *ctx, const char *line, char **ret_path) _must_check_;

/*
 * What the path is for openat(2) with the hierarchy's mount_fd, once that was detected; NULL: it is
 * outside of what is mounted, or has a "..".
 */
const char *group_below_mount(struct cg2_ctx *ctx, const char *path);

/* "PATH/FILE", with one slash if the path is the root; free with free(). NULL: out of memory. */
char *path_join(const char *path, const char *file);

/* The same of a group. */
char *group_join(struct cg2_group *group, const char *file);

/* Writes a value and reads what the kernel has made of it. */
int group_write_read(struct cg2_group *group, const char *file, const char *value, char *buf,
		     size_t size, size_t *ret_len, struct cg2_error *reterr) _must_check_;

/*
 * Calls fn for each cgroup right below; one that vanishes meanwhile is left out. Returns why others
 * were left out, -errno: descriptors that ran out and the like.
 */
typedef void (*group_fn)(struct cg2_group *child, void *userdata);
int group_for_each_child(struct cg2_group *group, group_fn fn, void *userdata);

/* How many cgroups are right below it: one call, since each is a link of the directory. */
uint64_t group_count_children(struct cg2_group *group);

/*
 * The real root limits nothing, has no counters and may hold processes beside its children; the
 * root of a namespace is a cgroup like others.
 */
bool group_is_real_root(struct cg2_group *group);

/* How many words such a file has, "cgroup.procs" as a rule, in the whole subtree. */
uint64_t group_count_words(struct cg2_group *group, const char *file);


/*
 * Whether nobody is in a cgroup or below it, by an open cgroup.events; also if that is gone, or was
 * never there. Reading arms the next notification (POLLPRI).
 */
bool group_is_empty_by(int events_fd);

/* Removes it and what is below it. -EBUSY: a process is left. */
int group_remove_tree(struct cg2_group *group, struct cg2_error *reterr);

/* Processes that run and did not get a signal. */
struct group_missed {
	uint64_t n;
	pid_t pid; /* the first one's; 0: it is in a pid namespace that can't be seen from here */
	int code;  /* why the first one did not, -errno */
};

/*
 * A signal to every process of the subtree; each is held by a pidfd while it is checked. Adds those
 * that do not get it to missed (NULL: nobody asks); a failure is that processes were not found.
 */
int group_signal(struct cg2_group *group, int sig, struct group_missed *missed,
		 struct cg2_error *reterr);

/*
 * The value of a file, or of a key in a flat-keyed one, for those who need no more than that:
 * UNKNOWN if it cannot be had.
 */
uint64_t group_peek_value(struct cg2_group *group, const char *file);
uint64_t group_peek_flat(struct cg2_group *group, const char *file, const char *key);

/* SIGKILL to the whole subtree, by cgroup.kill or, before kernel 5.14, as often as it takes. */
int group_kill_all(struct cg2_group *group);

/* Thaws it if it is frozen itself; what an ancestor froze stays frozen. */
int group_thaw(struct cg2_group *group);

/* Whether the cgroup path is top or below it; top is not the root. */
static inline bool path_is_within(const char *path, const char *top)
{
	size_t len = strlen(top);

	return strncmp(path, top, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The cgroup has vanished, however the kernel puts it. */
static inline bool is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}
