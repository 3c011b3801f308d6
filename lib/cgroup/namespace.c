/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A cgroup namespace whose root is a cgroup somewhere below what is mounted, as in a container
 * with /sys/fs/cgroup of its host: /proc gives paths as from that root. The mount says only how far
 * up it is, "/../..", not by which names; so the tree is searched, that far down, for the
 * cgroup that this process is in.
 */
#include "cgroup/ctx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dir.h"
#include "base/text.h"
#include "cgroup/fsio.h"
#include "value/error.h"

/* Of a machine that has more than so many cgroups, not all are looked at. */
#define SEARCH_MAX 10000

/* The namespace that the machine has booted with (PROC_CGROUP_INIT_INO of the kernel). */
#define INITIAL_NAMESPACE 0xEFFFFFFBU

struct search {
	char *procs; /* what is read of a cgroup: "x/cgroup.procs" */
	uint64_t pid;
	unsigned int n_left;
};

bool namespace_is_initial(void)
{
	struct stat st;

	return stat("/proc/self/ns/cgroup", &st) < 0 || st.st_ino == INITIAL_NAMESPACE;
}

char *namespace_find_line(char *buf)
{
	char *line, *save = NULL;

	for (line = strtok_r(buf, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "0::", 3) == 0)
			return line + 3;
	return NULL;
}

int namespace_no_proc(enum cg2_op op, const char *path, struct cg2_error *reterr)
{
	error_setf(reterr, op, ENOENT, path, NULL, "/proc is not mounted");
	error_hint(reterr, "as root: mount -t proc none /proc");
	return -ENOENT;
}

int namespace_read_path(struct cg2_ctx *ctx, pid_t pid, char **ret_path,
			struct cg2_error *reterr)
{
	_cleanup_free_ char *buf = NULL;
	char path[sizeof("/proc/4194304000/cgroup")];
	char *line;
	size_t len;
	int r;

	if (pid == 0)
		snprintf(path, sizeof(path), "/proc/self/cgroup");
	else
		snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	r = fsio_read(ctx->root_fd, path + 1, &buf, &len);
	if (r == -ENOENT && faccessat(ctx->root_fd, "proc/self/cgroup", F_OK, 0) < 0)
		return namespace_no_proc(CG2_OP_READ, path, reterr);
	if (r == -ENOENT || r == -ESRCH)
		return error_setf(reterr, CG2_OP_READ, ESRCH, path, NULL,
				  "no process %d", (int)pid);
	if (r < 0)
		return error_set(reterr, CG2_OP_READ, r, path, NULL);
	line = namespace_find_line(buf);
	if (!line)
		return error_setf(reterr, CG2_OP_READ, EOPNOTSUPP, path, NULL,
				  "the process is in no cgroup v2");
	*ret_path = strdup(line);
	return *ret_path ? 0 : error_set(reterr, CG2_OP_READ, ENOMEM, path, NULL);
}

/* How many levels above the namespace's root the mount begins; 0: it does not. */
static unsigned int count_above(const char *mount_root)
{
	unsigned int n = 0;

	for (; strncmp(mount_root, "/..", 3) == 0; mount_root += 3)
		n++;
	return *mount_root ? 0 : n;
}

static bool holds_us(int fd, const struct search *s)
{
	_cleanup_free_ char *buf = NULL;
	const char *word;
	size_t len, word_len, pos = 0;
	uint64_t pid;

	if (fsio_read(fd, s->procs, &buf, &len) < 0)
		return false;
	while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0)
		if (cg2_parse_value(word, word_len, &pid) == 0 && pid == s->pid)
			return true;
	return false;
}

/* The path of the namespace's root below fd, depth levels down; NULL. Free with free(). */
static char *find_root(int fd, const char *path, unsigned int depth, struct search *s)
{
	_cleanup_(dir_closep) DIR *dir = NULL;
	struct dirent *entry;
	char *found = NULL;

	if (depth == 0)
		return holds_us(fd, s) ? strdup(path) : NULL;
	dir = dir_open(fd, ".");
	while (dir && !found && s->n_left > 0 && (entry = readdir(dir))) {
		_cleanup_close_ int child = -1;
		_cleanup_free_ char *below = NULL;

		if (!dir_is_child(entry))
			continue;
		s->n_left--;
		child = openat(fd, entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		below = text_format("%s/%s", path, entry->d_name);
		if (child >= 0 && below)
			found = find_root(child, below, depth - 1, s);
	}
	return found;
}

void namespace_find(struct cg2_ctx *ctx, struct hierarchy *h)
{
	const unsigned int depth = count_above(h->mount_root);
	_cleanup_free_ char *own = NULL, *procs = NULL;
	struct search s = { .n_left = SEARCH_MAX };
	char *everything;

	if (depth == 0 || namespace_read_path(ctx, 0, &own, NULL) < 0 ||
	    strncmp(own, "/..", 3) == 0)
		return;
	procs = text_format("%s%scgroup.procs", own + 1, own[1] ? "/" : "");
	everything = strdup("/");
	s.procs = procs;
	s.pid = (uint64_t)getpid();
	h->namespace_root = procs && everything ? find_root(h->mount_fd, "", depth, &s) : NULL;
	if (!h->namespace_root) {
		free(everything);
		return;
	}
	free(h->mount_root);
	h->mount_root = everything;
	/* The whole tree, after all. */
	if (faccessat(h->mount_fd, "cgroup.events", F_OK, 0) < 0)
		h->flags &= ~(uint64_t)CG2_HIERARCHY_NAMESPACED;
}

int namespace_resolve(const char *root, const char *path, char **ret_path)
{
	size_t len = strlen(root);
	char *joined;

	/* "/../x" is beside the root. */
	for (; strncmp(path, "/..", 3) == 0 && (path[3] == '/' || !path[3]) && len > 0; path += 3)
		while (len > 0 && root[--len] != '/')
			;
	if (strcmp(path, "/") == 0)
		path++;
	joined = text_format("%.*s%s", (int)len, root, path);
	if (joined && !*joined) {
		free(joined);
		joined = strdup("/");
	}
	if (!joined)
		return -ENOMEM;
	*ret_path = joined;
	return 0;
}
