/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/output/wrap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "cmd/output/width.h"

/* What the commands in hints begin with. */
static const char *const programs[] = {
	"apt", "cgscope", "docker", "echo", "journalctl", "loginctl", "mount", "podman",
	"sudo", "sysctl", "systemctl", "ulimit",
};

static size_t word_length(const char *text)
{
	return strcspn(text, " ");
}

static bool is_program(const char *text)
{
	const size_t len = word_length(text);

	for (size_t i = 0; text[len] && i < ARRAY_SIZE(programs); i++)
		if (strlen(programs[i]) == len && strncmp(programs[i], text, len) == 0)
			return true;
	return false;
}

/* ---- a command after a colon ---- */

/* Where it ends: at a comma, a semicolon or a bracket, unless that is quoted. */
static size_t command_length(const char *text)
{
	bool is_quoted = false;
	size_t i;

	for (i = 0; text[i]; i++) {
		if (text[i] == '\'')
			is_quoted = !is_quoted;
		if (is_quoted)
			continue;
		if (strchr(",;", text[i]) && (text[i + 1] == ' ' || !text[i + 1]))
			break;
		if (text[i] == ' ' && text[i + 1] == '(')
			break;
	}
	return i;
}

/* Where the next one begins, NULL: there is none. One in brackets is part of the sentence. */
static const char *find_command(const char *text)
{
	int depth = 0;

	for (const char *at = text; *at; at++) {
		depth += (*at == '(') - (*at == ')');
		if (depth == 0 && at > text + 1 && at[-2] == ':' && at[-1] == ' ' &&
		    (strncmp(at, "--", 2) == 0 || is_program(at)))
			return at;
	}
	return NULL;
}

/* ---- words that stay together ---- */

/* "user.slice", "-u", "TasksMax=8", which no sentence has. */
static bool is_argument(const char *word)
{
	const size_t len = word_length(word);

	return len > 0 && *word != '(' &&
	       strcspn(word, "-./=@_0123456789") < len - (strchr(".,;:", word[len - 1]) != NULL);
}

/* Joins a command's name and its arguments to one word. */
static void join_commands(char *text)
{
	bool is_in_command = false;

	for (char *word = text; *word;) {
		char *blank = word + word_length(word);
		bool is_name = is_program(word);

		if (!*blank)
			return;
		/* A command's name has its verb behind it. */
		is_in_command = is_name || (is_in_command && !strchr(",;:", blank[-1]) &&
					    is_argument(blank + 1));
		word = blank + 1;
		if (is_in_command)
			*blank = '_';
	}
}

/* ---- lines ---- */

struct wrap {
	FILE *f;
	const char *next;
	size_t column; /* where the line goes on */
	size_t width;
	bool is_begun;
};

static void put_line(struct wrap *w, const char *text, size_t len)
{
	fprintf(w->f, "%.*s\n", (int)len, text);
	w->is_begun = false;
}

static void begin_line(struct wrap *w)
{
	if (w->is_begun)
		return;
	fputs(w->next, w->f);
	w->column = width_of_text(w->next);
	w->is_begun = true;
}

/* So many bytes of the text, none of which is blank at their end. */
static void put_words(struct wrap *w, const char *text, size_t n)
{
	_cleanup_free_ char *joined = strndup(text, n);

	if (!joined) {
		put_line(w, text, n);
		return;
	}
	join_commands(joined);
	for (size_t at = 0; at < n;) {
		size_t room, len;

		begin_line(w);
		room = w->width > w->column ? w->width - w->column : 0;
		len = width_take(joined + at, room, WIDTH_WORDS);
		/* What is before the text may leave no room for even one word. */
		if (word_length(joined + at) > room && w->column > width_of_text(w->next))
			len = 0;
		put_line(w, text + at, len);
		at += len + strspn(joined + at + len, " ");
	}
}

void wrap_put(FILE *f, const char *text, size_t column, const char *next, size_t width)
{
	struct wrap w = {
		.f = f, .next = next, .column = column, .width = width, .is_begun = true,
	};

	if (width == 0 || column + width_of_text(text) <= width) {
		put_line(&w, text, strlen(text));
		return;
	}
	while (*text) {
		const char *command = find_command(text);
		size_t len = command ? command_length(command) : 0;

		put_words(&w, text, command ? (size_t)(command - text) - 1 : strlen(text));
		if (!command)
			return;
		begin_line(&w);
		put_line(&w, command, len);
		text = command + len;
		text += strspn(text, ",; ");
	}
}
