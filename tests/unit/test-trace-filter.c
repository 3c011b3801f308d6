/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The filter of calls: which are stopped, on each architecture, as the kernel would decide it.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/unit/unit.h"
#include "trace/trace-filter.h"

#define ALLOWED SECCOMP_RET_ALLOW
#define STOPPED(number) (SECCOMP_RET_TRACE | TRACE_MARK | (number))

/* What the kernel's interpreter does with those instructions that a filter of libseccomp has. */
static uint32_t evaluate(const struct trace_filter *f, const struct seccomp_data *data)
{
	uint32_t a = 0, word;

	for (size_t pc = 0; pc < f->n; pc++) {
		const struct sock_filter *i = &f->instructions[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&word, (const char *)data + i->k, sizeof(word));
			a = word;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			fail_msg("instruction %#x", i->code);
		}
	}
	fail_msg("the filter has no end");
	return 0;
}

/* The numbers below are those of x86. */
#if defined(__x86_64__) && defined(__LP64__)
#define IS_X86_64 true
#else
#define IS_X86_64 false
#endif

static bool make(uint64_t kinds, struct trace_filter *f)
{
	struct cg2_error err = CG2_ERROR_INIT;
	const int r = trace_filter_make(kinds, f, &err);

	if (r == -ENOENT) {
		assert_string_equal(err.path, "libseccomp.so.2");
		cg2_error_clear(&err);
		return false;
	}
	assert_int_equal(r, 0);
	return true;
}

static uint32_t ask(const struct trace_filter *f, uint32_t arch, int nr, uint64_t a0, uint64_t a3)
{
	const struct seccomp_data data = { .nr = nr, .arch = arch, .args = { a0, 0, 0, a3 } };

	return evaluate(f, &data);
}

#define X32 0x40000000

static const struct {
	uint32_t arch;
	int nr;
	uint64_t a0, a3;
	uint32_t expected;
} cases[] = {
	{ AUDIT_ARCH_X86_64, 57, 0, 0, STOPPED(TRACE_CALL_FORK) },
	{ AUDIT_ARCH_X86_64, 58, 0, 0, STOPPED(TRACE_CALL_VFORK) },
	{ AUDIT_ARCH_X86_64, 56, 17, 0, STOPPED(TRACE_CALL_CLONE) },
	{ AUDIT_ARCH_X86_64, 435, 0, 0, STOPPED(TRACE_CALL_CLONE3) },
	{ AUDIT_ARCH_X86_64, 59, 0, 0, STOPPED(TRACE_CALL_EXECVE) },
	{ AUDIT_ARCH_X86_64, 322, 0, 0, STOPPED(TRACE_CALL_EXECVEAT) },
	{ AUDIT_ARCH_X86_64, 9, 0, MAP_PRIVATE | MAP_ANONYMOUS, STOPPED(TRACE_CALL_MMAP) },
	{ AUDIT_ARCH_X86_64, 9, 0, MAP_PRIVATE, ALLOWED },
	{ AUDIT_ARCH_X86_64, 12, 0, 0, ALLOWED },
	{ AUDIT_ARCH_X86_64, 12, 4096, 0, STOPPED(TRACE_CALL_BRK) },
	{ AUDIT_ARCH_X86_64, 12, UINT64_C(1) << 40, 0, STOPPED(TRACE_CALL_BRK) },
	{ AUDIT_ARCH_X86_64, 25, 0, 0, STOPPED(TRACE_CALL_MREMAP) },
	{ AUDIT_ARCH_X86_64, 317, 1, 0, STOPPED(TRACE_WATCHED_SECCOMP) },
	{ AUDIT_ARCH_X86_64, 317, 2, 0, ALLOWED },
	{ AUDIT_ARCH_X86_64, 157, 22, 0, STOPPED(TRACE_WATCHED_SECCOMP) },
	{ AUDIT_ARCH_X86_64, 157, 15, 0, ALLOWED },
	{ AUDIT_ARCH_X86_64, 101, 0, 0, STOPPED(TRACE_WATCHED_PTRACE) },
	{ AUDIT_ARCH_X86_64, 101, 0x4206, 0, STOPPED(TRACE_WATCHED_PTRACE) },
	{ AUDIT_ARCH_X86_64, 101, 7, 0, ALLOWED },
	{ AUDIT_ARCH_X86_64, 0, 0, 0, ALLOWED },
	{ AUDIT_ARCH_X86_64, X32 | 56, 17, 0, STOPPED(TRACE_CALL_CLONE) },
	{ AUDIT_ARCH_X86_64, X32 | 520, 0, 0, STOPPED(TRACE_CALL_EXECVE) },
	{ AUDIT_ARCH_X86_64, X32 | 0, 0, 0, ALLOWED },
	{ AUDIT_ARCH_I386, 2, 0, 0, STOPPED(TRACE_CALL_FORK) },
	{ AUDIT_ARCH_I386, 120, 17, 0, STOPPED(TRACE_CALL_CLONE) },
	{ AUDIT_ARCH_I386, 11, 0, 0, STOPPED(TRACE_CALL_EXECVE) },
	{ AUDIT_ARCH_I386, 192, 0, MAP_PRIVATE | MAP_ANONYMOUS, STOPPED(TRACE_CALL_MMAP) },
	{ AUDIT_ARCH_I386, 192, 0, MAP_PRIVATE, ALLOWED },
	{ AUDIT_ARCH_I386, 45, 4096, 0, STOPPED(TRACE_CALL_BRK) },
	{ AUDIT_ARCH_I386, 4, 0, 0, ALLOWED },
	/* Nobody knows its numbers. */
	{ AUDIT_ARCH_S390X, 2, 0, 0, ALLOWED },
};

static void test_calls(void **state)
{
	struct trace_filter f;

	if (!IS_X86_64 || !make(TRACE_KINDS_ALL, &f))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint32_t is = ask(&f, cases[i].arch, cases[i].nr, cases[i].a0, cases[i].a3);

		if (is != cases[i].expected)
			fail_msg("case %zu: %#x, expected %#x", i, is, cases[i].expected);
	}
	trace_filter_clear(&f);
}

/* What is not looked for costs nothing; filters and tracers are watched all the same. */
static void test_kinds(void **state)
{
	struct trace_filter f;

	if (!IS_X86_64 || !make(TRACE_KIND_BIT(CG2_TRACE_EXEC), &f))
		skip();
	assert_int_equal(ask(&f, AUDIT_ARCH_X86_64, 59, 0, 0), STOPPED(TRACE_CALL_EXECVE));
	assert_int_equal(ask(&f, AUDIT_ARCH_X86_64, 57, 0, 0), ALLOWED);
	assert_int_equal(ask(&f, AUDIT_ARCH_X86_64, 9, 0, MAP_ANONYMOUS), ALLOWED);
	assert_int_equal(ask(&f, AUDIT_ARCH_X86_64, 101, 0, 0), STOPPED(TRACE_WATCHED_PTRACE));
	trace_filter_clear(&f);
}

static void test_kind_of(void **state)
{
	assert_int_equal(trace_kind_of(TRACE_CALL_CLONE3), CG2_TRACE_FORK);
	assert_int_equal(trace_kind_of(TRACE_CALL_EXECVEAT), CG2_TRACE_EXEC);
	assert_int_equal(trace_kind_of(TRACE_CALL_MMAP), CG2_TRACE_MEMORY);
	assert_int_equal(trace_kind_of(TRACE_CALL_BRK), CG2_TRACE_MEMORY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_kind_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
