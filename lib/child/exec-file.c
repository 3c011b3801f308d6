/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a program's file is: its rights, its mount, and what its first bytes name.
 */
#include "child/exec-file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/scan.h"

/* What the kernel reads of a script. */
#define HEAD_SIZE 256

/* A path of the user's as it is reached from here; buf has PATH_MAX bytes. */
static const char *reach(const struct exec_user *user, const char *path, char *buf)
{
	if (!user->root || path[0] != '/')
		return path;
	snprintf(buf, PATH_MAX, "%s%s", user->root, path);
	return buf;
}

/* ---- rights ---- */

static bool is_in_group(const struct exec_user *user, gid_t gid)
{
	for (size_t i = 0; i < user->n_groups; i++)
		if (user->groups[i] == gid)
			return true;
	return false;
}

/* As the mode says; access control lists may say otherwise. */
static bool may_execute(const struct stat *st, const struct exec_user *user)
{
	mode_t bit = 0001;

	if (user->uid == 0)
		return S_ISDIR(st->st_mode) || st->st_mode & 0111;
	if (st->st_uid == user->uid)
		bit = 0100;
	else if (is_in_group(user, st->st_gid))
		bit = 0010;
	return st->st_mode & bit;
}

/* The first directory on the way that the user may not search; of long paths their beginning. */
static void find_closed(const char *path, const struct exec_user *user, char *ret_closed)
{
	char directory[EXEC_NAME_MAX], buf[PATH_MAX];
	struct stat st;

	for (size_t i = 1; path[0] == '/' && path[i] && i < sizeof(directory); i++) {
		if (path[i] != '/')
			continue;
		memcpy(directory, path, i);
		directory[i] = '\0';
		if (stat(reach(user, directory, buf), &st) < 0)
			return;
		if (S_ISDIR(st.st_mode) && !may_execute(&st, user)) {
			memcpy(ret_closed, directory, i + 1);
			return;
		}
	}
}

/* ---- scripts ---- */

/* The next word of a first line. */
static struct scan next_word(struct scan *line)
{
	struct scan word;

	while (!scan_done(line) && (*line->pos == ' ' || *line->pos == '\t'))
		line->pos++;
	word = *line;
	while (!scan_done(line) && *line->pos != ' ' && *line->pos != '\t')
		line->pos++;
	word.end = line->pos;
	return word;
}

static void copy_word(const struct scan *word, char *dest)
{
	snprintf(dest, EXEC_NAME_MAX, "%.*s", (int)scan_left(word), word->pos);
}

static void read_script(struct exec_file *file, const char *head, size_t n)
{
	struct scan rest = scan_of(head + 2, n - 2), line = scan_until(&rest, '\n'), word;

	if (scan_left(&line) > 0 && line.end[-1] == '\r') {
		file->is_crlf = true;
		line.end--;
	}
	word = next_word(&line);
	copy_word(&word, file->interpreter);
	if (strcmp(file->interpreter, "/usr/bin/env") == 0) {
		word = next_word(&line);
		if (scan_is(&word, "-S"))
			word = next_word(&line);
		copy_word(&word, file->program);
	}
}

/* ---- ELF ---- */

/* The machine that this program itself is made for. */
static unsigned int own_machine(void)
{
	_cleanup_close_ int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr header;

	if (fd < 0 || pread(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return EM_NONE;
	return header.e_machine;
}

/* Where the name of the dynamic loader is. False: it has none, or it is made for another machine.
 */
static bool find_loader(int fd, const char *head, size_t n, uint64_t *ret_offset,
			uint64_t *ret_size)
{
	Elf64_Ehdr header;
	Elf64_Phdr part;

	if (n < sizeof(header) || head[EI_CLASS] != ELFCLASS64)
		return false;
	memcpy(&header, head, sizeof(header));
	for (size_t i = 0; i < header.e_phnum && header.e_phentsize >= sizeof(part); i++) {
		off_t at = (off_t)(header.e_phoff + i * header.e_phentsize);

		if (pread(fd, &part, sizeof(part), at) != (ssize_t)sizeof(part))
			return false;
		if (part.p_type != PT_INTERP)
			continue;
		*ret_offset = part.p_offset;
		*ret_size = part.p_filesz;
		return true;
	}
	return false;
}

static void read_elf(struct exec_file *file, int fd, const char *head, size_t n)
{
	Elf64_Half machine;
	uint64_t offset, size;
	ssize_t len;

	file->is_elf = true;
	if (n < offsetof(Elf64_Ehdr, e_machine) + sizeof(machine))
		return;
	memcpy(&machine, head + offsetof(Elf64_Ehdr, e_machine), sizeof(machine));
	file->machine = machine;
	file->is_foreign = machine != own_machine() && own_machine() != EM_NONE;
	if (file->is_foreign || !find_loader(fd, head, n, &offset, &size))
		return;
	len = pread(fd, file->interpreter, MIN(size, (uint64_t)EXEC_NAME_MAX - 1), (off_t)offset);
	file->interpreter[MAX(len, 0)] = '\0';
}

/* ---- the file ---- */

static void read_head(struct exec_file *file, const char *path, const struct exec_user *user)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char head[HEAD_SIZE], buf[PATH_MAX];
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return;
	file->is_readable = true;
	if (n >= 2 && memcmp(head, "#!", 2) == 0)
		read_script(file, head, (size_t)n);
	else if (n >= SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0)
		read_elf(file, fd, head, (size_t)n);
	file->is_interpreter_missing =
		file->interpreter[0] &&
		access(reach(user, file->interpreter, buf), F_OK) < 0 && errno == ENOENT;
}

/* The caller; groups has room for 65. */
static struct exec_user own_user(gid_t *groups)
{
	int n = getgroups(64, groups);
	struct exec_user user = { geteuid(), groups, n > 0 ? (size_t)n : 0, NULL };

	groups[user.n_groups++] = getegid();
	return user;
}

void exec_file_read(const char *path, const struct exec_user *user, struct exec_file *ret_file)
{
	struct exec_file file = { .path = path };
	struct exec_user own;
	struct stat st;
	struct statvfs fs;
	gid_t groups[65];
	char buf[PATH_MAX];

	if (!user) {
		own = own_user(groups);
		user = &own;
	}
	find_closed(path, user, file.closed);
	path = reach(user, path, buf);
	if (stat(path, &st) < 0) {
		file.code = errno;
		*ret_file = file;
		return;
	}
	file.is_directory = S_ISDIR(st.st_mode);
	file.has_x = st.st_mode & 0111;
	file.may_execute = may_execute(&st, user);
	file.changed_usec = (uint64_t)st.st_ctim.tv_sec * USEC_PER_SEC +
			    (uint64_t)st.st_ctim.tv_nsec / NSEC_PER_USEC;
	file.is_noexec = statvfs(path, &fs) == 0 && fs.f_flag & ST_NOEXEC;
	if (S_ISREG(st.st_mode))
		read_head(&file, path, user);
	*ret_file = file;
}
