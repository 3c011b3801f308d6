/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "systemd-analyze verify" of a file that is not there yet: it is written below a directory of its
 * own, which is looked at before systemd's. A drop-in says nothing without its unit, so it goes
 * to a unit that says nothing else.
 */
#include "cmd/unit/analyze.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/macro.h"
#include "base/text.h"
#include "cmd/output/message.h"

#define PROGRAM "systemd-analyze"

/* A directory and the names in it. */
struct trial {
	char directory[32];
	char *unit;	/* the file to be looked at */
	char *own_path; /* where our text is */
};

/* ---- the directory ---- */

static int write_text(const char *path, const char *text)
{
	_cleanup_fclose_ FILE *f = fopen(path, "wxe");

	if (!f || fputs(text, f) < 0 || fflush(f) != 0)
		return errno ? -errno : -EIO;
	return 0;
}

static int make_stub(struct trial *trial, const char *type, const char *text)
{
	const char *body = strcmp(type, ".service") == 0 ? "[Service]\nExecStart=/bin/true\n" :
			   strcmp(type, ".socket") == 0	 ? "[Socket]\nListenFIFO=/run/stub\n" :
							   "";
	_cleanup_free_ char *drop_ins = NULL;
	int r;

	trial->unit = text_format("%s/stub%s", trial->directory, type);
	drop_ins = text_format("%s/stub%s.d", trial->directory, type);
	trial->own_path = text_format("%s/stub%s.d/50-stub.conf", trial->directory, type);
	if (!trial->unit || !drop_ins || !trial->own_path)
		return -ENOMEM;
	r = write_text(trial->unit, body);
	if (r == 0 && mkdir(drop_ins, 0700) < 0)
		r = -errno;
	return r < 0 ? r : write_text(trial->own_path, text);
}

static int make_trial(struct trial *trial, struct cg2_unit_file *file)
{
	const char *unit = cg2_unit_file_get_unit(file), *text = cg2_unit_file_get_text(file);

	snprintf(trial->directory, sizeof(trial->directory), "/tmp/cgscope-unit-XXXXXX");
	if (!mkdtemp(trial->directory)) {
		*trial->directory = '\0';
		return -errno;
	}
	if (cg2_unit_file_get_kind(file) == CG2_UNIT_FILE_DROP_IN)
		return make_stub(trial, strrchr(unit, '.'), text);
	trial->unit = text_format("%s/%s", trial->directory, unit);
	trial->own_path = trial->unit ? strdup(trial->unit) : NULL;
	return trial->own_path ? write_text(trial->unit, text) : -ENOMEM;
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

static void trial_clear(struct trial *trial)
{
	if (*trial->directory)
		nftw(trial->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(trial->unit);
	free(trial->own_path);
}

/* ---- the program ---- */

static int spawn_analyze(const struct trial *trial, bool is_user, int output, pid_t *ret_pid)
{
	char *const argv[] = { (char *)PROGRAM, is_user ? (char *)"--user" : (char *)"--system",
			       (char *)"verify", (char *)"--recursive-errors=no",
			       (char *)"--man=no", trial->unit, NULL };
	posix_spawn_file_actions_t actions;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(ret_pid, PROGRAM, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* "/etc/systemd/system/x.service.d/50-cgscope.conf:4: ..." rather than a name in the trial. */
static bool say(const struct trial *trial, struct cg2_unit_file *file, const char *line)
{
	const char *at = strstr(line, trial->own_path);

	if (!at)
		return false;
	message_failure("%s: %.*s%s%s", PROGRAM, (int)(at - line), line,
			cg2_unit_file_get_path(file), at + strlen(trial->own_path));
	return true;
}

static bool say_output(const struct trial *trial, struct cg2_unit_file *file, FILE *output)
{
	_cleanup_free_ char *line = NULL;
	bool is_said = false;
	size_t size = 0;

	while (getline(&line, &size, output) > 0) {
		line[strcspn(line, "\n")] = '\0';
		is_said |= say(trial, file, line);
	}
	return is_said;
}

static int analyze(const struct trial *trial, struct cg2_unit_file *file)
{
	bool is_user = cg2_unit_file_get_manager(file) == CG2_MANAGER_USER;
	_cleanup_fclose_ FILE *output = NULL;
	int fds[2], status = 0, r;
	bool is_said;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = spawn_analyze(trial, is_user, fds[1], &pid);
	close(fds[1]);
	output = fdopen(fds[0], "re");
	if (!output) {
		close(fds[0]);
		return -ENOMEM;
	}
	if (r < 0)
		return r;
	is_said = say_output(trial, file, output);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return is_said;
}

int analyze_unit_file(struct cg2_unit_file *file)
{
	_cleanup_(trial_clear) struct trial trial = { .unit = NULL };
	int r = make_trial(&trial, file);

	if (r == 0)
		r = analyze(&trial, file);
	if (r == -ENOENT)
		message_warning(PROGRAM " is not there: only the manager checks the file");
	else if (r < 0)
		message_warning("cannot run " PROGRAM ": %s", strerror(-r));
	return r > 0;
}
