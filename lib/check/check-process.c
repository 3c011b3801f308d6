/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What limits a process beside its cgroup, and processes that have ended without being
 * reaped.
 */
#include "check/check-internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "child/task-probe.h"
#include "process/procfs.h"

/* Larger subtrees are not searched for zombies. */
#define SUBTREE_MAX 256

/* Every process is a zombie for a moment; one that still is one after this time is left. */
#define ZOMBIE_MSEC 100

/* Free with free(). */
static char *read_comm(struct cg2_ctx *ctx, pid_t pid)
{
	char buf[64];

	if (procfs_read(ctx, pid, "comm", buf, sizeof(buf)) < 0)
		return strdup("unknown");
	buf[strcspn(buf, "\n")] = '\0';
	return strdup(buf);
}

/* ---- the process ---- */

/* The soft limit of a line of /proc/PID/limits, "Max processes  50  100  processes". */
static uint64_t rlimit_of(const char *limits, const char *name)
{
	const char *found = strstr(limits, name);
	struct scan scan;
	uint64_t value;

	if (!found)
		return UNKNOWN;
	found += strlen(name);
	scan = scan_of_string(found + strspn(found, " "));
	if (scan_word(&scan, "unlimited"))
		return CG2_MAX;
	return scan_u64(&scan, &value) < 0 ? UNKNOWN : value;
}

static uint64_t count_descriptors(struct cg2_ctx *ctx, pid_t pid)
{
	_cleanup_(dir_closep) DIR *dir = NULL;
	char path[64];
	uint64_t n = 0;
	struct stat st;

	snprintf(path, sizeof(path), "proc/%d/fd", (int)pid);
	dir = dir_open(ctx->root_fd, path);
	if (!dir)
		return UNKNOWN;
	/* Since kernel 6.2 the size of the directory is their number. */
	if (fstat(dirfd(dir), &st) == 0 && st.st_size > 0 && ctx->is_real_root)
		return (uint64_t)st.st_size;
	while (readdir(dir))
		n++;
	/* Without "." and "..". */
	return n - MIN(n, UINT64_C(2));
}

static uint64_t number_or_unknown(const char *status, const char *key)
{
	uint64_t value;

	return procfs_status_number(status, key, &value) < 0 ? UNKNOWN : value;
}

/* Root and holders of two capabilities may have as many tasks as they like. */
static bool is_privileged(const char *status)
{
	uint64_t effective, uid;

	if (procfs_status_number(status, "Uid", &uid) == 0 && uid == 0)
		return true;
	/* CAP_SYS_RESOURCE and CAP_SYS_ADMIN. */
	return procfs_status_mask(status, "CapEff", &effective) == 0 &&
	       effective & (UINT64_C(1) << 24 | UINT64_C(1) << 21);
}

/* Those of the own user can be counted wherever they are. */
static void count_tasks(struct check_process *p, struct cg2_ctx *ctx, uint64_t uid)
{
	uint64_t n;

	if (procfs_count_tasks_of_user(ctx, uid, &n) < 0)
		return;
	if (procfs_is_partial(ctx))
		p->is_nproc_partial = uid != getuid() || task_probe(n, p->nproc_limit, &n) < 0;
	p->nproc_current = n;
}

static void read_status(struct check_process *p, struct cg2_ctx *ctx, const char *status)
{
	uint64_t value, uid;

	p->is_privileged = is_privileged(status);
	p->has_no_new_privs = procfs_status_number(status, "NoNewPrivs", &value) == 0 && value > 0;
	p->seccomp = procfs_status_number(status, "Seccomp", &value) < 0 ? 0 : value;
	if (procfs_status_mask(status, "CapBnd", &p->bounding) < 0)
		p->bounding = UINT64_MAX;
	p->as_current = number_or_unknown(status, "VmSize");
	if (is_known(p->as_current))
		p->as_current *= 1024;
	if (is_limit(p->nproc_limit) && !p->is_privileged &&
	    procfs_status_number(status, "Uid", &uid) == 0)
		count_tasks(p, ctx, uid);
}

static void read_oom_score_adj(struct check_process *p, struct cg2_ctx *ctx)
{
	char buf[32];
	struct scan scan;
	bool is_negative;
	uint64_t value;

	if (procfs_read(ctx, p->pid, "oom_score_adj", buf, sizeof(buf)) < 0)
		return;
	scan = scan_of_string(buf);
	is_negative = scan_char(&scan, '-');
	if (scan_u64(&scan, &value) < 0 || value > 1000)
		return;
	p->is_oom_known = true;
	p->oom_score_adj = is_negative ? -(int)value : (int)value;
}

int check_read_process(struct cg2_check *check, struct cg2_ctx *ctx, pid_t pid)
{
	struct check_process *p = &check->process;
	char buf[PROCFS_BUF_SIZE];

	*p = (struct check_process){
		.pid = pid,
		.nproc_limit = UNKNOWN,
		.nproc_current = UNKNOWN,
		.as_limit = UNKNOWN,
		.as_current = UNKNOWN,
		.nofile_limit = UNKNOWN,
		.nofile_current = UNKNOWN,
		.bounding = UINT64_MAX,
	};
	if (pid == 0)
		return 0;
	p->name = read_comm(ctx, pid);
	if (!p->name)
		return -ENOMEM;
	if (procfs_read(ctx, pid, "limits", buf, sizeof(buf)) == 0) {
		p->nproc_limit = rlimit_of(buf, "Max processes");
		p->as_limit = rlimit_of(buf, "Max address space");
		p->nofile_limit = rlimit_of(buf, "Max open files");
	}
	if (is_limit(p->nofile_limit))
		p->nofile_current = count_descriptors(ctx, pid);
	if (procfs_read(ctx, pid, "status", buf, sizeof(buf)) == 0)
		read_status(p, ctx, buf);
	read_oom_score_adj(p, ctx);
	return 0;
}

/* ---- zombies ---- */

static uint64_t count_lines(int fd, const char *file)
{
	_cleanup_free_ char *buf = NULL;
	uint64_t n = 0;
	size_t len;

	if (fsio_read(fd, file, &buf, &len) < 0)
		return 0;
	for (size_t i = 0; i < len; i++)
		n += buf[i] == '\n';
	return n;
}

/* The threads of the subtree that live; false: it is too large to be asked. */
static bool count_threads(int dir_fd, const char *name, unsigned int *n_cgroups, uint64_t *n)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(dir_fd, name);
	struct dirent *entry;
	bool is_done;

	if (!dir)
		return true;
	*n += count_lines(dirfd(dir), "cgroup.threads");
	is_done = ++*n_cgroups <= SUBTREE_MAX;
	while (is_done && (entry = readdir(dir)))
		if (dir_is_child(entry))
			is_done = count_threads(dirfd(dir), entry->d_name, n_cgroups, n);
	return is_done;
}

struct zombies {
	struct procfs_zombie *items;
	size_t n;
};

/* Is the process in the cgroup, or below it? A removed cgroup has " (deleted)" after it. */
static bool is_process_below(struct cg2_ctx *ctx, pid_t pid, const char *path)
{
	_cleanup_free_ char *own = NULL;
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);

	return group_path_of_pid(ctx, pid, &own, NULL) == 0 && strncmp(own, path, len) == 0 &&
	       (own[len] == '/' || own[len] == '\0' || own[len] == ' ');
}

static int find_zombies(struct zombies *found, struct cg2_group *group)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(group->ctx->root_fd, "proc");
	struct procfs_zombie zombie, *grown;
	int r = 0;
	pid_t pid;

	while (dir && r == 0 && (pid = procfs_next_pid(dir))) {
		if (procfs_read_zombie(group->ctx, pid, &zombie) <= 0 ||
		    !is_process_below(group->ctx, pid, group->path))
			continue;
		grown = reallocarray(found->items, found->n + 1, sizeof(*grown));
		r = grown ? 0 : -ENOMEM;
		if (r < 0)
			break;
		found->items = grown;
		found->items[found->n++] = zombie;
	}
	return r;
}

/* Those of them that are still there, unreaped. */
static void keep_zombies(struct zombies *found, struct cg2_ctx *ctx)
{
	size_t n = 0;

	for (size_t i = 0; i < found->n; i++) {
		struct procfs_zombie zombie;

		if (procfs_read_zombie(ctx, found->items[i].pid, &zombie) > 0 &&
		    zombie.started == found->items[i].started)
			found->items[n++] = zombie;
	}
	found->n = n;
}

int check_read_zombies(struct cg2_check *check, struct cg2_group *group)
{
	uint64_t tasks = check->levels[0].figures[CG2_LEVEL_TASKS_COUNT], threads = 0;
	struct zombies found = { NULL, 0 };
	unsigned int n_cgroups = 0;
	int r = 0;

	/* A search of all processes, only where more tasks are counted than live. */
	if (!is_known(tasks) || !count_threads(group->fd, ".", &n_cgroups, &threads) ||
	    threads >= tasks)
		return 0;
	r = find_zombies(&found, group);
	if (r == 0 && found.n > 0) {
		poll(NULL, 0, ZOMBIE_MSEC);
		keep_zombies(&found, group->ctx);
	}
	if (r == 0 && found.n > 0) {
		check->zombies.n = found.n;
		check->zombies.parent = found.items[0].parent;
		check->zombies.parent_name = read_comm(group->ctx, found.items[0].parent);
		r = check->zombies.parent_name ? 0 : -ENOMEM;
	}
	free(found.items);
	return r;
}
