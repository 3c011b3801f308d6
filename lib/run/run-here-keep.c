/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processes that outlive the caller of a run without a cgroup. The watcher ends what is below
 * the command when the caller dies, as a guard would end a cgroup; the keeper keeps the time limit
 * of what the command has left behind.
 */
#include "run/run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "child/raw.h"

/* How long killed processes may take to be gone. */
#define KILL_USEC (10 * USEC_PER_SEC)

/* How often it is looked for new ones below those that are known. */
#define LOOK_MSEC 200

/* Processes that fork while they are looked for are stopped first, round by round. */
#define STOP_ROUNDS 100

size_t run_here_look(struct cg2_run *run)
{
	/* The children of one that was reaped are the caller's, or nobody's any more. */
	run->family.ctx = run->ctx;
	run->family.top = run->state == RUN_STARTED ? run->pid : 0;
	run->family.is_adopting = run->is_adopting;
	run->family.epoll_fd = run->epoll_fd;
	family_look(&run->family);
	return family_count(&run->family);
}

struct watching {
	struct cg2_run *run;
	int caller_pidfd;
};

static void watch(void *userdata)
{
	const struct watching *w = userdata;
	struct cg2_run *run = w->run;
	const int keep[] = { run->ctx->root_fd, run->pidfd, w->caller_pidfd };
	struct pollfd caller = { .fd = w->caller_pidfd, .events = POLLIN };
	struct family family = FAMILY_NONE;

	keeper_withdraw(run->ctx, keep, ARRAY_SIZE(keep));
	family.ctx = run->ctx;
	family.top = run->pid;
	raw_poll(&caller, 1, -1);
	raw_signal(run->pidfd, SIGSTOP);
	for (int i = 0; i < STOP_ROUNDS && family_look(&family) > 0; i++)
		family_signal(&family, SIGSTOP);
	family_signal(&family, SIGKILL);
	raw_signal(run->pidfd, SIGKILL);
}

void run_here_watch(struct cg2_run *run)
{
	_cleanup_close_ int caller = (int)syscall(SYS_pidfd_open, getpid(), 0);
	struct watching w = { run, caller };
	int r = caller < 0 ? -errno : keeper_fork(watch, &w, &run->watcher);

	if (r < 0)
		ctx_log(run->ctx, CG2_LOG_WARNING, NULL,
			"nobody ends the command if its caller is killed: %s", strerror(-r));
}

void run_here_unwatch(struct cg2_run *run)
{
	if (run->watcher <= 0)
		return;
	kill(run->watcher, SIGKILL);
	while (waitpid(run->watcher, NULL, 0) < 0 && errno == EINTR)
		;
	run->watcher = 0;
}

/* ---- the time ---- */

struct keeping {
	struct cg2_run *run;
	const struct keep_time *time;
};

/* Whether all have ended until then. */
static bool await_family(struct family *family, uint64_t end_usec)
{
	do {
		family_look(family);
		if (family_count(family) == 0)
			return true;
		raw_sleep(MIN(LOOK_MSEC, msec_until(end_usec)));
	} while (usec_until(end_usec) > 0);
	return false;
}

static void end_family(struct family *family, const struct keep_time *time)
{
	const uint64_t end_usec = end_after(KILL_USEC + time->grace_usec);

	if (time->signal != SIGKILL) {
		family_signal(family, time->signal);
		/* A stopped process would not notice. */
		if (time->signal != SIGCONT)
			family_signal(family, SIGCONT);
		if (await_family(family, end_after(time->grace_usec)))
			return;
	}
	do
		family_signal(family, SIGKILL);
	while (!await_family(family, end_after(LOOK_MSEC * USEC_PER_MSEC)) &&
	       usec_until(end_usec) > 0);
}

static void keep(void *userdata)
{
	const struct keeping *k = userdata;
	struct family *family = &k->run->family;
	_cleanup_free_ int *fds = calloc(family->n + 1, sizeof(*fds));

	if (!fds)
		return;
	for (size_t i = 0; i < family->n; i++)
		fds[i] = family->fds[i];
	fds[family->n] = k->run->ctx->root_fd;
	keeper_withdraw(k->run->ctx, fds, family->n + 1);
	/* Those that it knows are where it begins to look from here on. */
	family->top = 0;
	family->is_adopting = false;
	family->epoll_fd = -1;
	if (!await_family(family, k->time->end_usec))
		end_family(family, k->time);
}

int run_here_keep(struct cg2_run *run, const struct keep_time *time)
{
	return keeper_leave(keep, &(struct keeping){ run, time });
}
