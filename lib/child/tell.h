/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An answer of one of the library's own processes to whoever waits for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Sends it on a socket. Without memory once more: the other side would wait for ever, or not know
 * of a process that is there. false: it is gone, or there is none for too long.
 */
bool tell(int socket_fd, const void *answer, size_t size);
