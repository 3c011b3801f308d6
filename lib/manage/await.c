/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel notifies of cgroup.events, one poll(2) watches all of them.
 */
#include "manage/await.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "systemd/bus.h"
#include "value/error.h"

/* Not everything is notified: the removal of a cgroup is not. */
#define LOOK_MSEC 100

int await_new(struct cg2_scope *const scopes[], struct await **ret_items, size_t *ret_n)
{
	struct await *items;
	size_t n = 0;

	while (scopes[n])
		n++;
	items = calloc(n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
		int r;

		items[i].scope = scopes[i];
		cg2_error_clear(&scopes[i]->error);
		r = scope_open_parts(scopes[i], &items[i].parts, &err);
		if (r == 0)
			continue;
		if (!is_gone(r))
			await_fail(&items[i], &err);
		items[i].is_done = true;
	}
	*ret_items = items;
	*ret_n = n;
	return 0;
}

void await_free(struct await *items, size_t n)
{
	for (size_t i = 0; items && i < n; i++)
		parts_free(items[i].parts);
	free(items);
}

void await_fail(struct await *item, struct cg2_error *failure)
{
	if (item->scope->error.code == 0)
		cg2_error_move(&item->scope->error, failure);
	item->is_done = true;
}

int await_count_errors(const struct await *items, size_t n)
{
	int count = 0;

	for (size_t i = 0; i < n; i++)
		count += items[i].scope->error.code != 0;
	return count;
}

/* What cannot be read for another reason than that it is gone is looked at again. */
bool await_empty(struct await *item)
{
	const int r = cg2_group_is_populated(item->scope->group, NULL);

	return r == 0 || (r < 0 && is_gone(r));
}

bool await_gone(struct await *item)
{
	return faccessat(item->scope->group->fd, "cgroup.events", F_OK, 0) < 0 && is_gone(-errno);
}

/* Those for which it is not so yet. */
static size_t look(struct await *items, size_t n, await_fn is_so)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		if (!items[i].is_done)
			items[i].is_done = is_so(&items[i]);
		left += !items[i].is_done;
	}
	return left;
}

/* A file is only notified of once it was read. */
static int watch(struct await *item)
{
	int fd = fsio_open(item->parts[0]->fd, "cgroup.events");
	char buf[128];

	if (fd >= 0 && read(fd, buf, sizeof(buf)) < 0)
		return close_fd(fd);
	return fd;
}

int await_all(struct await *items, size_t n, await_fn is_so, uint64_t end_usec)
{
	struct pollfd *fds;
	size_t left = look(items, n, is_so);

	if (left == 0)
		return 0;
	fds = calloc(n, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		fds[i] = (struct pollfd){ .fd = items[i].is_done ? -1 : watch(&items[i]),
					  .events = POLLPRI };
	/* What changed before it was watched shows here. */
	while ((left = look(items, n, is_so)) > 0 && now_usec() < end_usec) {
		uint64_t msec = (end_usec - now_usec()) / USEC_PER_MSEC + 1;
		char buf[128];

		poll(fds, n, (int)MIN(msec, (uint64_t)LOOK_MSEC));
		for (size_t i = 0; i < n; i++)
			if (fds[i].revents && pread(fds[i].fd, buf, sizeof(buf), 0) < 0)
				fds[i].fd = close_fd(fds[i].fd);
			else if (items[i].is_done)
				fds[i].fd = close_fd(fds[i].fd);
	}
	for (size_t i = 0; i < n; i++)
		close_fd(fds[i].fd);
	free(fds);
	return (int)left;
}
