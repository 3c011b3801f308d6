/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a command could not be traced, by a /proc that was made up.
 */
#include "tree.h"

#include "trace/tracer.h"
#include "value/error.h"

#define YAMA "proc/sys/kernel/yama/ptrace_scope"

struct row {
	const char *yama;     /* NULL: a kernel without it */
	const char *status;   /* of this process, beside its name */
	const char *comm;     /* of process 42 */
	const char *expected; /* NULL: there is nothing to say */
};

static const struct row rows[] = {
	{ NULL, "TracerPid:\t0\nSeccomp:\t0\n", NULL, NULL },
	{ "0\n", "TracerPid:\t0\nSeccomp:\t0\n", NULL, NULL },
	{ "1\n", "TracerPid:\t0\nSeccomp:\t0\n", NULL, NULL },
	{ "2\n", "TracerPid:\t0\nSeccomp:\t0\n", NULL,
	  "kernel.yama.ptrace_scope is 2: only who has CAP_SYS_PTRACE traces; run it as root, or "
	  "sysctl kernel.yama.ptrace_scope=1" },
	{ "3\n", "TracerPid:\t0\nSeccomp:\t0\n", NULL,
	  "kernel.yama.ptrace_scope is 3: nobody traces here until it is changed in "
	  "/etc/sysctl.d and the machine is booted" },
	/* Whoever traces it already is the nearest reason. */
	{ "2\n", "TracerPid:\t42\nSeccomp:\t2\n", "strace\n",
	  "strace (process 42) traces it already, and there can be one tracer only: run this "
	  "without it" },
	/* One in another PID namespace's /proc. */
	{ NULL, "TracerPid:\t42\nSeccomp:\t0\n", NULL,
	  "something (process 42) traces it already, and there can be one tracer only: run this "
	  "without it" },
	{ "1\n", "TracerPid:\t0\nSeccomp:\t2\n", NULL,
	  "this process has a seccomp filter, which may forbid it: a container's profile, or "
	  "SystemCallFilter= of a service" },
	{ "3\n", "TracerPid:\t0\nSeccomp:\t2\n", NULL,
	  "kernel.yama.ptrace_scope is 3: nobody traces here until it is changed in "
	  "/etc/sysctl.d and the machine is booted" },
	{ NULL, "TracerPid:\t0\n", NULL,
	  "this kernel has no seccomp (CONFIG_SECCOMP_FILTER)" },
	/* No /proc at all, and one whose lines are others. */
	{ NULL, NULL, NULL, NULL },
	{ "much\n", "TracerPid:\tnone\nSeccomp:\t0\n", NULL, NULL },
};

static void check_row(const struct row *row)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct scratch scratch;
	struct cg2_ctx *ctx;

	scratch_make(&scratch);
	if (row->yama)
		put_file(scratch.root, YAMA, row->yama);
	if (row->status)
		put_file(scratch.root, "proc/self/status", row->status);
	if (row->comm)
		put_file(scratch.root, "proc/42/comm", row->comm);
	ctx = open_root(scratch.root);
	error_set(&err, CG2_OP_TRACE, EPERM, "a command", NULL);
	tracer_explain(ctx, &err);
	if (row->expected)
		check_text(row->status, err.hint ? err.hint : "(none)", row->expected);
	else
		assert_null(err.hint);
	cg2_error_clear(&err);
	cg2_ctx_unref(ctx);
	scratch_remove(&scratch);
}

static void test_reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
