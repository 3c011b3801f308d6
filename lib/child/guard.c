/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's side of the guard: it is started as a program that the library carries along, from
 * a file in memory. A copy of the caller, as by fork(2), would take twice as long for a small one
 * and a hundred times as long for a large one; a program on a disk would be missing in a container,
 * behind noexec, or be another version's.
 *
 * The clone shares our memory until it executes the program, which takes place beside whatever we
 * do meanwhile; the kernel then sets a word of ours to 0 (CLONE_CHILD_CLEARTID).
 *
 * Where memory can't be executed (a policy, a kernel or an architecture without it) it is a copy.
 */
#include "child/guard.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "child/block-signals.h"
#include "child/raw.h"
#include "value/error.h"

#ifdef HAVE_GUARD_PROGRAM
#include "child/guard-image.inc"
#else
static const unsigned char guard_image[1];
#endif

/* What the clone needs until it executes. malloc(3) aligns it as a stack wants it. */
#define STACK_SIZE 16384

/* glibc has it since 2.36. */
#define P_PIDFD_ 3

/* Since Linux 5.11; not in the headers of a C library that is older. */
#define CLOSE_RANGE_CLOEXEC_ (1U << 2)

/* Since Linux 6.3 one should say so. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

#define N_KEPT 6

struct guard_start {
	_Alignas(16) char stack[STACK_SIZE];
	int word; /* 0: it executes the program, or has failed */
	int failure; /* -errno */
	int image_fd;
	int keep[N_KEPT];
	char *argv[2];
	char *envp[3];
	char numbers[GUARD_ORDERS_SIZE];
};

static void list_descriptors(const struct guard_orders *o, int image_fd, int keep[N_KEPT])
{
	keep[0] = o->parent_pidfd;
	keep[1] = o->group_fd;
	keep[2] = o->is_dozing ? o->doze.command_pidfd : -1;
	keep[3] = o->is_dozing ? o->doze.wake_fd : -1;
	keep[4] = image_fd;
	keep[5] = o->lone_pidfd;
}

/* ---- as a program ---- */

/* Shares our memory, and has a copy of our descriptors: all but those of its orders end there. */
static int execute(void *arg)
{
	struct guard_start *s = arg;

	if (raw_call(SYS_close_range, 0, ~0U, CLOSE_RANGE_CLOEXEC_, 0, 0) < 0)
		raw_close_all_but(s->keep, N_KEPT);
	for (size_t i = 0; s->failure == 0 && i < N_KEPT; i++)
		if (s->keep[i] >= 0 && s->keep[i] != s->image_fd)
			s->failure = (int)raw_call(SYS_fcntl, s->keep[i], F_SETFD, 0, 0, 0);
	/* A guard without one of them would take its caller for dead. */
	if (s->failure < 0)
		raw_exit(1);
	s->failure = (int)raw_call(SYS_execveat, s->image_fd, (long)"", (long)s->argv,
				   (long)s->envp, AT_EMPTY_PATH);
	raw_exit(1);
}

static int make_image(void)
{
	const unsigned int flags = MFD_CLOEXEC;
	_cleanup_close_ int fd = -1;

	if (!CAN_SHARE_MEMORY || sizeof(guard_image) < 2)
		return -ENOSYS;
	fd = (int)raw_call(SYS_memfd_create, (long)GUARD_NAME, flags | MFD_EXEC, 0, 0, 0);
	if (fd == -EINVAL)
		fd = (int)raw_call(SYS_memfd_create, (long)GUARD_NAME, flags, 0, 0, 0);
	if (fd < 0)
		return fd;
	if (write(fd, guard_image, sizeof(guard_image)) != (ssize_t)sizeof(guard_image))
		return -ENOSPC;
	return take_fd(&fd);
}

static int begin_program(struct guard *g, struct guard_process *ret)
{
	_cleanup_close_ int image_fd = make_image();
	struct guard_start *s;
	pid_t pid;

	if (image_fd < 0)
		return image_fd;
	s = malloc(sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->word = 1;
	s->failure = 0;
	s->image_fd = image_fd;
	list_descriptors(&g->orders, image_fd, s->keep);
	guard_orders_write(&g->orders, s->numbers);
	s->argv[0] = (char *)GUARD_NAME;
	s->envp[0] = (char *)g->orders.name;
	s->envp[1] = s->numbers;
	s->argv[1] = s->envp[2] = NULL;
	pid = clone(execute, s->stack + STACK_SIZE,
		    CLONE_VM | CLONE_PIDFD | CLONE_CHILD_CLEARTID, s, &ret->pidfd, NULL, &s->word);
	if (pid < 0) {
		const int r = -errno;

		free(s);
		return r;
	}
	ret->pid = pid;
	g->start = s;
	return 0;
}

/* The caller may have reaped it with a wait for anybody: then the number may be another's. */
static void await_end(struct guard_process *p)
{
	if (p->pid > 0 && p->pidfd >= 0)
		while (raw_call(SYS_waitid, P_PIDFD_, p->pidfd, 0, WEXITED | __WALL, 0) == -EINTR)
			;
	p->pid = 0;
}

static void reap(struct guard_process *p)
{
	await_end(p);
	p->pidfd = close_fd(p->pidfd);
}

/* 0: the program runs. */
static int await_program(struct guard *g, struct guard_process *p)
{
	struct guard_start *s = g->start;
	int r;

	while (__atomic_load_n(&s->word, __ATOMIC_ACQUIRE) != 0)
		raw_call(SYS_futex, (long)&s->word, FUTEX_WAIT, 1, 0, 0);
	r = s->failure;
	free(s);
	g->start = NULL;
	if (r < 0)
		reap(p);
	return r;
}

/* ---- as a copy ---- */

static _noreturn_ void be_copy(const struct guard_orders *orders)
{
	int keep[N_KEPT];

	list_descriptors(orders, -1, keep);
	raw_close_all_but(keep, N_KEPT);
	guard_main(orders, true);
}

/* No SIGCHLD at its end: the caller's own waiting is not disturbed. */
static int begin_copy(struct guard *g, struct guard_process *ret)
{
	const pid_t pid = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);

	if (pid == 0)
		be_copy(&g->orders);
	if (pid < 0)
		return -errno;
	ret->pid = pid;
	ret->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	return 0;
}

/* ---- either ---- */

static int begin(struct guard *g, struct guard_process *ret)
{
	const int r = begin_program(g, ret);

	/* Too many processes, no memory: a copy would not do better. */
	return r == 0 || r == -EAGAIN || r == -ENOMEM ? r : begin_copy(g, ret);
}

static int await(struct guard *g, struct guard_process *p)
{
	const int r = g->start ? await_program(g, p) : 0;

	return r < 0 ? begin_copy(g, p) : 0;
}

static int fail(int r, struct cg2_error *reterr)
{
	return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
}

static int begin_new(struct guard *g, const struct guard_orders *orders, struct cg2_error *reterr)
{
	const pid_t self = getpid();
	const int parent = (int)syscall(SYS_pidfd_open, self, 0);
	int r;

	assert(g->process.pid == 0);
	if (parent < 0)
		return fail(-errno, reterr);
	g->orders = *orders;
	g->orders.parent_pidfd = parent;
	g->orders.doze = (struct doze){ .parent = self, .parent_pidfd = parent,
					.command_pidfd = -1, .wake_fd = -1 };
	r = begin(g, &g->process);
	if (r == 0)
		return 0;
	g->orders.parent_pidfd = close_fd(parent);
	return fail(r, reterr);
}

int guard_begin(struct guard *g, int group_fd, const char *name, bool is_given_back,
		struct cg2_error *reterr)
{
	const struct guard_orders orders = {
		.group_fd = group_fd,
		.lone_pidfd = -1,
		.name = name,
		.is_given_back = is_given_back,
	};

	return begin_new(g, &orders, reterr);
}

int guard_begin_for(struct guard *g, int command_pidfd, struct cg2_error *reterr)
{
	const struct guard_orders orders = {
		.group_fd = -1,
		.lone_pidfd = command_pidfd,
		.name = "",
	};

	return begin_new(g, &orders, reterr);
}

int guard_await(struct guard *g, struct cg2_error *reterr)
{
	const int r = await(g, &g->process);

	return r < 0 ? fail(r, reterr) : 0;
}

static void dismiss(const struct guard_process *p)
{
	/* Nobody but us reaps it: its number is its own. */
	if (p->pidfd < 0 || raw_signal(p->pidfd, SIGKILL) < 0)
		kill(p->pid, SIGKILL);
}

void guard_dismiss(struct guard *g)
{
	if (g->process.pid == 0 || g->is_dismissed)
		return;
	dismiss(&g->process);
	g->is_dismissed = true;
}

/* The new one is there before the old one goes. */
static int replace(struct guard *g)
{
	struct guard_process next = { .pid = 0, .pidfd = -1 };
	sigset_t saved;
	int r;

	block_signals(&saved);
	r = begin(g, &next);
	if (r == 0)
		r = await(g, &next);
	restore_signals(&saved);
	if (r < 0)
		return r;
	dismiss(&g->process);
	reap(&g->process);
	g->process = next;
	return 0;
}

int guard_doze(struct guard *g, pid_t command, int command_pidfd, uint64_t usec)
{
	int r;

	if (g->process.pid == 0 || g->is_dismissed)
		return -ESRCH;
	guard_awake(g);
	g->awake_fd = eventfd(0, EFD_CLOEXEC);
	if (g->awake_fd < 0)
		return -errno;
	g->orders.is_dozing = true;
	g->orders.doze.command = command;
	g->orders.doze.command_pidfd = command_pidfd;
	g->orders.doze.wake_fd = g->awake_fd;
	g->orders.doze.usec = usec;
	r = replace(g);
	g->orders.is_dozing = false;
	if (r < 0)
		g->awake_fd = close_fd(g->awake_fd);
	return r;
}

void guard_awake(struct guard *g)
{
	if (g->awake_fd >= 0 && eventfd_write(g->awake_fd, 1) < 0)
		return;
	g->awake_fd = close_fd(g->awake_fd);
}

void guard_stop(struct guard *g)
{
	guard_awake(g);
	if (!g->start || await_program(g, &g->process) == 0) {
		guard_dismiss(g);
		await_end(&g->process);
	}
	g->is_dismissed = false;
}

void guard_close(struct guard *g)
{
	g->process.pidfd = close_fd(g->process.pidfd);
	g->orders.parent_pidfd = close_fd(g->orders.parent_pidfd);
}
