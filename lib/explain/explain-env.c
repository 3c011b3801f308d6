/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two environments side by side, and the line for the unit where it lacks something.
 */
#include "explain/explain-env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "explain/explain-internal.h"

/* ---- a list of values ---- */

static size_t find(const struct explain_env *env, const char *name)
{
	size_t i = 0;

	while (i < env->n && strcmp(env->names[i], name) != 0)
		i++;
	return i;
}

const char *explain_env_get(const struct explain_env *env, const char *name)
{
	size_t i = find(env, name);

	return i < env->n ? env->values[i] : NULL;
}

static int grow(struct explain_env *env)
{
	char **names = reallocarray(env->names, env->n + 1, sizeof(*names)), **values;

	if (!names)
		return -ENOMEM;
	env->names = names;
	values = reallocarray(env->values, env->n + 1, sizeof(*values));
	if (!values)
		return -ENOMEM;
	env->values = values;
	return 0;
}

int explain_env_put(struct explain_env *env, const char *name, const char *value)
{
	size_t i = find(env, name);
	char *copy = value ? strdup(value) : NULL;

	if (value && !copy)
		return -ENOMEM;
	if (i == env->n && grow(env) < 0) {
		free(copy);
		return -ENOMEM;
	}
	if (i == env->n) {
		env->names[i] = strdup(name);
		env->values[i] = NULL;
		env->n += env->names[i] != NULL;
	}
	if (i == env->n) {
		free(copy);
		return -ENOMEM;
	}
	free(env->values[i]);
	env->values[i] = copy;
	return 0;
}

void explain_env_clear(struct explain_env *env)
{
	for (size_t i = 0; i < env->n; i++) {
		free(env->names[i]);
		free(env->values[i]);
	}
	free(env->names);
	free(env->values);
	*env = (struct explain_env){ .n = 0 };
}

/* ---- variables ---- */

/* Others may hold secrets, and are nobody's business. */
static bool is_shown(const char *name, size_t len)
{
	static const char *const shown[] = { "PATH", "HOME", "SHELL",
					     "TERM", "LANG", "XDG_RUNTIME_DIR" };

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (strlen(shown[i]) == len && strncmp(name, shown[i], len) == 0)
			return true;
	return len > 2 && name[0] == 'G' && name[1] == 'O' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") >= len;
}

/* What stands for a value that is not shown. */
#define SECRET "(set)"

/* "https://user:password@host" of a GOPROXY is one. */
static bool is_secret(const char *value)
{
	const char *at = strstr(value, "://");

	return at && strchr(at, '@');
}

static int put_variable(struct explain_env *env, const char *name, size_t len, const char *value)
{
	_cleanup_free_ char *copy = NULL;

	if (!is_shown(name, len))
		return 0;
	copy = strndup(name, len);
	if (!copy)
		return -ENOMEM;
	return explain_env_put(env, copy, is_secret(value) ? SECRET : value);
}

int explain_env_put_pair(struct explain_env *env, const char *pair)
{
	size_t len = strcspn(pair, "=");

	return pair[len] == '=' ? put_variable(env, pair, len, pair + len + 1) : 0;
}

/* Takes blanks and one pair of quotes from around it; what is within stays as it is. */
static struct scan unquote(struct scan value)
{
	while (!scan_done(&value) && strchr(" \t", *value.pos))
		value.pos++;
	while (!scan_done(&value) && strchr(" \t\r", value.end[-1]))
		value.end--;
	if (scan_left(&value) >= 2 && strchr("\"'", *value.pos) && value.end[-1] == *value.pos) {
		value.pos++;
		value.end--;
	}
	return value;
}

int explain_env_put_file(struct explain_env *env, const char *text)
{
	struct scan rest = scan_of_string(text);
	int r = 0;

	while (r == 0 && !scan_done(&rest)) {
		struct scan line = scan_until(&rest, '\n'), name;
		_cleanup_free_ char *value = NULL;

		line = unquote(line);
		if (scan_done(&line) || strchr("#;", *line.pos) ||
		    !memchr(line.pos, '=', scan_left(&line)))
			continue;
		name = scan_until(&line, '=');
		line = unquote(line);
		value = strndup(line.pos, scan_left(&line));
		r = value ? put_variable(env, name.pos, scan_left(&name), value) : -ENOMEM;
	}
	return r;
}

/* ---- what to write into the unit ---- */

static bool is_in_list(const char *list, const char *word, size_t len, char separator)
{
	while (*list) {
		const char *end = strchrnul(list, separator);

		if ((size_t)(end - list) == len && strncmp(list, word, len) == 0)
			return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

/* /bin and /usr/bin are one, as a rule; what is not there holds no programs. */
static bool is_same_directory(const char *list, const char *word, size_t len)
{
	_cleanup_free_ char *directory = strndup(word, len);
	struct stat wanted, st;

	if (!directory || stat(directory, &wanted) < 0)
		return true;
	while (*list) {
		size_t n = (size_t)(strchrnul(list, ':') - list);
		_cleanup_free_ char *other = strndup(list, n);

		if (other && stat(other, &st) == 0 && st.st_dev == wanted.st_dev &&
		    st.st_ino == wanted.st_ino)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

/* The words of one list that the other has not, with separators between them. */
static char *missing_words(const char *from, const char *in, char separator)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	char *missing = NULL;
	size_t n = 0;

	if (!text_open(&text))
		return NULL;
	while (*from) {
		size_t len = (size_t)(strchrnul(from, separator) - from);

		if (len > 0 && !is_in_list(in, from, len, separator) &&
		    !(separator == ':' && is_same_directory(in, from, len))) {
			if (n++)
				fputc(separator, text.f);
			fwrite(from, 1, len, text.f);
		}
		from += len + (from[len] == separator);
	}
	return text_close(&text, &missing) < 0 ? NULL : missing;
}

static char *path_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	const char *unit = d->unit ? d->unit : "";
	_cleanup_free_ char *missing = missing_words(d->caller, unit, ':');

	if (!missing || !*missing)
		return missing ? strdup("") : NULL;
	return text_format("Environment=PATH=%s%s%s", missing, *unit ? ":" : "", unit);
}

static char *search_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	_cleanup_free_ char *missing = missing_words(d->caller, d->unit ? d->unit : "", ':');

	if (!missing || !*missing)
		return missing ? strdup("") : NULL;
	return text_format("a program of %.*s needs its path: ExecStart=%.*s/...",
			   (int)strcspn(missing, ":"), missing, (int)strcspn(missing, ":"),
			   missing);
}

static char *home_line(const struct explain_difference *d, enum cg2_manager manager)
{
	if (!d->unit && manager != CG2_MANAGER_USER)
		return strdup("User=NAME, which sets it, or Environment=HOME=/var/lib/NAME");
	return text_format("Environment=HOME=%s", d->caller);
}

static char *variable_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	if (strcmp(d->caller, SECRET) == 0)
		return strdup("");
	return text_format("Environment=%s=%s", d->name, d->caller);
}

static char *runtime_line(const struct explain_difference *d _unused_, enum cg2_manager manager)
{
	return strdup(manager == CG2_MANAGER_USER
			      ? ""
			      : "RuntimeDirectory=NAME, and Environment=XDG_RUNTIME_DIR=/run/NAME; "
				"or let the user's own manager run it");
}

static char *terminal_line(const struct explain_difference *d, enum cg2_manager manager)
{
	if (d->unit && strcmp(d->unit, "none") != 0)
		return strdup("");
	return text_format("an option of the program for use without a terminal; to try it with "
			   "one: systemd-run %s-t PROGRAM",
			   manager == CG2_MANAGER_USER ? "--user " : "");
}

static char *directory_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	return text_format("WorkingDirectory=%s", d->caller);
}

static char *umask_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	return text_format("UMask=%s", d->caller);
}

static char *groups_line(const struct explain_difference *d, enum cg2_manager manager)
{
	_cleanup_free_ char *missing = missing_words(d->caller, d->unit ? d->unit : "", ' ');

	/* What root may not do, a group does not change. */
	if (!missing || !*missing || (d->unit && strcmp(d->unit, "root") == 0))
		return missing ? strdup("") : NULL;
	if (manager == CG2_MANAGER_USER)
		return text_format("nothing: your manager has the groups of when it began, without "
				   "%s; log out of all sessions, or: loginctl terminate-user $USER",
				   missing);
	return text_format("SupplementaryGroups=%s", missing);
}

static char *limit_line(const struct explain_difference *d, enum cg2_manager manager _unused_)
{
	uint64_t unit, caller;
	bool is_less = d->unit && cg2_u64_from_string(d->unit, &unit) == 0 &&
		       (cg2_u64_from_string(d->caller, &caller) < 0 || caller > unit);

	return is_less ? text_format("%s=%s", d->name, d->caller) : strdup("");
}

/* In the order in which they are shown. GO* comes after the variables. */
static const struct {
	const char *name;
	/* Where they differ and the caller has it: "" for no line. */
	char *(*line)(const struct explain_difference *d, enum cg2_manager manager);
} rows[] = {
	{ "search path", search_line },
	{ "PATH", path_line },
	{ "HOME", home_line },
	{ "SHELL", variable_line },
	{ "TERM", NULL },
	{ "LANG", variable_line },
	{ "XDG_RUNTIME_DIR", runtime_line },
	{ "GO", variable_line },
	{ "terminal", terminal_line },
	{ "directory", directory_line },
	{ "umask", umask_line },
	{ "groups", groups_line },
	{ "LimitNOFILE", limit_line },
	{ "LimitNPROC", limit_line },
	{ "LimitMEMLOCK", limit_line },
	{ "LimitSTACK", limit_line },
	{ "LimitCORE", limit_line },
};

static bool is_name_of_row(const char *name, const char *row)
{
	return strcmp(row, "GO") == 0 ? strncmp(name, "GO", 2) == 0 : strcmp(name, row) == 0;
}

/* ---- side by side ---- */

struct comparison {
	struct explain_difference *items;
	size_t n;
	enum cg2_manager manager;
	int code;
};

static bool is_told(const struct comparison *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->items[i].name, name) == 0)
			return true;
	return false;
}

static char *copy_of(struct comparison *c, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		c->code = -ENOMEM;
	return copy;
}

static bool is_path(const char *name)
{
	return strcmp(name, "PATH") == 0 || strcmp(name, "search path") == 0;
}

static void add_line(struct comparison *c, struct explain_difference *d, size_t row)
{
	char *line;

	if (d->is_same || !d->caller || !rows[row].line)
		return;
	line = rows[row].line(d, c->manager);
	if (!line)
		c->code = -ENOMEM;
	else if (*line)
		d->advice = take_ptr(&line);
	free(line);
	/* It finds what the caller finds. */
	d->is_same = c->code == 0 && d->unit && is_path(d->name) && !d->advice;
}

static void add(struct comparison *c, size_t row, const char *name, const char *unit,
		const char *caller)
{
	struct explain_difference *d, *grown;

	if ((!unit && !caller) || is_told(c, name) || c->code < 0)
		return;
	grown = reallocarray(c->items, c->n + 1, sizeof(*grown));
	if (!grown) {
		c->code = -ENOMEM;
		return;
	}
	c->items = grown;
	d = &grown[c->n++];
	*d = (struct explain_difference){ .name = copy_of(c, name),
					  .unit = copy_of(c, unit),
					  .caller = copy_of(c, caller) };
	d->is_same = unit && caller && strcmp(unit, caller) == 0;
	if (c->code == 0)
		add_line(c, d, row);
}

int explain_env_compare(const struct explain_env *unit, const struct explain_env *caller,
			enum cg2_manager manager, struct explain_difference **ret, size_t *ret_n)
{
	const struct explain_env *const sides[] = { unit, caller };
	struct comparison c = { .manager = manager };

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++)
		for (size_t side = 0; side < ARRAY_SIZE(sides); side++)
			for (size_t i = 0; i < sides[side]->n; i++) {
				const char *name = sides[side]->names[i];

				if (is_name_of_row(name, rows[row].name))
					add(&c, row, name, explain_env_get(unit, name),
					    explain_env_get(caller, name));
			}
	if (c.code < 0) {
		explain_differences_free(c.items, c.n);
		return c.code;
	}
	*ret = c.items;
	*ret_n = c.n;
	return 0;
}

void explain_differences_free(struct explain_difference *differences, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(differences[i].name);
		free(differences[i].unit);
		free(differences[i].caller);
		free(differences[i].advice);
	}
	free(differences);
}
