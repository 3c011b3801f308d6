/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a command never ran, in words: the start's own error, and what execve(2) means by
 * its errno.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "verdict/verdict-cause.h"

/* What execve(2) means, where its errno's usual name would mislead. */
static const struct exec_words {
	int code;
	const char *hint; /* a word of the error's hint that must be there, or NULL */
	const char *words;
	const char *advice; /* NULL: the error's own */
} exec_words[] = {
	{ ENOENT, "interpreter", "its interpreter is missing",
	  "the file is there, but what its #! line names, or its dynamic loader, is "
	  "not" },
	{ ENOENT, NULL, "not found", NULL },
	{ EACCES, "noexec", "its file system is mounted noexec, or a policy forbids it",
	  "copy it to another file system, or as root: mount -o remount,exec" },
	{ EACCES, NULL, "not allowed: no right to execute it", NULL },
	{ ETXTBSY, NULL, "busy: somebody has it open for writing",
	  "wait until it is written; fuser -v FILE says who has it open" },
	{ E2BIG, NULL, "its arguments and environment are too long",
	  "an argument may have 128 KiB, all together a quarter of ulimit -s" },
	{ ENOEXEC, NULL, "this machine does not know its format",
	  "file(1) says what it is for: another architecture?" },
	{ EPERM, NULL, "not permitted",
	  "it may need capabilities that the caller may not have (getcap FILE)" },
	{ EAGAIN, NULL, "its user has more tasks than RLIMIT_NPROC", "raise ulimit -u" },
	{ EISDIR, NULL, "it is a directory", NULL },
	{ ELIBBAD, NULL, "its interpreter is damaged", NULL },
};

static const struct exec_words *exec_words_of(const struct cg2_error *failure)
{
	for (size_t i = 0; i < ARRAY_SIZE(exec_words); i++) {
		const char *word = exec_words[i].hint;

		if (exec_words[i].code == failure->code &&
		    (!word || (failure->hint && strstr(failure->hint, word))))
			return &exec_words[i];
	}
	return NULL;
}

static void put_error(FILE *f, const struct cg2_error *error)
{
	_cleanup_free_ char *text = NULL;

	if (cg2_error_format(error, &text) == 0)
		fputs(text, f);
}

void reason_refused(FILE *f, const struct evidence *e)
{
	if (e->in->failure && e->in->failure->code)
		put_error(f, e->in->failure);
	else
		fputs("it was not started", f);
}

void reason_exec(FILE *f, const struct evidence *e)
{
	const struct exec_words *words = exec_words_of(e->in->failure);
	struct cg2_error error = *e->in->failure;
	_cleanup_free_ char *detail = words ? strdup(words->words) : NULL;

	if (detail && !error.detail)
		error.detail = detail;
	if (!error.path)
		error.path = (char *)e->in->program;
	put_error(f, &error);
}

void hint_refused(FILE *f, const struct evidence *e)
{
	if (e->in->failure && e->in->failure->hint)
		put_escaped(f, e->in->failure->hint, SIZE_MAX);
}

void hint_exec(FILE *f, const struct evidence *e)
{
	const struct exec_words *words = exec_words_of(e->in->failure);

	if (words && words->advice)
		fputs(words->advice, f);
	else
		hint_refused(f, e);
}
