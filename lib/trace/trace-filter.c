/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table of calls, and libseccomp, which knows their numbers on each architecture.
 *
 * What is needed of its interface is declared here, as it has been since 2.3 (2016): a build would
 * need its header for nothing else.
 */
#include "trace/trace-filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/dynlib.h"
#include "value/error.h"

#define SONAME "libseccomp.so.2"

/* <seccomp.h>: SCMP_FLTATR_ACT_BADARCH, SCMP_CMP_..., SCMP_ARCH_X32, __NR_SCMP_ERROR. */
#define ATTRIBUTE_BAD_ARCHITECTURE 2
#define ARCHITECTURE_X32 (EM_X86_64 | __AUDIT_ARCH_LE)
#define NO_SUCH_CALL (-1)

enum comparison {
	COMPARE_NOT_EQUAL = 1,
	COMPARE_EQUAL = 4,
	COMPARE_MASKED_EQUAL = 7, /* (argument & a) == b */
};

/* struct scmp_arg_cmp */
struct condition {
	unsigned int argument;
	enum comparison comparison;
	uint64_t a, b;
};

struct library {
	void *(*seccomp_init)(uint32_t action);
	void (*seccomp_release)(void *filter);
	int (*seccomp_arch_add)(void *filter, uint32_t architecture);
	int (*seccomp_attr_set)(void *filter, int attribute, uint32_t value);
	int (*seccomp_syscall_resolve_name)(const char *name);
	int (*seccomp_rule_add_array)(void *filter, uint32_t action, int call, unsigned int n,
				      const struct condition *conditions);
	int (*seccomp_export_bpf)(const void *filter, int fd);
};

#define FUNCTION(name) { #name, offsetof(struct library, name) }
static const struct dynlib_function functions[] = {
	FUNCTION(seccomp_init),
	FUNCTION(seccomp_release),
	FUNCTION(seccomp_arch_add),
	FUNCTION(seccomp_attr_set),
	FUNCTION(seccomp_syscall_resolve_name),
	FUNCTION(seccomp_rule_add_array),
	FUNCTION(seccomp_export_bpf),
};

static struct library library;
static void *handle;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void)
{
	handle = dynlib_load(SONAME, functions, ARRAY_SIZE(functions), &library);
}

/* ---- the table ---- */

/* A call with kinds 0 is watched whatever is looked for. */
struct row {
	const char *name;
	unsigned int number; /* enum trace_call_number, enum trace_watched */
	uint64_t kinds;
	struct condition condition; /* comparison 0: none */
};

#define FORK TRACE_KIND_BIT(CG2_TRACE_FORK)
#define EXEC TRACE_KIND_BIT(CG2_TRACE_EXEC)
#define MEMORY TRACE_KIND_BIT(CG2_TRACE_MEMORY)

static const struct row rows[] = {
	{ "fork", TRACE_CALL_FORK, FORK, { 0 } },
	{ "vfork", TRACE_CALL_VFORK, FORK, { 0 } },
	{ "clone", TRACE_CALL_CLONE, FORK, { 0 } },
	{ "clone3", TRACE_CALL_CLONE3, FORK, { 0 } },
	{ "execve", TRACE_CALL_EXECVE, EXEC, { 0 } },
	{ "execveat", TRACE_CALL_EXECVEAT, EXEC, { 0 } },
	/* Files are mapped at each start of a program: limits on memory are not for them. */
	{ "mmap", TRACE_CALL_MMAP, MEMORY,
	  { 3, COMPARE_MASKED_EQUAL, MAP_ANONYMOUS, MAP_ANONYMOUS } },
	{ "mmap2", TRACE_CALL_MMAP, MEMORY,
	  { 3, COMPARE_MASKED_EQUAL, MAP_ANONYMOUS, MAP_ANONYMOUS } },
	/* 0 asks where the break is. */
	{ "brk", TRACE_CALL_BRK, MEMORY, { 0, COMPARE_NOT_EQUAL, 0, 0 } },
	{ "mremap", TRACE_CALL_MREMAP, MEMORY, { 0 } },
	{ "seccomp", TRACE_WATCHED_SECCOMP, 0,
	  { 0, COMPARE_EQUAL, SECCOMP_SET_MODE_FILTER, 0 } },
	{ "prctl", TRACE_WATCHED_SECCOMP, 0, { 0, COMPARE_EQUAL, PR_SET_SECCOMP, 0 } },
	{ "ptrace", TRACE_WATCHED_PTRACE, 0, { 0, COMPARE_EQUAL, PTRACE_TRACEME, 0 } },
	{ "ptrace", TRACE_WATCHED_PTRACE, 0, { 0, COMPARE_EQUAL, PTRACE_ATTACH, 0 } },
	{ "ptrace", TRACE_WATCHED_PTRACE, 0, { 0, COMPARE_EQUAL, PTRACE_SEIZE, 0 } },
};

enum cg2_trace_kind trace_kind_of(unsigned int number)
{
	const struct row *row = rows;

	while (row->number != number)
		row++;
	return row->kinds == FORK ? CG2_TRACE_FORK
	       : row->kinds == EXEC ? CG2_TRACE_EXEC
				    : CG2_TRACE_MEMORY;
}

/* Programs of these run here beside those of this library's own architecture. */
static const uint32_t others[] = {
#if defined(__x86_64__) || defined(__i386__)
	AUDIT_ARCH_X86_64, ARCHITECTURE_X32, AUDIT_ARCH_I386,
#elif defined(__aarch64__) || defined(__arm__)
	AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,
#endif
	0,
};

/* ---- the filter ---- */

static int add_rules(void *filter, uint64_t kinds)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && r == 0; i++) {
		const struct row *row = &rows[i];
		const int call = library.seccomp_syscall_resolve_name(row->name);

		if ((row->kinds && !(row->kinds & kinds)) || call == NO_SUCH_CALL)
			continue;
		r = library.seccomp_rule_add_array(filter,
						   SECCOMP_RET_TRACE | TRACE_MARK | row->number,
						   call, row->condition.comparison ? 1 : 0,
						   &row->condition);
	}
	return r;
}

static int fill(void *filter, uint64_t kinds)
{
	int r = library.seccomp_attr_set(filter, ATTRIBUTE_BAD_ARCHITECTURE, SECCOMP_RET_ALLOW);

	for (size_t i = 0; others[i] && r == 0; i++) {
		r = library.seccomp_arch_add(filter, others[i]);
		if (r == -EEXIST)
			r = 0;
	}
	return r < 0 ? r : add_rules(filter, kinds);
}

static int take(const void *filter, struct trace_filter *ret)
{
	_cleanup_close_ int fd = memfd_create("filter", MFD_CLOEXEC);
	_cleanup_free_ struct sock_filter *instructions = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = library.seccomp_export_bpf(filter, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	instructions = malloc((size_t)st.st_size);
	if (!instructions)
		return -ENOMEM;
	if (pread(fd, instructions, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret->n = (size_t)st.st_size / sizeof(*instructions);
	ret->instructions = take_ptr(&instructions);
	return 0;
}

int trace_filter_make(uint64_t kinds, struct trace_filter *ret, struct cg2_error *reterr)
{
	void *filter;
	int r;

	pthread_once(&once, load);
	if (!handle) {
		r = error_setf(reterr, CG2_OP_TRACE, ENOENT, SONAME, NULL,
			       "this library, which makes the filter of calls, is missing");
		error_hint(reterr, "install libseccomp (Debian: apt install libseccomp2)");
		return r;
	}
	filter = library.seccomp_init(SECCOMP_RET_ALLOW);
	if (!filter)
		return error_set(reterr, CG2_OP_TRACE, ENOMEM, SONAME, NULL);
	r = fill(filter, kinds);
	if (r == 0)
		r = take(filter, ret);
	library.seccomp_release(filter);
	return r < 0 ? error_setf(reterr, CG2_OP_TRACE, r, SONAME, NULL,
				  "it cannot make the filter of calls")
		     : 0;
}

void trace_filter_clear(struct trace_filter *filter)
{
	free(filter->instructions);
	*filter = (struct trace_filter){ .n = 0 };
}
