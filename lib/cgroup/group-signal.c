/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A signal to every process of a cgroup and of those below it, never to a bare pid.
 */
#include "cgroup/group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "value/error.h"

/* Where cgroup.kill is missing, forks are chased this often. */
#define KILL_ROUNDS 100

/* Where to send it, and what came of that. */
struct order {
	int sig;
	struct group_missed *missed; /* NULL: nobody asks */
	int result;		     /* why some were not found, -errno */
};

static int send_signal(int fd, int sig)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0) < 0 ? -errno : 0;
}

/*
 * The pid is held by a pidfd before its cgroup is looked at, so that a process which took the
 * number of another is never hit. One that has ended, or was moved out, needs no signal.
 */
static int signal_member(struct cg2_group *group, pid_t pid, int sig)
{
	_cleanup_close_ int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	_cleanup_free_ char *path = NULL;
	int r;

	/* The number may be a thread's by now: EINVAL, ENOENT since 6.15. */
	if (fd < 0)
		return errno == ESRCH || errno == EINVAL || errno == ENOENT ? 0 : -errno;
	r = group_path_of_pid(group->ctx, pid, &path, NULL);
	/* It has ended, or /proc hides it as another user's. */
	if (r == -ESRCH)
		r = send_signal(fd, 0);
	else if (r == 0 && path_is_within(path, group->path))
		r = send_signal(fd, sig);
	return r == -ESRCH ? 0 : r;
}

static void note_missed(struct group_missed *missed, pid_t pid, int code)
{
	if (!missed)
		return;
	if (missed->n++ == 0) {
		missed->pid = pid;
		missed->code = code;
	}
}

static int signal_members(struct cg2_group *group, const struct order *order,
			  struct cg2_error *reterr)
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

		if (cg2_parse_value(word, word_len, &pid) < 0 || pid > INT32_MAX)
			continue;
		/* 0 is a process of a pid namespace that can't be seen from here. */
		r = pid ? signal_member(group, (pid_t)pid, order->sig) : -EPERM;
		if (r < 0)
			note_missed(order->missed, (pid_t)pid, r);
	}
	return 0;
}

static void signal_below(struct cg2_group *group, struct order *order);

static void signal_child(struct cg2_group *child, void *userdata)
{
	struct order *order = userdata;
	int r = signal_members(child, order, NULL);

	/* The processes of a threaded one are listed where its threads come together. */
	if (r < 0 && !is_gone(r) && r != -EOPNOTSUPP)
		order->result = r;
	signal_below(child, order);
}

static void signal_below(struct cg2_group *group, struct order *order)
{
	int r = group_for_each_child(group, signal_child, order);

	if (r < 0)
		order->result = r;
}

int group_signal(struct cg2_group *group, int sig, struct group_missed *missed,
		 struct cg2_error *reterr)
{
	struct order order = { .sig = sig, .missed = missed };
	int r;

	r = signal_members(group, &order, reterr);
	if (r < 0)
		return r;
	signal_below(group, &order);
	return order.result < 0 ? error_set(reterr, CG2_OP_READ, order.result, group->path, NULL)
				: 0;
}

int group_kill_all(struct cg2_group *group)
{
	struct group_missed missed = { .n = 0 };
	int r = cg2_group_kill(group, NULL);

	/* A cgroup.events that is there tells a kernel without cgroup.kill from no cgroup. */
	if (r != -ENOENT || cg2_group_is_populated(group, NULL) < 0)
		return r;
	for (int i = 0; i < KILL_ROUNDS && cg2_group_is_populated(group, NULL) > 0; i++) {
		missed.n = 0;
		r = group_signal(group, SIGKILL, &missed, NULL);
		if (r < 0)
			return r;
	}
	return missed.n > 0 && cg2_group_is_populated(group, NULL) > 0 ? missed.code : 0;
}
