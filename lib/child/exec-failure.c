/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a program cannot be executed: what execve(2) means by its errno, and what can be done. The
 * one table of it, for a command of ours as for a unit that systemd could not start.
 */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "child/exec-file.h"
#include "child/exec.h"
#include "value/error.h"

/* ---- which row it is ---- */

static bool is_there(const struct exec_file *f)
{
	return f->code == 0;
}

static bool is_script_of_windows(const struct exec_file *f)
{
	return f->is_crlf;
}

static bool is_script_without(const struct exec_file *f)
{
	return f->is_interpreter_missing && !f->is_elf;
}

static bool is_elf_without(const struct exec_file *f)
{
	return f->is_interpreter_missing && f->is_elf;
}

static bool is_behind_closed(const struct exec_file *f)
{
	return f->closed[0] != '\0';
}

static bool is_directory(const struct exec_file *f)
{
	return f->is_directory;
}

static bool is_on_noexec(const struct exec_file *f)
{
	return f->is_noexec && f->may_execute;
}

/* The file itself grants it: so it is something else that does not. */
static bool is_granted(const struct exec_file *f)
{
	return f->code == 0 && f->may_execute;
}

static bool has_no_x(const struct exec_file *f)
{
	return f->code == 0 && !f->has_x;
}

static bool is_foreign(const struct exec_file *f)
{
	return f->is_elf && f->is_foreign;
}

static bool is_plain(const struct exec_file *f)
{
	return f->is_readable && !f->is_elf && !f->interpreter[0];
}

/* ---- what the words name ---- */

static const char *get_path(const struct exec_file *f)
{
	return f->path;
}

static const char *get_interpreter(const struct exec_file *f)
{
	return f->interpreter;
}

static const char *get_closed(const struct exec_file *f)
{
	return f->closed;
}

static const char *get_machine(const struct exec_file *f)
{
	static const struct {
		unsigned int machine;
		const char *name;
	} names[] = {
		{ EM_386, "32-bit x86" }, { EM_X86_64, "x86-64" },   { EM_ARM, "32-bit Arm" },
		{ EM_AARCH64, "Arm64" },  { EM_RISCV, "RISC-V" },    { EM_PPC64, "POWER" },
		{ EM_S390, "S/390" },	  { EM_MIPS, "MIPS" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].machine == f->machine)
			return names[i].name;
	return "one that is not known here";
}

typedef const char *(*name_fn)(const struct exec_file *f);

/* The first that fits. */
static const struct {
	int code;
	bool (*fits)(const struct exec_file *f); /* NULL: always */
	const char *cause;
	const char *detail;
	name_fn detail_name; /* what comes where detail has '@' */
	const char *hint;    /* NULL: the detail says it */
	name_fn hint_name;
	bool is_certain;
} failures[] = {
	/* execve(2) names the script when it means what the script's first line names. */
	{ ENOENT, is_script_of_windows, "crlf",
	  "its first line ends as Windows ends lines (\\r\\n)", NULL,
	  "sed -i 's/\\r$//' @", get_path, true },
	{ ENOENT, is_script_without, "interpreter", "its interpreter @ is missing",
	  get_interpreter,
	  "install it, or correct the #! line of @", get_path, true },
	{ ENOENT, is_elf_without, "elf-interpreter",
	  "its interpreter @, the dynamic loader, is missing",
	  get_interpreter,
	  "it was built for another C library or architecture: get one for this system",
	  NULL, true },
	{ ENOENT, is_there, "interpreter", "its interpreter is missing", NULL,
	  "the file is there, but what its #! line names, or its dynamic loader, is not", NULL,
	  false },
	{ ENOENT, NULL, "not-found", "command not found", NULL, NULL, NULL, true },
	{ EACCES, is_behind_closed, "directory-right",
	  "the directory @ may not be entered", get_closed,
	  "move the program elsewhere, or let its user in: chmod +x @", get_closed, false },
	{ EACCES, is_directory, "not-a-program", "it is a directory", NULL, NULL, NULL, true },
	{ EACCES, is_on_noexec, "noexec", "its file system is mounted noexec", NULL,
	  "copy it to another file system, or as root: mount -o remount,exec", NULL, true },
	{ EACCES, is_granted, "policy",
	  "its rights allow it: a security policy (AppArmor, SELinux) or a mount option forbids it",
	  NULL,
	  "see: journalctl -k -g 'DENIED|denied'", NULL, false },
	{ EACCES, has_no_x, "no-x", "no right to execute it", NULL,
	  "if it is a program: chmod +x @", get_path, true },
	{ EACCES, NULL, "no-x", "no right to execute it", NULL, NULL, NULL, false },
	{ ETXTBSY, NULL, "busy", "another process has it open for writing", NULL,
	  "wait until it is written; who has it open: fuser -v @", get_path, true },
	{ E2BIG, NULL, "too-long", "its arguments and environment are too long", NULL,
	  "an argument may have 128 KiB, all together a quarter of ulimit -s", NULL, true },
	{ ENOEXEC, is_foreign, "format", "it is built for another machine: @", get_machine,
	  "get one that is built for this machine", NULL, true },
	{ ENOEXEC, is_plain, "format",
	  "it has no #! line and is no program of this machine's", NULL,
	  "if it is a script: put #!/bin/sh in its first line; else see: file @", get_path, true },
	{ ENOEXEC, NULL, "format", "this machine does not know its format", NULL,
	  "another architecture? see: file @", get_path, false },
	{ EPERM, NULL, "eperm", "not permitted", NULL,
	  "it may need capabilities that the caller may not have: getcap @", get_path, false },
	{ EAGAIN, NULL, "eagain", "its user has more tasks than RLIMIT_NPROC", NULL,
	  "raise ulimit -u", NULL, true },
	{ ENOMEM, NULL, "memory", "there was no memory for it", NULL, NULL, NULL, true },
	{ EISDIR, NULL, "not-a-program", "it is a directory", NULL, NULL, NULL, true },
	{ ELIBBAD, NULL, "elf-interpreter", "its interpreter is damaged", NULL, NULL, NULL, true },
};

/* The words with the name in the place of '@'. NULL: there are none, or no memory. */
static char *fill(const char *words, name_fn name, const struct exec_file *file)
{
	const char *at = words && name ? strchr(words, '@') : NULL;

	if (!at)
		return words ? strdup(words) : NULL;
	return text_format("%.*s%s%s", (int)(at - words), words, name(file), at + 1);
}

void exec_words_find(const struct exec_file *file, int code, struct exec_words *ret_words)
{
	*ret_words = (struct exec_words){ .cause = "exec" };
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].code != code || (failures[i].fits && !failures[i].fits(file)))
			continue;
		ret_words->cause = failures[i].cause;
		ret_words->is_certain = failures[i].is_certain;
		ret_words->detail = fill(failures[i].detail, failures[i].detail_name, file);
		ret_words->hint = fill(failures[i].hint, failures[i].hint_name, file);
		return;
	}
}

void exec_words_clear(struct exec_words *words)
{
	free(words->detail);
	free(words->hint);
}

int exec_error(const char *path, int code, struct cg2_error *reterr)
{
	struct exec_file file = { .path = path, .code = ENOENT };
	struct exec_words words;
	int r;

	/* What was looked for in PATH is no file here. */
	if (strchr(path, '/'))
		exec_file_read(path, NULL, &file);
	exec_words_find(&file, code, &words);
	if (words.detail)
		r = error_setf(reterr, CG2_OP_EXEC, code, path, NULL, "%s", words.detail);
	else
		r = error_set(reterr, CG2_OP_EXEC, code, path, NULL);
	if (words.hint)
		error_hint(reterr, "%s", words.hint);
	exec_words_clear(&words);
	return r;
}
