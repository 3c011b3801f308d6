/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tracer says to the kernel and to the supervisor.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "child/raw.h"
#include "trace/tracer-internal.h"

/* How long a supervisor that does not read holds up whoever had a failure. */
#define SEND_MSEC 1000

/* How often, and how soon again, it is tried where the kernel has no memory for it. */
#define MEMORY_TRIES 100
#define MEMORY_MSEC 1

long tracer_ask(long request, pid_t tid, const void *address, const void *data)
{
	return raw_call(SYS_ptrace, request, tid, (long)address, (long)data, 0);
}

/* It is gone: it has told us to go on without it, or was killed, and then all that it ran ends. */
static void note_absence(struct tracer_self *self)
{
	char order;

	if (recv(self->socket_fd, &order, sizeof(order), MSG_DONTWAIT) != 1 ||
	    order != TRACER_ORDER_LEAVE)
		raw_exit(1);
	self->is_silent = true;
}

/* Waits once for a supervisor that is slow, and not again for one that has stopped. */
static bool await_room(struct tracer_self *self)
{
	struct pollfd fd = { .fd = self->socket_fd, .events = POLLOUT };

	if (!self->is_stalled && raw_poll(&fd, 1, SEND_MSEC) > 0)
		return true;
	self->is_stalled = true;
	return false;
}

/* After a failed send(2). */
static bool is_to_try_again(struct tracer_self *self, int *tries)
{
	switch (errno) {
	case EINTR:
		return true;
	case EAGAIN:
		return await_room(self);
	case ENOBUFS:
	case ENOMEM:
		if (self->is_stalled || (*tries)-- == 0)
			return false;
		raw_sleep(MEMORY_MSEC);
		return true;
	}
	return false;
}

static size_t size_of(const struct trace_record *record)
{
	switch (record->type) {
	case TRACE_FAILED:
		return sizeof(*record);
	case TRACE_WORKED:
	case TRACE_EXECED:
	case TRACE_NOTED:
		return offsetof(struct trace_record, facts);
	case TRACE_ENDED:
	case TRACE_FINISHED:
		break;
	}
	return offsetof(struct trace_record, call);
}

void tracer_send(struct tracer_self *self, struct trace_record *record)
{
	struct timespec now;
	int tries = MEMORY_TRIES;
	ssize_t n;

	if (self->is_silent)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	record->at_usec = (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
	record->totals = self->totals;
	do
		n = send(self->socket_fd, record, size_of(record), MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && is_to_try_again(self, &tries));
	self->is_stalled = n < 0;
	if (n >= 0)
		return;
	if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)
		self->totals.n_lost++;
	else
		note_absence(self);
}
