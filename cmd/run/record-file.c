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
#include "cmd/output/message.h"
#include "cmd/run/record-file.h"
#include "cmd/run/record-path.h"

/* why: a refusal in words; "": the errno is enough. */
static int say_failed(const struct record_file *file, int r, const char *why)
{
	message_failure("cannot write %s: %s: %s", file->what, file->name,
			*why ? why : strerror(-r));
	return r;
}

/* ------------------------------------------------------------------------------------
 * What is behind a name
 */

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

/*
 * What has become a FIFO since it was looked at must not let us wait. With O_CREAT the kernel's
 * own rules for files of others apply beside ours.
 */
static int open_path(struct record_file *file, struct record_path *path, int flags)
{
	int fd = record_path_open(path, flags | O_NONBLOCK);

	if (fd < 0)
		return fd;
	fcntl(fd, F_SETFL, flags & O_APPEND);
	file->fd = fd;
	file->kind = RECORD_FILE_OPEN;
	return 0;
}

/* ------------------------------------------------------------------------------------
 * Replacing a file
 */

#define TEMPORARY ".cgscope-XXXXXX"

/* A file in a directory that is held, by a name which C library calls can work with. */
struct temporary {
	char path[sizeof("/proc/self/fd/2147483647/" TEMPORARY)];
	const char *name; /* in the directory */
};

static int make_temporary(const struct record_path *path, struct temporary *ret)
{
	int fd;

	snprintf(ret->path, sizeof(ret->path), "/proc/self/fd/%d/" TEMPORARY, path->dir_fd);
	ret->name = strrchr(ret->path, '/') + 1;
	fd = mkostemp(ret->path, O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* In a directory like /tmp only its owner, and the file's, may replace a file. */
static int check_sticky(const struct record_path *path)
{
	const struct stat *dir = &path->dir_st;

	if (dir->st_mode & S_ISVTX && geteuid() != 0 && geteuid() != dir->st_uid &&
	    geteuid() != path->st.st_uid)
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

/*
 * Whether a file can be made there. Of one without a name nothing stays, whoever kills us; not all
 * file systems have them.
 */
static int try_directory(const struct record_path *path)
{
	struct temporary temporary;
	int fd = openat(path->dir_fd, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0) {
		fd = make_temporary(path, &temporary);
		if (fd < 0)
			return fd;
		unlinkat(path->dir_fd, temporary.name, 0);
	}
	close_fd(fd);
	return 0;
}

/* What the user may not write is not replaced, though its directory would allow it. */
static int prepare_replacement(struct record_file *file, const struct record_path *path)
{
	int r;

	file->mode = path->is_there ? path->st.st_mode & 0777 : new_mode();
	if (path->is_there) {
		file->is_present = true;
		file->uid = path->st.st_uid;
		file->gid = path->st.st_gid;
		if (faccessat(path->dir_fd, path->name, W_OK, 0) < 0)
			return -errno;
		file->is_writable = true;
		r = check_sticky(path);
		if (r < 0)
			return r;
	}
	r = try_directory(path);
	if (r == 0)
		file->kind = RECORD_FILE_REPLACED;
	return r;
}

static int prepare(struct record_file *file, struct record_path *path, bool append)
{
	int r;

	if (strcmp(file->name, "-") == 0)
		return open_descriptor(file, STDOUT_FILENO);
	r = record_path_find(file->name, path);
	if (r < 0)
		return r;
	if (path->descriptor >= 0)
		return open_descriptor(file, path->descriptor);
	if (path->is_there && S_ISFIFO(path->st.st_mode)) {
		file->kind = RECORD_FILE_FIFO;
		return faccessat(path->dir_fd, path->name, W_OK, 0) < 0 ? -errno : 0;
	}
	if (append)
		return open_path(file, path, O_APPEND | O_CREAT);
	if (path->is_there && !S_ISREG(path->st.st_mode))
		return open_path(file, path, 0);
	return prepare_replacement(file, path);
}

int record_file_open(struct record_file *file, const char *what, const char *name, bool append)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	int r;

	*file = (struct record_file)RECORD_FILE_INIT;
	file->what = what;
	file->name = name;
	r = prepare(file, &path, append);
	if (r < 0) {
		say_failed(file, r, path.why);
		if (r == -EACCES && file->is_writable)
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

/* Looked for once more: the command may have made its directory anew. */
static int replace(const struct record_file *file, struct record_path *path, const char *line,
		   size_t len)
{
	struct temporary temporary;
	int r, fd;

	r = record_path_find(file->name, path);
	if (r < 0)
		return r;
	if (path->descriptor >= 0)
		return -ELOOP;
	fd = make_temporary(path, &temporary);
	if (fd < 0)
		return fd;
	r = fill_temporary(file, fd, line, len);
	if (r == 0 && renameat(path->dir_fd, temporary.name, path->dir_fd, path->name) < 0)
		r = -errno;
	if (r < 0)
		unlinkat(path->dir_fd, temporary.name, 0);
	return r;
}

/* Waits for a reader, and lets itself be ended while it does. */
static int open_fifo(struct record_path *path)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	int fd = record_path_open(path, O_NONBLOCK);
	sigset_t set, saved;

	if (fd != -ENXIO)
		return fd;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending); i++)
		sigaddset(&set, ending[i]);
	sigprocmask(SIG_UNBLOCK, &set, &saved);
	do
		fd = record_path_open(path, 0);
	while (fd == -EINTR);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return fd;
}

static int write_fifo(const struct record_file *file, struct record_path *path,
		      const char *line, size_t len)
{
	_cleanup_close_ int fd = -1;
	int r;

	r = record_path_find(file->name, path);
	if (r < 0)
		return r;
	fd = path->descriptor >= 0 ? -ELOOP : open_fifo(path);
	return fd < 0 ? fd : write_all(fd, line, len);
}

static int write_to_file(const struct record_file *file, struct record_path *path,
			 const char *line, size_t len)
{
	sigset_t all, saved;
	int r = 0;

	switch (file->kind) {
	case RECORD_FILE_NONE:
		break;
	case RECORD_FILE_OPEN:
		return write_all(file->fd, line, len);
	case RECORD_FILE_FIFO:
		return write_fifo(file, path, line, len);
	case RECORD_FILE_REPLACED:
		/* No signal leaves a temporary file behind. */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &saved);
		r = replace(file, path, line, len);
		sigprocmask(SIG_SETMASK, &saved, NULL);
		break;
	}
	return r;
}

static int put(struct record_file *file, struct record_path *path, const char *line, size_t len)
{
	int r = write_to_file(file, path, line, len);

	/* Some file systems tell only here that there was no room. */
	if (file->kind == RECORD_FILE_OPEN && !file->is_borrowed &&
	    close(take_fd(&file->fd)) < 0 && r == 0)
		r = -errno;
	return r;
}

int record_file_put(struct record_file *file, const char *line, size_t len)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;

	return put(file, &path, line, len);
}

int record_file_write(struct record_file *file, const char *line, size_t len)
{
	_cleanup_(record_path_clear) struct record_path path = RECORD_PATH_INIT;
	int r = put(file, &path, line, len);

	return r < 0 ? say_failed(file, r, path.why) : 0;
}

int record_file_borrowed(const struct record_file *file)
{
	return file->is_borrowed ? file->fd : -1;
}

void record_file_close(struct record_file *file)
{
	if (!file->is_borrowed)
		close_fd(file->fd);
	*file = (struct record_file)RECORD_FILE_INIT;
}
