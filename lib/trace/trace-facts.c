/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What limits say while a process is stopped at a call that failed: a table says what is read for
 * which call and errno.
 */
#include "trace/trace-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/scan.h"
#include "cgroup/ctx.h"
#include "cgroup/fsio.h"
#include "child/raw.h"
#include "process/procfs.h"
#include "value/unknown.h"

/* The user namespace of the machine: the kernel's PROC_USER_INIT_INO. */
#define USER_NAMESPACE "user:[4026531837]"

#define GROUPS_MAX 64

/* The thread that is looked at. */
struct look {
	struct trace_looker *looker;
	const struct trace_record *record;
	struct trace_facts *facts;
	char status[PROCFS_BUF_SIZE]; /* /proc/TID/status */
};

static uint64_t status_number(const struct look *look, const char *key)
{
	uint64_t value;

	return procfs_status_number(look->status, key, &value) < 0 ? UNKNOWN : value;
}

static uint64_t kib_of(const char *text, const char *key)
{
	uint64_t value;

	return procfs_status_number(text, key, &value) < 0 ? UNKNOWN : value * KIB;
}

/* The soft limit. The type of a resource is not the same in each C library. */
static uint64_t limit_of(pid_t pid, int resource)
{
	struct rlimit limit;

	if (prlimit(pid, resource, NULL, &limit) < 0)
		return UNKNOWN;
	return limit.rlim_cur == RLIM_INFINITY ? CG2_MAX : limit.rlim_cur;
}

static void read_link_of(const struct look *look, const char *process, const char *name, char *buf,
			 size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "proc/%s/%s", process, name);
	n = readlinkat(look->looker->ctx->root_fd, path, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
}

/* What the link of /proc/TID says; "" if it cannot be read. */
static void read_link(const struct look *look, const char *name, char *buf, size_t size)
{
	char tid[16];

	snprintf(tid, sizeof(tid), "%d", (int)look->record->tid);
	read_link_of(look, tid, name, buf, size);
}

/* ---- tasks ---- */

struct tasks {
	struct cg2_ctx *ctx;
	uint64_t uid, n;
};

static void add_tasks(int dirfd _unused_, const char *name, void *userdata)
{
	struct tasks *tasks = userdata;
	struct scan scan = scan_of_string(name);
	uint64_t pid;

	if (scan_u64(&scan, &pid) == 0 && scan_done(&scan) && pid <= INT32_MAX)
		tasks->n += procfs_count_tasks_of(tasks->ctx, (pid_t)pid, tasks->uid);
}

static uint64_t count_tasks(const struct look *look, uint64_t uid)
{
	struct tasks tasks = { .ctx = look->looker->ctx, .uid = uid };
	int fd = ctx_open_dir(tasks.ctx, "/proc");

	if (fd < 0)
		return UNKNOWN;
	raw_for_each_child(fd, add_tasks, &tasks);
	close_fd(fd);
	return tasks.n > 0 ? tasks.n : UNKNOWN;
}

/* The maps of its address space, one a line. */
static uint64_t count_maps(const struct look *look, uint64_t pid)
{
	char path[64], buf[8192];
	uint64_t n_lines = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "proc/%d/maps", (int)pid);
	fd = fsio_open(look->looker->ctx->root_fd, path);
	if (fd < 0)
		return UNKNOWN;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (const char *p = buf; (p = memchr(p, '\n', (size_t)(buf + n - p))); p++)
			n_lines++;
	close_fd(fd);
	return n_lines > 0 ? n_lines : UNKNOWN;
}

typedef uint64_t (*count_fn)(const struct look *look, uint64_t key);

static uint64_t remember(const struct look *look, struct looker_figure *figure, uint64_t key,
			 count_fn count)
{
	const uint64_t begun = now_usec();

	if (figure->key == key && begun < figure->until_usec)
		return figure->value;
	*figure = (struct looker_figure){ .key = key, .value = count(look, key) };
	figure->until_usec = begun + (now_usec() - begun) * (TRACE_WORTH + 1);
	return figure->value;
}

/* RLIMIT_NPROC binds neither root nor these, of the machine's own user namespace. */
static bool is_nproc_exempt(const struct look *look)
{
	const uint64_t exempting = UINT64_C(1) << CAP_SYS_RESOURCE | UINT64_C(1) << CAP_SYS_ADMIN;
	char namespace[64];
	uint64_t held = 0;

	if (look->facts->uid == 0)
		return true;
	read_link(look, "ns/user", namespace, sizeof(namespace));
	if (namespace[0] && strcmp(namespace, USER_NAMESPACE) != 0)
		return false;
	return procfs_status_mask(look->status, "CapEff", &held) == 0 && held & exempting;
}

static void read_nproc(struct look *look)
{
	struct trace_facts *facts = look->facts;

	facts->is_nproc_exempt = is_nproc_exempt(look);
	facts->rlimit_nproc = limit_of(look->record->pid, RLIMIT_NPROC);
	if (!is_limit(facts->rlimit_nproc) || facts->is_nproc_exempt)
		return;
	facts->are_tasks_hidden = procfs_is_partial(look->looker->ctx);
	facts->user_tasks = remember(look, &look->looker->user_tasks, facts->uid, count_tasks);
}

static bool has_moved(const struct trace_facts *facts)
{
	for (size_t i = 0; i < facts->n_levels; i++)
		if (facts->levels[i].has_moved)
			return true;
	return false;
}

static void read_tasks(struct look *look)
{
	struct cg2_ctx *ctx = look->looker->ctx;
	struct trace_facts *facts = look->facts;

	trace_levels_read(look->looker, look->record->tid, facts);
	if (has_moved(facts))
		return;
	read_nproc(look);
	if (procfs_count_tasks(ctx, &facts->tasks) < 0)
		facts->tasks = UNKNOWN;
	facts->threads_max = ctx_peek_value(ctx, "/proc/sys/kernel/threads-max");
	facts->pid_max = ctx_peek_value(ctx, "/proc/sys/kernel/pid_max");
}

/* ---- namespaces ---- */

static void read_namespaces(struct look *look)
{
	static const struct {
		uint64_t flag;
		const char *file;
	} kinds[] = {
		{ CLONE_NEWUSER, "max_user_namespaces" }, { CLONE_NEWPID, "max_pid_namespaces" },
		{ CLONE_NEWNS, "max_mnt_namespaces" },	  { CLONE_NEWNET, "max_net_namespaces" },
		{ CLONE_NEWIPC, "max_ipc_namespaces" },	  { CLONE_NEWUTS, "max_uts_namespaces" },
		{ CLONE_NEWCGROUP, "max_cgroup_namespaces" },
	};
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!(look->record->call.flags & kinds[i].flag))
			continue;
		snprintf(path, sizeof(path), "/proc/sys/user/%s", kinds[i].file);
		look->facts->namespaces_max = MIN(look->facts->namespaces_max,
						  ctx_peek_value(look->looker->ctx, path));
	}
}

/* ---- memory ---- */

static void read_accounting(struct look *look)
{
	struct cg2_ctx *ctx = look->looker->ctx;
	struct trace_facts *facts = look->facts;
	char buf[PROCFS_BUF_SIZE];
	uint64_t ram, swap;
	size_t len;

	facts->overcommit = ctx_peek_value(ctx, "/proc/sys/vm/overcommit_memory");
	if (ctx_read_into(ctx, "/proc/meminfo", buf, sizeof(buf), &len) < 0)
		return;
	facts->commit_limit = kib_of(buf, "CommitLimit");
	facts->committed = kib_of(buf, "Committed_AS");
	ram = kib_of(buf, "MemTotal");
	swap = kib_of(buf, "SwapTotal");
	if (is_known(ram) && is_known(swap))
		facts->ram_and_swap = ram + swap;
	if (procfs_status_number(buf, "HugePages_Free", &facts->huge_free) < 0)
		facts->huge_free = UNKNOWN;
}

/* A map has a page at least: of a small process they need not be counted. */
static bool may_have_maps(const struct trace_facts *facts)
{
	return is_limit(facts->max_map_count) && is_known(facts->vm_size) &&
	       facts->vm_size / (uint64_t)sysconf(_SC_PAGESIZE) + 1 >= facts->max_map_count;
}

static void read_memory(struct look *look)
{
	const pid_t pid = look->record->pid;
	struct trace_facts *facts = look->facts;

	facts->vm_size = kib_of(look->status, "VmSize");
	facts->vm_data = kib_of(look->status, "VmData");
	facts->rlimit_as = limit_of(pid, RLIMIT_AS);
	facts->rlimit_data = limit_of(pid, RLIMIT_DATA);
	facts->max_map_count = ctx_peek_value(look->looker->ctx, "/proc/sys/vm/max_map_count");
	if (may_have_maps(facts))
		facts->n_maps = remember(look, &look->looker->maps, (uint64_t)pid, count_maps);
	read_accounting(look);
}

static void read_locked(struct look *look)
{
	look->facts->vm_locked = kib_of(look->status, "VmLck");
	look->facts->rlimit_memlock = limit_of(look->record->pid, RLIMIT_MEMLOCK);
}

/* Of a fork: what stops all of them, and memory. */
static void read_fork_memory(struct look *look)
{
	char own[64], of_children[64];
	uint64_t n_oom = trace_count_oom(look->looker);

	read_link(look, "ns/pid", own, sizeof(own));
	read_link(look, "ns/pid_for_children", of_children, sizeof(of_children));
	look->facts->is_namespace_dead = own[0] && strcmp(own, of_children) != 0;
	if (is_known(n_oom) && is_known(look->looker->n_oom)) {
		look->facts->is_oom_moved = n_oom > look->looker->n_oom;
		look->looker->n_oom = n_oom;
	}
	look->facts->vm_data = kib_of(look->status, "VmData");
	read_accounting(look);
}

/* ---- programs ---- */

/* The second number of the line, which is the effective one: "Uid:\t1000\t0\t...". */
static uint64_t status_effective(const struct look *look, const char *line)
{
	const char *found = strstr(look->status, line);
	struct scan scan = scan_of_string(found ? found + strlen(line) : "");
	uint64_t real, effective;

	if (scan_u64(&scan, &real) < 0 || !scan_char(&scan, '\t') ||
	    scan_u64(&scan, &effective) < 0)
		return UNKNOWN;
	return effective;
}

/* The groups whose rights it has; there is room for GROUPS_MAX + 1. */
static size_t read_groups(const struct look *look, gid_t *groups)
{
	const char *line = strstr(look->status, "\nGroups:\t");
	struct scan scan = scan_of_string(line ? line + strlen("\nGroups:\t") : "");
	uint64_t gid = status_effective(look, "\nGid:\t");
	size_t n = 0;

	if (is_known(gid))
		groups[n++] = (gid_t)gid;
	while (n < GROUPS_MAX && scan_u64(&scan, &gid) == 0) {
		groups[n++] = (gid_t)gid;
		scan_char(&scan, ' ');
	}
	return n;
}

/* Where the path of a call is for that process: absolute, but for what is below a descriptor. */
static void resolve(const struct look *look, char *ret_path, size_t size)
{
	const char *path = look->record->call.path;
	const int tid = (int)look->record->tid;
	char cwd[TRACE_PATH_MAX] = "";

	if (strncmp(path, "/dev/fd/", strlen("/dev/fd/")) == 0) {
		snprintf(ret_path, size, "/proc/%d/fd/%s", tid, path + strlen("/dev/fd/"));
		return;
	}
	if (path[0] != '/')
		read_link(look, "cwd", cwd, sizeof(cwd));
	if (!cwd[0])
		snprintf(ret_path, size, "%s", path);
	else
		snprintf(ret_path, size, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
}

/*
 * Programs are looked for in one directory after the other, so that this is what most failures are:
 * nothing else needs to be read of them.
 */
static bool is_absent(const struct look *look)
{
	const char *path = look->record->call.path;
	const int tid = (int)look->record->tid;
	char reached[TRACE_PATH_MAX + 64];
	struct stat st;

	if (look->record->call.kind != CG2_TRACE_EXEC || look->record->call.code != ENOENT)
		return false;
	if (strncmp(path, "/dev/fd/", strlen("/dev/fd/")) == 0)
		return false;
	snprintf(reached, sizeof(reached), "proc/%d/%s/%s", tid, path[0] == '/' ? "root" : "cwd",
		 path);
	if (fstatat(look->looker->ctx->root_fd, reached, &st, 0) == 0 || errno != ENOENT)
		return false;
	look->facts->file.code = ENOENT;
	return true;
}

/* Whether the names of that process mean the same files as ours: its root, and what is mounted. */
static bool has_our_root(const struct look *look)
{
	char path[64], own[64], its[64];
	struct stat a, b;

	read_link_of(look, "self", "ns/mnt", own, sizeof(own));
	read_link(look, "ns/mnt", its, sizeof(its));
	if (its[0] && strcmp(own, its) != 0)
		return false;
	snprintf(path, sizeof(path), "proc/%d/root", (int)look->record->tid);
	return fstatat(look->looker->ctx->root_fd, path, &a, 0) < 0 || stat("/", &b) < 0 ||
	       (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static void read_program(struct look *look)
{
	char path[2 * TRACE_PATH_MAX], root[64];
	gid_t groups[GROUPS_MAX + 1];
	struct exec_user user = { .uid = (uid_t)status_effective(look, "\nUid:\t"),
				  .groups = groups };

	user.n_groups = read_groups(look, groups);
	resolve(look, path, sizeof(path));
	snprintf(root, sizeof(root), "/proc/%d/root", (int)look->record->tid);
	if (!has_our_root(look) && strncmp(path, "/proc/", strlen("/proc/")) != 0)
		user.root = root;
	exec_file_read(path, &user, &look->facts->file);
	look->facts->file.path = NULL;
	look->facts->rlimit_stack = limit_of(look->record->pid, RLIMIT_STACK);
}

/* ---- all of it ---- */

/* What is read for a call that failed with that errno; 0: any. */
static const struct {
	enum cg2_trace_kind kind;
	int code;
	void (*read)(struct look *look);
} readings[] = {
	{ CG2_TRACE_FORK, EAGAIN, read_tasks },
	{ CG2_TRACE_FORK, ENOMEM, read_fork_memory },
	{ CG2_TRACE_FORK, ENOSPC, read_namespaces },
	{ CG2_TRACE_FORK, EUSERS, read_namespaces },
	{ CG2_TRACE_FORK, EPERM, read_namespaces },
	{ CG2_TRACE_EXEC, EAGAIN, read_nproc },
	{ CG2_TRACE_EXEC, 0, read_program },
	{ CG2_TRACE_MEMORY, ENOMEM, read_memory },
	{ CG2_TRACE_MEMORY, EAGAIN, read_locked },
};

/* Every number not known. */
static void forget(struct trace_facts *facts)
{
	*facts = (struct trace_facts){
		.user_tasks = UNKNOWN,	  .rlimit_nproc = UNKNOWN,   .tasks = UNKNOWN,
		.threads_max = UNKNOWN,	  .pid_max = UNKNOWN,	     .namespaces_max = UNKNOWN,
		.vm_size = UNKNOWN,	  .vm_data = UNKNOWN,	     .vm_locked = UNKNOWN,
		.n_maps = UNKNOWN,	  .rlimit_as = UNKNOWN,	     .rlimit_data = UNKNOWN,
		.rlimit_memlock = UNKNOWN, .rlimit_stack = UNKNOWN,  .max_map_count = UNKNOWN,
		.overcommit = UNKNOWN,	  .commit_limit = UNKNOWN,   .committed = UNKNOWN,
		.ram_and_swap = UNKNOWN,  .huge_free = UNKNOWN,	     .uid = UNKNOWN,
		.n_filters = UNKNOWN,	  .n_filters_before = UNKNOWN,
	};
}

static uint64_t count_own_filters(const struct look *look)
{
	const uint64_t now = status_number(look, "Seccomp_filters");
	const uint64_t before = look->looker->n_filters;

	/* One is that by which the thread is stopped. */
	return is_known(now) && is_known(before) && now > before ? now - before - 1 : UNKNOWN;
}

void trace_facts_read(struct trace_looker *looker, const struct trace_record *record,
		      struct trace_facts *ret_facts)
{
	struct look look = { .looker = looker, .record = record, .facts = ret_facts };

	forget(ret_facts);
	if (is_absent(&look))
		return;
	if (procfs_read(looker->ctx, record->tid, "status", look.status, sizeof(look.status)) < 0)
		look.status[0] = '\0';
	ret_facts->uid = status_number(&look, "Uid");
	ret_facts->n_filters = count_own_filters(&look);
	ret_facts->n_filters_before = looker->n_filters;
	for (size_t i = 0; i < ARRAY_SIZE(readings); i++)
		if (readings[i].kind == record->call.kind &&
		    (!readings[i].code || readings[i].code == record->call.code))
			readings[i].read(&look);
}

void trace_looker_begin(struct trace_looker *looker, struct cg2_ctx *ctx, pid_t command)
{
	char status[PROCFS_BUF_SIZE];

	*looker = (struct trace_looker){ .ctx = ctx };
	if (procfs_read(ctx, 0, "status", status, sizeof(status)) < 0 ||
	    procfs_status_number(status, "Seccomp_filters", &looker->n_filters) < 0)
		looker->n_filters = UNKNOWN;
	looker->is_events_local = ctx->hierarchy.flags & CG2_HIERARCHY_PIDS_LOCAL;
	if (ctx->hierarchy.mount_fd >= 0)
		trace_levels_begin(looker, command);
	looker->n_oom = trace_count_oom(looker);
}
