/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that starts a run by the library and goes on afterwards: whatever failed, it has no
 * descriptor and no child more than before.
 *
 *   fault-library BACKEND NAME yes|no COMMAND [ARG...]
 *
 * "yes" is with limits, those of the scenarios. The status is the command's, 125 for an error, 98
 * for a descriptor, 97 for a child that is left.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/macro.h"
#include "libcg2.h"

#define STATUS_FAILED 125
#define STATUS_DESCRIPTOR 98
#define STATUS_CHILD 97

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

static int configure(struct cg2_run *run, char *argv[], struct cg2_error *err)
{
	int r;

	cg2_run_set_backend(run, strcmp(argv[1], "nested") == 0 ? CG2_BACKEND_NESTED
								: CG2_BACKEND_SYSTEMD);
	r = cg2_run_set_unit(run, argv[2], err);
	return r < 0 ? r
		     : cg2_run_set_command(run, argv[4], (const char *const *)argv + 4, NULL);
}

static int set_limits(struct cg2_limits *limits, char *argv[], struct cg2_error *err)
{
	static const struct {
		enum cg2_limit limit;
		const char *text;
	} wanted[] = {
		{ CG2_LIMIT_MEMORY_MAX, "64M" },
		{ CG2_LIMIT_SWAP_MAX, "0" },
		{ CG2_LIMIT_TASKS_MAX, "50" },
		{ CG2_LIMIT_CPU_MAX, "150%" },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(wanted) && strcmp(argv[3], "yes") == 0; i++)
		r = cg2_limits_parse(limits, wanted[i].limit, wanted[i].text, err);
	return r;
}

static int run_it(struct cg2_run *run, int *ret_status, struct cg2_error *err)
{
	struct cg2_record *record = NULL;
	int r, code;

	r = cg2_run_start(run, err);
	if (r == 0)
		r = cg2_run_wait(run, err);
	if (r < 0)
		return r;
	if (cg2_run_get_exit(run, &code, ret_status) != 1)
		return -EINVAL;
	if (code != CLD_EXITED)
		*ret_status += 128;
	/* What has ended well has, even if there is no record of it. */
	if (cg2_run_make_record(run, &record) < 0)
		fprintf(stderr, "fault-library: no record\n");
	cg2_record_unref(record);
	return cg2_run_finish(run, err);
}

static int run_and_forget(char *argv[])
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_limits *limits = NULL;
	struct cg2_ctx *ctx = NULL;
	struct cg2_run *run = NULL;
	int r, status = STATUS_FAILED;

	if ((r = cg2_ctx_new(NULL, &ctx, &err)) == 0 && (r = cg2_limits_new(ctx, &limits)) == 0 &&
	    (r = set_limits(limits, argv, &err)) == 0 &&
	    (r = cg2_run_new(ctx, limits, &run)) == 0 && (r = configure(run, argv, &err)) == 0)
		r = run_it(run, &status, &err);
	if (r < 0)
		fprintf(stderr, "fault-library: %s\n", strerror(-r));
	cg2_run_unref(run);
	cg2_limits_unref(limits);
	cg2_ctx_unref(ctx);
	cg2_error_clear(&err);
	return status;
}

/* This call is disturbed like any other. */
static bool has_child(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG | __WALL);
	while (pid < 0 && errno == EINTR);
	return pid >= 0 || errno != ECHILD;
}

int main(int argc, char *argv[])
{
	const int before = count_descriptors();
	int status, after;

	if (argc < 5)
		return 2;
	status = run_and_forget(argv);
	after = count_descriptors();
	if (before > 0 && after > before) {
		fprintf(stderr, "fault-library: %d descriptors more\n", after - before);
		return STATUS_DESCRIPTOR;
	}
	if (has_child()) {
		fprintf(stderr, "fault-library: a child is left\n");
		return STATUS_CHILD;
	}
	return status;
}
