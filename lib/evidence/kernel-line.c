/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What lines of the kernel's log say of cgroups and processes. The texts are the kernel's,
 * unchanged since 5.0.
 */
#include "evidence/kernel-line.h"

#include <string.h>

#include "base/scan.h"

bool kernel_text_is(const struct kernel_text *text, const char *word)
{
	return text->start && strlen(word) == text->len &&
	       memcmp(text->start, word, text->len) == 0;
}

bool kernel_text_is_within(const struct kernel_text *text, const char *top)
{
	size_t len = strlen(top);

	return text->start && text->len >= len && memcmp(text->start, top, len) == 0 &&
	       (text->len == len || text->start[len] == '/');
}

bool kernel_text_has_part(const struct kernel_text *text, const char *name)
{
	struct scan rest;

	if (!text->start)
		return false;
	rest = scan_of(text->start, text->len);
	while (!scan_done(&rest)) {
		struct scan part = scan_until(&rest, '/');

		if (scan_is(&part, name))
			return true;
	}
	return false;
}

/* What follows the key, up to one of the ends or the end of the line. */
static struct kernel_text value_of(const char *line, const char *key, const char *ends)
{
	const char *at = strstr(line, key);

	if (!at)
		return (struct kernel_text){ NULL, 0 };
	at += strlen(key);
	return (struct kernel_text){ at, strcspn(at, ends) };
}

/* The digits that follow the key. */
static bool number_of(const char *line, const char *key, uint64_t *ret_value)
{
	struct kernel_text text = value_of(line, key, " ,\n");
	struct scan s = scan_of(text.start, text.len);

	return text.start && scan_u64(&s, ret_value) == 0;
}

static bool pid_of(const char *line, const char *key, pid_t *ret_pid)
{
	uint64_t value;

	if (!number_of(line, key, &value) || value == 0 || value > INT32_MAX)
		return false;
	*ret_pid = (pid_t)value;
	return true;
}

bool kernel_line_oom(const char *line, struct kernel_oom *ret_oom)
{
	struct kernel_oom oom = { .pid = 0 };

	if (!strstr(line, "oom-kill:constraint="))
		return false;
	oom.limit = value_of(line, ",oom_memcg=", ",\n");
	oom.victim = value_of(line, ",task_memcg=", ",\n");
	oom.command = value_of(line, ",task=", ",\n");
	oom.is_global = strstr(line, ",global_oom,") != NULL;
	*ret_oom = oom;
	return oom.victim.start && pid_of(line, ",pid=", &ret_oom->pid);
}

bool kernel_line_killed(const char *line, pid_t *ret_pid)
{
	return pid_of(line, "Killed process ", ret_pid);
}

bool kernel_line_fork_rejected(const char *line, struct kernel_text *ret_cgroup)
{
	*ret_cgroup = value_of(line, "fork rejected by pids controller in ", "\n");
	return ret_cgroup->start;
}

bool kernel_line_fault(const char *line, pid_t *ret_pid)
{
	const char *at = strstr(line, "]: segfault at "), *open;
	struct scan s;
	uint64_t pid;

	if (!at)
		at = strstr(line, "] general protection fault");
	if (!at)
		at = strstr(line, "] trap ");
	open = at ? memrchr(line, '[', (size_t)(at - line)) : NULL;
	if (!open)
		return false;
	s = scan_of(open + 1, (size_t)(at - open - 1));
	if (scan_u64(&s, &pid) < 0 || pid > INT32_MAX)
		return false;
	*ret_pid = (pid_t)pid;
	return true;
}

bool kernel_line_seccomp(const char *line, pid_t *ret_pid, uint64_t *ret_call)
{
	return strstr(line, "type=1326 ") && pid_of(line, " pid=", ret_pid) &&
	       number_of(line, " syscall=", ret_call);
}

static bool has_value(const char *line, const char *key, const char *value)
{
	struct kernel_text text = value_of(line, key, "\"");

	return kernel_text_is(&text, value);
}

bool kernel_line_denied(const char *line, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strstr(line, "apparmor=\"DENIED\""))
		return strstr(line, "operation=\"exec\"") && has_value(line, " name=\"", path);
	if (!slash || !strstr(line, "avc:  denied") || strstr(line, "permissive=1"))
		return false;
	/* Of a file that is looked up for execution SELinux has the last part of the path alone. */
	return has_value(line, " path=\"", path) ||
	       (strstr(line, "{ execute }") && has_value(line, " name=\"", slash + 1));
}
