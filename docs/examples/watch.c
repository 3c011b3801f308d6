/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the events of cgroups and units, a line each, until nothing is left to be watched:
 *   cc watch.c -o watch $(pkg-config --cflags --libs libcg2)
 *   ./watch tasks:80% memory:90% /user.slice/user-1000.slice 'go-env@*.service' */
#include <inttypes.h>
#include <libcg2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a sample. Each figure is a file, and some cost the kernel more than others. */
#define SAMPLED                                                                           \
	(UINT64_C(1) << CG2_USE_TASKS_COUNT | UINT64_C(1) << CG2_USE_MEMORY_BYTES |       \
	 UINT64_C(1) << CG2_USE_CPU_USEC)

static void print_event(struct cg2_event *event)
{
	struct cg2_blame blame = { .size = sizeof(blame) };
	const char *line;
	uint64_t value;
	int code, status;

	printf("%s %s", cg2_event_kind_to_string(cg2_event_get_kind(event)),
	       cg2_event_get_target(event));
	if (cg2_event_get_value(event, &value) > 0)
		printf(" %" PRIu64, value);
	if (cg2_event_get_blame(event, &blame) > 0) {
		printf(" %s", blame.file);
		if (blame.limit != CG2_MAX)
			printf(" %" PRIu64, blame.limit);
		printf(" of %s%s", blame.cgroup ? blame.cgroup : "the machine",
		       blame.is_certain ? "" : ", probably");
	}
	for (unsigned int use = 0; use < 64; use++)
		if (cg2_event_get_use(event, use, &value) > 0)
			printf(" %" PRIu64, value);
	if (cg2_event_get_result(event))
		printf(" %s", cg2_event_get_result(event));
	if (cg2_event_get_exit(event, &code, &status) > 0)
		printf(" %s %d", code == CLD_EXITED ? "code" : "signal", status);
	for (size_t i = 0; (line = cg2_event_get_line(event, i)); i++)
		printf("\n  %s", line);
	putchar('\n');
}

/* "tasks:80%" is a threshold, "/user.slice" a cgroup, "ssh.service" a unit, "--own" all our scopes. */
static int add(struct cg2_watch *watch, struct cg2_ctx *ctx, const char *word,
	       struct cg2_error *err)
{
	struct cg2_threshold threshold = { .size = sizeof(threshold) };
	struct cg2_group *group = NULL;
	int r;

	if (*word == '/') {
		r = cg2_group_open(ctx, word, &group, err);
		if (r == 0)
			r = cg2_watch_add_group(watch, group, NULL, err);
		cg2_group_unref(group);
		return r;
	}
	if (strcmp(word, "sample:1s") == 0)
		return cg2_watch_set_sample(watch, 1000000, SAMPLED);
	if (strcmp(word, "--own") == 0)
		return cg2_watch_add_own(watch, CG2_MANAGER_AUTO, err);
	if (!strchr(word, ':')) {
		r = cg2_watch_add_unit(watch, CG2_MANAGER_AUTO, word, err);
		/* 1: a pattern that nothing matches yet. */
		return r < 0 ? r : 0;
	}
	r = cg2_threshold_from_string(word, &threshold, err);
	return r < 0 ? r : cg2_watch_add_threshold(watch, &threshold, err);
}

static int watch_all(struct cg2_watch *watch, struct cg2_error *err)
{
	struct pollfd fd = { .fd = cg2_watch_get_fd(watch), .events = POLLIN };
	struct cg2_event *event;
	int r = 0;

	while (r == 0 && cg2_watch_has_targets(watch)) {
		poll(&fd, 1, -1);
		while ((r = cg2_watch_dispatch(watch, &event, err)) > 0) {
			print_event(event);
			cg2_event_unref(event);
		}
		fflush(stdout);
	}
	return r;
}

int main(int argc, char **argv)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_ctx *ctx = NULL;
	struct cg2_watch *watch = NULL;
	char *message = NULL;
	int r;

	if (argc < 2)
		return fprintf(stderr, "usage: watch [THRESHOLD...] CGROUP|UNIT|--own...\n"), 2;
	r = cg2_ctx_new(NULL, &ctx, &err);
	if (r == 0)
		r = cg2_watch_new(ctx, &watch, &err);
	for (int i = 1; r == 0 && i < argc; i++)
		r = add(watch, ctx, argv[i], &err);
	if (r == 0)
		r = watch_all(watch, &err);
	if (r < 0)
		fprintf(stderr, "watch: %s\n",
			err.code && cg2_error_format(&err, &message) == 0 ? message : strerror(-r));
	cg2_watch_unref(watch);
	cg2_ctx_unref(ctx);
	cg2_error_clear(&err);
	free(message);
	return r < 0;
}
