/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a command whose run is given up.
 */
#include "run/run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/clock.h"

/* How long a command that cannot be killed from here may take to end after its group was. */
#define REAP_USEC (5 * USEC_PER_SEC)

/* Not reaped, its number is its own. */
void run_reap_command(struct cg2_run *run)
{
	const uint64_t end_usec = end_after(REAP_USEC);
	bool is_killed;
	pid_t pid = 0;

	if (run->pid <= 0 || run->exit_code != 0)
		return;
	is_killed = kill(run->pid, SIGKILL) == 0;
	do {
		if (pid == 0 && !is_killed)
			poll(NULL, 0, 1);
		pid = waitpid(run->pid, NULL, is_killed ? 0 : WNOHANG);
	} while ((pid < 0 && errno == EINTR) || (pid == 0 && now_usec() < end_usec));
	run->pid = 0;
}
