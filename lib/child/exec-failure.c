/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a program cannot be executed: what execve(2) means by its errno, and what can be done.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child/exec.h"
#include "value/error.h"

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The file itself grants it to the caller: so it is something else that does not. */
static bool has_right(const char *path)
{
	struct stat st;
	mode_t bit = 0111;

	if (stat(path, &st) < 0)
		return false;
	if (geteuid() != 0)
		bit = st.st_uid == geteuid() ? 0100 : st.st_gid == getegid() ? 0010 : 0001;
	return st.st_mode & bit;
}

static bool has_no_bit(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !(st.st_mode & 0111);
}

/* The first that fits. */
static const struct {
	int code;
	bool (*fits)(const char *path); /* NULL: always */
	const char *detail;
	const char *hint; /* NULL: the detail says it */
	bool names_path;  /* the path comes after the hint */
} failures[] = {
	/* execve(2) names the script when it means what the script's first line names. */
	{ ENOENT, is_there, "its interpreter is missing",
	  "the file is there, but what its #! line names, or its dynamic loader, is not", false },
	{ ENOENT, NULL, "command not found", NULL, false },
	{ EACCES, has_right, "its file system is mounted noexec, or a policy forbids it",
	  "copy it to another file system, or as root: mount -o remount,exec", false },
	{ EACCES, has_no_bit, "no right to execute it", "if it is a program: chmod +x ", true },
	{ EACCES, NULL, "no right to execute it", NULL, false },
	{ ETXTBSY, NULL, "another process has it open for writing",
	  "wait until it is written; who has it open: fuser -v ", true },
	{ E2BIG, NULL, "its arguments and environment are too long",
	  "an argument may have 128 KiB, all together a quarter of ulimit -s", false },
	{ ENOEXEC, NULL, "this machine does not know its format",
	  "another architecture? see: file ", true },
	{ EPERM, NULL, "not permitted",
	  "it may need capabilities that the caller may not have: getcap ", true },
	{ EAGAIN, NULL, "its user has more tasks than RLIMIT_NPROC", "raise ulimit -u", false },
	{ EISDIR, NULL, "it is a directory", NULL, false },
	{ ELIBBAD, NULL, "its interpreter is damaged", NULL, false },
};

/* What was looked for in PATH is no file here. */
static bool does_fit(size_t i, const char *path, int code)
{
	if (failures[i].code != code)
		return false;
	return !failures[i].fits || (strchr(path, '/') && failures[i].fits(path));
}

int exec_error(const char *path, int code, struct cg2_error *reterr)
{
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		int r;

		if (!does_fit(i, path, code))
			continue;
		r = error_setf(reterr, CG2_OP_EXEC, code, path, NULL, "%s", failures[i].detail);
		if (failures[i].hint)
			error_hint(reterr, "%s%s", failures[i].hint,
				   failures[i].names_path ? path : "");
		return r;
	}
	return error_set(reterr, CG2_OP_EXEC, code, path, NULL);
}
