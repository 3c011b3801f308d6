/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope trace": its options, and what it adds to a run. What is told is made in trace-text.c
 * and trace-json.c.
 */
#include "cmd/trace/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/jsonc.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/width.h"
#include "cmd/run/record-file.h"
#include "cmd/run/run.h"
#include "cmd/trace/trace-report.h"
#include "cmd/verb/verb.h"

#define AT(member) offsetof(struct trace_options, member)

static const struct option rows[] = {
	{ .names = { "only" },
	  .metavar = "KIND,...",
	  .help = "trace these calls alone: fork, exec, memory (all)",
	  .kind = OPTION_STRING,
	  .complete = OPTION_COMPLETE_CALL,
	  .offset = AT(only),
	  .group = OPTION_GROUP_TRACE },
	{ .names = { "unfolded" },
	  .help = "also show searches in PATH and what worked later",
	  .kind = OPTION_FLAG,
	  .offset = AT(unfolded),
	  .group = OPTION_GROUP_TRACE },
	{ .names = { "follow" },
	  .help = "tell of each failure on stderr when it happens",
	  .kind = OPTION_FLAG,
	  .offset = AT(follow),
	  .group = OPTION_GROUP_TRACE },
	{ .short_name = 'o',
	  .names = { "output" },
	  .metavar = "FILE",
	  .help = "write the report there; - is stdout, after the end",
	  .kind = OPTION_STRING,
	  .complete = OPTION_COMPLETE_FILE,
	  .offset = AT(output),
	  .group = OPTION_GROUP_TRACE },
	{ .names = { "json" },
	  .help = "report as JSON, on stdout without -o",
	  .kind = OPTION_FLAG,
	  .offset = AT(json),
	  .group = OPTION_GROUP_TRACE },
	{ .names = { "fail" },
	  .help = "exit with 1, not 0, if anything is reported",
	  .kind = OPTION_FLAG,
	  .offset = AT(fail),
	  .group = OPTION_GROUP_TRACE },
};

static const char *const left_out[] = { "exec", "progress", "in", NULL };

static const struct option_foreign foreign[] = {
	{ "exec", "no process remains that could tell" },
	{ "progress", "what is traced is told at the end, or with --follow" },
	{ "in", "what runs there already cannot be traced with it" },
};

const struct option_table trace_option_table = {
	OPTION_DEFAULTS(struct trace_options, .run = RUN_DEFAULTS),
	OPTION_ROWS(rows),
	OPTION_FOREIGN(foreign),
	.base = &run_option_table,
	.left_out = left_out,
	.operands_last = true,
};

/* ---- the run ---- */

struct tracing {
	const struct trace_options *opts;
	uint64_t kinds; /* bits by enum cg2_trace_kind; 0: all */
	struct jsonc json;
	struct record_file file;
};

static void say_failure(void *userdata, const struct cg2_trace_failure *failure)
{
	const struct tracing *tracing = userdata;
	_cleanup_free_ char *line = NULL;

	if (failure->folding != CG2_TRACE_NOT_FOLDED && !tracing->opts->unfolded)
		return;
	line = trace_failure_line(failure);
	message_info("trace: %s", line ? line : strerror(ENOMEM));
}

static int begin(void *userdata, struct cg2_run *run, struct cg2_error *reterr)
{
	struct tracing *tracing = userdata;
	const struct cg2_trace_wish wish = {
		.size = sizeof(wish),
		.kinds = tracing->kinds,
		.fn = tracing->opts->follow ? say_failure : NULL,
		.userdata = tracing,
	};

	return cg2_run_set_trace(run, &wish, reterr);
}

static struct trace_report make_report(const struct tracing *tracing, struct cg2_run *run,
				       const struct record_view *view)
{
	return (struct trace_report){
		.trace = cg2_run_get_trace(run),
		.command = tracing->opts->run.argv,
		.kinds = tracing->kinds,
		.is_unfolded = tracing->opts->unfolded,
		.is_quiet = tracing->opts->run.quiet,
		.record = view,
	};
}

static void settle(void *userdata, struct cg2_run *run, struct ending *ending)
{
	const struct tracing *tracing = userdata;
	const struct trace_report report = make_report(tracing, run, NULL);

	if (tracing->opts->fail && ending->status == STATUS_OK && trace_report_count(&report) > 0)
		ending->status = STATUS_FAILED;
}

static int make_text(const struct tracing *tracing, const struct trace_report *whole,
		     char **ret_text, size_t *ret_len)
{
	const bool is_on_stderr = tracing->file.kind == RECORD_FILE_NONE;
	const int fd = is_on_stderr ? STDERR_FILENO : tracing->file.fd;
	_cleanup_(text_discard) struct text text = { .f = NULL };
	struct trace_report report = *whole;
	FILE *f = text_open(&text);
	int r;

	if (is_on_stderr)
		report.told_hint = report_get_hint(&tracing->opts->run, report.record);
	r = f ? trace_report_print(f, &report, fd >= 0 ? width_of_terminal(fd) : 0)
	      : -ENOMEM;

	if (r == 0)
		r = text_close(&text, ret_text);
	if (r == 0)
		*ret_len = strlen(*ret_text);
	return r;
}

static void tell(void *userdata, struct cg2_run *run, const struct record_view *view)
{
	struct tracing *tracing = userdata;
	const struct trace_report report = make_report(tracing, run, view);
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r;

	r = tracing->opts->json ? trace_report_to_json(&tracing->json, &report, &text, &len)
				: make_text(tracing, &report, &text, &len);
	if (r < 0)
		message_failure("cannot make the report of the trace: %s", strerror(-r));
	else if (tracing->file.kind != RECORD_FILE_NONE)
		record_file_write(&tracing->file, text, len);
	else if (write(STDERR_FILENO, text, len) < 0)
		/* There is nobody to tell. */
		errno = 0;
}

/* ---- before it ---- */

/* "fork,exec" */
static int parse_kinds(const char *words, uint64_t *ret_kinds)
{
	uint64_t kinds = 0;

	for (;;) {
		const size_t len = strcspn(words, ",");
		_cleanup_free_ char *word = strndup(words, len);
		const int kind = word ? cg2_trace_kind_from_string(word) : -ENOMEM;

		if (kind < 0)
			return kind;
		kinds |= UINT64_C(1) << kind;
		if (words[len] == '\0')
			break;
		words += len + 1;
	}
	*ret_kinds = kinds;
	return 0;
}

/* What the caller gave is left when the command has begun; a copy of ours is not. */
static int keep_open(struct record_file *file)
{
	const int fd = file->is_borrowed ? fcntl(file->fd, F_DUPFD_CLOEXEC, 3) : -1;

	if (!file->is_borrowed)
		return 0;
	if (fd < 0) {
		message_failure("cannot keep open the report of the trace: %s", strerror(errno));
		return -errno;
	}
	file->fd = fd;
	file->is_borrowed = false;
	return 0;
}

static int open_output(struct tracing *tracing)
{
	const struct trace_options *opts = tracing->opts;
	const char *name = opts->output ? opts->output : opts->json ? "-" : NULL;
	int r;

	r = opts->json ? jsonc_load(&tracing->json) : 0;
	if (r < 0) {
		message_failure("--json needs libjson-c (Debian: libjson-c5)");
		return r;
	}
	if (!name)
		return 0;
	r = record_file_open(&tracing->file, "the trace", name, false);
	return r < 0 ? r : keep_open(&tracing->file);
}

int trace_main(const struct invocation *inv)
{
	struct trace_options *opts = inv->options;
	struct tracing tracing = { .opts = opts, .file = RECORD_FILE_INIT };
	const struct run_addition addition = {
		.begin = begin,
		.report = { .settle = settle, .tell = tell, .userdata = &tracing },
	};
	int status = STATUS_REFUSED;

	if (opts->only && parse_kinds(opts->only, &tracing.kinds) < 0)
		return verb_usage(inv, "--only: '%s': expected fork, exec and memory, with commas",
				  opts->only);
	if (open_output(&tracing) == 0)
		status = run_with(inv, &opts->run, &addition);
	record_file_close(&tracing.file);
	return status;
}
