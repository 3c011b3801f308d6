/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading /proc.
 */
#include "process/procfs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/scan.h"
#include "cgroup/ctx.h"

int procfs_read(struct cg2_ctx *ctx, pid_t pid, const char *file, char *buf, size_t size)
{
	char path[64];
	size_t len;

	if (pid == 0)
		snprintf(path, sizeof(path), "/proc/self/%s", file);
	else
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return ctx_read_into(ctx, path, buf, size, &len);
}

/* What follows "KEY:" and blanks at the begin of a line; NULL: no such line. */
static const char *find_line(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			return line + len + 1 + strspn(line + len + 1, " \t");
	}
	return NULL;
}

int procfs_status_number(const char *status, const char *key, uint64_t *ret_value)
{
	const char *found = find_line(status, key);
	struct scan scan;

	if (!found)
		return -ENOENT;
	scan = scan_of_string(found);
	return scan_u64(&scan, ret_value);
}

int procfs_status_mask(const char *status, const char *key, uint64_t *ret_value)
{
	const char *found = find_line(status, key);
	uint64_t value = 0;
	size_t n = 0;

	for (; found && found[n] && found[n] != '\n'; n++) {
		const char *digit = strchr("0123456789abcdef", found[n]);

		if (!digit || n == 16)
			return -EBADMSG;
		value = value << 4 | (uint64_t)(found[n] <= '9' ? found[n] - '0'
								: found[n] - 'a' + 10);
	}
	if (n == 0)
		return -ENOENT;
	*ret_value = value;
	return 0;
}

pid_t procfs_next_pid(void *dir)
{
	struct dirent *entry;
	uint64_t pid;

	while ((entry = readdir(dir)))
		if (cg2_u64_from_string(entry->d_name, &pid) == 0 && pid <= INT32_MAX)
			return (pid_t)pid;
	return 0;
}

/* The owner of /proc/PID is no help: processes that may not be dumped are root's there. */
uint64_t procfs_count_tasks_of(struct cg2_ctx *ctx, pid_t pid, uint64_t uid)
{
	char buf[PROCFS_BUF_SIZE];
	uint64_t real, threads;

	if (procfs_read(ctx, pid, "status", buf, sizeof(buf)) < 0 ||
	    procfs_status_number(buf, "Uid", &real) < 0 || real != uid)
		return 0;
	return procfs_status_number(buf, "Threads", &threads) < 0 ? 1 : threads;
}

int procfs_count_tasks_of_user(struct cg2_ctx *ctx, uint64_t uid, uint64_t *ret_n)
{
	_cleanup_(dir_closep) DIR *dir = dir_open(ctx->root_fd, "proc");
	uint64_t n = 0;
	pid_t pid;

	if (!dir)
		return -errno;
	while ((pid = procfs_next_pid(dir)))
		n += procfs_count_tasks_of(ctx, pid, uid);
	*ret_n = n;
	return 0;
}

bool procfs_is_partial(struct cg2_ctx *ctx)
{
	/* The kernel's PROC_PID_INIT_INO. */
	static const char first[] = "pid:[4026531836]";
	char link[32];
	ssize_t n = readlinkat(ctx->root_fd, "proc/self/ns/pid", link, sizeof(link));

	return n > 0 && ((size_t)n != strlen(first) || memcmp(link, first, (size_t)n) != 0);
}

/* "0.00 0.01 0.05 1/123 4567": running/all tasks. */
int procfs_count_tasks(struct cg2_ctx *ctx, uint64_t *ret_n)
{
	char buf[128], *slash;
	struct scan scan;
	size_t len;
	int r;

	r = ctx_read_into(ctx, "/proc/loadavg", buf, sizeof(buf), &len);
	if (r < 0)
		return r;
	slash = strchr(buf, '/');
	if (!slash)
		return -EBADMSG;
	scan = scan_of_string(slash + 1);
	return scan_u64(&scan, ret_n);
}

/* Takes n words and the blanks after them. */
static void skip_words(struct scan *scan, unsigned int n)
{
	while (n-- > 0)
		scan_until(scan, ' ');
}

/*
 * "PID (NAME) STATE PPID ...": the name may hold anything, so what follows is behind its
 * last bracket. The 20th word is the number of threads, the 22nd when it was started.
 */
int procfs_read_zombie(struct cg2_ctx *ctx, pid_t pid, struct procfs_zombie *ret_zombie)
{
	uint64_t parent = 0, n_threads = 0, started = 0;
	char buf[1024], *bracket;
	struct scan scan;
	int r;

	r = procfs_read(ctx, pid, "stat", buf, sizeof(buf));
	if (r < 0)
		return r;
	bracket = strrchr(buf, ')');
	if (!bracket || strncmp(bracket, ") Z ", 4) != 0)
		return 0;
	scan = scan_of_string(bracket + 4);
	r = scan_u64(&scan, &parent);
	skip_words(&scan, 16);
	if (r == 0)
		r = scan_u64(&scan, &n_threads);
	skip_words(&scan, 2);
	if (r == 0)
		r = scan_u64(&scan, &started);
	/* The first thread may be gone while the others go on. */
	if (r < 0 || n_threads > 1)
		return r < 0 ? -EBADMSG : 0;
	*ret_zombie = (struct procfs_zombie){ pid, (pid_t)parent, started };
	return 1;
}
