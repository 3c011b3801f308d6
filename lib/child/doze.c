/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A caller that stopped itself together with its command is woken by the holder or the guard.
 *
 * A SIGCONT that comes before the caller has stopped is lost: the stop takes it away. So the
 * caller's state is what counts, not what was sent to it, and it is looked at until the caller
 * answers.
 */
#include "child/doze.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>

#include "base/macro.h"
#include "child/raw.h"

/* How often a stopped command is looked at: SIGCONT to it alone is no event. */
#define POLL_MSEC_MAX 100

#define POLL_MSEC_MIN 1

enum state {
	STATE_RUNS,
	STATE_STOPPED,
	STATE_UNKNOWN, /* without /proc, or it has ended */
};

/* The third word of /proc/PID/stat, after the name, which may hold anything. */
static enum state state_of(pid_t pid)
{
	char path[40] = "/proc/", buf[512];
	char *end = raw_put_number(path + raw_length(path), (unsigned long)pid);
	static const char file[] = "/stat";
	const char *p;

	for (size_t i = 0; i < sizeof(file); i++)
		end[i] = file[i];
	if (raw_read(AT_FDCWD, path, buf, sizeof(buf)) <= 0)
		return STATE_UNKNOWN;
	p = buf + raw_length(buf);
	while (p > buf && *p != ')')
		p--;
	if (p[0] != ')' || p[1] != ' ')
		return STATE_UNKNOWN;
	return p[2] == 'T' || p[2] == 't' ? STATE_STOPPED : STATE_RUNS;
}

/* Whether a caller that is stopped has a reason to go on. */
static bool is_due(const struct doze *d, bool has_ended, uint64_t slept)
{
	return has_ended || slept >= d->usec || state_of(d->command) != STATE_STOPPED;
}

void doze(const struct doze *d)
{
	bool has_ended = false;
	uint64_t slept = 0;
	int step = POLL_MSEC_MIN;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = d->wake_fd, .events = POLLIN },
			{ .fd = d->parent_pidfd, .events = POLLIN },
			{ .fd = has_ended ? -1 : d->command_pidfd, .events = POLLIN },
		};
		const uint64_t left = slept < d->usec ? (d->usec - slept) / USEC_PER_MSEC + 1
						      : POLL_MSEC_MAX;

		if (raw_poll(fds, ARRAY_SIZE(fds), (int)MIN((uint64_t)step, left)) > 0) {
			if (fds[0].revents || fds[1].revents)
				return;
			has_ended = true;
			step = POLL_MSEC_MIN;
		}
		slept += (uint64_t)step * USEC_PER_MSEC;
		step = MIN(2 * step, POLL_MSEC_MAX);
		if (state_of(d->parent) != STATE_RUNS && is_due(d, has_ended, slept))
			raw_signal(d->parent_pidfd, SIGCONT);
	}
}
