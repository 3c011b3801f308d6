/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writing records and metrics. A regular file is replaced by rename(2), so whoever reads it sees a
 * whole record, the old or the new one. The new file is made only then: whether that will
 * work is tried before the command starts, with a file that is removed at once, so that
 * no death of cgscope in between can leave one behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "cmd/output/message.h"
#include "cmd/run/record-file.h"

#define LINKS_MAX 40 /* as the kernel follows */

static int say_failed(const struct record_file *file, int r)
{
	message_failure("cannot write %s: %s: %s", file->what, file->name, strerror(-r));
	return r;
}

/* ------------------------------------------------------------------------------------
 * What is behind a name
 */

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

/* Where the link at path leads, NULL if it is none. ret_path: free with free(). */
static int read_link(const char *path, char **ret_path)
{
	const char *slash = strrchr(path, '/');
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	*ret_path = NULL;
	if (n < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	target[n] = '\0';
	if (target[0] == '/' || !slash)
		*ret_path = strdup(target);
	else
		*ret_path = text_format("%.*s/%s", (int)(slash - path), path, target);
	return *ret_path ? 0 : -ENOMEM;
}

/*
 * Follows links as open(2) with O_CREAT does, to a file that need not be there: rename(2)
 * would replace the link. Stops at a descriptor, whose link leads to no name.
 */
static int follow_links(struct record_file *file)
{
	for (unsigned int i = 0; descriptor_of(file->path) < 0; i++) {
		char *next;
		int r = i < LINKS_MAX ? read_link(file->path, &next) : -ELOOP;

		if (r < 0)
			return r;
		if (!next)
			break;
		free(file->path);
		file->path = next;
	}
	return 0;
}

/*
 * A descriptor that the command has as well. cgscope's own are close-on-exec, which none
 * that it was started with can be.
 */
static int open_descriptor(struct record_file *file, int fd)
{
	int flags = fcntl(fd, F_GETFD), access_mode = fcntl(fd, F_GETFL);

	if (flags < 0 || flags & FD_CLOEXEC || access_mode < 0 || access_mode & O_PATH ||
	    (access_mode & O_ACCMODE) == O_RDONLY)
		return -EBADF;
	file->kind = RECORD_FILE_OPEN;
	file->fd = fd;
	file->is_borrowed = true;
	return 0;
}

static int open_path(struct record_file *file, int flags)
{
	file->fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666);
	if (file->fd < 0)
		return -errno;
	file->kind = RECORD_FILE_OPEN;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Replacing a file
 */

/* Opens a new file in the directory of path. ret_temporary: free with free(). */
static int make_temporary(const char *path, char **ret_temporary)
{
	_cleanup_free_ char *temporary = NULL;
	const char *slash = strrchr(path, '/');
	int fd;

	temporary = text_format("%.*s.cgscope-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path);
	if (!temporary)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_temporary = take_ptr(&temporary);
	return fd;
}

/* In a directory like /tmp only its owner, and the file's, may replace a file. */
static int check_sticky(const struct record_file *file)
{
	_cleanup_free_ char *directory = strdup(file->path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	struct stat st;

	if (!directory)
		return -ENOMEM;
	if (slash)
		slash[1] = '\0';
	if (stat(slash ? directory : ".", &st) < 0)
		return -errno;
	if (st.st_mode & S_ISVTX && geteuid() != 0 && geteuid() != st.st_uid &&
	    geteuid() != file->uid)
		return -EPERM;
	return 0;
}

/* The mode that open(2) would give a new file. */
static mode_t new_mode(void)
{
	const mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* What the user may not write is not replaced, though its directory would allow it. */
static int prepare_replacement(struct record_file *file, const struct stat *st)
{
	_cleanup_free_ char *temporary = NULL;
	int fd, r;

	file->mode = st ? st->st_mode & 0777 : new_mode();
	if (st) {
		file->is_present = true;
		file->uid = st->st_uid;
		file->gid = st->st_gid;
		if (access(file->path, W_OK) < 0)
			return -errno;
		r = check_sticky(file);
		if (r < 0)
			return r;
	}
	fd = make_temporary(file->path, &temporary);
	if (fd < 0)
		return fd;
	close_fd(fd);
	unlink(temporary);
	file->kind = RECORD_FILE_REPLACED;
	return 0;
}

static int prepare(struct record_file *file, bool append)
{
	struct stat st;
	bool is_there;
	int r, fd;

	if (strcmp(file->name, "-") == 0)
		return open_descriptor(file, STDOUT_FILENO);
	file->path = strdup(file->name);
	if (!file->path)
		return -ENOMEM;
	r = follow_links(file);
	if (r < 0)
		return r;
	fd = descriptor_of(file->path);
	if (fd >= 0)
		return open_descriptor(file, fd);
	is_there = stat(file->path, &st) == 0;
	if (!is_there && errno != ENOENT)
		return -errno;
	if (is_there && S_ISFIFO(st.st_mode)) {
		file->kind = RECORD_FILE_FIFO;
		return access(file->path, W_OK) < 0 ? -errno : 0;
	}
	if (append)
		return open_path(file, O_APPEND | O_CREAT);
	if (is_there && !S_ISREG(st.st_mode))
		return open_path(file, 0);
	return *file->path ? prepare_replacement(file, is_there ? &st : NULL) : -ENOENT;
}

int record_file_open(struct record_file *file, const char *what, const char *name, bool append)
{
	int r;

	*file = (struct record_file)RECORD_FILE_INIT;
	file->what = what;
	file->name = name;
	r = prepare(file, append);
	if (r < 0) {
		say_failed(file, r);
		if (r == -EACCES && !append && file->path &&
		    access(file->path, W_OK) == 0)
			message_hint(
				"the file is replaced, which needs write permission for its "
				"directory; --append does not");
		record_file_close(file);
	}
	return r;
}

/* ------------------------------------------------------------------------------------
 * Writing
 */

/* One write(2) if nothing is in the way. */
static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		struct pollfd room = { .fd = fd, .events = POLLOUT };
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EAGAIN)
			poll(&room, 1, -1);
		else if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static int fill_temporary(const struct record_file *file, int fd, const char *line,
			  size_t len)
{
	int r = write_all(fd, line, len);

	/* For root, to whom the file need not belong. Others do not have to succeed. */
	if (r == 0 && file->is_present && geteuid() == 0 &&
	    fchown(fd, file->uid, file->gid) < 0)
		r = -errno;
	if (r == 0 && fchmod(fd, file->mode) < 0)
		r = -errno;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r;
}

static int replace(const struct record_file *file, const char *line, size_t len)
{
	_cleanup_free_ char *temporary = NULL;
	int r, fd = make_temporary(file->path, &temporary);

	if (fd < 0)
		return fd;
	r = fill_temporary(file, fd, line, len);
	if (r == 0 && rename(temporary, file->path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

/* Waits for a reader, and lets itself be ended while it does. */
static int open_fifo(const struct record_file *file)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	sigset_t set, saved;
	int fd = open(file->path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 || errno != ENXIO)
		return fd < 0 ? -errno : fd;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_UNBLOCK, &set, &saved);
	do
		fd = open(file->path, O_WRONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		fd = -errno;
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return fd;
}

static int write_fifo(const struct record_file *file, const char *line, size_t len)
{
	_cleanup_close_ int fd = open_fifo(file);

	return fd < 0 ? fd : write_all(fd, line, len);
}

static int write_to_file(const struct record_file *file, const char *line, size_t len)
{
	sigset_t all, saved;
	int r = 0;

	switch (file->kind) {
	case RECORD_FILE_NONE:
		break;
	case RECORD_FILE_OPEN:
		return write_all(file->fd, line, len);
	case RECORD_FILE_FIFO:
		return write_fifo(file, line, len);
	case RECORD_FILE_REPLACED:
		/* No signal leaves a temporary file behind. */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &saved);
		r = replace(file, line, len);
		sigprocmask(SIG_SETMASK, &saved, NULL);
		break;
	}
	return r;
}

int record_file_put(struct record_file *file, const char *line, size_t len)
{
	int r = write_to_file(file, line, len);

	/* Some file systems tell only here that there was no room. */
	if (file->kind == RECORD_FILE_OPEN && !file->is_borrowed &&
	    close(take_fd(&file->fd)) < 0 && r == 0)
		r = -errno;
	return r;
}

int record_file_write(struct record_file *file, const char *line, size_t len)
{
	int r = record_file_put(file, line, len);

	return r < 0 ? say_failed(file, r) : 0;
}

int record_file_borrowed(const struct record_file *file)
{
	return file->is_borrowed ? file->fd : -1;
}

void record_file_close(struct record_file *file)
{
	if (!file->is_borrowed)
		close_fd(file->fd);
	free(file->path);
	*file = (struct record_file)RECORD_FILE_INIT;
}
