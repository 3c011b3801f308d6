/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A call of a thread that stopped for the tracer: what it is about, and what came of it.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/clock.h"
#include "child/raw.h"
#include "process/procfs.h"
#include "trace/trace-filter.h"
#include "trace/tracer-internal.h"

/* Not for programs: "try again", which the kernel does itself (ERESTARTSYS and the like). */
#define RESTART_FIRST 512
#define RESTART_LAST 530

/* mmap(2) as it was before mmap2: its argument is a pointer. */
#define OLD_MMAP_I386 90

#define X32_BIT 0x40000000

#define PATH_SIZE 64

/* Whoever tries a fork again sleeps before it, and has made no more calls until then. */
#define STEPS_MAX 100

/* ---- the thread's memory ---- */

/* As many bytes as can be had; 0: none. */
static size_t peek(pid_t tid, uint64_t address, void *buf, size_t size)
{
	const struct iovec local = { .iov_base = buf, .iov_len = size };
	const struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };
	const ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);

	return n > 0 ? (size_t)n : 0;
}

static bool poke(pid_t tid, uint64_t address, void *buf, size_t size)
{
	const struct iovec local = { .iov_base = buf, .iov_len = size };
	const struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = size };

	return process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* Up to the end of a page: what lies behind it may not be there. */
static size_t peek_page(pid_t tid, uint64_t address, void *buf, size_t size)
{
	const size_t left = 4096 - (size_t)(address & 4095);

	return peek(tid, address, buf, MIN(size, left));
}

/* A text; one that does not fit ends with "...". */
static void peek_text(pid_t tid, uint64_t address, char *text, size_t size)
{
	size_t len = 0, n;

	while (len < size && (n = peek_page(tid, address + len, text + len, size - len)) > 0) {
		if (memchr(text + len, '\0', n))
			return;
		len += n;
	}
	if (len < size) {
		text[len] = '\0';
		return;
	}
	memcpy(text + size - sizeof("..."), "...", sizeof("..."));
}

static uint64_t peek_word(const struct tracer_task *task, uint64_t address)
{
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (task->is_compat)
		return peek(task->tid, address, &narrow, sizeof(narrow)) ? narrow : 0;
	return peek(task->tid, address, &wide, sizeof(wide)) ? wide : 0;
}

/* "/proc/", the thread and what follows. */
static void proc_path(pid_t tid, const char *file, char path[PATH_SIZE])
{
	char *end;

	memcpy(path, "/proc/", sizeof("/proc/"));
	end = raw_put_number(path + strlen("/proc/"), (unsigned long)tid);
	memcpy(end, file, strlen(file) + 1);
}

/* ---- what the call is about ---- */

/* "/dev/fd/3/", for execveat(2) with a descriptor: how the kernel names what is below it. */
static size_t put_descriptor(uint64_t fd, bool is_alone, char *path)
{
	char *end = path;

	memcpy(end, "/dev/fd/", sizeof("/dev/fd/"));
	end = raw_put_number(end + strlen("/dev/fd/"), (unsigned long)fd);
	if (!is_alone)
		*end++ = '/';
	*end = '\0';
	return (size_t)(end - path);
}

static void read_path(const struct tracer_task *task, char path[TRACE_PATH_MAX])
{
	const bool is_at = task->number == TRACE_CALL_EXECVEAT;
	size_t len = 0;

	peek_text(task->tid, task->arguments[is_at], path, TRACE_PATH_MAX);
	if (!is_at || (int)task->arguments[0] == AT_FDCWD || path[0] == '/')
		return;
	len = put_descriptor(task->arguments[0], path[0] == '\0', path);
	if (path[len - 1] == '/')
		peek_text(task->tid, task->arguments[1], path + len, TRACE_PATH_MAX - len);
}

static uint64_t length_of_text(pid_t tid, uint64_t address)
{
	char buf[1024];
	uint64_t len = 0;
	size_t n;

	while ((n = peek_page(tid, address + len, buf, sizeof(buf))) > 0) {
		const char *end = memchr(buf, '\0', n);

		if (end)
			return len + (uint64_t)(end - buf) + 1;
		len += n;
	}
	return len;
}

/* All of the words of a list, as execve(2) counts them: with what points to them. */
static void measure_words(const struct tracer_task *task, uint64_t list, struct trace_call *call)
{
	const size_t step = task->is_compat ? sizeof(uint32_t) : sizeof(uint64_t);
	uint64_t word;

	for (; list && (word = peek_word(task, list)) != 0; list += step) {
		const uint64_t len = length_of_text(task->tid, word);

		call->bytes += len + step;
		call->longest_argument = MAX(call->longest_argument, len);
	}
}

static void fill_exec(const struct tracer_task *task, struct trace_call *call)
{
	const bool is_at = task->number == TRACE_CALL_EXECVEAT;

	read_path(task, call->path);
	if (call->code != E2BIG)
		return;
	measure_words(task, task->arguments[1 + is_at], call);
	measure_words(task, task->arguments[2 + is_at], call);
}

static uint64_t growth(uint64_t from, uint64_t to)
{
	return to > from ? to - from : 0;
}

/* value: what the call returned. */
static void fill_call(const struct tracer_task *task, int code, uint64_t value,
		      struct trace_call *call)
{
	const uint64_t *arguments = task->arguments;

	call->number = (enum trace_call_number)task->number;
	call->kind = trace_kind_of(task->number);
	call->code = code;
	call->is_compat = task->is_compat;
	switch (call->number) {
	case TRACE_CALL_FORK:
	case TRACE_CALL_VFORK:
		break;
	case TRACE_CALL_CLONE:
		call->flags = arguments[0];
		break;
	case TRACE_CALL_CLONE3:
		if (peek(task->tid, arguments[0], &call->flags, sizeof(call->flags)) == 0)
			call->flags = 0;
		break;
	case TRACE_CALL_EXECVE:
	case TRACE_CALL_EXECVEAT:
		fill_exec(task, call);
		break;
	case TRACE_CALL_MMAP:
		call->bytes = arguments[1];
		call->protection = arguments[2];
		call->flags = arguments[3];
		break;
	case TRACE_CALL_BRK:
		call->bytes = growth(value, arguments[0]);
		break;
	case TRACE_CALL_MREMAP:
		call->bytes = growth(arguments[1], arguments[2]);
		break;
	case _TRACE_CALL_MAX:
		break;
	}
}

/* From "PID (COMM) STATE PPID ..."; the name may hold anything. */
static void parse_stat(const char *stat, struct tracer_name *ret)
{
	const char *begin = strchr(stat, '('), *end = strrchr(stat, ')');
	size_t len;

	if (!begin || !end || end < begin)
		return;
	len = MIN((size_t)(end - begin - 1), sizeof(ret->command) - 1);
	memcpy(ret->command, begin + 1, len);
	/* Behind the bracket, a blank, the state's letter. */
	end += strlen(") S");
	ret->ppid = (pid_t)raw_number(&end);
}

/* Calls that fail come in rows, as those do that look for a program. */
static const struct tracer_name *name_process(struct tracer_self *self, pid_t pid)
{
	const uint64_t begun = now_usec();
	struct tracer_name *name = &self->name;
	char stat[PROCFS_BUF_SIZE];

	if (name->pid == pid && begun < name->until_usec)
		return name;
	*name = (struct tracer_name){ .pid = pid };
	if (procfs_read(self->ctx, pid, "stat", stat, sizeof(stat)) == 0)
		parse_stat(stat, name);
	name->until_usec = begun + (now_usec() - begun) * (TRACE_WORTH + 1);
	return name;
}

static void fill_process(struct tracer_self *self, struct trace_record *record)
{
	const struct tracer_name *name = name_process(self, record->pid);

	memcpy(record->command, name->command, sizeof(record->command));
	record->ppid = name->ppid;
}

static pid_t process_of(struct tracer_self *self, struct tracer_task *task)
{
	char status[PROCFS_BUF_SIZE];
	uint64_t tgid;

	/* A thread whose maker's own event has not come yet. */
	if (task->tgid == 0 && procfs_read(self->ctx, task->tid, "status", status,
					   sizeof(status)) == 0 &&
	    procfs_status_number(status, "Tgid", &tgid) == 0)
		task->tgid = (pid_t)tgid;
	return task->tgid > 0 ? task->tgid : task->tid;
}

static void begin_record(struct tracer_self *self, struct tracer_task *task,
			 enum trace_record_type type, struct trace_record *record)
{
	memset(record, 0, sizeof(*record));
	record->type = type;
	record->tid = task->tid;
	record->pid = process_of(self, task);
	fill_process(self, record);
}

/* The place of what a process has in common; its own where that is gone. */
static struct tracer_task *leader_of(struct tracer_self *self, struct tracer_task *task)
{
	struct tracer_task *leader = tracer_task_find(&self->tasks, process_of(self, task));

	return leader ? leader : task;
}

/* ---- notes ---- */

static void read_program(pid_t tid, char path[TRACE_PATH_MAX])
{
	char link[PATH_SIZE];
	ssize_t n;

	proc_path(tid, "/exe", link);
	n = readlink(link, path, TRACE_PATH_MAX - 1);
	path[MAX(n, 0)] = '\0';
}

/* Once for a process. */
static void send_note(struct tracer_self *self, struct tracer_task *task, enum trace_note note)
{
	struct tracer_task *leader = leader_of(self, task);
	struct trace_record record;

	if (self->is_silent || leader->notes & 1U << note)
		return;
	leader->notes |= (uint8_t)(1U << note);
	begin_record(self, task, TRACE_NOTED, &record);
	record.note = note;
	read_program(task->tid, record.call.path);
	tracer_send(self, &record);
}

/* A file that would give its program rights which its caller has not. */
static bool gives_rights(pid_t tid)
{
	char path[PATH_SIZE];
	struct stat st;

	proc_path(tid, "/exe", path);
	if (stat(path, &st) < 0)
		return false;
	if ((st.st_mode & S_ISUID && st.st_uid != getuid()) ||
	    ((st.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && st.st_gid != getgid()))
		return true;
	return getxattr(path, "security.capability", NULL, 0) > 0;
}

/* ---- the call's beginning and end ---- */

/* Whether the thread is where op says. */
static bool get_info(const struct tracer_task *task, int op, struct ptrace_syscall_info *ret)
{
	const void *size = (const void *)sizeof(*ret);

	*ret = (struct ptrace_syscall_info){ .op = PTRACE_SYSCALL_INFO_NONE };
	return tracer_ask(PTRACE_GET_SYSCALL_INFO, task->tid, size, ret) > 0 && ret->op == op;
}

/*
 * Who is made with CLONE_UNTRACED would have the filter and no tracer, and so no such calls at all:
 * the flag is taken away before the kernel sees it.
 */
static bool clear_untraced(const struct tracer_task *task, uint32_t architecture)
{
	uint64_t flags = task->arguments[0];

	if (task->number == TRACE_CALL_CLONE3) {
		if (peek(task->tid, task->arguments[0], &flags, sizeof(flags)) != sizeof(flags))
			return true;
		if (!(flags & CLONE_UNTRACED))
			return true;
		flags &= ~(uint64_t)CLONE_UNTRACED;
		return poke(task->tid, task->arguments[0], &flags, sizeof(flags));
	}
	if (!(flags & CLONE_UNTRACED))
		return true;
	flags &= ~(uint64_t)CLONE_UNTRACED;
#ifdef __x86_64__
	const size_t at = architecture == AUDIT_ARCH_I386 ? offsetof(struct user_regs_struct, rbx)
							  : offsetof(struct user_regs_struct, rdi);

	return tracer_ask(PTRACE_POKEUSR, task->tid, (const void *)at,
			  (const void *)(uintptr_t)flags) == 0;
#else
	return false;
#endif
}

static bool is_compat(uint32_t architecture, uint64_t nr)
{
	return !(architecture & __AUDIT_ARCH_64BIT) ||
	       (architecture == AUDIT_ARCH_X86_64 && nr & X32_BIT);
}

void tracer_call_begin(struct tracer_self *self, struct tracer_task *task)
{
	struct ptrace_syscall_info info;

	task->is_in_call = false;
	if (!get_info(task, PTRACE_SYSCALL_INFO_SECCOMP, &info) ||
	    (info.seccomp.ret_data & TRACE_MARK_MASK) != TRACE_MARK)
		return;
	if (info.arch == AUDIT_ARCH_I386 && info.seccomp.nr == OLD_MMAP_I386)
		return;
	task->is_in_call = true;
	task->number = (uint8_t)(info.seccomp.ret_data & ~TRACE_MARK_MASK);
	task->is_compat = is_compat(info.arch, info.seccomp.nr);
	for (size_t i = 0; i < ARRAY_SIZE(task->arguments); i++)
		task->arguments[i] = info.seccomp.args[i];
	if ((task->number == TRACE_CALL_CLONE || task->number == TRACE_CALL_CLONE3) &&
	    !clear_untraced(task, info.arch))
		send_note(self, task, TRACE_NOTE_UNTRACED);
}

static void tell_failure(struct tracer_self *self, struct tracer_task *task, int code,
			 uint64_t value)
{
	struct trace_record record;

	leader_of(self, task)->has_failed = true;
	if (self->is_silent)
		return;
	begin_record(self, task, TRACE_FAILED, &record);
	fill_call(task, code, value, &record.call);
	task->failed_kinds |= (uint8_t)TRACE_KIND_BIT(record.call.kind);
	if (record.call.kind == CG2_TRACE_FORK && !task->has_slept)
		task->n_steps = STEPS_MAX;
	if (record.call.kind == CG2_TRACE_MEMORY)
		task->failed_bytes = record.call.bytes;
	trace_facts_read(&self->looker, &record, &record.facts);
	tracer_send(self, &record);
}

static void tell_success(struct tracer_self *self, struct tracer_task *task)
{
	const uint64_t bit = TRACE_KIND_BIT(trace_kind_of(task->number));
	struct trace_record record;

	if (!(task->failed_kinds & bit) || self->is_silent)
		return;
	begin_record(self, task, TRACE_WORKED, &record);
	fill_call(task, 0, task->arguments[0], &record.call);
	if (record.call.kind == CG2_TRACE_MEMORY &&
	    record.call.bytes < task->failed_bytes / TRACE_RETRY_SHARE)
		return;
	task->failed_kinds &= (uint8_t)~bit;
	if (record.call.kind == CG2_TRACE_FORK) {
		record.call.has_slept = task->has_slept;
		task->has_slept = false;
		task->n_steps = 0;
	}
	tracer_send(self, &record);
}

void tracer_call_worked(struct tracer_self *self, struct tracer_task *task)
{
	const bool is_ours = task->is_in_call;

	task->is_in_call = false;
	if (is_ours && task->number < _TRACE_CALL_MAX)
		tell_success(self, task);
}

void tracer_call_executed(struct tracer_self *self, struct tracer_task *task)
{
	struct trace_record record;

	task->failed_kinds = 0;
	task->has_slept = false;
	task->n_steps = 0;
	self->name.pid = 0;
	if (!self->is_privileged && gives_rights(task->tid))
		send_note(self, task, TRACE_NOTE_SETUID);
	if (task->has_failed && !self->is_silent) {
		begin_record(self, task, TRACE_EXECED, &record);
		record.call.number = (enum trace_call_number)task->number;
		record.call.kind = CG2_TRACE_EXEC;
		read_program(task->tid, record.call.path);
		tracer_send(self, &record);
	}
	task->is_in_call = false;
}

static bool is_sleep(const struct ptrace_syscall_info *info)
{
	const uint64_t nr = info->entry.nr;

	/* nanosleep, clock_nanosleep, clock_nanosleep_time64 */
	if (!(info->arch & __AUDIT_ARCH_64BIT))
		return nr == 162 || nr == (info->arch == AUDIT_ARCH_I386 ? 267 : 265) || nr == 407;
	return (nr & ~(uint64_t)X32_BIT) == SYS_nanosleep ||
	       (nr & ~(uint64_t)X32_BIT) == SYS_clock_nanosleep;
}

void tracer_call_step(struct tracer_task *task)
{
	struct ptrace_syscall_info info;

	if (!get_info(task, PTRACE_SYSCALL_INFO_ENTRY, &info))
		return;
	task->n_steps--;
	if (!is_sleep(&info))
		return;
	task->has_slept = true;
	task->n_steps = 0;
}

/* The errno of the call; 0: it worked, or it is not over. brk(2) returns where the break is. */
static int code_of(const struct tracer_task *task, const struct ptrace_syscall_info *info)
{
	int code;

	if (task->number == TRACE_CALL_BRK)
		return (uint64_t)info->exit.rval < task->arguments[0] ? ENOMEM : 0;
	code = info->exit.is_error ? (int)-info->exit.rval : 0;
	return code >= RESTART_FIRST && code <= RESTART_LAST ? 0 : code;
}

static void end_watched(struct tracer_self *self, struct tracer_task *task, int code)
{
	if (task->number == TRACE_WATCHED_SECCOMP && code == 0)
		send_note(self, task, TRACE_NOTE_OWN_FILTER);
	if (task->number == TRACE_WATCHED_PTRACE && code == EPERM)
		send_note(self, task, TRACE_NOTE_OWN_TRACER);
}

void tracer_call_end(struct tracer_self *self, struct tracer_task *task)
{
	struct ptrace_syscall_info info;
	int code;

	if (!task->is_in_call || !get_info(task, PTRACE_SYSCALL_INFO_EXIT, &info))
		return;
	task->is_in_call = false;
	code = code_of(task, &info);
	if (task->number >= _TRACE_CALL_MAX)
		end_watched(self, task, code);
	else if (code > 0)
		tell_failure(self, task, code, (uint64_t)info.exit.rval);
	else if (!info.exit.is_error)
		tell_success(self, task);
}
