/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a file's name leads, if nobody else may have a say in it: links and files of other users
 * in directories that are everybody's are refused as the kernel refuses them to a shell's ">",
 * and to root all links of other users.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/macro.h"

struct record_path {
	int descriptor;	       /* "/dev/fd/N": N, and nothing below is set; else -1 */
	int dir_fd;	       /* O_PATH: the directory that the file is or would be in */
	char name[NAME_MAX + 1]; /* there; no link, when it was looked at */
	bool is_there;
	struct stat st; /* of the file, if it is there */
	struct stat dir_st;
	char why[128]; /* a refusal in words, "" if the errno says it all */
};

#define RECORD_PATH_INIT                                                                 \
	{                                                                                \
		.descriptor = -1, .dir_fd = -1                                           \
	}

/* Follows the name to its end. path is to be cleared in any case. 0 or -errno. */
int record_path_find(const char *name, struct record_path *path) _must_check_;

/* Whether a file in that directory, which st is of, may be written. 0 or -EACCES. */
int record_path_check(struct record_path *path, const struct stat *st) _must_check_;

/*
 * Opens the file for writing, as it is now: what has become a link is -ELOOP, and it is checked
 * once more. The descriptor or -errno.
 */
int record_path_open(struct record_path *path, int flags) _must_check_;

/*
 * What a shell's ">" does, under these rules: it is made, or emptied, and written at its end; of a
 * descriptor that the caller gave a copy; a FIFO waits for a reader. The descriptor or -errno, then
 * path->why.
 */
int record_path_open_anew(const char *name, struct record_path *path) _must_check_;

void record_path_clear(struct record_path *path);
