/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The guard's process: it waits for the end of its parent, and then ends the group.
 */
#include "child/guard-main.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <signal.h>
#include <sys/syscall.h>

#include "base/macro.h"
#include "child/end-group.h"
#include "child/give-back.h"
#include "child/raw.h"

/*
 * The numbers of the orders in the order in which they are written. A missing descriptor is -1, and
 * all are 1 higher in the text, which has no signs.
 */
#define N_NUMBERS 10

static void to_numbers(const struct guard_orders *o, unsigned long n[N_NUMBERS])
{
	n[0] = (unsigned long)(o->parent_pidfd + 1);
	n[1] = (unsigned long)(o->group_fd + 1);
	n[2] = o->is_given_back;
	n[3] = o->is_dozing;
	n[4] = (unsigned long)o->doze.parent;
	n[5] = (unsigned long)o->doze.command;
	n[6] = (unsigned long)(o->doze.command_pidfd + 1);
	n[7] = (unsigned long)(o->doze.wake_fd + 1);
	n[8] = (unsigned long)o->doze.usec;
	n[9] = (unsigned long)(o->lone_pidfd + 1);
}

void guard_orders_write(const struct guard_orders *orders, char text[GUARD_ORDERS_SIZE])
{
	unsigned long n[N_NUMBERS];
	char *end = text;

	to_numbers(orders, n);
	for (size_t i = 0; i < N_NUMBERS; i++) {
		if (i > 0)
			*end++ = ' ';
		end = raw_put_number(end, n[i]);
	}
}

void guard_orders_read(const char *name, const char *text, struct guard_orders *o)
{
	unsigned long n[N_NUMBERS];

	for (size_t i = 0; i < N_NUMBERS; i++)
		n[i] = raw_number(&text);
	o->name = name;
	o->parent_pidfd = o->doze.parent_pidfd = (int)n[0] - 1;
	o->group_fd = (int)n[1] - 1;
	o->is_given_back = n[2];
	o->is_dozing = n[3];
	o->doze.parent = (pid_t)n[4];
	o->doze.command = (pid_t)n[5];
	o->doze.command_pidfd = (int)n[6] - 1;
	o->doze.wake_fd = (int)n[7] - 1;
	o->doze.usec = n[8];
	o->lone_pidfd = (int)n[9] - 1;
}

static void end(const struct guard_orders *o)
{
	/* While there is a way up. */
	const int base = raw_open(o->group_fd, "..", O_RDONLY | O_DIRECTORY);

	end_group(o->group_fd);
	end_group_remove(base, o->name);
	if (o->is_given_back)
		give_back_locked(base);
}

void guard_main(const struct guard_orders *o, bool is_copy)
{
	static const unsigned long all[] = { ~0UL, ~0UL };
	struct pollfd fd = { .fd = o->parent_pidfd, .events = POLLIN };

	/* The C library keeps two for itself. */
	raw_call(SYS_rt_sigprocmask, SIG_SETMASK, (long)all, 0, 8, 0);
	/* Whoever kills the caller's process group does not mean this one. */
	raw_call(SYS_setsid, 0, 0, 0, 0, 0);
	raw_call(SYS_chdir, (long)"/", 0, 0, 0, 0);
	if (is_copy)
		raw_rename(GUARD_NAME);
	else
		raw_call(SYS_prctl, PR_SET_NAME, (long)GUARD_NAME, 0, 0, 0);
	if (o->is_dozing)
		doze(&o->doze);
	while (raw_poll(&fd, 1, -1) < 1)
		;
	if (o->lone_pidfd >= 0) {
		raw_signal(o->lone_pidfd, SIGKILL);
		raw_exit(0);
	}
	end(o);
	raw_exit(0);
}
