/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What tests need that work with files and messages: a directory of their own, being
 * somebody to whom permissions apply, and comparing texts.
 */
#pragma once

#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct scratch {
	char root[64];
};

/* ---- files below a directory ---- */

static inline char *path_of(const char *directory, const char *path)
{
	size_t size = strlen(directory) + strlen(path) + 2;
	char *whole = malloc(size);

	assert_non_null(whole);
	snprintf(whole, size, "%s/%s", directory, path);
	return whole;
}

static inline void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*p = '/';
	}
}

static inline void put_bytes(const char *directory, const char *path, const void *bytes,
			     size_t size)
{
	_cleanup_free_ char *whole = path_of(directory, path);
	FILE *f;

	make_parents(whole);
	f = fopen(whole, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Makes the file, or replaces what is in it. */
static inline void put_file(const char *directory, const char *path, const char *text)
{
	put_bytes(directory, path, text, strlen(text));
}

/* What is in the file, free() it; NULL without one. */
static inline char *get_file(const char *directory, const char *path)
{
	_cleanup_free_ char *whole = path_of(directory, path);
	_cleanup_fclose_ FILE *f = fopen(whole, "re");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) >= 0)
		return text;
	free(text);
	text = strdup("");
	assert_non_null(text);
	return text;
}

static inline void put_mode(const char *directory, const char *path, mode_t mode)
{
	_cleanup_free_ char *whole = path_of(directory, path);

	assert_int_equal(chmod(whole, mode), 0);
}

static inline int remove_entry(const char *path, const struct stat *st, int type,
			       struct FTW *ftw)
{
	return remove(path);
}

/* With everything that is below. */
static inline void remove_file(const char *directory, const char *path)
{
	_cleanup_free_ char *whole = path_of(directory, path);

	assert_int_equal(nftw(whole, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- the directory ---- */

static inline void scratch_make(struct scratch *scratch)
{
	const char *tmp = getenv("TMPDIR");
	int n = snprintf(scratch->root, sizeof(scratch->root), "%s/cgscope-test-XXXXXX",
			 tmp && strlen(tmp) < 40 ? tmp : "/tmp");

	assert_true(n > 0 && (size_t)n < sizeof(scratch->root));
	assert_non_null(mkdtemp(scratch->root));
	assert_int_equal(chmod(scratch->root, 0755), 0);
}

static inline void scratch_remove(struct scratch *scratch)
{
	remove_file("", scratch->root);
}

static inline void copy_file(const char *from, const char *to)
{
	_cleanup_free_ char *text = get_file("", from);

	assert_non_null(text);
	put_file("", to, text);
}

static inline void copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	assert_true(n > 0);
	target[n] = '\0';
	assert_int_equal(symlink(target, to), 0);
}

/* Directories, links, and files that hold text. */
static inline void copy_tree(const char *from, const char *to)
{
	DIR *dir = opendir(from);
	struct dirent *entry;

	assert_non_null(dir);
	assert_true(mkdir(to, 0755) == 0 || errno == EEXIST);
	while ((entry = readdir(dir))) {
		_cleanup_free_ char *source = path_of(from, entry->d_name);
		_cleanup_free_ char *dest = path_of(to, entry->d_name);
		struct stat st;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		assert_int_equal(lstat(source, &st), 0);
		if (S_ISDIR(st.st_mode))
			copy_tree(source, dest);
		else if (S_ISLNK(st.st_mode))
			copy_link(source, dest);
		else
			copy_file(source, dest);
	}
	closedir(dir);
}

/* ---- somebody ---- */

#define NOBODY 65534

/* Root may do everything; it is nobody until be_root_again(). Others stay themselves. */
static inline void be_ordinary(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
}

static inline void be_root_again(void)
{
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
}

/* A process that does nothing, and that a test which fails does not leave behind. */
static inline pid_t idle_child(void)
{
	int ready[2];
	char none;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	close(ready[pid != 0]);
	if (pid != 0) {
		/* Stopped before that it would outlive us. */
		assert_int_equal(read(ready[0], &none, 1), 0);
		close(ready[0]);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(ready[1]);
	for (;;)
		pause();
}

/* ---- texts ---- */

static inline void check_text(const char *what, const char *text, const char *expected)
{
	bool is_same = text && expected ? strcmp(text, expected) == 0 : text == expected;

	if (!is_same)
		fail_msg("%s is '%s', not '%s'", what, text ? text : "(none)",
			 expected ? expected : "(none)");
}

static inline void check_in(const char *what, const char *text, const char *part)
{
	if (!text || !strstr(text, part))
		fail_msg("%s is '%s', without '%s'", what, text ? text : "(none)", part);
}
