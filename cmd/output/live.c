/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A terminal shows it in its other screen, so that all is as before when this ends: by a key, by a
 * signal, by a failure. A stop (Ctrl-Z) gives the terminal back for as long as it lasts.
 */
#include "cmd/output/live.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"

/* Control sequences that every terminal of these days has. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define CLEAR "\033[H\033[J"

#define CTRL_C 3

static bool is_in_place;

struct live {
	struct termios saved;
	bool has_keys; /* saved is that of the standard input */
	sigset_t mask; /* as it was */
	int signal_fd;
};

size_t live_count_lines(void)
{
	struct winsize size = { 0 };

	if (!is_in_place || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
		return SIZE_MAX;
	return size.ws_row;
}

/* Keys come one by one and are not shown; Ctrl-C and Ctrl-Z are signals as before. */
static void enter(struct live *live)
{
	struct termios keys;

	live->has_keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &live->saved) == 0;
	if (live->has_keys) {
		keys = live->saved;
		keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(STDIN_FILENO, TCSADRAIN, &keys);
	}
	fputs(ENTER, stdout);
	is_in_place = true;
}

static void leave(struct live *live)
{
	is_in_place = false;
	fputs(LEAVE, stdout);
	fflush(stdout);
	if (live->has_keys)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &live->saved);
}

static int open_live_signals(struct live *live)
{
	static const int taken[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, &live->mask);
	live->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return live->signal_fd < 0 ? -errno : 0;
}

/* Stops as if the signal had not been taken, and goes on after it. */
static void stop(struct live *live)
{
	leave(live);
	raise(SIGSTOP);
	enter(live);
}

/* The signal that ends it, 0: none. */
static int take_live_signals(struct live *live)
{
	struct signalfd_siginfo si;

	while (read(live->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGTSTP)
			stop(live);
		else if (si.ssi_signo != SIGWINCH)
			return (int)si.ssi_signo;
	}
	return 0;
}

/* Whether it was the key that ends it, or there are no keys any more. */
static bool take_keys(void)
{
	char keys[64];
	ssize_t n = read(STDIN_FILENO, keys, sizeof(keys));

	if (n == 0)
		return true;
	for (ssize_t i = 0; i < n; i++)
		if (keys[i] == 'q' || keys[i] == 'Q' || keys[i] == CTRL_C)
			return true;
	return false;
}

/* Until the next time is due, or something is to be seen at once. 1: it ends; by *ret_signal. */
static int await_turn(struct live *live, uint64_t step_usec, int *ret_signal)
{
	struct pollfd fds[] = { { .fd = live->signal_fd, .events = POLLIN },
				{ .fd = live->has_keys ? STDIN_FILENO : -1, .events = POLLIN } };

	if (poll(fds, ARRAY_SIZE(fds), msec_until(end_after(step_usec))) <= 0)
		return 0;
	*ret_signal = fds[0].revents ? take_live_signals(live) : 0;
	return *ret_signal || (fds[1].revents && take_keys());
}

static int show_in_place(uint64_t step_usec, live_fn fn, void *data)
{
	struct live live;
	int status, sig = 0;

	if (open_live_signals(&live) < 0) {
		message_failure("cannot wait for signals: %s", strerror(errno));
		return STATUS_FAILED;
	}
	enter(&live);
	do {
		fputs(CLEAR, stdout);
		status = fn(data);
		fflush(stdout);
	} while (status == STATUS_OK && !ferror(stdout) && !await_turn(&live, step_usec, &sig));
	leave(&live);
	close_fd(live.signal_fd);
	sigprocmask(SIG_SETMASK, &live.mask, NULL);
	/* Ctrl-C is the way to end it. */
	if (sig && sig != SIGINT)
		raise(sig);
	return status;
}

/* Whoever reads may go away at any time: by SIGPIPE, or where that is ignored by its error. */
static int show_one_by_one(uint64_t step_usec, live_fn fn, void *data)
{
	int status;

	for (;;) {
		status = fn(data);
		if (status != STATUS_OK || fflush(stdout) != 0)
			return status;
		poll(NULL, 0, msec_until(end_after(step_usec)));
	}
}

int live_show(uint64_t step_usec, live_fn fn, void *data)
{
	return isatty(STDOUT_FILENO) ? show_in_place(step_usec, fn, data)
				     : show_one_by_one(step_usec, fn, data);
}
