/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing small kernel files relative to a directory handle.
 */
#include "cgroup/fsio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"

/* Most files are a line; a page holds nearly all of them at once. */
#define READ_CHUNK 4096

/* The kernel takes no more than a page in one write to a cgroup file. */
#define WRITE_MAX 4096

/*
 * The kernel stops in the middle of a file where the next line would not fit into a page. So a read
 * that is shorter than this is all of it, if no line is as long as the rest of the page.
 */
#define SURELY_ALL 2048

/* No file that people write is longer. */
#define REGULAR_MAX (1 << 20)

/*
 * Reads until the kernel says that there is no more: a short read is no end of file, a
 * cgroup.procs of some thousand lines comes in pieces.
 */
static int read_all(int fd, char *buf, size_t size, size_t surely_all, size_t *ret_len)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		len += (size_t)n;
		if (n == 0 || len < surely_all)
			break;
	}
	*ret_len = len;
	return 0;
}

int fsio_read_into(int dirfd, const char *file, char *buf, size_t size, size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len = 0;
	int r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, buf, size, SURELY_ALL, &len);
	if (r < 0)
		return r;
	if (len == size)
		return -E2BIG;
	buf[len] = '\0';
	*ret_len = len;
	return 0;
}

int fsio_open(int dirfd, const char *file)
{
	int fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : fd;
}

static int read_whole(int fd, size_t surely_all, size_t max, char **ret_buf, size_t *ret_len)
{
	_cleanup_free_ char *buf = NULL;
	size_t size = 0, len = 0;

	for (;;) {
		size_t got = 0;
		char *grown;
		int r;

		size += READ_CHUNK;
		grown = realloc(buf, size + 1);
		if (!grown)
			return -ENOMEM;
		buf = grown;
		r = read_all(fd, buf + len, size - len, surely_all, &got);
		if (r < 0)
			return r;
		len += got;
		if (len > max)
			return -EFBIG;
		if (len < size)
			break;
		surely_all = 0;
	}
	buf[len] = '\0';
	*ret_buf = take_ptr(&buf);
	*ret_len = len;
	return 0;
}

int fsio_read(int dirfd, const char *file, char **ret_buf, size_t *ret_len)
{
	_cleanup_close_ int fd = fsio_open(dirfd, file);

	return fd < 0 ? fd : read_whole(fd, SURELY_ALL, SIZE_MAX, ret_buf, ret_len);
}

int fsio_read_long_lines(int dirfd, const char *file, char **ret_buf, size_t *ret_len)
{
	_cleanup_close_ int fd = fsio_open(dirfd, file);

	return fd < 0 ? fd : read_whole(fd, 0, SIZE_MAX, ret_buf, ret_len);
}

/* Of another kind only its owner can make it between the two looks, and it is not waited for. */
static int open_regular(int dirfd, const char *file)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (fstatat(dirfd, file, &st, 0) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	fd = openat(dirfd, file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return S_ISREG(st.st_mode) ? take_fd(&fd) : -EINVAL;
}

int fsio_read_regular(int dirfd, const char *file, char **ret_buf, size_t *ret_len)
{
	_cleanup_close_ int fd = open_regular(dirfd, file);

	return fd < 0 ? fd : read_whole(fd, 0, REGULAR_MAX, ret_buf, ret_len);
}

int fsio_reread(int fd, char *buf, size_t size, size_t *ret_len)
{
	ssize_t n;

	do
		n = pread(fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -E2BIG;
	buf[n] = '\0';
	*ret_len = (size_t)n;
	return 0;
}

static int write_value(int fd, const char *value)
{
	size_t len = strlen(value);
	ssize_t n;

	if (len > WRITE_MAX)
		return -E2BIG;
	do
		n = write(fd, value, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	/* One write is one command; half of a value would be another value. */
	return (size_t)n == len ? 0 : -EIO;
}

int fsio_write(int dirfd, const char *file, const char *value)
{
	/* Never O_CREAT: a file that is missing would be EACCES instead of ENOENT. */
	_cleanup_close_ int fd = openat(dirfd, file, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 ? -errno : write_value(fd, value);
}

int fsio_open_trigger(int dirfd, const char *file, const char *trigger)
{
	_cleanup_close_ int fd = openat(dirfd, file, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	/* With the NUL: files of the whole machine put one over the last byte. */
	if (write(fd, trigger, strlen(trigger) + 1) < 0)
		return -errno;
	return take_fd(&fd);
}

int fsio_write_read(int dirfd, const char *file, const char *value, char *buf, size_t size,
		    size_t *ret_len)
{
	_cleanup_close_ int fd = openat(dirfd, file, O_RDWR | O_CLOEXEC | O_NOCTTY);
	ssize_t n;
	int r;

	if (fd < 0)
		return -errno;
	r = write_value(fd, value);
	if (r < 0)
		return r;
	n = pread(fd, buf, size, 0);
	if (n < 0)
		return -errno;
	if ((size_t)n == size)
		return -E2BIG;
	buf[n] = '\0';
	*ret_len = (size_t)n;
	return 0;
}
