/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a record goes. Whether it can be written there is found out before the command
 * starts; it is written when the command is over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/macro.h"

enum record_file_kind {
	RECORD_FILE_NONE,
	RECORD_FILE_REPLACED, /* a new file takes its place */
	RECORD_FILE_OPEN,     /* fd is written to */
	RECORD_FILE_FIFO,     /* opened at the end: that waits for a reader */
};

struct record_file {
	enum record_file_kind kind;
	const char *what; /* for messages: "the record" */
	const char *name; /* as the user wrote it */
	int fd;
	bool is_borrowed; /* fd is one that the command has too */
	bool is_present;  /* it was there before; mode and owner are its */
	bool is_writable; /* it was, and may be written itself */
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

#define RECORD_FILE_INIT                                                                 \
	{                                                                                \
		.kind = RECORD_FILE_NONE, .fd = -1                                       \
	}

/*
 * Finds out what name is, and that it can be written: "-" and "/dev/fd/N" are descriptors
 * that the caller of cgscope gave; a regular file is replaced as a whole, or with append
 * gets one line more. What is wrong is said on stderr. 0 or -errno.
 */
int record_file_open(struct record_file *file, const char *what, const char *name,
		     bool append) _must_check_;

/*
 * Writes one line. SIGPIPE and SIGXFSZ have to be ignored. What is wrong is said on
 * stderr; then a file that would be replaced is as it was, and no other is left behind. 0
 * or -errno.
 */
int record_file_write(struct record_file *file, const char *line, size_t len);

/* The same without a word. A file that is replaced may be written any number of times. */
int record_file_put(struct record_file *file, const char *line, size_t len) _must_check_;

/* The descriptor of the caller's that is written to, -1: none. */
int record_file_borrowed(const struct record_file *file);

void record_file_close(struct record_file *file);
