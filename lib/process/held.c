/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes of others: opening, checking, and finding the children.
 *
 * A directory of /proc that is open stays that process's: after its end every read of it fails
 * with ESRCH, whoever has its number. It serves as a lock, too, that goes away with either side.
 */
#include "process/held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/scan.h"
#include "base/text.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "cgroup/thread.h"
#include "value/error.h"

/* PF_EXITING and PF_KTHREAD in the flags of /proc/PID/stat. */
#define FLAG_EXITING 0x00000004
#define FLAG_KTHREAD 0x00200000

void held_list_clear(struct held_list *procs)
{
	for (size_t i = 0; i < procs->n; i++)
		held_close(&procs->list[i]);
	free(procs->list);
	procs->list = NULL;
	procs->n = 0;
}

void held_close(struct held *proc)
{
	proc->fd = close_fd(proc->fd);
	proc->lock_fd = close_fd(proc->lock_fd);
}

int held_open(struct cg2_ctx *ctx, struct held *proc)
{
	char path[32];

	proc->lock_fd = -1;
	snprintf(path, sizeof(path), "proc/%d", (int)proc->pid);
	proc->fd = openat(ctx->root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc->fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	return 0;
}

/* What /proc/PID/stat says. */
struct proc_stat {
	char state;
	pid_t ppid;
	uint64_t flags;
};

/* "PID (NAME) STATE PPID PGRP SESSION TTY TPGID FLAGS ..."; the name may hold anything. */
static int parse_stat(const char *buf, struct proc_stat *ret_stat)
{
	const char *end = strrchr(buf, ')');
	uint64_t numbers[6] = { 0 };
	struct scan s, word;

	if (!end || end[1] != ' ' || !end[2])
		return -EBADMSG;
	ret_stat->state = end[2];
	s = scan_of_string(end + 3);
	scan_char(&s, ' ');
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		word = scan_until(&s, ' ');
		/* The terminal's may be -1. */
		scan_char(&word, '-');
		if (scan_u64(&word, &numbers[i]) < 0)
			return -EBADMSG;
	}
	ret_stat->ppid = (pid_t)numbers[0];
	ret_stat->flags = numbers[5];
	return 0;
}

static int read_stat(int dirfd, const char *file, struct proc_stat *ret_stat)
{
	char buf[1024];
	size_t len;
	int r;

	r = fsio_read_into(dirfd, file, buf, sizeof(buf), &len);
	return r < 0 ? r : parse_stat(buf, ret_stat);
}

/* Before it is a zombie, too: the kernel says yes to a move of one that exits, and does nothing. */
static bool has_ended(const struct proc_stat *st)
{
	return st->state == 'Z' || st->state == 'X' || (st->flags & FLAG_EXITING);
}

bool held_is_alive(const struct held *proc)
{
	struct proc_stat st;

	return read_stat(proc->fd, "stat", &st) == 0 && !has_ended(&st);
}

int held_open_pidfd(const struct held *proc)
{
	int fd = (int)syscall(SYS_pidfd_open, proc->pid, 0);

	if (fd < 0)
		return errno == EINVAL ? -ESRCH : -errno;
	if (held_is_alive(proc))
		return fd;
	close_fd(fd);
	return -ESRCH;
}

int held_read_cgroup(struct cg2_ctx *ctx, const struct held *proc, char **ret_path)
{
	_cleanup_free_ char *buf = NULL;
	const char *line;
	size_t len;
	int r;

	r = fsio_read(proc->fd, "cgroup", &buf, &len);
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	line = namespace_find_line(buf);
	return line ? group_path_of_line(ctx, line, ret_path) : -EOPNOTSUPP;
}

int held_read_name(const struct held *proc, char *buf, size_t size)
{
	size_t len;
	int r;

	r = fsio_read_into(proc->fd, "comm", buf, size, &len);
	if (r == 0)
		buf[strcspn(buf, "\n")] = '\0';
	return r;
}

void held_label(const struct held *proc, char *buf, size_t size)
{
	char name[64];

	if (held_read_name(proc, name, sizeof(name)) < 0)
		snprintf(buf, size, "%d", (int)proc->pid);
	else
		snprintf(buf, size, "%d (%s)", (int)proc->pid, name);
}

/* ---- checks ---- */

static int refuse_for(const struct held *proc, int code, const char *why,
		      struct cg2_error *reterr)
{
	char label[96];

	held_label(proc, label, sizeof(label));
	return error_setf(reterr, CG2_OP_MOVE, code, NULL, label, "%s", why);
}

static int check_owner(const struct held *proc, struct cg2_error *reterr)
{
	struct stat st;

	if (geteuid() == 0)
		return 0;
	if (fstat(proc->fd, &st) == 0 && st.st_uid == geteuid())
		return 0;
	/* The directory of one that has just ended is root's. */
	if (!held_is_alive(proc))
		return refuse_for(proc, ESRCH, "it has ended", reterr);
	refuse_for(proc, EPERM, "it belongs to another user", reterr);
	if (proc->is_named)
		error_hint(reterr, "only root may move it");
	else
		error_advice(reterr, CG2_ADVICE_LEAVE_CHILDREN);
	return -EPERM;
}

int held_check(const struct held *proc, struct cg2_error *reterr)
{
	struct proc_stat st;

	if (proc->pid == getpid())
		return refuse_for(proc, EINVAL, "that is cgscope itself", reterr);
	if (proc->pid == 1)
		return refuse_for(proc, EINVAL, "that is the system manager", reterr);
	if (read_stat(proc->fd, "stat", &st) < 0)
		return refuse_for(proc, ESRCH, "it has ended", reterr);
	if (st.flags & FLAG_KTHREAD)
		return refuse_for(proc, EINVAL, "it is a kernel thread", reterr);
	if (has_ended(&st))
		return refuse_for(proc, ESRCH, "it has ended, and its parent has not reaped it",
				  reterr);
	return check_owner(proc, reterr);
}

/* The number of the login session whose scope the cgroup is in or is; NULL: none. */
static char *login_session_of(const char *cgroup)
{
	static const char begin[] = "/session-", end[] = ".scope";
	const char *name = strstr(cgroup, begin);
	size_t len = name ? strcspn(name + 1, "/") : 0;

	if (!name || len < strlen(begin) - 1 + strlen(end) ||
	    strncmp(name + 1 + len - strlen(end), end, strlen(end)) != 0)
		return NULL;
	name += strlen(begin);
	return strndup(name, len - (strlen(begin) - 1) - strlen(end));
}

/* The process that logind knows the session by; 0: it is not known. */
static uint64_t leader_of(struct cg2_ctx *ctx, const char *session)
{
	_cleanup_free_ char *path = text_format("/run/systemd/sessions/%s", session);
	char buf[4096];
	const char *line;
	uint64_t pid = 0;
	struct scan s;
	size_t len;

	if (!path || ctx_read_into(ctx, path, buf, sizeof(buf), &len) < 0)
		return 0;
	line = strstr(buf, "\nLEADER=");
	if (!line)
		return 0;
	s = scan_of_string(line + strlen("\nLEADER="));
	return scan_u64(&s, &pid) < 0 ? 0 : pid;
}

/*
 * The leader of a login session, which ends when that leaves its scope. Leaders of other sessions,
 * as daemons and the shells of terminals are, lose nothing by a move.
 */
static int check_leader(struct cg2_ctx *ctx, const struct held *proc, struct cg2_error *reterr)
{
	_cleanup_free_ char *cgroup = NULL, *session = NULL;
	char why[96];
	int r;

	if (held_read_cgroup(ctx, proc, &cgroup) < 0)
		return 0;
	session = login_session_of(cgroup);
	if (!session || leader_of(ctx, session) != (uint64_t)proc->pid)
		return 0;
	snprintf(why, sizeof(why), "it is the leader of login session %.32s", session);
	r = refuse_for(proc, EBUSY, why, reterr);
	error_advice(reterr, CG2_ADVICE_FORCE);
	return r;
}

/*
 * On a file that nobody but its user and root can open, and that is on every kernel: anybody may
 * open the directory, and who has it open may have it locked.
 */
static int lock(struct held *proc, struct cg2_error *reterr)
{
	proc->lock_fd = fsio_open(proc->fd, "personality");
	if (proc->lock_fd < 0 || flock(proc->lock_fd, LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK)
		return 0;
	return refuse_for(proc, EBUSY, "another cgscope is moving it", reterr);
}

static int check_thread(const struct held *proc, struct cg2_error *reterr)
{
	pid_t process = thread_process(proc->fd, "status");
	char label[96];

	if (process == 0)
		return 0;
	held_label(proc, label, sizeof(label));
	return thread_error(CG2_OP_MOVE, NULL, label, process, reterr);
}

static int check_named(struct cg2_ctx *ctx, struct held *proc, const struct held_wish *wish,
		       struct cg2_error *reterr)
{
	int r;

	r = check_thread(proc, reterr);
	if (r == 0)
		r = held_check(proc, reterr);
	if (r == 0 && wish->is_locked)
		r = lock(proc, reterr);
	if (r == 0 && !wish->is_forced)
		r = check_leader(ctx, proc, reterr);
	return r;
}

/* ---- the set ---- */

static bool has(const struct held_list *procs, pid_t pid)
{
	for (size_t i = 0; i < procs->n; i++)
		if (procs->list[i].pid == pid && held_is_alive(&procs->list[i]))
			return true;
	return false;
}

void held_list_drop_last(struct held_list *procs)
{
	held_close(&procs->list[--procs->n]);
}

/* *ret_proc stays valid until the next one is added. */
static int add(struct held_list *procs, pid_t pid, bool is_named, struct held **ret_proc)
{
	struct held *grown, proc = { .pid = pid, .is_named = is_named };
	int r;

	r = held_open(procs->ctx, &proc);
	if (r < 0)
		return r;
	grown = reallocarray(procs->list, procs->n + 1, sizeof(*grown));
	if (!grown) {
		held_close(&proc);
		return -ENOMEM;
	}
	procs->list = grown;
	grown[procs->n] = proc;
	*ret_proc = &grown[procs->n++];
	return 0;
}

int held_list_add(struct held_list *procs, pid_t pid, const struct held_wish *wish,
	      struct cg2_error *reterr)
{
	char text[16];
	struct held *proc;
	int r;

	if (has(procs, pid))
		return 0;
	r = add(procs, pid, true, &proc);
	if (r == 0) {
		r = check_named(procs->ctx, proc, wish, reterr);
		if (r < 0)
			held_list_drop_last(procs);
		return r;
	}
	snprintf(text, sizeof(text), "%d", (int)pid);
	if (r == -ESRCH)
		return error_setf(reterr, CG2_OP_MOVE, ESRCH, NULL, text,
				  "there is no such process");
	return error_set(reterr, CG2_OP_MOVE, r, NULL, text);
}

/* ---- children ---- */

struct family {
	struct {
		pid_t pid;
		pid_t ppid;
	} *list;
	size_t n;
};

static int family_add(struct family *family, pid_t pid, pid_t ppid)
{
	void *grown;

	if (family->n % 256 == 0) {
		grown = reallocarray(family->list, family->n + 256, sizeof(*family->list));
		if (!grown)
			return -ENOMEM;
		family->list = grown;
	}
	family->list[family->n].pid = pid;
	family->list[family->n++].ppid = ppid;
	return 0;
}

/* Whose child everybody is. */
static int read_family(struct cg2_ctx *ctx, struct family *family)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, "proc");
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (r == 0 && (entry = readdir(dir))) {
		char file[sizeof(entry->d_name) + sizeof("/stat")];
		struct proc_stat st;
		uint64_t pid;

		if (cg2_u64_from_string(entry->d_name, &pid) < 0)
			continue;
		snprintf(file, sizeof(file), "%s/stat", entry->d_name);
		if (read_stat(dirfd(dir), file, &st) == 0 && st.state != 'Z')
			r = family_add(family, (pid_t)pid, st.ppid);
	}
	return r;
}

/* The number was read a while ago: it must be a child still, and of that one. */
static bool is_child(const struct held *proc, pid_t parent)
{
	struct proc_stat st;

	return read_stat(proc->fd, "stat", &st) == 0 && st.ppid == parent;
}

/* 1 if it is new. parent: its place in the list. */
static int add_child(struct held_list *procs, pid_t pid, size_t parent, bool is_late,
		     struct cg2_error *reterr)
{
	struct held *proc;
	int r;

	r = add(procs, pid, false, &proc);
	if (r == -ESRCH)
		return 0;
	if (r < 0)
		return error_set(reterr, CG2_OP_MOVE, r, NULL, NULL);
	if (is_child(proc, procs->list[parent].pid) && held_is_alive(&procs->list[parent])) {
		r = is_late ? 0 : held_check(proc, reterr);
		if (r != -ESRCH)
			return r < 0 ? r : 1;
		/* It had no time to be noticed. */
		cg2_error_clear(reterr);
	}
	held_list_drop_last(procs);
	return 0;
}

int held_list_add_children(struct held_list *procs, bool is_late, struct cg2_error *reterr)
{
	struct family family = { NULL, 0 };
	int count = 0, r;

	r = read_family(procs->ctx, &family);
	if (r < 0) {
		free(family.list);
		return error_set(reterr, CG2_OP_MOVE, r, "/proc", NULL);
	}
	/* What is added on the way is looked at in its turn. */
	for (size_t i = 0; r >= 0 && i < procs->n; i++) {
		for (size_t k = 0; r >= 0 && k < family.n; k++) {
			pid_t pid = family.list[k].pid;

			if (family.list[k].ppid != procs->list[i].pid || pid == getpid() ||
			    has(procs, pid))
				continue;
			r = add_child(procs, pid, i, is_late, reterr);
			count += r > 0;
		}
	}
	free(family.list);
	return r < 0 ? r : count;
}
