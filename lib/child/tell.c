/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "child/tell.h"

#include <errno.h>
#include <sys/socket.h>

#include "child/raw.h"

/* How often, and how soon again. */
#define TRIES 100
#define STEP_MSEC 1

bool tell(int socket_fd, const void *answer, size_t size)
{
	for (int i = 0; i < TRIES; i++) {
		if (send(socket_fd, answer, size, MSG_NOSIGNAL) >= 0)
			return true;
		if (errno != ENOBUFS && errno != ENOMEM && errno != EINTR)
			break;
		raw_sleep(STEP_MSEC);
	}
	return false;
}
