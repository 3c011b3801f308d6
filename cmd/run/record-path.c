/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way is gone a component at a time, each of them held by a descriptor while it is looked at:
 * so what was checked is what is taken, whoever changes names meanwhile. The rules are those of
 * fs.protected_symlinks, protected_regular and protected_fifos, whatever these are set to.
 */
#include "cmd/run/record-path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"

#define LINKS_MAX 40 /* as the kernel follows */

void record_path_clear(struct record_path *path)
{
	path->dir_fd = close_fd(path->dir_fd);
}

/* The N of "/dev/fd/N" and of what /dev/stdout links to, else -1. */
static int descriptor_of(const char *path)
{
	static const char *const directories[] = { "/dev/fd/", "/proc/self/fd/" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		struct scan s = scan_of_string(path);
		uint64_t n;

		if (scan_word(&s, directories[i]) && scan_u64(&s, &n) == 0 &&
		    scan_done(&s) && n <= INT32_MAX)
			return (int)n;
	}
	return -1;
}

/* ------------------------------------------------------------------------------------
 * The rules
 */

/* "WHAT another user (uid N) WHY" */
static int refuse(struct record_path *path, const struct stat *st, const char *what,
		  const char *why)
{
	snprintf(path->why, sizeof(path->why), "%s another user (uid %u)%s", what,
		 (unsigned int)st->st_uid, why);
	return -EACCES;
}

/* Everybody may make names in it, and nobody change another's: "/tmp". */
static bool is_for_all(const struct stat *dir, mode_t writers)
{
	return dir->st_mode & S_ISVTX && dir->st_mode & writers;
}

/* In a user namespace that root is not mapped into "/" tells who he is. */
static bool is_roots(uid_t uid)
{
	struct stat root;

	return uid == 0 || (stat("/", &root) == 0 && uid == root.st_uid);
}

static int check_link(struct record_path *path, const struct stat *st)
{
	if (st->st_uid == geteuid())
		return 0;
	if (is_for_all(&path->dir_st, S_IWOTH) && st->st_uid != path->dir_st.st_uid)
		return refuse(path, st, "a link of", " in a directory for all is not followed");
	if (geteuid() == 0 && !is_roots(st->st_uid))
		return refuse(path, st, "a link of", " is not followed");
	return 0;
}

int record_path_check(struct record_path *path, const struct stat *st)
{
	if (!is_for_all(&path->dir_st, S_IWOTH | S_IWGRP) ||
	    (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode)))
		return 0;
	if (st->st_uid != geteuid() && st->st_uid != path->dir_st.st_uid)
		return refuse(path, st, "it belongs to", ", in a directory for all");
	/* The kernel keeps others from making one, where fs.protected_hardlinks is set. */
	if (!S_ISREG(st->st_mode) || st->st_nlink < 2)
		return 0;
	snprintf(path->why, sizeof(path->why),
		 "it has another name elsewhere (a hard link), in a directory for all");
	return -EACCES;
}

/* ------------------------------------------------------------------------------------
 * The way
 */

/* What is left of it. */
struct walk {
	char *rest;
	unsigned int n_links;
};

static int enter(struct record_path *path, int dir_fd)
{
	close_fd(path->dir_fd);
	path->dir_fd = dir_fd;
	if (dir_fd < 0)
		return -errno;
	return fstat(dir_fd, &path->dir_st) < 0 ? -errno : 0;
}

/* A new beginning: of the whole, or of what a link says. */
static int begin(struct walk *walk, struct record_path *path)
{
	const char *top = *walk->rest == '/' ? "/" : ".";

	if (!*walk->rest)
		return -ENOENT;
	path->descriptor = descriptor_of(walk->rest);
	if (path->descriptor >= 0)
		return 0;
	if (*top == '.' && path->dir_fd >= 0)
		return 0;
	return enter(path, open(top, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Takes the first component off: 1 if it was the last one. */
static int next_name(struct walk *walk, struct record_path *path)
{
	char *from = walk->rest + strspn(walk->rest, "/");
	size_t len = strcspn(from, "/");

	/* The name of a directory: "x/", "/". */
	if (len == 0)
		return -EISDIR;
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(path->name, from, len);
	path->name[len] = '\0';
	memmove(walk->rest, from + len, strlen(from + len) + 1);
	return *walk->rest == '\0';
}

static bool is_of_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* Puts what the link says before what is left. */
static int follow(struct walk *walk, struct record_path *path, int link_fd,
		  const struct stat *st)
{
	char target[PATH_MAX], *rest;
	ssize_t n;
	int r;

	r = check_link(path, st);
	if (r < 0)
		return r;
	if (++walk->n_links > LINKS_MAX)
		return -ELOOP;
	/* "/proc/PID/root" leads where no name does. */
	if (*walk->rest && is_of_proc(link_fd))
		return enter(path, openat(path->dir_fd, path->name,
					  O_PATH | O_DIRECTORY | O_CLOEXEC));
	n = readlinkat(link_fd, "", target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	rest = text_format("%s%s", target, walk->rest);
	if (!rest)
		return -ENOMEM;
	free(walk->rest);
	walk->rest = rest;
	return begin(walk, path);
}

/* One component. 1: it was the last one. */
static int step(struct walk *walk, struct record_path *path)
{
	_cleanup_close_ int fd = -1;
	int is_last = next_name(walk, path);

	if (is_last < 0)
		return is_last;
	fd = openat(path->dir_fd, path->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return is_last && errno == ENOENT ? 1 : -errno;
	if (fstat(fd, &path->st) < 0)
		return -errno;
	if (S_ISLNK(path->st.st_mode))
		return follow(walk, path, fd, &path->st);
	if (!is_last)
		return S_ISDIR(path->st.st_mode) ? enter(path, take_fd(&fd)) : -ENOTDIR;
	path->is_there = true;
	return 1;
}

int record_path_find(const char *name, struct record_path *path)
{
	struct walk walk = { .rest = strdup(name) };
	int r;

	*path = (struct record_path)RECORD_PATH_INIT;
	r = walk.rest ? begin(&walk, path) : -ENOMEM;
	while (r == 0 && path->descriptor < 0)
		r = step(&walk, path);
	free(walk.rest);
	if (r < 0 || !path->is_there)
		return r < 0 ? r : 0;
	return record_path_check(path, &path->st);
}

int record_path_open(struct record_path *path, int flags)
{
	_cleanup_close_ int fd = openat(path->dir_fd, path->name,
					O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | flags,
					0666);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	r = record_path_check(path, &st);
	return r < 0 ? r : take_fd(&fd);
}

int record_path_open_anew(const char *name, struct record_path *path)
{
	_cleanup_close_ int fd = -1;
	int flags = O_CREAT | O_APPEND, r;

	r = record_path_find(name, path);
	if (r < 0)
		return r;
	if (path->descriptor >= 0) {
		fd = fcntl(path->descriptor, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : take_fd(&fd);
	}
	/* What becomes one now must not let us wait. */
	if (!path->is_there || !S_ISFIFO(path->st.st_mode))
		flags |= O_NONBLOCK;
	r = record_path_open(path, flags);
	if (r < 0)
		return r;
	fd = r;
	/* Only now is it known whose it is. */
	if (fstat(fd, &path->st) < 0 || (S_ISREG(path->st.st_mode) && ftruncate(fd, 0) < 0) ||
	    fcntl(fd, F_SETFL, O_APPEND) < 0)
		return -errno;
	return take_fd(&fd);
}
