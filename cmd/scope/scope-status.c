/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * "cgscope status": all there is to know of one scope.
 */
#include "cmd/scope/scope-status.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/text.h"
#include "cmd/option/option-rows.h"
#include "cmd/output/human.h"
#include "cmd/output/live.h"
#include "cmd/output/message.h"
#include "cmd/output/status.h"
#include "cmd/output/table.h"
#include "cmd/output/width.h"
#include "cmd/verb/verb.h"

struct status_options {
	unsigned int manager; /* enum cg2_manager */
	bool json;
	uint64_t watch_usec; /* 0: once */
};

#define AT(member) offsetof(struct status_options, member)

static const struct option rows[] = {
	OPTION_ROW_USER(AT(manager), OPTION_GROUP_TARGET,
			"the scope belongs to your user manager"),
	OPTION_ROW_SYSTEM(AT(manager), OPTION_GROUP_TARGET,
			  "the scope belongs to the system manager"),
	OPTION_ROW_WATCH(AT(watch_usec)),
	OPTION_ROW_JSON(AT(json)),
};

static const struct option_conflict conflicts[] = {
	{ "user", "system", "a scope belongs to one manager" },
};

const struct option_table status_option_table = {
	OPTION_DEFAULTS(struct status_options, .manager = CG2_MANAGER_AUTO),
	OPTION_ROWS(rows),
	OPTION_CONFLICTS(conflicts),
};

/* ---- reading ---- */

static void report_clear(struct status_report *report)
{
	list_row_clear(&report->row);
	for (size_t i = 0; i < report->n_processes; i++)
		free(report->processes[i].command);
	free(report->processes);
	for (size_t i = 0; i < report->n_differences; i++) {
		free(report->differences[i].told);
		free(report->differences[i].have);
	}
	free(report->differences);
}

static int read_processes(struct status_report *report, struct cg2_error *err)
{
	_cleanup_free_ pid_t *pids = NULL;
	size_t n = 0;
	int r;

	r = cg2_scope_list_pids(report->row.scope, &pids, &n, err);
	if (r < 0)
		return r;
	report->processes = calloc(n + 1, sizeof(*report->processes));
	for (size_t i = 0; report->processes && i < n; i++) {
		struct status_process *process = &report->processes[report->n_processes];

		process->pid = pids[i];
		if (cg2_scope_read_command(report->row.scope, pids[i], &process->command,
					   &process->len) == 0)
			report->n_processes++;
	}
	return 0;
}

static void add_difference(void *userdata, const struct cg2_change *change)
{
	struct status_report *report = userdata;
	struct status_difference *grown = reallocarray(
		report->differences, report->n_differences + 1, sizeof(*grown));

	if (!grown)
		return;
	report->differences = grown;
	grown[report->n_differences++] = (struct status_difference){
		.property = change->property,
		.file = change->file,
		.told = strdup(change->before),
		.have = strdup(change->after),
	};
}

/* Which list reads only of what is near its limit. */
static void read_cache(struct list_row *row)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *leaf = NULL;
	uint64_t cache;

	if (cg2_scope_open_leaf(row->scope, &leaf, NULL) < 0 ||
	    cg2_group_read_use(leaf, CG2_USE_FILE_BYTES, &cache) <= 0)
		return;
	row->use[CG2_USE_FILE_BYTES] = cache;
	row->known |= UINT64_C(1) << CG2_USE_FILE_BYTES;
}

static int read_report(struct cg2_scope *scope, struct status_report *report,
		       struct cg2_error *err)
{
	_cleanup_(cg2_error_clear) struct cg2_error ignored = CG2_ERROR_INIT;
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	int r;

	r = cg2_scope_open_group(scope, &group, err);
	if (r < 0)
		return r;
	list_row_read(&report->row, scope, (UINT64_C(1) << LIST_USES) - 1, true);
	read_cache(&report->row);
	if (cg2_scope_is_delegated(scope) <= 0 ||
	    cg2_group_read_controllers(group, &report->delegated, NULL) < 0)
		report->delegated = 0;
	/* Without an answer of the manager's the kernel's word is enough. */
	if (cg2_scope_compare(scope, add_difference, report, &ignored) < 0)
		message_error(&ignored);
	return read_processes(report, err);
}

/* ---- printing ---- */

#define LABEL_COLUMNS 12

static void print_label(FILE *f, const char *label)
{
	fprintf(f, "%10s: ", label);
}

/* The figure, "unknown" where there is none. */
static const char *figure(const struct list_row *row, enum cg2_use use, human_fn format,
			  char *buf)
{
	uint64_t value;

	if (!list_row_get(row, use, &value))
		return "unknown";
	format(value, buf);
	return buf;
}

/* ", peak 12M", where that is known and there is one. */
static void print_more(FILE *f, const struct list_row *row, const char *label, enum cg2_use use,
		       human_fn format)
{
	char buf[HUMAN_MAX];
	uint64_t value;

	if (!list_row_get(row, use, &value) || value == CG2_MAX || value == 0)
		return;
	format(value, buf);
	fprintf(f, ", %s %s", label, buf);
}

/* "12M of 100M", "12M, no limit" */
static void print_against(FILE *f, const struct list_row *row, enum cg2_use use, human_fn format,
			  enum cg2_use max)
{
	char buf[HUMAN_MAX];
	uint64_t limit;

	fputs(figure(row, use, format, buf), f);
	if (!list_row_get(row, max, &limit) || limit == CG2_MAX) {
		fputs(", no limit", f);
		return;
	}
	format(limit, buf);
	fprintf(f, " of %s", buf);
}

/* ", of which 52M file cache": 100 % of a limit is no alarm where that can be dropped. */
static void print_cache(FILE *f, const struct list_row *row)
{
	char buf[HUMAN_MAX];
	uint64_t cache;

	if (!list_row_get(row, CG2_USE_FILE_BYTES, &cache) || cache == 0)
		return;
	human_bytes(cache, buf);
	fprintf(f, ", of which %s file cache", buf);
}

static void print_swap(FILE *f, const struct list_row *row)
{
	uint64_t use, limit;

	print_label(f, "swap");
	if (list_row_get(row, CG2_USE_SWAP_MAX_BYTES, &limit) && limit == 0 &&
	    (!list_row_get(row, CG2_USE_SWAP_BYTES, &use) || use == 0))
		fputs("not allowed", f);
	else
		print_against(f, row, CG2_USE_SWAP_BYTES, human_bytes, CG2_USE_SWAP_MAX_BYTES);
	fputc('\n', f);
}

/* The limit is one of the time's share, so that the time is not of it. */
static void print_cpu(FILE *f, const struct list_row *row)
{
	char buf[HUMAN_MAX];
	uint64_t limit;

	print_label(f, "cpu");
	fputs(figure(row, CG2_USE_CPU_USEC, human_usec, buf), f);
	if (!list_row_get(row, CG2_USE_CPU_MAX_PERMYRIAD, &limit) || limit == CG2_MAX)
		fputs(", no limit", f);
	else
		print_more(f, row, "limit", CG2_USE_CPU_MAX_PERMYRIAD, human_percent);
	print_more(f, row, "throttled", CG2_USE_CPU_THROTTLED_USEC, human_usec);
	fputc('\n', f);
}

static void print_pressure(FILE *f, const struct list_row *row)
{
	char some[HUMAN_MAX], full[HUMAN_MAX];

	print_label(f, "pressure");
	fprintf(f, "cpu %s", figure(row, CG2_USE_CPU_SOME_PERMYRIAD, human_percent, some));
	fprintf(f, ", memory %s (full %s)",
		figure(row, CG2_USE_MEMORY_SOME_PERMYRIAD, human_percent, some),
		figure(row, CG2_USE_MEMORY_FULL_PERMYRIAD, human_percent, full));
	fprintf(f, ", io %s (full %s)\n",
		figure(row, CG2_USE_IO_SOME_PERMYRIAD, human_percent, some),
		figure(row, CG2_USE_IO_FULL_PERMYRIAD, human_percent, full));
}

/* "2 processes killed by the OOM killer, ..."; what was not counted is left out. */
static void print_events(FILE *f, const struct list_row *row)
{
	static const struct {
		enum cg2_use use;
		const char *before, *one, *many;
	} events[] = {
		{ CG2_USE_OOM_KILL_COUNT, "", "process killed by the OOM killer",
		  "processes killed by the OOM killer" },
		{ CG2_USE_MEMORY_MAX_COUNT, "memory.max reached ", "time", "times" },
		{ CG2_USE_TASKS_REFUSED_COUNT, "", "fork refused", "forks refused" },
	};
	const char *begin = "";

	print_label(f, "events");
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		char buf[HUMAN_MAX];
		uint64_t n;

		if (!list_row_get(row, events[i].use, &n))
			continue;
		human_count(n, buf);
		fprintf(f, "%s%s%s %s", begin, events[i].before, buf,
			n == 1 ? events[i].one : events[i].many);
		begin = ", ";
	}
	fprintf(f, "%s\n", *begin ? "" : "unknown");
}

static void print_use(FILE *f, const struct list_row *row)
{
	print_label(f, "memory");
	print_against(f, row, CG2_USE_MEMORY_BYTES, human_bytes, CG2_USE_MEMORY_MAX_BYTES);
	print_cache(f, row);
	print_more(f, row, "high", CG2_USE_MEMORY_HIGH_BYTES, human_bytes);
	print_more(f, row, "peak", CG2_USE_MEMORY_PEAK_BYTES, human_bytes);
	fputc('\n', f);
	print_swap(f, row);
	print_label(f, "tasks");
	print_against(f, row, CG2_USE_TASKS_COUNT, human_count, CG2_USE_TASKS_MAX_COUNT);
	print_more(f, row, "peak", CG2_USE_TASKS_PEAK_COUNT, human_count);
	fputc('\n', f);
	print_cpu(f, row);
	print_pressure(f, row);
	print_events(f, row);
}

static void print_scope(FILE *f, const struct status_report *report)
{
	struct cg2_scope *scope = report->row.scope;
	char age[HUMAN_MAX];
	const char *name, *mark;

	put_escaped(f, cg2_scope_get_name(scope), SIZE_MAX);
	fprintf(f, " (%s%s)\n",
		cg2_scope_is_unit(scope) ? "unit of the " : "cgroup below a unit of the ",
		cg2_scope_get_manager(scope) == CG2_MANAGER_USER ? "user manager"
								 : "system manager");
	print_label(f, "cgroup");
	put_escaped(f, cg2_scope_get_path(scope), SIZE_MAX);
	fputc('\n', f);
	print_label(f, "state");
	fputs(list_row_state(&report->row), f);
	for (size_t i = 0; list_row_mark(&report->row, i, &mark); i++)
		if (mark)
			fprintf(f, ", %s", mark);
	if (report->row.age_usec != CG2_MAX) {
		human_usec(report->row.age_usec / USEC_PER_SEC * USEC_PER_SEC, age);
		fprintf(f, ", created %s ago", age);
	}
	fprintf(f, "%s\n", cg2_scope_is_own(scope) ? " by cgscope" : "");
	print_use(f, &report->row);
	print_label(f, "delegated");
	for (unsigned int i = 0; (name = cg2_controller_to_string(i)); i++)
		if (report->delegated >> i & 1)
			fprintf(f, "%s ", name);
	fprintf(f, "%s\n", report->delegated ? "" : "none");
}

static void print_differences(FILE *f, const struct status_report *report)
{
	for (size_t i = 0; i < report->n_differences; i++) {
		const struct status_difference *d = &report->differences[i];

		print_label(f, "differs");
		fprintf(f, "%s is %s in systemd, but %s is %s\n", d->property,
			d->told ? d->told : "unknown", d->file,
			d->have && *d->have ? d->have : "empty");
	}
}

static void print_processes(FILE *f, const struct status_report *report)
{
	for (size_t i = 0; i < report->n_processes; i++) {
		const struct status_process *process = &report->processes[i];
		_cleanup_free_ char *text = list_command_text(process->command, process->len);
		_cleanup_free_ char *shown = text ? table_escape(text) : NULL;

		fprintf(f, "%10d  %s\n", (int)process->pid, shown ? shown : "");
	}
}

static int print_text(const struct status_report *report)
{
	_cleanup_(text_discard) struct text text = { .f = NULL };
	_cleanup_free_ char *lines = NULL;
	FILE *f = text_open(&text);

	if (!f)
		return verb_out_of_memory();
	print_scope(f, report);
	print_differences(f, report);
	print_processes(f, report);
	if (text_close(&text, &lines) < 0)
		return verb_out_of_memory();
	width_print_lines(lines, LABEL_COLUMNS, WIDTH_ITEMS);
	return STATUS_OK;
}

/* ---- the verb ---- */

/* Without a word: the unit that cgscope itself is in. */
static int find_shown(struct cg2_ctx *ctx, const struct status_options *opts, const char *word,
		      struct cg2_scope ***ret_scopes, struct cg2_error *err)
{
	_cleanup_(cg2_target_unrefp) struct cg2_target *target = NULL;
	const char *words[] = { word, NULL };
	int r;

	if (!word) {
		r = cg2_target_open(ctx, NULL, CG2_MANAGER_AUTO, &target, err);
		if (r < 0)
			return r;
		words[0] = cg2_target_get_unit(target);
		if (!words[0])
			words[0] = cg2_group_get_path(cg2_target_get_group(target));
	}
	return cg2_scopes_resolve(ctx, (enum cg2_manager)opts->manager, words,
				  CG2_SCOPES_ONE | CG2_SCOPES_PID, ret_scopes, err);
}

static int show_status(void *data)
{
	const struct invocation *inv = data;
	const struct status_options *opts = inv->options;
	_cleanup_(cg2_scopes_freep) struct cg2_scope **scopes = NULL;
	_cleanup_(cg2_error_clear) struct cg2_error err = CG2_ERROR_INIT;
	_cleanup_(report_clear) struct status_report report = { .n_processes = 0 };

	if (find_shown(inv->ctx, opts, inv->argv[0], &scopes, &err) < 0 ||
	    read_report(scopes[0], &report, &err) < 0)
		return verb_failed(&err);
	return opts->json ? status_print_json(&report) : print_text(&report);
}

int status_main(const struct invocation *inv)
{
	const struct status_options *opts = inv->options;

	if (inv->argc > 1)
		return verb_usage(inv, "more than one scope given: '%s'", inv->argv[1]);
	return opts->watch_usec ? live_show(opts->watch_usec, show_status, (void *)inv)
				: show_status((void *)inv);
}
