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
#include "base/macro.h"
#include "base/scan.h"

/* The kernel's longest record. */
#define KMSG_SIZE 8192

/*
 * The log's clock is no other's: it began at another moment of the boot, and nobody corrects its
 * rate. An older record is surely older than that.
 */
static uint64_t by_clock_of_log(uint64_t usec)
{
	const uint64_t skew = USEC_PER_SEC + usec / 20000;

	return usec - MIN(usec, skew);
}

/* When the record was made; one that does not say was just now. */
static uint64_t usec_of_record(const char *text)
{
	struct scan s = scan_of_string(text);
	uint64_t number, usec;

	if (scan_u64(&s, &number) < 0 || !scan_char(&s, ',') || scan_u64(&s, &number) < 0 ||
	    !scan_char(&s, ',') || scan_u64(&s, &usec) < 0)
		return UINT64_MAX;
	return usec;
}

/* A scope of the same name may have had its victims too. */
char *kmsg_memcg_of_record(const char *text, const char *own, uint64_t since_usec)
{
	const char *limit = strstr(text, "oom_memcg="), *task = strstr(text, ",task_memcg=");
	size_t len = strlen(own);

	if (!limit || !task || usec_of_record(text) < since_usec)
		return NULL;
	task += strlen(",task_memcg=");
	limit += strlen("oom_memcg=");
	if (strncmp(task, own, len) != 0 || !strchr(",/\n", task[len]))
		return NULL;
	return strndup(limit, strcspn(limit, ","));
}

char *kmsg_oom_memcg(const char *own, uint64_t since_usec)
{
	const uint64_t since_of_log = by_clock_of_log(since_usec);
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
		found = kmsg_memcg_of_record(buf, own, since_of_log);
		if (found) {
			free(memcg);
			memcg = found;
		}
	}
	return memcg;
}
