/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The way back of what lib/place/nest.c does to the cgroup around nested runs.
 */
#include "child/give-back.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include "base/macro.h"
#include "cgroup/mark.h"
#include "child/raw.h"

/* How often a process may fork out of the way of its move. */
#define MOVE_ROUNDS 1000

#define LOCK_ROUNDS 500
#define LOCK_MSEC 10

static void count_child(int dirfd, const char *name, void *userdata)
{
	int *n = userdata;

	(*n)++;
}

static bool has_others(int base_fd)
{
	int n = 0;

	raw_for_each_child(base_fd, count_child, &n);
	/* The leaf, or the subgroup. */
	return n > 1;
}

/* "memory pids" to "-memory -pids". */
static bool disable_all(int base_fd)
{
	char have[256], text[sizeof(have) * 2];
	size_t n = 0;

	if (raw_read(base_fd, "cgroup.subtree_control", have, sizeof(have)) < 0)
		return false;
	for (size_t i = 0; have[i] && have[i] != '\n'; i++) {
		if (i == 0 || have[i - 1] == ' ')
			text[n++] = '-';
		text[n++] = have[i];
	}
	text[n] = '\0';
	return n == 0 || raw_write(base_fd, "cgroup.subtree_control", text) == 0;
}

/* Returns how many there were. */
static int move_back(int base_fd, int leaf_fd)
{
	struct raw_numbers in = { .fd = raw_open(leaf_fd, "cgroup.procs", O_RDONLY) };
	unsigned long pid;
	int n = 0;

	while (raw_next_number(&in, &pid)) {
		char text[21];

		raw_put_number(text, pid);
		if (raw_write(base_fd, "cgroup.procs", text) == 0)
			n++;
	}
	raw_close(in.fd);
	return n;
}

bool give_back(int base_fd)
{
	const int leaf = raw_open(base_fd, MARK_LEAF_MAIN, O_PATH | O_DIRECTORY);
	bool is_done = false;

	/* Without a leaf nobody had to move: a service whose processes are in a subgroup. */
	if (!has_others(base_fd) && disable_all(base_fd) && leaf >= 0) {
		for (int i = 0; i < MOVE_ROUNDS && move_back(base_fd, leaf) > 0; i++)
			;
		is_done = raw_call(SYS_unlinkat, base_fd, (long)MARK_LEAF_MAIN, AT_REMOVEDIR, 0,
				   0) == 0;
	}
	raw_close(leaf);
	return is_done;
}

void give_back_locked(int base_fd)
{
	/* The files of lock_for_change(). */
	int fd = raw_open(base_fd, "cgroup.kill", O_WRONLY);

	if (fd < 0)
		fd = raw_open(base_fd, "cgroup.subtree_control", O_WRONLY);
	for (int i = 0; fd >= 0 && i < LOCK_ROUNDS; i++) {
		if (raw_call(SYS_flock, fd, LOCK_EX | LOCK_NB, 0, 0, 0) == 0) {
			give_back(base_fd);
			break;
		}
		raw_sleep(LOCK_MSEC);
	}
	raw_close(fd);
}
