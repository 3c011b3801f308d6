/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "process/family.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "cgroup/ctx.h"
#include "process/procfs.h"

/* More processes than are held. */
#define HELD_MAX 1024

/* How the names of our own helpers begin, which the caller has as children, too. */
#define HELPER_NAME "Name:\tcg-"

/* A process and its parent, as /proc has them at one moment. */
struct relative {
	pid_t pid;
	pid_t parent;
	bool is_ours;
	bool is_helper;
};

static bool read_relative(struct cg2_ctx *ctx, pid_t pid, struct relative *ret)
{
	char status[PROCFS_BUF_SIZE];
	uint64_t parent;

	if (procfs_read(ctx, pid, "status", status, sizeof(status)) < 0 ||
	    procfs_status_number(status, "PPid", &parent) < 0)
		return false;
	*ret = (struct relative){
		.pid = pid,
		.parent = (pid_t)parent,
		.is_helper = strncmp(status, HELPER_NAME, strlen(HELPER_NAME)) == 0,
	};
	return true;
}

/* Everybody. ret: free with free(). */
static size_t list_processes(struct cg2_ctx *ctx, struct relative **ret)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, "proc");
	struct relative *list = NULL;
	size_t n = 0, n_max = 0;
	pid_t pid;

	while (dir && (pid = procfs_next_pid(dir)) > 0) {
		if (n == n_max) {
			struct relative *grown = reallocarray(list, n_max + 256, sizeof(*list));

			if (!grown)
				break;
			list = grown;
			n_max += 256;
		}
		n += read_relative(ctx, pid, &list[n]);
	}
	*ret = list;
	return n;
}

static bool is_alive(int pidfd)
{
	struct pollfd fd = { .fd = pidfd, .events = POLLIN };

	return poll(&fd, 1, 0) == 0;
}

/*
 * Where the search begins: a number is that of the same process as long as that lives. The parent
 * of who has none that can be seen, as init, is 0.
 */
static bool is_root(const struct family *family, pid_t pid)
{
	if (pid == 0)
		return false;
	if (pid == family->top || (family->is_adopting && pid == getpid()))
		return true;
	for (size_t i = 0; i < family->n; i++)
		if (family->pids[i] == pid)
			return is_alive(family->fds[i]);
	return false;
}

/* Marks whoever is below a root or a marked one. Whether there was any not marked before. */
static bool mark_children(const struct family *family, struct relative *list, size_t n)
{
	bool is_new = false;

	for (size_t i = 0; i < n; i++) {
		bool is_child = is_root(family, list[i].parent);

		if (list[i].is_ours || list[i].is_helper || list[i].pid == family->top)
			continue;
		for (size_t k = 0; k < n && !is_child; k++)
			is_child = list[k].is_ours && list[k].pid == list[i].parent;
		is_new |= is_child;
		list[i].is_ours = is_child;
	}
	return is_new;
}

static bool is_held(const struct family *family, pid_t pid)
{
	for (size_t i = 0; i < family->n; i++)
		if (family->pids[i] == pid && is_alive(family->fds[i]))
			return true;
	return false;
}

/* It has the number as long as it has the same parent. */
static bool hold(struct family *family, const struct relative *process)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	_cleanup_close_ int fd = -1;
	struct relative now;

	if (family->n == HELD_MAX || is_held(family, process->pid))
		return false;
	fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (fd < 0 || !is_alive(fd) || !read_relative(family->ctx, process->pid, &now) ||
	    now.parent != process->parent)
		return false;
	event.data.fd = fd;
	if (family->epoll_fd >= 0 &&
	    epoll_ctl(family->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return false;
	family->pids[family->n] = process->pid;
	family->fds[family->n++] = take_fd(&fd);
	return true;
}

size_t family_look(struct family *family)
{
	_cleanup_free_ struct relative *list = NULL;
	size_t n, n_new = 0;

	if (!family->fds)
		family->fds = calloc(HELD_MAX, sizeof(*family->fds));
	if (!family->pids)
		family->pids = calloc(HELD_MAX, sizeof(*family->pids));
	if (!family->fds || !family->pids)
		return 0;
	n = list_processes(family->ctx, &list);
	while (mark_children(family, list, n))
		;
	for (size_t i = 0; i < n; i++)
		n_new += list[i].is_ours && hold(family, &list[i]);
	return n_new;
}

size_t family_count(const struct family *family)
{
	size_t n = 0;

	for (size_t i = 0; i < family->n; i++)
		n += is_alive(family->fds[i]);
	return n;
}

void family_signal(const struct family *family, int sig)
{
	for (size_t i = 0; i < family->n; i++)
		syscall(SYS_pidfd_send_signal, family->fds[i], sig, NULL, 0);
}

void family_close(struct family *family)
{
	for (size_t i = 0; i < family->n; i++)
		close_fd(family->fds[i]);
	free(family->fds);
	free(family->pids);
	*family = (struct family)FAMILY_NONE;
}
