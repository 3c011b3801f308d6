/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program's file as execve(2) sees it: what its first bytes name, who may execute it, and from
 * that why it could not be executed, in words. One table of words for runs and for units.
 */
#pragma once

#include <sys/types.h>

#include "base/macro.h"
#include "libcg2.h"

#define EXEC_NAME_MAX 256

/* Who executes it. */
struct exec_user {
	uid_t uid;
	const gid_t *groups; /* the primary one among them */
	size_t n_groups;
	const char *root; /* its root directory, as it is reached from here; NULL: ours */
};

struct exec_file {
	const char *path; /* the caller's */
	int code;	  /* why it cannot be looked at, 0: it can */
	bool is_directory;
	bool has_x;	  /* anybody may execute it */
	bool may_execute; /* that user may, as the file's mode says */
	bool is_noexec;	  /* its file system is mounted so */
	bool is_crlf;	  /* its first line ends in \r\n */
	bool is_readable; /* its first bytes are known: what follows is */
	bool is_elf;
	bool is_interpreter_missing;	 /* of a script, or an ELF's dynamic loader */
	bool is_foreign;		 /* an ELF for another machine than this program is for */
	unsigned int machine;		 /* e_machine */
	char interpreter[EXEC_NAME_MAX]; /* "": it names none */
	char program[EXEC_NAME_MAX];	 /* X of "#!/usr/bin/env X", else "" */
	char closed[EXEC_NAME_MAX]; /* the directory on the way that keeps that user out, or "" */
	uint64_t changed_usec;	    /* CLOCK_REALTIME; 0: unknown */
};

/* user NULL: the caller. What cannot be found out stays 0. */
void exec_file_read(const char *path, const struct exec_user *user, struct exec_file *ret_file);

/* Why it cannot be executed; the texts are to be freed by exec_words_clear(). */
struct exec_words {
	const char *cause; /* static: "interpreter" */
	bool is_certain;   /* what the file shows is the only thing that has this errno */
	char *detail;	   /* "its interpreter /bin/x is missing"; NULL: the errno has no words */
	char *hint;	   /* NULL: the detail says it */
};

void exec_words_find(const struct exec_file *file, int code, struct exec_words *ret_words);
void exec_words_clear(struct exec_words *words);
