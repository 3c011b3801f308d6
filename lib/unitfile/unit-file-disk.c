/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a manager looks for unit files, and writing and removing ours. They are replaced by
 * rename(2), so that no manager ever loads half of one, and what somebody else wrote stays.
 */
#include "unitfile/unit-file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/fsio.h"
#include "value/error.h"

#define DROP_IN_NAME "50-cgscope"

/* ---- where ---- */

/*
 * A directory that the environment names. After sudo(8) it may be another user's, who could lead
 * root anywhere by links in it; root's manager does not look there either.
 */
static const char *own_directory(const char *variable)
{
	const char *path = getenv(variable);
	char there[PATH_MAX];
	struct stat st;

	if (!path || *path != '/' || geteuid() != 0)
		return path && *path == '/' ? path : NULL;
	/* It need not be there yet: what counts is where it would be made. */
	snprintf(there, sizeof(there), "%s", path);
	while (stat(there, &st) < 0 && *there)
		*strrchr(there, '/') = '\0';
	return !*there || st.st_uid == 0 ? path : NULL;
}

/* The home that the manager of this user has. */
static char *home_of_user(void)
{
	const char *home = own_directory("HOME");
	struct passwd pw, *found = NULL;
	char buf[1024];

	if (home)
		return strdup(home);
	if (getpwuid_r(geteuid(), &pw, buf, sizeof(buf), &found) == 0 && found)
		return strdup(found->pw_dir);
	return NULL;
}

/* What podman makes services of. */
#define QUADLETS "containers/systemd"

static char *user_directory(bool is_runtime, const char *below)
{
	const char *base = own_directory(is_runtime ? "XDG_RUNTIME_DIR" : "XDG_CONFIG_HOME");
	_cleanup_free_ char *home = NULL;

	if (base)
		return text_format("%s/%s", base, below);
	if (is_runtime)
		return text_format("/run/user/%u/%s", (unsigned int)geteuid(), below);
	home = home_of_user();
	return home ? text_format("%s/.config/%s", home, below) : NULL;
}

static char *directory_of(const struct cg2_unit_file *file, bool is_runtime)
{
	const char *top = is_runtime ? "/run" : "/etc";
	const bool is_quadlet = file->kind == CG2_UNIT_FILE_QUADLET;

	if (file->is_global)
		return text_format("%s/%s", top, is_quadlet ? QUADLETS "/users" : "systemd/user");
	if (file->manager == CG2_MANAGER_SYSTEM)
		return text_format("%s/%s", top, is_quadlet ? QUADLETS : "systemd/system");
	return user_directory(is_runtime, is_quadlet ? QUADLETS : "systemd/user");
}

static int check_drop_in_name(const char *name, struct cg2_error *reterr)
{
	if (*name && *name != '.' && !strchr(name, '/') && !strchr(name, '\n') &&
	    strlen(name) < 200)
		return 0;
	return error_setf(reterr, CG2_OP_PARSE, EINVAL, NULL, name,
			  "write the name of a file, as in 50-limits");
}

int unit_file_place(struct cg2_unit_file *file, const struct cg2_unit_settings *settings,
		    struct cg2_error *reterr)
{
	const char *name = settings->drop_in ? settings->drop_in : DROP_IN_NAME;
	size_t len = strlen(name);
	int r = check_drop_in_name(name, reterr);

	if (r < 0)
		return r;
	if (len > 5 && strcmp(name + len - 5, ".conf") == 0)
		len -= 5;
	file->directory = directory_of(file, settings->is_runtime);
	if (!file->directory)
		return error_setf(reterr, CG2_OP_PARSE, ENOENT, NULL, file->unit,
				  "neither HOME nor the user database says where your home is");
	if (file->kind == CG2_UNIT_FILE_DROP_IN)
		file->path = text_format("%s/%s.d/%.*s.conf", file->directory, file->unit, (int)len,
					 name);
	else if (file->kind == CG2_UNIT_FILE_QUADLET)
		file->path = text_format("%s/%.*s.container", file->directory,
					 (int)(strrchr(file->unit, '.') - file->unit), file->unit);
	else
		file->path = text_format("%s/%s", file->directory, file->unit);
	return file->path ? 0 : error_set(reterr, CG2_OP_PARSE, ENOMEM, NULL, file->unit);
}

/* ---- what is there ---- */

static int explain_rights(int code, const struct cg2_unit_file *file, const char *path,
			  enum cg2_op op, struct cg2_error *reterr)
{
	int r = error_set(reterr, op, code, path, NULL);

	if (r != -EACCES && r != -EPERM)
		return r;
	if (file->is_global)
		error_hint(reterr, "only root writes units for the managers of all users");
	else if (file->manager == CG2_MANAGER_SYSTEM)
		error_advice(reterr, CG2_ADVICE_USER_MANAGER);
	return r;
}

/* 0 and "" if there is none. */
static int read_file(const struct cg2_unit_file *file, char **ret_text, struct cg2_error *reterr)
{
	size_t len;
	int r = fsio_read_regular(AT_FDCWD, file->path, ret_text, &len);

	if (r == -ENOENT || r == -ENOTDIR) {
		*ret_text = strdup("");
		r = *ret_text ? 0 : -ENOMEM;
	}
	return r < 0 ? error_set(reterr, CG2_OP_READ, r, file->path, NULL) : 0;
}

/* A link leads to what others rely on: a masked unit, one of a package. */
static int check_kind(const struct cg2_unit_file *file, enum cg2_op op, struct cg2_error *reterr)
{
	struct stat st;

	if (lstat(file->path, &st) < 0 || S_ISREG(st.st_mode))
		return 0;
	return error_setf(reterr, op, EEXIST, file->path, NULL,
			  S_ISLNK(st.st_mode) ? "it is a link" : "it is no regular file");
}

static int check_origin(const struct cg2_unit_file *file, const char *text, bool is_forced,
			enum cg2_op op, struct cg2_error *reterr)
{
	enum unit_file_origin origin = unit_file_origin(text);
	bool is_changed = origin == UNIT_FILE_CHANGED;

	if (!*text || origin == UNIT_FILE_OURS || (is_changed && is_forced))
		return 0;
	error_setf(reterr, op, is_changed ? EBUSY : EEXIST, file->path, NULL,
		   is_changed ? "somebody changed it since it was written"
			      : "it was not made by cgscope");
	if (is_changed)
		error_advice(reterr, CG2_ADVICE_FORCE);
	else
		error_hint(reterr, "choose another name, or remove that file first");
	return is_changed ? -EBUSY : -EEXIST;
}

/* ---- writing ---- */

static int make_directories(const struct cg2_unit_file *file, struct cg2_error *reterr)
{
	_cleanup_free_ char *path = strdup(file->path);

	if (!path)
		return error_set(reterr, CG2_OP_WRITE, ENOMEM, file->path, NULL);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return explain_rights(errno, file, path, CG2_OP_WRITE, reterr);
		*slash = '/';
	}
	return 0;
}

static int write_all(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return fchmod(fd, 0644) < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int replace(const struct cg2_unit_file *file, struct cg2_error *reterr)
{
	_cleanup_free_ char *temporary = text_format("%s.XXXXXX", file->path);
	_cleanup_close_ int fd = -1;
	int r;

	if (!temporary)
		return error_set(reterr, CG2_OP_WRITE, ENOMEM, file->path, NULL);
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return explain_rights(errno, file, file->path, CG2_OP_WRITE, reterr);
	r = write_all(fd, file->text);
	if (r == 0 && rename(temporary, file->path) < 0)
		r = -errno;
	if (r == 0)
		return 0;
	unlink(temporary);
	return error_set(reterr, CG2_OP_WRITE, r, file->path, NULL);
}

CG2_EXPORT int cg2_unit_file_write(struct cg2_unit_file *file, int is_forced, struct cg2_error *err)
{
	_cleanup_free_ char *there = NULL;
	int r;

	r = check_kind(file, CG2_OP_WRITE, err);
	if (r == 0)
		r = read_file(file, &there, err);
	if (r == 0)
		r = check_origin(file, there, is_forced, CG2_OP_WRITE, err);
	if (r < 0 || strcmp(there, file->text) == 0)
		return r;
	r = make_directories(file, err);
	if (r == 0)
		r = replace(file, err);
	return r < 0 ? r : 1;
}

/* What is to be removed is named by the unit alone. */
static int find_file(struct cg2_unit_file *file, struct cg2_error *reterr)
{
	char *path;
	struct stat st;

	if (lstat(file->path, &st) == 0 || file->kind == CG2_UNIT_FILE_QUADLET)
		return 0;
	path = text_format("%s/%s", file->directory, file->unit);
	if (!path)
		return error_set(reterr, CG2_OP_DELETE, ENOMEM, file->path, NULL);
	if (lstat(path, &st) < 0) {
		free(path);
		return error_setf(reterr, CG2_OP_DELETE, ENOENT, file->path, NULL,
				  "there is no such file");
	}
	free(file->path);
	file->path = path;
	file->kind = strstr(file->unit, "@.") ? CG2_UNIT_FILE_TEMPLATE : CG2_UNIT_FILE_SERVICE;
	return 0;
}

CG2_EXPORT int cg2_unit_file_remove(struct cg2_unit_file *file, int is_forced,
				    struct cg2_error *err)
{
	_cleanup_free_ char *there = NULL, *directory = NULL;
	int r;

	r = find_file(file, err);
	if (r == 0)
		r = check_kind(file, CG2_OP_DELETE, err);
	if (r == 0)
		r = read_file(file, &there, err);
	if (r == 0)
		r = check_origin(file, there, is_forced, CG2_OP_DELETE, err);
	if (r < 0)
		return r;
	if (!*there)
		return error_setf(err, CG2_OP_DELETE, ENOENT, file->path, NULL,
				  "there is no such file");
	if (unlink(file->path) < 0)
		return explain_rights(errno, file, file->path, CG2_OP_DELETE, err);
	/* The directory of drop-ins, if nothing else is in it. */
	directory = strdup(file->path);
	if (directory && file->kind == CG2_UNIT_FILE_DROP_IN) {
		*strrchr(directory, '/') = '\0';
		rmdir(directory);
	}
	return 0;
}
