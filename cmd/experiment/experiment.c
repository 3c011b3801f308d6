/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One run after the other. The command is in our process group: what a terminal sends reaches it as
 * it reaches us. What ends us is read from a signalfd, and ends the run at hand; everything else
 * has its usual effect.
 */
#include "cmd/experiment/experiment.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "cmd/experiment/hooks.h"
#include "cmd/experiment/machine.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/run/record-path.h"
#include "cmd/run/supervise.h"
#include "cmd/verb/verb.h"

/* How long the command may take to end by the signal that ends us. */
#define ENDING_USEC (1 * USEC_PER_SEC)

/* How long after the command's one of a process group's signals may reach us. */
#define GROUP_SIGNAL_MSEC 20

static const int ending_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static bool is_ending_signal(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		if (ending_signals[i] == number)
			return true;
	return false;
}

/* ---- beginning ---- */

static int opened(struct experiment *e, const char *path, int fd, const char *why, int *ret_fd)
{
	if (fd < 0) {
		message_failure("%s: cannot open %s: %s", e->what, path,
				*why ? why : strerror(-fd));
		return fd;
	}
	*ret_fd = fd;
	return 0;
}

static int open_for(struct experiment *e, const char *path, int flags, int *ret_fd)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY);

	return opened(e, path, fd < 0 ? -errno : fd, "", ret_fd);
}

static int open_anew(struct experiment *e, const char *path, int *ret_fd)
{
	_cleanup_(record_path_clear) struct record_path way = RECORD_PATH_INIT;
	int fd = record_path_open_anew(path, &way);

	return opened(e, path, fd, way.why, ret_fd);
}

static int open_streams(struct experiment *e)
{
	const char *output = e->setting->output;
	int r;

	r = open_for(e, e->setting->input ? e->setting->input : "/dev/null", O_RDONLY, &e->in_fd);
	if (r < 0 || strcmp(output, "inherit") == 0)
		return r;
	e->reads_errors = true;
	e->reads_output = strcmp(output, "pipe") == 0;
	if (e->reads_output)
		return 0;
	if (strcmp(output, "null") == 0)
		return open_for(e, "/dev/null", O_WRONLY, &e->out_fd);
	return open_anew(e, output, &e->out_fd);
}

static void block_signals(struct experiment *e)
{
	const struct sigaction normal = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++) {
		struct sigaction old;

		/* Whoever ignores one (nohup) goes on to. */
		if (sigaction(ending_signals[i], NULL, &old) < 0 || old.sa_handler != SIG_IGN)
			sigaddset(&set, ending_signals[i]);
	}
	sigaddset(&set, SIGCONT);
	sigaction(SIGCHLD, &normal, NULL);
	sigprocmask(SIG_BLOCK, &set, &e->mask);
	e->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int experiment_open(struct experiment *e, struct cg2_ctx *ctx, const char *what,
		    const struct experiment_setting *setting, char *const *argv, bool keeps_records)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	int r;

	*e = (struct experiment){ .ctx = ctx, .setting = setting, .argv = argv, .what = what,
				  .in_fd = -1, .out_fd = -1, .records_fd = -1, .signal_fd = -1,
				  .keeps_records = keeps_records || setting->records };
	r = cg2_find_program(argv[0], &e->file, &err);
	if (r < 0) {
		message_error(&err);
		return r;
	}
	if (e->keeps_records && jsonc_load(&e->json) < 0) {
		message_failure("%s: records need libjson-c (Debian: libjson-c5)", what);
		return -ENOENT;
	}
	r = open_streams(e);
	if (r == 0 && setting->records)
		r = open_anew(e, setting->records, &e->records_fd);
	if (r == 0)
		block_signals(e);
	return r;
}

/* ---- signals ---- */

/* Takes what came; true: the experiment is to end. */
static bool take_signals(struct experiment *e, bool *ret_was_stopped)
{
	struct signalfd_siginfo si;

	while (read(e->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCONT)
			*ret_was_stopped = true;
		else if (e->signal == 0)
			e->signal = (int)si.ssi_signo;
	}
	return e->signal != 0;
}

/* ---- one run ---- */

/* A run while it goes on. */
struct live_run {
	struct cg2_run *run;
	int out_fd, err_fd; /* what is read of it; -1: nothing */
	bool was_stopped;
	uint64_t kill_usec; /* it has that long; CG2_MAX: no end */
};

static int say_refused(const struct experiment_run *q, const struct cg2_error *err)
{
	message_failure("cannot run with %s:", q->set);
	message_error(err);
	return -err->code;
}

static int make_run(struct experiment *e, const struct experiment_run *q, struct cg2_run **ret,
		    struct cg2_error *err)
{
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	sigset_t none;
	int r;

	r = cg2_run_new(e->ctx, q->limits, &run);
	if (r == 0)
		r = cg2_run_set_command(run, e->file, (const char *const *)e->argv, NULL);
	if (r < 0) {
		err->code = -r;
		return r;
	}
	for (size_t i = 0; q->properties && q->properties[i]; i++) {
		r = cg2_run_add_property(run, q->properties[i], err);
		if (r < 0)
			return r;
	}
	sigemptyset(&none);
	cg2_run_set_signals(run, &e->mask, &none);
	if (e->uses_manager)
		cg2_run_set_manager(run, (enum cg2_manager)e->setting->manager);
	cg2_run_set_leftovers(run, CG2_LEFTOVERS_KILL);
	cg2_run_set_sampling(run, true);
	if (q->ends_at_once)
		cg2_run_set_grace(run, SIGKILL, 0);
	*ret = take_ptr(&run);
	return 0;
}

int experiment_try(struct experiment *e, const struct experiment_run *q)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	bool was_stopped;

	if (make_run(e, q, &run, &err) < 0 || cg2_run_prepare(run, &err) < 0)
		return say_refused(q, &err);
	return take_signals(e, &was_stopped);
}

/* The end of a pipe that the command gets, and ours. */
static int open_pipe(int *ret_read, int *ret_write)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	*ret_read = fds[0];
	*ret_write = fds[1];
	return 0;
}

static int start_run(struct experiment *e, struct live_run *live, struct cg2_error *err)
{
	_cleanup_close_ int out_write = -1, err_write = -1;
	int r = 0;

	if (e->reads_output)
		r = open_pipe(&live->out_fd, &out_write);
	if (r == 0 && e->reads_errors)
		r = open_pipe(&live->err_fd, &err_write);
	if (r < 0) {
		err->code = -r;
		return r;
	}
	cg2_run_set_stdio(live->run, e->in_fd, e->reads_output ? out_write : e->out_fd, err_write);
	if (e->setting->input && lseek(e->in_fd, 0, SEEK_SET) < 0 && errno != ESPIPE) {
		err->code = errno;
		return -errno;
	}
	return cg2_run_start(live->run, err);
}

/* Keeps the end of what comes, or nothing; closes what has ended. */
static void drain(int *fd, struct experiment_result *result)
{
	char buf[EXPERIMENT_TAIL_MAX];
	ssize_t n;

	while (*fd >= 0 && (n = read(*fd, buf, sizeof(buf))) != -1) {
		size_t kept;

		if (n == 0) {
			*fd = close_fd(*fd);
			break;
		}
		if (!result)
			continue;
		kept = MIN(result->n_tail, sizeof(result->tail) - (size_t)n);
		memmove(result->tail, result->tail + result->n_tail - kept, kept);
		memcpy(result->tail + kept, buf, (size_t)n);
		result->n_tail = kept + (size_t)n;
	}
}

/* What ended us ends the command too; the terminal's signals it has already. */
static void end_command(struct experiment *e, struct live_run *live)
{
	if (live->kill_usec != CG2_MAX)
		return;
	cg2_run_signal(live->run, e->signal, NULL);
	live->kill_usec = end_after(ENDING_USEC);
}

/* Until it is over: 0; 1: it was given up. */
static int wait_for_run(struct experiment *e, struct live_run *live,
			struct experiment_result *result, struct cg2_error *err)
{
	int msec = CG2_RUN_SETTLE_MSEC;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = cg2_run_get_fd(live->run), .events = POLLIN },
			{ .fd = e->signal_fd, .events = POLLIN },
			{ .fd = live->out_fd, .events = POLLIN },
			{ .fd = live->err_fd, .events = POLLIN },
		};
		int r;

		poll(fds, ARRAY_SIZE(fds), msec);
		drain(&live->out_fd, NULL);
		drain(&live->err_fd, result);
		r = cg2_run_dispatch(live->run, err);
		if (r != 0)
			return MIN(r, 0);
		if (fds[1].revents && take_signals(e, &live->was_stopped))
			end_command(e, live);
		if (live->kill_usec <= now_usec())
			return 1;
		msec = msec_until(live->kill_usec);
	}
}

/*
 * The command and we are in one process group: if such a signal killed it, ours is there or, while
 * the kernel still goes through the group, about to be.
 */
static void take_signals_of_end(struct experiment *e, struct live_run *live)
{
	struct pollfd fd = { .fd = e->signal_fd, .events = POLLIN };
	int code, status;

	if (!take_signals(e, &live->was_stopped) &&
	    cg2_run_get_exit(live->run, &code, &status) == 1 && code != CLD_EXITED &&
	    is_ending_signal(status) && poll(&fd, 1, GROUP_SIGNAL_MSEC) > 0)
		take_signals(e, &live->was_stopped);
}

/* The record, with its labels, and as JSON where that is wanted. */
static int keep_result(struct experiment *e, const struct experiment_run *q, struct cg2_run *run,
		       struct experiment_result *result)
{
	_cleanup_free_ char *set = text_format("set=%s", q->set);
	_cleanup_free_ char *round = text_format("round=%zu", q->round);
	const char *words[] = { set, round };
	const struct option_list labels = { words, q->round ? 2 : 1 };
	size_t len;
	int r;

	if (!set || !round)
		return -ENOMEM;
	record_view_init(&result->view);
	r = cg2_run_make_record(run, &result->record);
	if (r == 0)
		r = record_view_load(&result->view, result->record);
	if (r < 0)
		return r;
	cg2_run_get_exit(run, &result->view.exit_code, &result->view.exit_status);
	result->view.status = result->view.exit_code == CLD_EXITED
				      ? result->view.exit_status
				      : 128 + result->view.exit_status;
	result->view.command = e->argv;
	record_view_set_placement(&result->view, run);
	result->view.labels = &labels;
	if (e->keeps_records)
		r = record_to_json(&e->json, &result->view, &result->json, &len);
	result->view.labels = NULL;
	if (r == 0 && e->records_fd >= 0 && write(e->records_fd, result->json, len) != (ssize_t)len)
		return errno ? -errno : -EIO;
	return r;
}

/* What the command left to be read, and what others did meanwhile. */
static int end_run(struct experiment *e, const struct experiment_run *q, struct live_run *live,
		   const struct machine_use *before, struct experiment_result *result,
		   struct cg2_error *err)
{
	uint64_t wall = CG2_MAX, cpu = CG2_MAX;
	int r;

	drain(&live->err_fd, result);
	r = keep_result(e, q, live->run, result);
	if (r < 0) {
		message_failure("%s: cannot keep a record: %s", e->what, strerror(-r));
		return r;
	}
	if (record_view_get(&result->view, CG2_FIGURE_WALL_USEC, &wall) &&
	    record_view_get(&result->view, CG2_FIGURE_CPU_USAGE_USEC, &cpu))
		result->other_cpu_permyriad = machine_use_of_others(before, wall, cpu);
	r = cg2_run_finish(live->run, err);
	if (r < 0)
		message_error(err);
	return r;
}

/* ret_was_stopped: its time is nothing that could be compared. */
static int run_once(struct experiment *e, const struct experiment_run *q,
		    struct experiment_result *result, bool *ret_was_stopped)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	_cleanup_close_ int out_fd = -1, err_fd = -1;
	struct live_run live = { .out_fd = -1, .err_fd = -1, .kill_usec = CG2_MAX };
	struct machine_use before;
	int r;

	if (make_run(e, q, &run, &err) < 0)
		return say_refused(q, &err);
	live.run = run;
	machine_use_read(&before);
	r = start_run(e, &live, &err);
	out_fd = live.out_fd;
	err_fd = live.err_fd;
	if (r < 0)
		return say_refused(q, &err);
	r = wait_for_run(e, &live, result, &err);
	out_fd = live.out_fd;
	err_fd = live.err_fd;
	if (r < 0)
		message_error(&err);
	take_signals_of_end(e, &live);
	/* One that was ended with us says nothing of its limits. */
	if (r != 0 || e->signal)
		return r < 0 ? r : 1;
	*ret_was_stopped = live.was_stopped;
	r = end_run(e, q, &live, &before, result, &err);
	err_fd = live.err_fd;
	return r;
}

static int call_hook(struct experiment *e, const char *name, const char *command,
		     const struct experiment_run *q, const char *verdict)
{
	const struct hook_call call = {
		.what = e->what, .name = name, .command = command, .mask = &e->mask,
		.signal_fd = e->signal_fd, .set = q ? q->set : NULL, .round = q ? q->round : 0,
		.verdict = verdict, .runs_to_end = !e->is_set_up,
	};

	return command ? hook_call(&call, &e->signal) : 0;
}

static int run_with_hooks(struct experiment *e, const struct experiment_run *q,
			  struct experiment_result *result, bool *ret_was_stopped)
{
	const struct experiment_hooks *hooks = &e->setting->hooks;
	int r;

	r = call_hook(e, "--prepare", hooks->prepare, q, NULL);
	if (r == 0)
		r = run_once(e, q, result, ret_was_stopped);
	if (r == 0)
		r = call_hook(e, "--conclude", hooks->conclude, q,
			      cg2_verdict_to_string(result->view.verdict));
	return r;
}

int experiment_run(struct experiment *e, const struct experiment_run *q,
		   struct experiment_result *ret)
{
	for (;;) {
		bool was_stopped = false;
		int r;

		*ret = (struct experiment_result){ .other_cpu_permyriad = CG2_MAX };
		if (take_signals(e, &was_stopped))
			return 1;
		was_stopped = false;
		r = run_with_hooks(e, q, ret, &was_stopped);
		if (r == 0 && !was_stopped)
			return 0;
		experiment_result_clear(ret);
		if (r != 0)
			return r;
		if (e->setting->verbose)
			message_info("%s was stopped meanwhile: this run is made again", e->what);
	}
}

void experiment_result_clear(struct experiment_result *result)
{
	record_view_clear(&result->view);
	cg2_record_unref(result->record);
	free(result->json);
	*result = (struct experiment_result){ .record = NULL };
}

void experiment_print_tail(const struct experiment_result *result, size_t n)
{
	const char *end = result->tail + result->n_tail, *line, *next;

	if (result->n_tail > 0 && end[-1] == '\n')
		end--;
	for (line = end; line > result->tail && (line[-1] != '\n' || --n > 0); line--)
		;
	for (; line < end; line = next + 1) {
		next = memchr(line, '\n', (size_t)(end - line));
		next = next ? next : end;
		message_info("  %.*s", (int)(next - line), line);
	}
}

/* ---- before and after all runs ---- */

/* Into a scope where runs can be nested: the moves and the manager's answers are paid for once. */
static int enter_own_scope(struct experiment *e)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	_cleanup_free_ char *prefix = text_format("cgscope-%s", e->what);
	int r = prefix ? cg2_run_new(e->ctx, NULL, &run) : -ENOMEM;

	if (r == 0)
		r = cg2_run_set_prefix(run, prefix, NULL);
	if (r < 0) {
		verb_out_of_memory();
		return r;
	}
	cg2_run_set_backend(run, CG2_BACKEND_SYSTEMD);
	cg2_run_set_manager(run, (enum cg2_manager)e->setting->manager);
	r = cg2_run_start_self(run, &err);
	if (r < 0)
		message_error(&err);
	return r;
}

int experiment_place(struct experiment *e, bool needs_manager)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	const struct experiment_run unlimited = { .set = "no limit" };
	bool is_nested;

	e->uses_manager = needs_manager;
	if (needs_manager)
		return 0;
	if (make_run(e, &unlimited, &run, &err) < 0 || cg2_run_prepare(run, &err) < 0)
		return say_refused(&unlimited, &err);
	is_nested = cg2_run_get_backend(run) != CG2_BACKEND_SYSTEMD;
	/* It is removed before we move. */
	run = cg2_run_unref(run);
	return is_nested && e->setting->manager == CG2_MANAGER_AUTO ? 0 : enter_own_scope(e);
}

int experiment_begin(struct experiment *e)
{
	e->is_set_up = true;
	return call_hook(e, "--setup", e->setting->hooks.setup, NULL, NULL);
}

int experiment_end(struct experiment *e)
{
	if (!e->is_set_up)
		return 0;
	e->is_set_up = false;
	return call_hook(e, "--cleanup", e->setting->hooks.cleanup, NULL, NULL);
}

void experiment_close(struct experiment *e)
{
	close_fd(e->in_fd);
	close_fd(e->out_fd);
	close_fd(e->records_fd);
	close_fd(e->signal_fd);
	free(e->file);
}

int experiment_status(struct experiment *e, int status)
{
	if (e->signal == 0)
		return status;
	fflush(stdout);
	return supervise_die_by(e->signal);
}
