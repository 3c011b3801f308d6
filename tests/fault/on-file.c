/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path is read from the memory of the process that makes the call, and is put behind the
 * directory that it is relative to, if there is one.
 */
#include "on-file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/macro.h"

#define PAGE 4096

enum subject { IS_DESCRIPTOR, IS_PATH, IS_PATH_AT };

static const struct {
	const char *call;
	enum subject subject; /* the first argument, or the first two */
} subjects[] = {
	{ "read", IS_DESCRIPTOR },	 { "pread64", IS_DESCRIPTOR },
	{ "write", IS_DESCRIPTOR },	 { "lseek", IS_DESCRIPTOR },
	{ "fstat", IS_DESCRIPTOR },	 { "getdents64", IS_DESCRIPTOR },
	{ "fgetxattr", IS_DESCRIPTOR },	 { "fsetxattr", IS_DESCRIPTOR },
	{ "fremovexattr", IS_DESCRIPTOR }, { "flock", IS_DESCRIPTOR },
	{ "close", IS_DESCRIPTOR },	 { "getxattr", IS_PATH },
	{ "setxattr", IS_PATH },	 { "statfs", IS_PATH },
	{ "open", IS_PATH },		 { "stat", IS_PATH },
	{ "lstat", IS_PATH },		 { "access", IS_PATH },
	{ "readlink", IS_PATH },	 { "mkdir", IS_PATH },
	{ "rmdir", IS_PATH },		 { "unlink", IS_PATH },
	{ "openat", IS_PATH_AT },	 { "openat2", IS_PATH_AT },
	{ "newfstatat", IS_PATH_AT },	 { "statx", IS_PATH_AT },
	{ "faccessat", IS_PATH_AT },	 { "faccessat2", IS_PATH_AT },
	{ "readlinkat", IS_PATH_AT },	 { "mkdirat", IS_PATH_AT },
	{ "unlinkat", IS_PATH_AT },	 { "renameat", IS_PATH_AT },
};

void file_of_descriptor(pid_t pid, uint64_t fd, char *ret, size_t size)
{
	char path[64];
	ssize_t n;

	if ((int)fd == AT_FDCWD)
		snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	else
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, (int)fd);
	n = readlink(path, ret, size - 1);
	ret[n < 0 ? 0 : n] = '\0';
}

/* Up to the end of a page, behind which there may be none. */
static void read_path(pid_t pid, uint64_t address, char ret[PAGE])
{
	struct iovec from = { (void *)(uintptr_t)address, PAGE - address % PAGE };
	struct iovec to = { ret, PAGE - 1 };
	ssize_t n = process_vm_readv(pid, &to, 1, &from, 1, 0);

	ret[n < 0 ? 0 : n] = '\0';
}

static void put_behind(pid_t pid, uint64_t fd, const char *path, char *ret, size_t size)
{
	char folder[PAGE] = "";

	if (*path != '/')
		file_of_descriptor(pid, fd, folder, sizeof(folder));
	snprintf(ret, size, "%s%s%s", folder, *folder && *path ? "/" : "", path);
}

void file_of_call(pid_t pid, const char *call, const uint64_t *arguments, char *ret, size_t size)
{
	char path[PAGE];
	size_t i = 0;

	while (i < ARRAY_SIZE(subjects) && strcmp(subjects[i].call, call) != 0)
		i++;
	if (i == ARRAY_SIZE(subjects)) {
		snprintf(ret, size, "-");
	} else if (subjects[i].subject == IS_DESCRIPTOR) {
		file_of_descriptor(pid, arguments[0], ret, size);
	} else if (subjects[i].subject == IS_PATH) {
		read_path(pid, arguments[0], path);
		put_behind(pid, (uint64_t)AT_FDCWD, path, ret, size);
	} else {
		read_path(pid, arguments[1], path);
		put_behind(pid, arguments[0], path, ret, size);
	}
}
