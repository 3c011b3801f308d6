/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A signal to every process of a cgroup and of those below it, never to a bare pid.
 */
#include "group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "error.h"

/* Where cgroup.kill is missing, forks are chased this often. */
#define KILL_ROUNDS 100

/*
 * The pid is held by a pidfd before its cgroup is looked at, so that a process which took the
 * number of another is never hit.
 */
static void signal_member(struct cg2_group *group, pid_t pid, int sig)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	_cleanup_free_ char *path = NULL;
	size_t len = strlen(group->path);

	if (fd < 0 || group_path_of_pid(group->ctx, pid, &path, NULL) < 0)
		return;
	if (strncmp(path, group->path, len) != 0 || (path[len] != '/' && path[len] != '\0'))
		return;
	syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
}

static int signal_members(struct cg2_group *group, int sig, struct cg2_error *reterr)
{
	_cleanup_free_ char *buf = NULL;
	const char *word;
	size_t len, word_len, pos = 0;
	int r;

	r = cg2_group_read(group, "cgroup.procs", &buf, &len, reterr);
	if (r < 0)
		return r;
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
		uint64_t pid;

		/* 0 is a process of a pid namespace that can't be seen from here. */
		if (cg2_parse_value(word, word_len, &pid) == 0 && pid > 0 && pid <= INT32_MAX)
			signal_member(group, (pid_t)pid, sig);
	}
	return 0;
}

static void signal_child(struct cg2_group *child, void *userdata)
{
	group_signal(child, *(const int *)userdata, NULL);
}

int group_signal(struct cg2_group *group, int sig, struct cg2_error *reterr)
{
	int r;

	r = signal_members(group, sig, reterr);
	if (r < 0)
		return r;
	group_for_each_child(group, signal_child, &sig);
	return 0;
}

int group_kill_all(struct cg2_group *group)
{
	int r = cg2_group_kill(group, NULL);

	/* A cgroup.events that is there tells a kernel without cgroup.kill from no cgroup. */
	if (r != -ENOENT || cg2_group_is_populated(group, NULL) < 0)
		return r;
	for (int i = 0; i < KILL_ROUNDS && cg2_group_is_populated(group, NULL) > 0; i++) {
		r = group_signal(group, SIGKILL, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}
