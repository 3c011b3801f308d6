/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing small kernel files relative to a directory handle: the only place that
 * opens files of cgroupfs, sysfs and procfs. Plain results here; the callers know the cgroup's
 * path and make the struct cg2_error.
 */
#pragma once

#include <stddef.h>

#include "base/macro.h"

/* The whole file, NUL-terminated (not counted). ret_buf: free with free(). -errno. */
int fsio_read(int dirfd, const char *file, char **ret_buf, size_t *ret_len) _must_check_;

/* The same of a file with lines of thousands of characters, as mountinfo may have. */
int fsio_read_long_lines(int dirfd, const char *file, char **ret_buf, size_t *ret_len)
	_must_check_;

/*
 * A file that is not the kernel's, and that another user may have made: nothing but a regular file
 * is opened, since a FIFO would let us wait for ever; -EINVAL if it is none. -EFBIG: it is longer
 * than a megabyte.
 */
int fsio_read_regular(int dirfd, const char *file, char **ret_buf, size_t *ret_len) _must_check_;

/* As fsio_read() into a caller's buffer; -E2BIG if it does not fit with its NUL. */
int fsio_read_into(int dirfd, const char *file, char *buf, size_t size,
		   size_t *ret_len) _must_check_;

/* A file that is read again and again: a descriptor to be closed, or -errno. */
int fsio_open(int dirfd, const char *file) _must_check_;

/* What such a file has now; -ENODEV: its cgroup was removed. -E2BIG if it does not fit. */
int fsio_reread(int fd, char *buf, size_t size, size_t *ret_len) _must_check_;

/* A pressure file with a trigger set on it; to be closed. -errno. */
int fsio_open_trigger(int dirfd, const char *file, const char *trigger) _must_check_;

/* One write(2) of the whole value, to a file that exists. -errno. */
int fsio_write(int dirfd, const char *file, const char *value) _must_check_;

/* The same, and what the file has then, of no more than one read(2). -E2BIG if it does not fit. */
int fsio_write_read(int dirfd, const char *file, const char *value, char *buf, size_t size,
		    size_t *ret_len) _must_check_;
