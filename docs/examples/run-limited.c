/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a command under a limit of 64 MiB, then prints why it ended and its peak:
 *   cc run-limited.c -o run-limited $(pkg-config --cflags --libs libcg2)
 *   ./run-limited /usr/bin/python3 -c 'bytearray(200 << 20)' */
#include <inttypes.h>
#include <libcg2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_ctx *ctx = NULL;
	struct cg2_limits *limits = NULL;
	struct cg2_run *run = NULL;
	struct cg2_record *record = NULL;
	char *message = NULL;
	uint64_t peak = 0;
	int r;

	if (argc < 2)
		return fprintf(stderr, "usage: run-limited PROGRAM [ARG...]\n"), 2;
	if ((r = cg2_ctx_new(NULL, &ctx, &err)) == 0 && (r = cg2_limits_new(ctx, &limits)) == 0 &&
	    (r = cg2_limits_parse(limits, CG2_LIMIT_MEMORY_MAX, "64M", &err)) == 0 &&
	    (r = cg2_run_new(ctx, limits, &run)) == 0 &&
	    (r = cg2_run_set_command(run, argv[1], (const char *const *)argv + 1, NULL)) == 0 &&
	    (r = cg2_run_start(run, &err)) == 0 && (r = cg2_run_wait(run, &err)) == 0 &&
	    (r = cg2_run_make_record(run, &record)) == 0) {
		cg2_record_get_figure(record, CG2_FIGURE_MEMORY_PEAK_BYTES, &peak);
		printf("%s: %s, peak %" PRIu64 " bytes\n",
		       cg2_verdict_to_string(cg2_record_get_verdict(record)),
		       cg2_record_get_reason(record), peak);
		r = cg2_run_finish(run, &err);
	}
	if (r < 0)
		fprintf(stderr, "run-limited: %s\n",
			err.code && cg2_error_format(&err, &message) == 0 ? message : strerror(-r));
	cg2_record_unref(record);
	cg2_run_unref(run);
	cg2_limits_unref(limits);
	cg2_ctx_unref(ctx);
	cg2_error_clear(&err);
	free(message);
	return r < 0;
}
