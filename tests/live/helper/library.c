/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A program that uses the library as cgscope never does: from several threads at once, changing
 * its environment between the steps, giving up a run that lives.
 *
 *	library threads N RUNS [nested|systemd]
 *	library environment
 *	library unref
 *	library two
 *	library fork
 *	library ignored
 *	library closed
 *	library attach PID     a service's main process, which must stay where it is
 *
 * 0 and "done", or a line about what was wrong.
 */
#include <errno.h>
#include <libcg2.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_THREADS_MAX 64

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static void check(const char *what, int r, struct cg2_error *err)
{
	char *text = NULL;

	if (r >= 0)
		return;
	if (!err || !err->code || cg2_error_format(err, &text) < 0)
		text = strdup(strerror(-r));
	die("%s: %s", what, text ? text : "no memory");
}

static struct cg2_run *new_run(struct cg2_ctx *ctx, enum cg2_backend backend, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct cg2_run *run = NULL;

	check("new", cg2_run_new(ctx, NULL, &run), NULL);
	check("command", cg2_run_set_command(run, "/bin/sh", argv, NULL), NULL);
	cg2_run_set_backend(run, backend);
	return run;
}

/* ---- threads ---- */

struct job {
	unsigned long number;
	unsigned long n_runs;
	enum cg2_backend backend;
};

static void run_once(struct cg2_ctx *ctx, const struct job *job, unsigned long i)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_record *record = NULL;
	struct cg2_run *run;
	int code = 0, status = -1, expected = (int)((job->number + i) % 7);
	char script[32];

	snprintf(script, sizeof(script), "exit %d", expected);
	run = new_run(ctx, job->backend, script);
	if (i % 3 == 1)
		check("trace", cg2_run_set_trace(run, NULL, &err), &err);
	check("start", cg2_run_start(run, &err), &err);
	check("wait", cg2_run_wait(run, &err), &err);
	check("record", cg2_run_make_record(run, &record), NULL);
	if (cg2_run_get_exit(run, &code, &status) <= 0 || code != CLD_EXITED || status != expected)
		die("thread %lu, run %lu: it ended with %d %d, not %d", job->number, i, code,
		    status, expected);
	if (cg2_record_get_verdict(record) != (expected ? CG2_VERDICT_FAILED : CG2_VERDICT_OK))
		die("thread %lu, run %lu: %s", job->number, i, cg2_record_get_reason(record));
	cg2_record_unref(record);
	check("finish", cg2_run_finish(run, &err), &err);
	cg2_run_unref(run);
}

/* All that the watch has to tell. */
static void take_events(struct cg2_watch *watch)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_event *event;
	int r;

	while ((r = cg2_watch_dispatch(watch, &event, &err)) > 0)
		cg2_event_unref(event);
	check("dispatch", r, &err);
}

/* Each watches the scopes of all others. */
static void *work(void *arg)
{
	const struct job *job = arg;
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_watch *watch = NULL;
	struct cg2_ctx *ctx = NULL;

	check("context", cg2_ctx_new(NULL, &ctx, &err), &err);
	check("watch", cg2_watch_new(ctx, &watch, &err), &err);
	check("own", cg2_watch_add_own(watch, CG2_MANAGER_AUTO, &err), &err);
	for (unsigned long i = 0; i < job->n_runs; i++) {
		run_once(ctx, job, i);
		take_events(watch);
	}
	cg2_watch_unref(watch);
	cg2_ctx_unref(ctx);
	return NULL;
}

static void test_threads(unsigned long n, unsigned long n_runs, enum cg2_backend backend)
{
	pthread_t threads[N_THREADS_MAX];
	struct job jobs[N_THREADS_MAX];

	if (n > N_THREADS_MAX)
		die("no more than %d threads", N_THREADS_MAX);
	for (unsigned long i = 0; i < n; i++) {
		jobs[i] = (struct job){ .number = i, .n_runs = n_runs, .backend = backend };
		if (pthread_create(&threads[i], NULL, work, &jobs[i]) != 0)
			die("no thread");
	}
	for (unsigned long i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	if (waitpid(-1, NULL, WNOHANG | __WALL) >= 0 || errno != ECHILD)
		die("a child is left");
}

/* ---- one at a time ---- */

/* What was there at cg2_run_prepare() is what the command gets. */
static void test_environment(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *run;
	char name[32];
	int code, status = -1;

	setenv("LIVE_WORD", "before", 1);
	run = new_run(ctx, CG2_BACKEND_AUTO, "test \"$LIVE_WORD$LIVE_0\" = before");
	check("prepare", cg2_run_prepare(run, &err), &err);
	setenv("LIVE_WORD", "a longer word that comes too late", 1);
	/* The C library moves the list, and frees the old one. */
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "LIVE_%d", i);
		setenv(name, "x", 1);
	}
	check("start", cg2_run_start(run, &err), &err);
	check("wait", cg2_run_wait(run, &err), &err);
	if (cg2_run_get_exit(run, &code, &status) <= 0 || status != 0)
		die("the command had another environment: status %d", status);
	check("finish", cg2_run_finish(run, &err), &err);
	cg2_run_unref(run);
}

static void test_unref(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *run = new_run(ctx, CG2_BACKEND_AUTO, "exec sleep 1000");
	siginfo_t info = { .si_pid = 0 };

	check("start", cg2_run_start(run, &err), &err);
	cg2_run_unref(run);
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0)
		die("a child is left, %s", info.si_pid ? "a zombie" : "which lives");
}

/* One is made ready while another one is; the first starts all the same. */
static void test_two(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *one = new_run(ctx, CG2_BACKEND_AUTO, "exit 0");
	struct cg2_run *two = new_run(ctx, CG2_BACKEND_AUTO, "exit 0");

	check("prepare", cg2_run_prepare(one, &err), &err);
	check("prepare", cg2_run_prepare(two, &err), &err);
	alarm(20);
	check("start", cg2_run_start(one, &err), &err);
	check("wait", cg2_run_wait(one, &err), &err);
	check("finish", cg2_run_finish(one, &err), &err);
	cg2_run_unref(one);
	cg2_run_unref(two);
}

static void expect_end(struct cg2_run *run, int expected)
{
	struct cg2_error err = CG2_ERROR_INIT;
	int code = 0, status = -1;

	check("wait", cg2_run_wait(run, &err), &err);
	if (cg2_run_get_exit(run, &code, &status) <= 0 || code != CLD_EXITED || status != expected)
		die("it ended with %d %d, not %d", code, status, expected);
	check("finish", cg2_run_finish(run, &err), &err);
	cg2_run_unref(run);
}

/* What a program forks off releases its copies, as a language with destructors does it. */
static void test_fork(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *run = new_run(ctx, CG2_BACKEND_AUTO, "sleep 0.5; exit 7");
	int status = 0;
	pid_t child;

	check("start", cg2_run_start(run, &err), &err);
	child = fork();
	if (child == 0) {
		cg2_run_unref(run);
		cg2_ctx_unref(ctx);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
		die("what was forked ended with status %d", status);
	expect_end(run, 7);
}

/* The kernel keeps no exit status for a program that ignores SIGCHLD: nothing is begun. */
static void test_ignored(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *run = new_run(ctx, CG2_BACKEND_AUTO, "exit 7");
	int r;

	signal(SIGCHLD, SIG_IGN);
	r = cg2_run_start(run, &err);
	if (r != -ECHILD || !err.detail || !strstr(err.detail, "SIGCHLD"))
		die("with SIGCHLD ignored: %d", r);
	cg2_error_clear(&err);
	signal(SIGCHLD, SIG_DFL);
	check("start", cg2_run_start(run, &err), &err);
	expect_end(run, 7);
}

/* Descriptors of ours have the numbers of its streams. */
static void test_closed(struct cg2_ctx *ctx)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_run *run = new_run(
		ctx, CG2_BACKEND_AUTO,
		"for i in 0 1 2; do [ ! -e /proc/$$/fd/$i ] || exit 9; done; exit 7");
	const int output = dup(STDOUT_FILENO);

	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	check("start", cg2_run_start(run, &err), &err);
	expect_end(run, 7);
	dup2(output, STDOUT_FILENO);
	close(output);
}

static void test_attach(struct cg2_ctx *ctx, pid_t pid)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_attach *attach = NULL;
	int r;

	check("new", cg2_attach_new(ctx, NULL, &attach), NULL);
	r = cg2_attach_add(attach, pid, &err);
	if (r != -EBUSY)
		die("%d was not refused: %d", (int)pid, r);
	cg2_error_clear(&err);
	/* Nobody is left that could be attached. */
	r = cg2_attach_start(attach, &err);
	if (r != -EINVAL)
		die("it was started: %d", r);
	cg2_error_clear(&err);
	cg2_attach_unref(attach);
}

int main(int argc, char **argv)
{
	struct cg2_error err = CG2_ERROR_INIT;
	struct cg2_ctx *ctx = NULL;
	const char *what = argc > 1 ? argv[1] : "";

	check("context", cg2_ctx_new(NULL, &ctx, &err), &err);
	if (strcmp(what, "threads") == 0 && argc >= 4)
		test_threads(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
			     argc > 4 && strcmp(argv[4], "systemd") == 0  ? CG2_BACKEND_SYSTEMD
			     : argc > 4 && strcmp(argv[4], "nested") == 0 ? CG2_BACKEND_NESTED
									  : CG2_BACKEND_AUTO);
	else if (strcmp(what, "environment") == 0)
		test_environment(ctx);
	else if (strcmp(what, "unref") == 0)
		test_unref(ctx);
	else if (strcmp(what, "two") == 0)
		test_two(ctx);
	else if (strcmp(what, "fork") == 0)
		test_fork(ctx);
	else if (strcmp(what, "ignored") == 0)
		test_ignored(ctx);
	else if (strcmp(what, "closed") == 0)
		test_closed(ctx);
	else if (strcmp(what, "attach") == 0 && argc == 3)
		test_attach(ctx, (pid_t)strtoul(argv[2], NULL, 10));
	else
		die("usage: library threads N RUNS [nested|systemd] | environment | unref | two | "
		    "fork | ignored | closed | attach PID");
	cg2_ctx_unref(ctx);
	puts("done");
	return 0;
}
