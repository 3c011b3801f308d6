/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tracer's life: it takes the command, and from then on every thread that stops, until nobody
 * is left.
 *
 * Who stops by a signal, as a job does, stays stopped and can be continued by everybody as ever
 * (PTRACE_LISTEN); signals are passed on as they come.
 */
#include <errno.h>
#include <linux/ptrace.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "cgroup/ctx.h"
#include "child/exec-trace.h"
#include "child/raw.h"
#include "child/tell.h"
#include "trace/tracer-internal.h"

/* Not the caller's: whoever kills all of that name does not mean the tracer. */
#define NAME "cg-trace"

#define SYSCALL_STOP (SIGTRAP | 0x80)

#define OPTIONS \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | \
	 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

/* ---- who comes and goes ---- */

/* Whether it is the first thread of a process. */
static bool is_process(pid_t tid)
{
	return raw_call(SYS_tgkill, tid, tid, 0, 0, 0) == 0;
}

static struct tracer_task *get_task(struct tracer_self *self, pid_t tid)
{
	struct tracer_task *task = tracer_task_get(&self->tasks, tid);

	if (!task)
		raw_exit(1);
	if (task->tgid == 0 && is_process(tid)) {
		task->tgid = tid;
		self->totals.n_processes++;
	}
	return task;
}

/* Whose end the supervisor waits for, as it does for the command's; or who had a failure. */
static void tell_end(struct tracer_self *self, const struct tracer_task *task, int status)
{
	struct trace_record record = {
		.type = TRACE_ENDED, .pid = task->tid, .tid = task->tid, .status = status,
	};

	if (task->has_failed || task->tid == self->command)
		tracer_send(self, &record);
}

static void end_task(struct tracer_self *self, pid_t tid, int status)
{
	const struct tracer_task *task = tracer_task_find(&self->tasks, tid);

	if (!task)
		return;
	if (task->tgid == tid)
		tell_end(self, task, status);
	tracer_task_remove(&self->tasks, tid);
}

static pid_t get_message(pid_t tid)
{
	unsigned long message = 0;

	tracer_ask(PTRACE_GETEVENTMSG, tid, NULL, &message);
	return (pid_t)message;
}

/* A call that made a process or thread, which may have been seen already, or have ended. */
static void note_child(struct tracer_self *self, struct tracer_task *task)
{
	const pid_t tid = get_message(task->tid), tgid = task->tgid;
	struct tracer_task *child;

	tracer_call_worked(self, task);
	if (raw_call(SYS_tgkill, tgid, tid, 0, 0, 0) < 0)
		return;
	child = get_task(self, tid);
	child->tgid = tgid;
}

/* All other threads are gone; who made the call has the number of the first one now. */
static void note_program(struct tracer_self *self, struct tracer_task *task)
{
	const pid_t tid = task->tid, former = get_message(tid);

	if (former != tid && former > 0) {
		tracer_task_remove(&self->tasks, former);
		task = get_task(self, tid);
	}
	tracer_call_executed(self, task);
}

/* ---- stops ---- */

static bool is_job_control(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* What it is to be continued with. */
static long handle_event(struct tracer_self *self, struct tracer_task *task, int event, int sig)
{
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		tracer_call_begin(self, task);
		return task->is_in_call ? PTRACE_SYSCALL : PTRACE_CONT;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		note_child(self, task);
		return PTRACE_CONT;
	case PTRACE_EVENT_EXEC:
		note_program(self, task);
		return PTRACE_CONT;
	case PTRACE_EVENT_STOP:
		/* Else a new one, or the end of such a stop. */
		return is_job_control(sig) ? PTRACE_LISTEN : PTRACE_CONT;
	}
	return PTRACE_CONT;
}

static void handle_stop(struct tracer_self *self, pid_t tid, int status)
{
	struct tracer_task *task = get_task(self, tid);
	const int sig = WSTOPSIG(status), event = status >> 16;
	long request = PTRACE_CONT, deliver = 0;

	if (event)
		request = handle_event(self, task, event, sig);
	else if (sig != SYSCALL_STOP)
		deliver = sig;
	else if (task->is_in_call)
		tracer_call_end(self, task);
	else if (task->n_steps > 0)
		tracer_call_step(task);
	if (request == PTRACE_CONT && task->n_steps > 0)
		request = PTRACE_SYSCALL;
	/* Who was killed meanwhile is told of by the next wait. */
	tracer_ask(request, tid, NULL, (const void *)deliver);
}

static void follow(struct tracer_self *self)
{
	for (;;) {
		int status = 0;
		const long tid = raw_call(SYS_wait4, -1, (long)&status, __WALL, 0, 0);

		if (tid == -ECHILD)
			return;
		if (tid < 0)
			continue;
		if (WIFSTOPPED(status))
			handle_stop(self, (pid_t)tid, status);
		else
			end_task(self, (pid_t)tid, status);
	}
}

/* ---- the beginning ---- */

/*
 * A holder that outlives a supervisor which was killed has a copy of what the offer comes from: the
 * death is what tells that there will be none.
 */
static void await_offer(const struct tracer_self *self)
{
	struct pollfd fds[] = {
		{ .fd = self->offer_fd, .events = POLLIN },
		{ .fd = self->parent_pidfd, .events = POLLIN },
	};

	while (raw_poll(fds, ARRAY_SIZE(fds), -1) < 1)
		;
	if (fds[1].revents)
		raw_exit(0);
}

/* What memory this takes is had before the command is traced, which from then on ends with us. */
static int seize(struct tracer_self *self, pid_t pid)
{
	trace_looker_begin(&self->looker, self->ctx, pid);
	if (!tracer_task_get(&self->tasks, pid))
		return ENOMEM;
	return (int)-tracer_ask(PTRACE_SEIZE, pid, NULL, (const void *)OPTIONS);
}

/* It waits for the answer. */
static void take_command(struct tracer_self *self)
{
	struct exec_trace_offer offer;
	struct exec_trace_answer answer;
	ssize_t n;

	await_offer(self);
	do
		n = recv(self->offer_fd, &offer, sizeof(offer), 0);
	while (n < 0 && errno == EINTR);
	/* There will be none: the supervisor has ended. */
	if (n != (ssize_t)sizeof(offer))
		raw_exit(0);
	answer.code = seize(self, offer.pid);
	if (!tell(self->offer_fd, &answer, sizeof(answer)) || answer.code > 0)
		raw_exit(1);
	raw_close(self->offer_fd);
	raw_close(self->parent_pidfd);
	self->command = offer.pid;
	get_task(self, offer.pid);
}

void tracer_main(struct tracer_self *self)
{
	struct trace_record record = { .type = TRACE_FINISHED };
	const int keep[] = { self->offer_fd, self->socket_fd, self->parent_pidfd,
			     self->ctx->root_fd, self->ctx->hierarchy.mount_fd };

	raw_rename(NAME);
	raw_withdraw(keep, ARRAY_SIZE(keep));
	take_command(self);
	follow(self);
	tracer_send(self, &record);
	raw_exit(0);
}
