/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel's log: the one place that names the cgroup whose limit killed. Reading it takes
 * rights that few have (kernel.dmesg_restrict), so nothing depends on it.
 */
#include "evidence/kernel-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The kernel's longest record. */
#define KMSG_SIZE 8192

/* The path behind "oom_memcg=" in a record on a victim of that cgroup. Free with free(). */
static char *memcg_of_record(const char *text, const char *own)
{
	const char *limit = strstr(text, "oom_memcg="), *task = strstr(text, ",task_memcg=");
	size_t len = strlen(own);

	if (!limit || !task)
		return NULL;
	task += strlen(",task_memcg=");
	limit += strlen("oom_memcg=");
	if (strncmp(task, own, len) != 0 || !strchr(",/\n", task[len]))
		return NULL;
	return strndup(limit, strcspn(limit, ","));
}

char *kmsg_oom_memcg(const char *own)
{
	_cleanup_close_ int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char buf[KMSG_SIZE + 1], *memcg = NULL;

	while (fd >= 0) {
		ssize_t n = read(fd, buf, KMSG_SIZE);
		char *found;

		/* EPIPE: records were overwritten meanwhile; the next read goes on after them. */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		buf[n] = '\0';
		found = memcg_of_record(buf, own);
		if (found) {
			free(memcg);
			memcg = found;
		}
	}
	return memcg;
}
