/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines on their way to the standard output. A reader that is slow, or stopped, must not stop
 * us: what the kernel does not take waits here, and what finds no room is counted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct outbox {
	char *buf;
	size_t start, len, size;
	int error;     /* a positive errno: it cannot be written any more */
	size_t piece;  /* what poll(2) promises room for */
	bool can_poll; /* else it never blocks: a file */
	uint64_t n_dropped;
};

void outbox_init(struct outbox *box);
void outbox_clear(struct outbox *box);

/* The text has whole lines. */
void outbox_add(struct outbox *box, const char *text, size_t len);

/* For poll(2): the descriptor (-1: nothing to wait for) and what to wait for. */
int outbox_get_fd(const struct outbox *box);
short outbox_get_events(const struct outbox *box);

/* What poll(2) said; writes what there is room for. */
void outbox_dispatch(struct outbox *box, short revents);

/* Writes all of it if the reader takes it until then. */
void outbox_flush(struct outbox *box, uint64_t end_usec);
