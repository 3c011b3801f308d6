/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a unit's processes get: of one that runs what /proc has of its main process, else what its
 * manager would give it by the unit's settings. And the same of the caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/scan.h"
#include "base/text.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "explain/explain-env.h"
#include "explain/explain-internal.h"
#include "systemd/deadline.h"
#include "systemd/unit-name.h"

#define GROUPS_MAX 128

static const struct {
	int resource;
	const char *name;
	const char *property;
} limits[] = {
	{ RLIMIT_NOFILE, "LimitNOFILE", "LimitNOFILESoft" },
	{ RLIMIT_NPROC, "LimitNPROC", "LimitNPROCSoft" },
	{ RLIMIT_MEMLOCK, "LimitMEMLOCK", "LimitMEMLOCKSoft" },
	{ RLIMIT_STACK, "LimitSTACK", "LimitSTACKSoft" },
	{ RLIMIT_CORE, "LimitCORE", "LimitCORESoft" },
};

static int put_limit(struct explain_env *env, const char *name, uint64_t value)
{
	char text[24];

	if (value == UINT64_MAX)
		return explain_env_put(env, name, "infinity");
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return explain_env_put(env, name, text);
}

/* ---- groups ---- */

static int compare_gids(const void *a, const void *b)
{
	gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;

	return x < y ? -1 : x > y;
}

/* Their names, in the order of their numbers. */
static int put_groups(struct explain_env *env, gid_t *gids, size_t n)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *names = NULL;
	FILE *f = text_open(&text);

	if (!f)
		return -ENOMEM;
	qsort(gids, n, sizeof(*gids), compare_gids);
	for (size_t i = 0; i < n; i++) {
		struct group gr, *found = NULL;
		char buf[4096];

		if (i > 0 && gids[i] == gids[i - 1])
			continue;
		if (getgrgid_r(gids[i], &gr, buf, sizeof(buf), &found) == 0 && found)
			fprintf(f, "%s%s", i ? " " : "", gr.gr_name);
		else
			fprintf(f, "%s%u", i ? " " : "", (unsigned int)gids[i]);
	}
	if (text_close(&text, &names) < 0)
		return -ENOMEM;
	return explain_env_put(env, "groups", names);
}

static size_t take_gids(struct scan line, gid_t *gids, size_t n)
{
	uint64_t value;

	while (n < GROUPS_MAX && !scan_done(&line)) {
		if (scan_u64(&line, &value) == 0)
			gids[n++] = (gid_t)value;
		else
			line.pos++;
	}
	return n;
}

/* ---- what /proc has of a process ---- */

static char *read_proc(pid_t pid, const char *file, size_t *ret_len)
{
	char path[64];
	char *text;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return fsio_read(AT_FDCWD, path, &text, ret_len) < 0 ? NULL : text;
}

/* Its effective group and the others; its umask. */
static int put_status(struct explain_env *env, pid_t pid)
{
	size_t len, n = 0;
	_cleanup_free_ char *text = read_proc(pid, "status", &len), *mask = NULL;
	struct scan rest = scan_of(text, text ? len : 0);
	gid_t gids[GROUPS_MAX];
	int r = 0;

	while (!scan_done(&rest)) {
		struct scan line = scan_until(&rest, '\n');

		if (scan_word(&line, "Umask:\t"))
			mask = strndup(line.pos, scan_left(&line));
		else if (scan_word(&line, "Gid:\t"))
			n = take_gids(line, gids, n);
		else if (scan_word(&line, "Groups:\t"))
			n = take_gids(line, gids, n);
	}
	if (mask)
		r = explain_env_put(env, "umask", mask);
	return r == 0 && n > 0 ? put_groups(env, gids, n) : r;
}

static int put_directory_of(struct explain_env *env, pid_t pid)
{
	char path[64], target[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	return explain_env_put(env, "directory", target);
}

/* The variables that it was executed with. 1: they could be read. */
static int put_environ(struct explain_env *env, pid_t pid)
{
	size_t len;
	_cleanup_free_ char *text = read_proc(pid, "environ", &len);
	struct explain_env read = { .n = 0 };
	int r = 0;

	if (!text || len == 0)
		return 0;
	for (const char *at = text; r == 0 && at < text + len; at += strlen(at) + 1)
		r = explain_env_put_pair(&read, at);
	/* Nothing that the settings had counts beside it. */
	for (size_t i = 0; r == 0 && i < env->n; i++)
		if (strcmp(env->names[i], "search path") != 0)
			r = explain_env_put(env, env->names[i], NULL);
	for (size_t i = 0; r == 0 && i < read.n; i++)
		r = explain_env_put(env, read.names[i], read.values[i]);
	explain_env_clear(&read);
	return r < 0 ? r : 1;
}

/* ---- the unit, by its settings ---- */

static int put_items(struct explain_env *env, const struct unit *unit, const char *property)
{
	const char *item;
	int r = 0;

	for (size_t i = 0; r == 0 && (item = unit_get_item(unit, property, i)); i++)
		r = explain_env_put_pair(env, item);
	return r;
}

/* User= sets these. */
static int put_login(struct explain_env *env, const struct cg2_explanation *e)
{
	struct passwd pw, *found = NULL;
	char buf[4096];
	int r;

	if (!e->about.user || getpwuid_r(e->about.user_uid, &pw, buf, sizeof(buf), &found) != 0 ||
	    !found || e->about.is_user_unknown)
		return 0;
	r = explain_env_put(env, "HOME", pw.pw_dir);
	return r < 0 ? r : explain_env_put(env, "SHELL", pw.pw_shell);
}

static int put_files(struct explain_env *env, const struct unit *unit)
{
	const char *file;
	int r = 0;

	for (size_t i = 0; r == 0 && (file = unit_get_item(unit, "EnvironmentFiles", i)); i++) {
		_cleanup_free_ char *text = NULL;
		size_t len;

		if (fsio_read_regular(AT_FDCWD, file + (file[0] == '-'), &text, &len) == 0)
			r = explain_env_put_file(env, text);
	}
	return r;
}

static int take_unset(struct explain_env *env, const struct unit *unit)
{
	const char *item;
	int r = 0;

	for (size_t i = 0; r == 0 && (item = unit_get_item(unit, "UnsetEnvironment", i)); i++) {
		const char *value = explain_env_get(env, item);

		if (value)
			r = explain_env_put(env, item, NULL);
	}
	return r;
}

/* ExecSearchPath= is also its PATH. */
static int put_search_path(struct explain_env *env, const struct unit *unit)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *path = NULL;
	const char *item;
	int r;

	if (!unit_get_item(unit, "ExecSearchPath", 0))
		return 0;
	if (!text_open(&text))
		return -ENOMEM;
	for (size_t i = 0; (item = unit_get_item(unit, "ExecSearchPath", i)); i++)
		fprintf(text.f, "%s%s", i ? ":" : "", item);
	if (text_close(&text, &path) < 0)
		return -ENOMEM;
	r = explain_env_put(env, "search path", path);
	return r < 0 ? r : explain_env_put(env, "PATH", path);
}

/* In the order in which systemd adds them: the later one counts. */
static int put_variables(struct explain_work *work, struct explain_env *env,
			 const struct cg2_explanation *e)
{
	_cleanup_(unit_freep) struct unit *manager = NULL;
	const struct unit *unit = e->about.properties;
	int r = explain_env_put(env, "search path", e->about.search_path);

	if (r == 0 &&
	    unit_read_manager(work->bus, ANSWER_CHECK_TIMEOUT_USEC, &manager, NULL) == 0)
		r = put_items(env, manager, "Environment");
	if (r == 0)
		r = put_login(env, e);
	if (r == 0)
		r = put_search_path(env, unit);
	if (r == 0)
		r = put_items(env, unit, "Environment");
	if (r == 0)
		r = put_files(env, unit);
	return r == 0 ? take_unset(env, unit) : r;
}

/* Of a user's manager: all that it starts has its groups. */
static pid_t manager_pid(const struct cg2_explanation *e)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	_cleanup_free_ char *top = unit_manager_path(e->about.manager), *path = NULL, *text = NULL;
	struct scan s;
	uint64_t pid;
	size_t len;

	path = top ? text_format("%s/init.scope", top) : NULL;
	if (!path || cg2_group_open(e->ctx, path, &group, NULL) < 0 ||
	    fsio_read(group->fd, "cgroup.procs", &text, &len) < 0)
		return 0;
	s = scan_of(text, len);
	return scan_u64(&s, &pid) == 0 ? (pid_t)pid : 0;
}

static int put_user_groups(struct explain_env *env, const struct cg2_explanation *e)
{
	struct passwd pw, *found = NULL;
	gid_t gids[GROUPS_MAX];
	int n = GROUPS_MAX / 2;
	const char *item;
	char buf[4096];

	if (getpwuid_r(e->about.user_uid, &pw, buf, sizeof(buf), &found) != 0 || !found ||
	    getgrouplist(pw.pw_name, pw.pw_gid, gids, &n) < 0)
		return 0;
	for (size_t i = 0; (item = unit_get_item(e->about.properties, "SupplementaryGroups", i));
	     i++) {
		struct group gr, *group = NULL;

		if (n < GROUPS_MAX &&
		    getgrnam_r(item, &gr, buf, sizeof(buf), &group) == 0 && group)
			gids[n++] = gr.gr_gid;
	}
	return put_groups(env, gids, (size_t)n);
}

/* "!" before a directory: it need not be there, and so for "~". */
static int put_directory(struct explain_env *env, const struct cg2_explanation *e)
{
	const char *directory = e->about.working_directory;

	if (directory && strchr("!-", *directory))
		directory++;
	if (!directory || !*directory)
		directory = "/";
	return explain_env_put(env, "directory", directory);
}

static int put_terminal(struct explain_env *env, const struct unit *unit)
{
	const char *input = unit_get_text(unit, "StandardInput");
	bool is_tty = input && strncmp(input, "tty", 3) == 0;
	const char *path = unit_get_text(unit, "TTYPath");

	return explain_env_put(env, "terminal", !is_tty		? "none"
						: path && *path ? path
								: "/dev/console");
}

static int put_limits(struct explain_env *env, const struct unit *unit)
{
	uint64_t value;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(limits); i++)
		if (unit_get_number(unit, limits[i].property, &value))
			r = put_limit(env, limits[i].name, value);
	return r;
}

static int put_mask(struct explain_env *env, const struct unit *unit)
{
	char text[16];
	uint64_t value;

	if (!unit_get_number(unit, "UMask", &value))
		return 0;
	snprintf(text, sizeof(text), "%04o", (unsigned int)value);
	return explain_env_put(env, "umask", text);
}

static int read_unit(struct explain_work *work, const struct cg2_explanation *e,
		     struct explain_env *env)
{
	const struct unit *unit = e->about.properties;
	bool is_users = e->about.manager == CG2_MANAGER_USER;
	uint64_t pid = 0;
	int r = put_variables(work, env, e);

	unit_get_number(unit, "MainPID", &pid);
	if (r == 0 && pid)
		r = put_environ(env, (pid_t)pid);
	if (r >= 0)
		r = put_terminal(env, unit);
	if (r == 0)
		r = put_limits(env, unit);
	if (r == 0)
		r = put_directory(env, e);
	if (r == 0 && is_users)
		r = put_status(env, manager_pid(e));
	else if (r == 0)
		r = put_user_groups(env, e);
	if (r == 0)
		r = put_mask(env, unit);
	if (r == 0 && pid)
		r = put_status(env, (pid_t)pid);
	return r == 0 && pid ? put_directory_of(env, (pid_t)pid) : r;
}

/* ---- the caller ---- */

static int put_own_terminal(struct explain_env *env)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return explain_env_put(env, "terminal", "yes");
	return explain_env_put(env, "terminal", "none");
}

static int read_caller(struct explain_env *env)
{
	const char *path = getenv("PATH");
	int r = path ? explain_env_put(env, "search path", path) : 0;

	for (char **variable = environ; r == 0 && variable && *variable; variable++)
		r = explain_env_put_pair(env, *variable);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(limits); i++) {
		struct rlimit limit;

		if (getrlimit(limits[i].resource, &limit) == 0)
			r = put_limit(env, limits[i].name,
				      limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX
								      : limit.rlim_cur);
	}
	if (r == 0)
		r = put_status(env, getpid());
	if (r == 0)
		r = put_directory_of(env, getpid());
	return r == 0 ? put_own_terminal(env) : r;
}

int explain_read_environment(struct explain_work *work, struct cg2_explanation *e)
{
	struct explain_env unit = { .n = 0 }, caller = { .n = 0 };
	int r;

	/* Only what executes something has an environment. */
	if (!unit_get_text(e->about.properties, "StandardInput"))
		return 0;
	r = read_unit(work, e, &unit);
	if (r == 0)
		r = read_caller(&caller);
	if (r == 0)
		r = explain_env_compare(&unit, &caller, e->about.manager, &e->differences,
					&e->n_differences);
	explain_env_clear(&unit);
	explain_env_clear(&caller);
	return r;
}
