/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Processes that are there already when they begin to be observed, or after events were lost; and
 * where a process is, which no event tells.
 */
#include "process/observer.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/group.h"
#include "process/procfs.h"

/* Where it is: the group that is observed, and one of those below it. */
struct search {
	struct cg2_processes *processes;
	struct cg2_group *group;
};

static void meet(struct cg2_processes *processes, struct cg2_group *group, pid_t pid)
{
	struct cg2_process *process = observer_find(processes, pid);

	if (process) {
		process->is_missing = false;
		return;
	}
	process = observer_add(processes, pid, 0, group);
	if (!process)
		return;
	observer_read_command(processes, process);
	observer_read_status(processes, process);
}

static void scan_group(struct cg2_group *group, void *userdata)
{
	_cleanup_free_ char *buf = NULL;
	struct search *search = userdata;
	const char *word;
	size_t len, word_len, pos = 0;

	if (cg2_group_read(group, "cgroup.procs", &buf, &len, NULL) == 0)
		while (cg2_parse_word(buf, len, &pos, &word, &word_len) > 0) {
			uint64_t pid = 0;

			if (cg2_parse_value(word, word_len, &pid) == 0 && pid > 0)
				meet(search->processes, search->group, (pid_t)pid);
		}
	group_for_each_child(group, scan_group, search);
}

void observer_scan(struct cg2_processes *processes, struct cg2_group *group)
{
	struct search search = { processes, group };

	scan_group(group, &search);
}

static void expect_missing(struct cg2_process *process, void *userdata)
{
	process->is_missing = true;
}

void observer_scan_again(struct cg2_processes *processes)
{
	observer_for_each(processes, expect_missing, NULL);
	for (size_t i = 0; i < processes->n_groups; i++)
		observer_scan(processes, processes->groups[i].group);
	processes->has_missing = true;
}

static bool is_below(const char *path, const char *above)
{
	size_t len = strlen(above);

	if (len == 1)
		return true;
	return strncmp(path, above, len) == 0 && (path[len] == '\0' || path[len] == '/' ||
						  strcmp(path + len, " (deleted)") == 0);
}

/* From inside of another cgroup namespace it is some "/.." above. */
static bool is_root(const char *path)
{
	while (strncmp(path, "/..", 3) == 0 && (path[3] == '/' || path[3] == '\0'))
		path += 3;
	return *path == '\0' || strcmp(path, "/") == 0;
}

int observer_locate(struct cg2_processes *processes, pid_t pid, struct cg2_group **ret_group)
{
	_cleanup_free_ char *path = NULL;

	if (group_path_of_pid(processes->ctx, pid, &path, NULL) < 0)
		return -ESRCH;
	for (size_t i = 0; i < processes->n_groups; i++)
		if (is_below(path, processes->groups[i].group->path)) {
			*ret_group = processes->groups[i].group;
			return 1;
		}
	return is_root(path) ? -EAGAIN : 0;
}

void observer_read_command(struct cg2_processes *processes, struct cg2_process *process)
{
	char buf[64];

	if (procfs_read(processes->ctx, process->pid, "comm", buf, sizeof(buf)) < 0)
		return;
	buf[strcspn(buf, "\n")] = '\0';
	memset(process->command, 0, sizeof(process->command));
	memcpy(process->command, buf, MIN(strlen(buf), sizeof(process->command) - 1));
}

void observer_read_status(struct cg2_processes *processes, struct cg2_process *process)
{
	char buf[PROCFS_BUF_SIZE];
	uint64_t value;

	if (procfs_read(processes->ctx, process->pid, "status", buf, sizeof(buf)) < 0)
		return;
	if (procfs_status_number(buf, "PPid", &value) == 0)
		process->ppid = (pid_t)value;
	if (procfs_status_number(buf, "Threads", &value) == 0)
		process->is_threaded = value > 1;
}
