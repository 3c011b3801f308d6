/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whoever has to end a cgroup here has seen its caller die, and there is nobody after him: he stays
 * until it is done.
 */
#include "child/end-group.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "base/macro.h"
#include "child/raw.h"

#define WAIT_MSEC_MAX 64
#define GIVE_UP_MSEC 60000

/* -1: it is gone. */
static int is_populated(int fd)
{
	static const char key[] = "populated ";
	char buf[256];

	if (raw_read(fd, "cgroup.events", buf, sizeof(buf)) <= 0)
		return -1;
	for (const char *p = buf; *p; p++) {
		size_t i = 0;

		while (key[i] && p[i] == key[i])
			i++;
		if (!key[i])
			return p[i] != '0';
	}
	return -1;
}

static bool is_listed(int fd, unsigned long pid)
{
	struct raw_numbers in = { .fd = raw_open(fd, "cgroup.procs", O_RDONLY) };
	unsigned long number;
	bool found = false;

	while (!found && raw_next_number(&in, &number))
		found = number == pid;
	raw_close(in.fd);
	return found;
}

/*
 * Whom a pidfd names does not change: if he is alive and his number is in the list while it is
 * open, it is he who is meant.
 */
static void kill_member(int fd, unsigned long pid)
{
	const int pidfd = (int)raw_call(SYS_pidfd_open, (long)pid, 0, 0, 0, 0);

	if (pidfd >= 0 && is_listed(fd, pid))
		raw_signal(pidfd, SIGKILL);
	raw_close(pidfd);
}

static void kill_each(int fd);

static void kill_each_below(int fd, const char *name, void *userdata)
{
	const int child = raw_open(fd, name, O_RDONLY | O_DIRECTORY);

	if (child >= 0)
		kill_each(child);
	raw_close(child);
}

static void kill_each(int fd)
{
	struct raw_numbers in = { .fd = raw_open(fd, "cgroup.procs", O_RDONLY) };
	unsigned long pid;

	/* 0 is a process of a PID namespace that can't be seen from here. */
	while (raw_next_number(&in, &pid))
		if (pid != 0)
			kill_member(fd, pid);
	raw_close(in.fd);
	raw_for_each_child(fd, kill_each_below, NULL);
}

void end_group(int group_fd)
{
	const bool is_killed = raw_write(group_fd, "cgroup.kill", "1") == 0;
	int wait = 1;

	for (int waited = 0; waited < GIVE_UP_MSEC; waited += wait) {
		/* Those that fork meanwhile are there in the next round. */
		if (!is_killed)
			kill_each(group_fd);
		if (is_populated(group_fd) <= 0)
			return;
		raw_sleep(wait);
		wait = MIN(2 * wait, WAIT_MSEC_MAX);
	}
}

static void remove_below(int parent_fd, const char *name, void *userdata)
{
	const int fd = raw_open(parent_fd, name, O_RDONLY | O_DIRECTORY);

	if (fd >= 0)
		raw_for_each_child(fd, remove_below, NULL);
	raw_close(fd);
	raw_call(SYS_unlinkat, parent_fd, (long)name, AT_REMOVEDIR, 0, 0);
}

void end_group_remove(int parent_fd, const char *name)
{
	remove_below(parent_fd, name, NULL);
}
