/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope run": from the parsed options to a libcg2 run and, in the end, the same exit status
 * or the same death as the command's. How signals and job control pass through is supervise.c.
 */
#include "cmd/run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/run/descriptors.h"
#include "cmd/run/mistakes.h"
#include "cmd/run/report.h"
#include "cmd/run/supervise.h"
#include "cmd/verb/verb.h"

/* The command is not there: 127, or 126 if there is something that can't be executed. */
static int not_found(const struct verb *verbs, const struct cg2_error *err, char *const argv[])
{
	const char *verb = err->code == ENOENT ? verb_nearest(verbs, argv[0]) : NULL;

	message_error(err);
	/* Then it is not known. */
	if (err->code == ENOMEM)
		return STATUS_REFUSED;
	if (err->code == ENOENT && !mistakes_hint_not_found(argv) && verb)
		message_hint("did you mean the verb %s?", verb);
	return err->code == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

static int run_failed(const struct cg2_error *err)
{
	message_error(err);
	if (err->op == CG2_OP_EXEC)
		return err->code == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
	return STATUS_REFUSED;
}

static int cannot_prepare(int r)
{
	message_failure("cannot prepare the run: %s", strerror(-r));
	return STATUS_REFUSED;
}

/* What the library refuses as a name or a property is the user's to write otherwise. */
static int set_run_names(struct cg2_run *run, const struct run_options *opts, struct cg2_error *err)
{
	int r = 0;

	if (opts->name)
		r = cg2_run_set_unit(run, opts->name, err);
	if (r == 0 && opts->prefix)
		r = cg2_run_set_prefix(run, opts->prefix, err);
	if (r == 0 && opts->slice)
		r = cg2_run_set_slice(run, opts->slice, err);
	if (r == 0 && opts->description)
		r = cg2_run_set_description(run, opts->description, err);
	for (size_t i = 0; r == 0 && i < opts->properties.n_words; i++)
		r = cg2_run_add_property(run, opts->properties.words[i], err);
	return r;
}

static int add_thresholds(struct cg2_run *run, const struct option_list *list,
			  enum cg2_crossing crossing)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < list->n_words; i++) {
		struct cg2_threshold threshold = { .size = sizeof(threshold) };

		r = cg2_threshold_from_string(list->words[i], &threshold, NULL);
		if (r == 0)
			r = cg2_run_add_threshold(run, &threshold, crossing);
	}
	return r;
}

static int set_up(struct cg2_run *run, const struct run_options *opts, const char *file)
{
	int r;

	cg2_run_set_backend(run, (enum cg2_backend)opts->backend);
	cg2_run_set_manager(run, (enum cg2_manager)opts->manager);
	cg2_run_set_best_effort(run, opts->best_effort);
	cg2_run_set_adopting(run, !opts->exec);
	cg2_run_set_grace(run, opts->signal, opts->grace_usec);
	cg2_run_set_leftovers(run, (enum cg2_leftovers)opts->leftovers);
	cg2_run_set_sampling(run, opts->record || opts->summary);
	cg2_run_set_activation(run, true);
	r = add_thresholds(run, &opts->warn_at, CG2_CROSSING_WARN);
	if (r == 0)
		r = add_thresholds(run, &opts->stop_at, CG2_CROSSING_STOP);
	if (r < 0)
		return r;
	cg2_run_set_processes(run, opts->processes);
	r = cg2_run_set_command(run, file, (const char *const *)opts->argv, NULL);
	return r;
}

/* --in: the scope that the command is to be in. */
static int find_scope(struct cg2_ctx *ctx, struct cg2_run *run, const struct run_options *opts,
		      struct cg2_error *err)
{
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	const char *const words[] = { opts->in, NULL };
	int r;

	if (!opts->in)
		return 0;
	r = cg2_scopes_resolve(ctx, (enum cg2_manager)opts->manager, words, CG2_SCOPES_ONE,
			       &scopes, err);
	if (r == 0)
		cg2_run_set_inside(run, scopes[0]);
	return r;
}

/* Becomes the command, as execvp(3) would. */
static int become(const struct run_options *opts, const char *file)
{
	execv(file, opts->argv);
	if (errno == ENOEXEC) {
		_cleanup_free_ const char **argv = calloc(opts->argc + 2, sizeof(*argv));

		if (argv) {
			argv[0] = "/bin/sh";
			argv[1] = file;
			memcpy(argv + 2, opts->argv + 1, opts->argc * sizeof(*argv));
			execv(argv[0], (char *const *)argv);
		}
		errno = ENOEXEC;
	}
	message_failure("cannot execute: %s: %s", file, strerror(errno));
	return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

/*
 * A service that tells the manager of its readiness does so from the unit it belongs to, and a
 * scope is another one.
 */
static void say_notify(const struct run_options *opts, struct cg2_run *run)
{
	if (opts->quiet || cg2_run_get_backend(run) != CG2_BACKEND_SYSTEMD ||
	    !getenv("NOTIFY_SOCKET"))
		return;
	message_warning("NOTIFY_SOCKET is set, but the command leaves this service for a scope: "
			"its notifications will be ignored");
	message_hint("give the service Delegate=yes and NotifyAccess=all, or run the command "
		     "without cgscope");
}

static int run_self(struct cg2_run *run, const struct run_options *opts, const char *file)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;

	if (cg2_run_start_self(run, &err) < 0)
		return run_failed(&err);
	say_notify(opts, run);
	return become(opts, file);
}

/* To a person who looks on; pipes and scripts get nothing of it. */
static void say_left(struct cg2_run *run, const struct run_options *opts)
{
	struct cg2_group *group = cg2_run_get_group(run);
	const char *name = cg2_run_get_unit(run);
	uint64_t n;

	if (opts->quiet || opts->leftovers != CG2_LEFTOVERS_LEAVE || !group ||
	    !isatty(STDERR_FILENO) || cg2_group_count_processes(group, &n, NULL) < 0 || n == 0)
		return;
	if (!name)
		name = strrchr(cg2_group_get_path(group), '/') + 1;
	message_info("%" PRIu64 " process%s on in %s: cgscope stop %s", n,
		     n == 1 ? " goes" : "es go", name, name);
}

/* What the command came to is told while its figures can still be read. */
static _noreturn_ void end_run(struct cg2_run *run, struct report *report, struct supervision *s)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct ending ending;

	supervise_get_ending(s, &ending);
	report_end(report, run, &ending);
	if (ending.status != STATUS_OK && !report->opts->expect)
		mistakes_hint_failed(report->opts);
	if (report->opts->exit_code)
		ending.signal = 0;
	say_left(run, report->opts);
	/* The command ran, whatever becomes of its scope. */
	if (cg2_run_finish(run, &err) < 0)
		message_error(&err);
	supervise_end(s, &ending);
}

static int run_supervised(struct cg2_run *run, struct report *report)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	struct supervision s;
	int r;

	supervise_begin(&s, run, report->opts);
	r = cg2_run_prepare(run, &err);
	if (r == 0)
		say_notify(report->opts, run);
	if (r == 0)
		r = supervise_start(&s, &err);
	if (r < 0)
		return report_refusal(report, run, &err, run_failed(&err));
	descriptors_leave(record_file_borrowed(&report->file));
	if (report->opts->progress)
		supervise_show_progress(&s, report->opts->argv[0]);
	if (sampler_is_open(&report->sampler))
		supervise_sample(&s, &report->sampler);
	if (supervise_wait(&s, &err) < 0)
		return run_failed(&err);
	end_run(run, report, &s);
}

static int refuse_run(struct cg2_run *run, struct report *report, const struct cg2_error *err)
{
	cg2_run_refuse(run, err);
	return report_refusal(report, run, err, run_failed(err));
}

static int begin_addition(struct cg2_run *run, const struct run_addition *addition,
			  struct cg2_error *err)
{
	return addition ? addition->begin(addition->report.userdata, run, err) : 0;
}

static int run_command(const struct invocation *inv, struct cg2_run *run, struct report *report,
		       const struct run_addition *addition)
{
	const struct run_options *opts = report->opts;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_free_ char *file = NULL;
	int r;

	if (cg2_find_program(opts->argv[0], &file, &err) < 0) {
		cg2_run_refuse(run, &err);
		return report_refusal(report, run, &err,
				      not_found(inv->verbs, &err, opts->argv));
	}
	r = set_up(run, opts, file);
	if (r < 0)
		return cannot_prepare(r);
	if (begin_addition(run, addition, &err) < 0 || find_scope(inv->ctx, run, opts, &err) < 0)
		return refuse_run(run, report, &err);
	return opts->exec ? run_self(run, opts, file) : run_supervised(run, report);
}

int run_with(const struct invocation *inv, struct run_options *opts,
	     const struct run_addition *addition)
{
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(cg2_run_unrefp) struct cg2_run *run = NULL;
	_cleanup_(report_close) struct report report;
	int r;

	report_init(&report, opts);
	report.addition = addition ? &addition->report : NULL;
	if (inv->argc == 0)
		return verb_usage(inv, "there is no command to run");
	if (opts->timeline && !sampler_knows(opts->timeline))
		return verb_usage(inv,
				  "--timeline: '%s': expected a name that ends in .svg, .html, "
				  ".json or .csv", opts->timeline);
	if (opts->sample_usec < SAMPLER_INTERVAL_MIN_USEC)
		return verb_usage(inv, "--sample: expected 10ms or more");
	opts->argv = inv->argv;
	opts->argc = inv->argc;
	verb_set_log(inv, opts->verbose ? CG2_LOG_INFO
			  : opts->quiet ? CG2_LOG_WARNING
					: CG2_LOG_NOTICE);
	r = cg2_run_new(inv->ctx, opts->limits, &run);
	if (r < 0)
		return cannot_prepare(r);
	if (set_run_names(run, opts, &err) < 0)
		return verb_usage_error(inv, &err);
	if (report_open(&report) < 0)
		return STATUS_REFUSED;
	return run_command(inv, run, &report, addition);
}

int run_main(const struct invocation *inv)
{
	return run_with(inv, inv->options, NULL);
}
