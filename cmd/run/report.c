/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The end of a run, told. In this order: the exit status is settled, since the record has
 * it; record, summary, verdict.
 */
#include "cmd/run/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cmd/output/advice.h"
#include "cmd/output/message.h"
#include "cmd/output/spark.h"
#include "cmd/output/status.h"
#include "cmd/run/record.h"
#include "cmd/run/summary.h"

void report_init(struct report *report, const struct run_options *opts)
{
	*report = (struct report){ .opts = opts, .file = RECORD_FILE_INIT,
				   .sampler = { .file = RECORD_FILE_INIT } };
}

int report_open(struct report *report)
{
	const struct run_options *opts = report->opts;
	int r;

	if (opts->timeline || (opts->summary && spark_is_shown(STDERR_FILENO))) {
		r = sampler_open(&report->sampler, opts->timeline, opts->sample_usec);
		if (r < 0)
			return r;
	}
	if (!opts->record)
		return 0;
	r = jsonc_load(&report->json);
	if (r < 0) {
		message_failure("--record needs libjson-c (Debian: libjson-c5)");
		return r;
	}
	return record_file_open(&report->file, "the record", opts->record, opts->append);
}

void report_close(struct report *report)
{
	record_file_close(&report->file);
	sampler_close(&report->sampler);
}

/*
 * From here on nothing that is written may end cgscope: a reader that went away is an
 * error like others.
 */
static void ignore_write_signals(void)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignored, NULL);
	sigaction(SIGXFSZ, &ignored, NULL);
}

static void write_record(struct report *report, const struct record_view *view)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;

	if (!report->opts->record)
		return;
	if (record_to_json(&report->json, view, &text, &len) < 0)
		message_failure("cannot make the record: %s", strerror(ENOMEM));
	else
		record_file_write(&report->file, text, len);
}

/* ------------------------------------------------------------------------------------
 * The exit status
 */

/* Forks were refused, or a process was OOM-killed, not by limits of nested runs alone. */
static bool is_hurt(const struct record_view *view)
{
	uint64_t refused = 0, killed = 0, nested = 0;

	record_view_get(view, CG2_FIGURE_TASKS_REFUSED_COUNT, &refused);
	record_view_get(view, CG2_FIGURE_MEMORY_OOM_KILL_COUNT, &killed);
	record_view_get(view, CG2_FIGURE_NESTED_OOM_KILL_COUNT, &nested);
	return refused > 0 || killed > nested || view->verdict == CG2_VERDICT_OOM;
}

static bool ended_with_0(const struct record_view *view)
{
	return view->exit_code == CLD_EXITED && view->exit_status == 0;
}

static bool is_expected(const struct run_options *opts, const struct record_view *view)
{
	return opts->expect >> view->verdict & 1;
}

/*
 * --expect settles it. --strict then still objects to what is hidden behind "ok"; a
 * verdict that tells of it was expected by name.
 */
static void settle(const struct run_options *opts, const struct record_view *view,
		   struct ending *ending)
{
	const bool expects = opts->expect != 0;

	if (expects)
		*ending = (struct ending){ is_expected(opts, view) ? STATUS_OK
								   : STATUS_FAILED,
					   0 };
	if (opts->strict && ended_with_0(view) && is_hurt(view) &&
	    (!expects || view->verdict == CG2_VERDICT_OK))
		*ending = (struct ending){ STATUS_FAILED, 0 };
}

/* ------------------------------------------------------------------------------------
 * Lines on stderr
 */

static void say_unexpected(const struct run_options *opts, const struct record_view *view)
{
	_cleanup_free_ char *expected = NULL;

	if (opts->expect == 0 || is_expected(opts, view))
		return;
	expected = option_verdicts_to_string(opts->expect);
	message_failure("%s: expected the verdict %s, got %s", opts->argv[0],
			expected ? expected : "of --expect", cg2_verdict_to_string(view->verdict));
}

/* Is there more to say than the exit status does? */
static bool is_told(const struct record_view *view)
{
	switch (view->verdict) {
	case CG2_VERDICT_REFUSED:
	case CG2_VERDICT_EXEC:
		/* The error was said when it came up. */
		return false;
	case CG2_VERDICT_WALL_TIME:
	case CG2_VERDICT_CPU_TIME:
	case CG2_VERDICT_PRESSURE:
	case CG2_VERDICT_OOMD:
	case CG2_VERDICT_OOM:
	case CG2_VERDICT_TASKS:
		return true;
	case CG2_VERDICT_SIGNAL:
	case CG2_VERDICT_FAILED:
	case CG2_VERDICT_OK:
		return ended_with_0(view) && is_hurt(view);
	}
	return false;
}

static bool has_line(const struct run_options *opts, const struct record_view *view)
{
	return !opts->quiet && is_told(view);
}

const char *report_get_hint(const struct run_options *opts, const struct record_view *view)
{
	/* Whoever expected it needs no advice. */
	return has_line(opts, view) && !is_expected(opts, view) ? view->hint : NULL;
}

static void say_reason(const struct run_options *opts, const struct record_view *view)
{
	const char *hint = report_get_hint(opts, view);

	message_failure("%s: %s", opts->argv[0],
			view->reason ? view->reason
				     : cg2_verdict_to_string(view->verdict));
	if (hint)
		message_hint("%s", hint);
}

/* ------------------------------------------------------------------------------------
 * What there is to tell
 */

/* What only cgscope knows. */
static void fill_command(struct record_view *view, const struct run_options *opts)
{
	view->command = opts->argv;
	view->labels = &opts->labels;
}

static void tell_end(struct report *report, struct cg2_run *run, struct record_view *view,
		     struct ending *ending)
{
	const struct report_addition *addition = view->exit_code ? report->addition : NULL;
	const struct run_options *opts = report->opts;

	settle(opts, view, ending);
	if (addition)
		addition->settle(addition->userdata, run, ending);
	view->status = ending->status;
	write_record(report, view);
	sampler_write(&report->sampler, view);
	if (addition)
		addition->tell(addition->userdata, run, view);
	if (opts->summary && view->exit_code != 0)
		summary_print(view,
			      sampler_has_samples(&report->sampler) ? &report->sampler.series
								    : NULL,
			      has_line(opts, view), !opts->quiet);
	if (has_line(opts, view))
		say_reason(opts, view);
	say_unexpected(opts, view);
}

int report_refusal(struct report *report, struct cg2_run *run,
		   const struct cg2_error *err, int status)
{
	_cleanup_(record_view_clear) struct record_view view = { .limits = NULL };
	_cleanup_(cg2_record_unrefp) struct cg2_record *record = NULL;
	_cleanup_free_ char *text = NULL;
	struct ending ending = { status, 0 };

	if (!report->opts->record && report->opts->expect == 0)
		return status;
	ignore_write_signals();
	record_view_init(&view);
	if (cg2_run_make_record(run, &record) == 0 &&
	    record_view_load(&view, record) == 0) {
		record_view_set_placement(&view, run);
	} else {
		view.started_usec = now_real_usec();
		view.verdict =
			status == STATUS_REFUSED ? CG2_VERDICT_REFUSED : CG2_VERDICT_EXEC;
		view.reason = cg2_error_format(err, &text) == 0 ? text : NULL;
		view.hint = advice_error_hint(err);
	}
	fill_command(&view, report->opts);
	tell_end(report, run, &view, &ending);
	return ending.status;
}

/* Without anything to write or to say a record is not worth its reads. */
static bool is_needed(const struct report *report, struct cg2_run *run)
{
	const struct run_options *opts = report->opts;

	if (report->addition || opts->record || opts->summary || opts->expect || opts->timeline)
		return true;
	return (!opts->quiet || opts->strict) && !cg2_run_is_quiet(run);
}

void report_end(struct report *report, struct cg2_run *run, struct ending *ending)
{
	_cleanup_(record_view_clear) struct record_view view = { .limits = NULL };
	_cleanup_(cg2_record_unrefp) struct cg2_record *record = NULL;
	int r;

	if (!is_needed(report, run))
		return;
	ignore_write_signals();
	record_view_init(&view);
	r = cg2_run_make_record(run, &record);
	if (r == 0)
		r = record_view_load(&view, record);
	if (r < 0) {
		message_failure("cannot make the record: %s", strerror(-r));
		return;
	}
	fill_command(&view, report->opts);
	record_view_set_placement(&view, run);
	cg2_run_get_exit(run, &view.exit_code, &view.exit_status);
	tell_end(report, run, &view, ending);
}
