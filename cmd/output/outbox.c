/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The descriptor may be shared with others, so it is not made non-blocking: poll(2) is asked
 * before each write, of no more than it promises room for.
 */
#include "cmd/output/outbox.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"


#define OUTBOX_MAX (4U << 20)
#define PIPE_PIECE 4096 /* PIPE_BUF */
#define TERMINAL_PIECE 256

void outbox_init(struct outbox *box)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };
	struct stat st;

	*box = (struct outbox){ .piece = PIPE_PIECE };
	/* A stream that was closed is told of when something is printed. */
	box->can_poll = fstat(STDOUT_FILENO, &st) == 0 && !S_ISREG(st.st_mode) &&
			poll(&fd, 1, 0) >= 0 && !(fd.revents & POLLNVAL);
	if (isatty(STDOUT_FILENO))
		box->piece = TERMINAL_PIECE;
}

void outbox_clear(struct outbox *box)
{
	free(box->buf);
	*box = (struct outbox){ .buf = NULL };
}

static bool make_room(struct outbox *box, size_t len)
{
	size_t wanted;
	char *grown;

	if (box->len + len > OUTBOX_MAX)
		return false;
	if (box->start + box->len + len <= box->size)
		return true;
	if (box->len > 0)
		memmove(box->buf, box->buf + box->start, box->len);
	box->start = 0;
	wanted = box->len + len;
	if (wanted <= box->size)
		return true;
	grown = realloc(box->buf, wanted * 2);
	if (!grown)
		return false;
	box->buf = grown;
	box->size = wanted * 2;
	return true;
}

void outbox_add(struct outbox *box, const char *text, size_t len)
{
	if (box->error || !make_room(box, len)) {
		box->n_dropped++;
		return;
	}
	memcpy(box->buf + box->start + box->len, text, len);
	box->len += len;
	if (!box->can_poll)
		outbox_dispatch(box, POLLOUT);
}

int outbox_get_fd(const struct outbox *box)
{
	return box->can_poll && !box->error ? STDOUT_FILENO : -1;
}

short outbox_get_events(const struct outbox *box)
{
	return box->len > 0 ? POLLOUT : 0;
}

static void write_piece(struct outbox *box)
{
	ssize_t n = write(STDOUT_FILENO, box->buf + box->start, MIN(box->len, box->piece));

	if (n > 0) {
		box->start += (size_t)n;
		box->len -= (size_t)n;
	} else if (n < 0 && errno != EINTR && errno != EAGAIN) {
		box->error = errno;
	}
}

/* There is room at this moment. */
static bool is_writable(const struct outbox *box)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return !box->can_poll || (poll(&fd, 1, 0) > 0 && fd.revents & (POLLOUT | POLLERR));
}

void outbox_dispatch(struct outbox *box, short revents)
{
	/* The reader of a pipe went away, or the terminal: found out without an event, too. */
	if (revents & (POLLERR | POLLHUP) && box->len == 0)
		box->error = EPIPE;
	if (!(revents & (POLLOUT | POLLERR | POLLHUP)))
		return;
	while (box->len > 0 && !box->error && is_writable(box))
		write_piece(box);
}

void outbox_flush(struct outbox *box, uint64_t end_usec)
{
	while (box->len > 0 && !box->error) {
		struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };

		if (box->can_poll && poll(&fd, 1, msec_until(end_usec)) <= 0 &&
		    now_usec() >= end_usec)
			break;
		outbox_dispatch(box, POLLOUT);
	}
	if (box->len > 0 && !box->error)
		box->error = ETIMEDOUT;
}
