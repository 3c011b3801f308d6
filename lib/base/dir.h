/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Directories that are listed:
 *
 *	_cleanup_(dir_closep) DIR *dir = dir_open(fd, ".");
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>

#include "base/cleanup.h"

/* NULL and errno: it cannot be. */
static inline DIR *dir_open(int dir_fd, const char *name)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		close_fd(fd);
	return dir;
}

static inline void dir_closep(DIR **dir)
{
	if (*dir) {
		int saved = errno;

		closedir(*dir);
		errno = saved;
	}
}

/* Whether an entry is a directory of its own: neither "." nor "..", nor hidden. */
static inline bool dir_is_child(const struct dirent *entry)
{
	return entry->d_type == DT_DIR && entry->d_name[0] != '.';
}
