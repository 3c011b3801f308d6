/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The holder process. The caller may be in a login session, whose cgroup an ordinary user can't
 * leave with clone3(CLONE_INTO_CGROUP): kernel and cgroupfs want write access to the common
 * ancestor. The holder is moved into the scope by the manager, and from there the way to the
 * command's cgroup is free; CLONE_PARENT makes the command the caller's child all the same.
 *
 * What runs after fork() allocates nothing and takes no locks: the caller may have threads.
 */
#include "child/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/ctx.h"
#include "cgroup/mark.h"
#include "child/block-signals.h"
#include "child/doze.h"
#include "child/end-group.h"
#include "child/keeper.h"
#include "child/raw.h"
#include "child/tell.h"
#include "value/error.h"

#define MOVE_POLL_MSEC 10

/* Not the caller's: whoever kills all of that name means the holder no more than its group. */
#define NAME "cg-hold"

enum request_kind {
	REQUEST_EXPECT_MOVE,
	REQUEST_SPAWN,
	REQUEST_DOZE,
	REQUEST_KEEP,
	REQUEST_AWAKE,
	REQUEST_RELEASE,
};

struct request {
	enum request_kind kind;
	uint64_t usec; /* REQUEST_EXPECT_MOVE, REQUEST_DOZE */
	struct keep_time time; /* REQUEST_KEEP */
};

/* The answer to REQUEST_SPAWN: the pid, or a negative errno. */
struct answer {
	int result;
};

#define N_SPAWN_FDS 3

/* What the child side knows. */
struct self {
	struct cg2_ctx *ctx;
	const struct exec_plan *plan;
	const char *home;
	uint64_t move_end_usec; /* until when a move may come that was asked for */
	int socket_fd;
	int kill_fds[2];
	int parent_pidfd;
	pid_t parent;
	pid_t command;
	int command_pidfd;
};

/* The cgroup v2 line of /proc/self/cgroup is still that of the caller. */
static bool is_at_home(const struct self *s)
{
	char buf[PATH_MAX + 256];
	_cleanup_close_ int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);
	size_t len = strlen(s->home);
	const char *line;

	if (n <= 0)
		return false;
	buf[n] = '\0';
	line = strncmp(buf, "0::", 3) == 0 ? buf : strstr(buf, "\n0::");
	if (!line)
		return false;
	line += strspn(line, "\n");
	return strncmp(line + 3, s->home, len) == 0 && line[3 + len] == '\n';
}

static void await_move(const struct self *s)
{
	while (usec_until(s->move_end_usec) > 0 && is_at_home(s))
		poll(NULL, 0, MOVE_POLL_MSEC);
}

/* Ends every process of the group, this one included if the scope itself is ours. */
static _noreturn_ void end_all(const struct self *s)
{
	int last = -1;

	await_move(s);
	for (size_t i = 0; i < ARRAY_SIZE(s->kill_fds); i++) {
		if (s->kill_fds[i] >= 0 && raw_write(s->kill_fds[i], "cgroup.kill", "1") < 0)
			last = s->kill_fds[i];
	}
	/* Before kernel 5.14. */
	if (last >= 0)
		end_group(last);
	_exit(0);
}

/*
 * Kernels since 5.7 put the child there at once. With CLONE_VFORK we are back when the command has
 * begun, or has failed and said why: its end of the pipe need not be waited for, of which whoever
 * was forked by another thread, or is the holder of another run, may have a copy.
 */
static pid_t clone_into(int cgroup_fd)
{
	struct clone_args args = {
		.flags = CLONE_PARENT | CLONE_INTO_CGROUP | CLONE_VFORK,
		.cgroup = (uint64_t)cgroup_fd,
	};

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/* Where seccomp or the kernel refuse clone3: the child enters by itself, before execve(). */
static pid_t clone_and_join(const struct self *s, int cgroup_fd)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | CLONE_VFORK, NULL, NULL, NULL, NULL);

	if (pid == 0)
		exec_join(s->plan, cgroup_fd);
	return pid;
}

static int spawn(struct self *s, int run_fd)
{
	pid_t pid = clone_into(run_fd);

	if (pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG))
		pid = clone_and_join(s, run_fd);
	if (pid == 0)
		exec_now(s->plan);
	return pid < 0 ? -errno : pid;
}

/*
 * Only now is it true that the end of the command is the end of what holds a pipe open. The ctx's
 * own are for the time that may have to be kept.
 */
static void withdraw(const struct self *s)
{
	const int keep[] = { s->socket_fd, s->kill_fds[0], s->kill_fds[1], s->parent_pidfd,
			     s->command_pidfd, s->ctx->root_fd, s->ctx->hierarchy.mount_fd };

	raw_withdraw(keep, ARRAY_SIZE(keep));
}

static ssize_t receive(int fd, struct request *request, int fds[N_SPAWN_FDS])
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * N_SPAWN_FDS)];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = request, .iov_len = sizeof(*request) };
	struct msghdr m = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	return n;
}

static void do_spawn(struct self *s, const int fds[N_SPAWN_FDS])
{
	struct answer answer;

	s->kill_fds[0] = fds[1];
	s->kill_fds[1] = fds[2];
	answer.result = spawn(s, fds[0]);
	if (answer.result > 0) {
		s->command = answer.result;
		s->command_pidfd = (int)syscall(SYS_pidfd_open, s->command, 0);
	}
	/* The parent is gone, or would wait for ever for what there is no memory for. */
	if (!tell(s->socket_fd, &answer, sizeof(answer)))
		end_all(s);
	withdraw(s);
}

/* Beside the command's cgroup, in the scope, which so lives as long as it. */
static _noreturn_ void become_keeper(const struct self *s, const struct keep_time *time)
{
	struct cg2_group group = { .n_ref = 1, .ctx = s->ctx, .fd = s->kill_fds[1] };
	char *leaf;

	if (group_path_of_pid(s->ctx, 0, &group.path, NULL) < 0)
		_exit(1);
	leaf = strrchr(group.path, '/');
	if (!leaf || strcmp(leaf + 1, MARK_LEAF_HOLD) != 0)
		_exit(1);
	static_assert(sizeof(MARK_LEAF_RUN) <= sizeof(MARK_LEAF_HOLD), "it is put in its place");
	memcpy(leaf + 1, MARK_LEAF_RUN, sizeof(MARK_LEAF_RUN));
	keeper_become(&group, time);
}

static void do_doze(const struct self *s, uint64_t usec)
{
	const struct doze d = {
		.parent = s->parent,
		.command = s->command,
		.parent_pidfd = s->parent_pidfd,
		.command_pidfd = s->command_pidfd,
		.wake_fd = s->socket_fd,
		.usec = usec,
	};

	doze(&d);
}

static _noreturn_ void holder_main(struct self *s)
{
	struct request request;

	raw_rename(NAME);
	for (;;) {
		int fds[N_SPAWN_FDS] = { -1, -1, -1 };
		ssize_t n = receive(s->socket_fd, &request, fds);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(request))
			end_all(s);
		switch (request.kind) {
		case REQUEST_EXPECT_MOVE:
			s->move_end_usec = end_after(request.usec);
			break;
		case REQUEST_SPAWN:
			s->move_end_usec = 0;
			do_spawn(s, fds);
			break;
		case REQUEST_DOZE:
			do_doze(s, request.usec);
			break;
		case REQUEST_AWAKE:
			break;
		case REQUEST_KEEP:
			become_keeper(s, &request.time);
		case REQUEST_RELEASE:
			_exit(0);
		}
	}
}

/* A process could not be made. Which limit on tasks it was can't be seen from here. */
static int spawn_error(struct cg2_error *reterr, int code)
{
	int r = error_set(reterr, CG2_OP_SPAWN, code, NULL, NULL);

	if (r == -EAGAIN)
		error_hint(reterr, "a limit on tasks is reached; see cgscope check, and ulimit -u");
	return r;
}

int holder_start(struct holder *h, struct cg2_ctx *ctx, const struct exec_plan *plan,
		 const char *home, struct cg2_error *reterr)
{
	int sockets[2];
	pid_t parent = getpid(), pid;
	_cleanup_close_ int parent_pidfd = (int)syscall(SYS_pidfd_open, parent, 0);

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0)
		return error_set(reterr, CG2_OP_SPAWN, errno, NULL, NULL);
	pid = blocked_fork();
	if (pid == 0) {
		struct self s = {
			.ctx = ctx,
			.plan = plan,
			.home = home,
			.socket_fd = sockets[1],
			.kill_fds = { -1, -1 },
			.parent_pidfd = parent_pidfd,
			.parent = parent,
			.command_pidfd = -1,
		};

		close(sockets[0]);
		holder_main(&s);
	}
	close_fd(sockets[1]);
	if (pid < 0) {
		close_fd(sockets[0]);
		return spawn_error(reterr, errno);
	}
	h->pid = pid;
	h->socket_fd = sockets[0];
	h->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	/* The command's is opened when it runs, too late to find that it can't be had. */
	return h->pidfd < 0 ? error_set(reterr, CG2_OP_SPAWN, errno, NULL, NULL) : 0;
}

static int send_whole(struct holder *h, const struct request *request, const int *fds,
		      size_t n_fds)
{
	union {
		char buf[CMSG_SPACE(sizeof(int) * N_SPAWN_FDS)];
		struct cmsghdr align;
	} control = { .buf = { 0 } };
	struct iovec iov = { .iov_base = (void *)request, .iov_len = sizeof(*request) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n_fds > 0) {
		struct cmsghdr *c = &control.align;

		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	return sendmsg(h->socket_fd, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int send_request(struct holder *h, enum request_kind kind, uint64_t usec,
			const int *fds, size_t n_fds)
{
	const struct request request = { .kind = kind, .usec = usec };

	return send_whole(h, &request, fds, n_fds);
}

bool holder_has_ended(const struct holder *h)
{
	struct pollfd fd = { .fd = h->pidfd, .events = POLLIN };

	return raw_poll(&fd, 1, 0) > 0;
}

int holder_expect_move(struct holder *h, uint64_t usec)
{
	return send_request(h, REQUEST_EXPECT_MOVE, usec, NULL, 0);
}

int holder_expect_nothing(struct holder *h)
{
	return send_request(h, REQUEST_EXPECT_MOVE, 0, NULL, 0);
}

int holder_spawn(struct holder *h, int run_fd, const int kill_fds[2], pid_t *ret_pid,
		 struct cg2_error *reterr)
{
	const int fds[N_SPAWN_FDS] = { run_fd, kill_fds[0], kill_fds[1] };
	struct answer answer;
	ssize_t n;
	int r;

	r = send_request(h, REQUEST_SPAWN, 0, fds, kill_fds[1] >= 0 ? 3 : 2);
	if (r < 0)
		return error_set(reterr, CG2_OP_SPAWN, r, NULL, NULL);
	do
		n = recv(h->socket_fd, &answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(answer))
		return error_setf(reterr, CG2_OP_SPAWN, EIO, NULL, NULL,
				  "the process that holds the scope was killed");
	if (answer.result < 0)
		return spawn_error(reterr, answer.result);
	*ret_pid = answer.result;
	return 0;
}

int holder_doze(struct holder *h, uint64_t usec)
{
	return h->pid ? send_request(h, REQUEST_DOZE, usec, NULL, 0) : -ESRCH;
}

int holder_keep(struct holder *h, const struct keep_time *time)
{
	const struct request request = { .kind = REQUEST_KEEP, .time = *time };
	int r = h->pid ? send_whole(h, &request, NULL, 0) : -ESRCH;

	if (r == 0)
		holder_detach(h);
	return r;
}

void holder_awake(struct holder *h)
{
	if (h->pid && send_request(h, REQUEST_AWAKE, 0, NULL, 0) < 0)
		errno = 0;
}

static void reap(struct holder *h)
{
	if (h->pid == 0)
		return;
	h->socket_fd = close_fd(h->socket_fd);
	while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
		;
	h->pidfd = close_fd(h->pidfd);
	h->pid = 0;
}

void holder_release(struct holder *h)
{
	/* If it is gone already there is nothing to let go. */
	if (h->pid && send_request(h, REQUEST_RELEASE, 0, NULL, 0) < 0)
		errno = 0;
	reap(h);
}

void holder_abort(struct holder *h)
{
	reap(h);
}

void holder_leave(struct holder *h, int r)
{
	if (r == -ETIMEDOUT) {
		holder_detach(h);
		return;
	}
	/* One that is gone expects nothing. */
	if (holder_expect_move(h, HOLDER_LOST_USEC) < 0)
		errno = 0;
	reap(h);
}

void holder_detach(struct holder *h)
{
	h->socket_fd = close_fd(h->socket_fd);
	h->pidfd = close_fd(h->pidfd);
	h->pid = 0;
}
