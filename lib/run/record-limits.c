/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part of a record that is about limits: what was asked for beside what the kernel has, and
 * notes on those that were near.
 */
#include "run/record.h"
#include "run/elsewhere.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "run/run.h"

static struct record_limit *add_row(struct cg2_record *record, enum cg2_limit limit)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(limit);
	struct record_limit *grown, *row;

	grown = realloc(record->limits, (record->n_limits + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	record->limits = grown;
	row = &grown[record->n_limits++];
	*row = (struct record_limit){
		.info = { .size = sizeof(row->info), .unit = info->unit },
	};
	/* Limits without a file are known by their option. */
	row->info.name = info->file ? info->file
			 : limit == CG2_LIMIT_CPU_TIME ? "cpu_time" : info->option;
	return row;
}

/* What a limit's file says, in the limit's unit; CG2_MAX is no limit. */
static uint64_t parse_effective(const struct cg2_limit_info *info, const char *buf, size_t len)
{
	struct cg2_cpu_max max;
	uint64_t value;

	if (info->unit == CG2_UNIT_PERMYRIAD) {
		if (cg2_parse_cpu_max(buf, len, &max) < 0 || max.quota_usec == CG2_MAX)
			return CG2_MAX;
		return max.quota_usec * 10000 / max.period_usec;
	}
	if (cg2_parse_value(buf, len, &value) == 0 ||
	    cg2_parse_flat(buf, len, "default", &value) == 0)
		return value;
	return CG2_MAX;
}

/*
 * What the command's own cgroup has. If that is gone, what was found there before the command
 * started: verified means that it was as requested.
 */
static uint64_t find_effective(struct cg2_group *group, const struct cg2_limit_info *info,
			       uint64_t requested, bool is_verified)
{
	/* cpu.weight of an idle group is 0 or 1, as the kernel likes. */
	bool is_idle = info->unit == CG2_UNIT_WEIGHT && requested == CG2_WEIGHT_IDLE;
	_cleanup_free_ char *buf = NULL;
	size_t len;

	if (!info->file)
		return requested;
	if (!group)
		return CG2_MAX;
	if (cg2_group_read(group, is_idle ? "cpu.idle" : info->file, &buf, &len, NULL) < 0)
		return is_verified ? limit_rounded(info, requested) : CG2_MAX;
	if (is_idle)
		return buf[0] == '1' ? CG2_WEIGHT_IDLE : CG2_MAX;
	return parse_effective(info, buf, len);
}

static int add_io(struct cg2_record *record, struct cg2_run *run, bool is_verified)
{
	_cleanup_free_ char *buf = NULL;
	size_t len = 0;

	if (run->group && cg2_group_read(run->group, "io.max", &buf, &len, NULL) < 0)
		buf = NULL;
	for (size_t i = 0; i < run->limits->n_io; i++) {
		const struct io_limit *io = &run->limits->io[i];

		for (size_t k = 0; k < N_IO_KEYS; k++) {
			struct record_limit *row;

			if (!(io->mask & 1U << k))
				continue;
			row = add_row(record, CG2_LIMIT_IO_MAX);
			if (!row || asprintf(&row->device, "%u:%u", io->major, io->minor) < 0)
				return -ENOMEM;
			row->info.device = row->device;
			row->info.key = io_keys[k].key;
			row->info.requested = io->value[k];
			row->info.effective = !buf && is_verified ? io->value[k] : CG2_MAX;
			if (buf)
				cg2_parse_nested(buf, len, row->device, io_keys[k].key,
						 &row->info.effective);
			row->info.is_verified = is_verified;
		}
	}
	return 0;
}

static int add_list(struct cg2_record *record, struct cg2_run *run, enum cg2_limit limit,
		    bool is_verified)
{
	struct record_limit *row = add_row(record, limit);
	_cleanup_free_ char *wanted = NULL;
	size_t len;

	if (!row || cg2_limits_to_string(run->limits, limit, &wanted) < 0 ||
	    cg2_limits_to_string(run->asked ? run->asked : run->limits, limit,
				 &row->requested_text) < 0)
		return -ENOMEM;
	if (run->group &&
	    cg2_group_read(run->group, row->info.name, &row->effective_text, &len, NULL) == 0)
		row->effective_text[strcspn(row->effective_text, "\n")] = '\0';
	else if (is_verified)
		row->effective_text = take_ptr(&wanted);
	row->info.requested_text = row->requested_text;
	row->info.effective_text = row->effective_text;
	row->info.is_verified = is_verified;
	return 0;
}

/* What was asked for; nothing, where the limit is the caller's own. */
static uint64_t requested_value(struct cg2_run *run, enum cg2_limit limit)
{
	uint64_t value = CG2_MAX;

	if (!run->asked)
		return run->limits->value[limit];
	cg2_limits_get(run->asked, limit, &value);
	return value;
}

static int add_limit(struct cg2_record *record, struct cg2_run *run, enum cg2_limit limit)
{
	const struct cg2_limit_info *info = cg2_limit_get_info(limit);
	bool is_verified = (run->group || run->backend == &run_backend_here) &&
			   !(run->unverified & UINT64_C(1) << limit);
	struct record_limit *row;

	if (info->unit == CG2_UNIT_IO)
		return add_io(record, run, is_verified);
	if (info->unit == CG2_UNIT_LIST)
		return add_list(record, run, limit, is_verified);
	row = add_row(record, limit);
	if (!row)
		return -ENOMEM;
	row->info.requested = requested_value(run, limit);
	row->info.effective = find_effective(run->group, info, row->info.requested, is_verified);
	row->info.is_verified = is_verified;
	return 0;
}

int record_add_limits(struct cg2_record *record, struct cg2_run *run)
{
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < N_LIMITS; i++)
		if (limits_has(run->limits, (enum cg2_limit)i))
			r = add_limit(record, run, (enum cg2_limit)i);
	return r;
}

static uint64_t figure(const struct cg2_record *record, enum cg2_figure f)
{
	return figures_get(&record->figures, f, 0);
}

/* Throttling is worth a word when it took a tenth of the time. */
static int note_throttling(struct cg2_record *record, struct cg2_run *run)
{
	uint64_t throttled = figure(record, CG2_FIGURE_CPU_THROTTLED_USEC);
	uint64_t wall = figure(record, CG2_FIGURE_WALL_USEC);
	_cleanup_free_ char *text = NULL;

	if (wall == 0 || throttled < wall / 10 ||
	    cg2_limits_to_string(run->limits, CG2_LIMIT_CPU_MAX, &text) <= 0)
		return 0;
	/* Several throttled processes can add up to more than the time that passed. */
	return record_note(record, "throttled %" PRIu64 " %% of the time by cpu.max %s",
			   MIN(throttled * 100 / wall, UINT64_C(100)), text);
}

/* How often a limit of this cgroup itself was reached: the file's figure has nested runs' too. */
static uint64_t count_reached(struct cg2_record *record, struct cg2_run *run,
			      enum cg2_figure total, const char *key)
{
	uint64_t n = figure(record, total), local;

	if (n == 0 || figure(record, CG2_FIGURE_NESTED_RUNS_COUNT) == 0)
		return n;
	local = group_peek_flat(run->group, "memory.events.local", key);
	return is_known(local) ? local : n;
}

/* What was theirs, and is no part of the verdict. */
static int note_nested(struct cg2_record *record)
{
	uint64_t killed = figure(record, CG2_FIGURE_NESTED_OOM_KILL_COUNT);
	uint64_t refused = figure(record, CG2_FIGURE_NESTED_REFUSED_COUNT);
	int r = 0;

	if (killed > 0)
		r = record_note(record, "%" PRIu64 " process%s OOM-killed in nested runs, by their "
				"own limits", killed, killed == 1 ? "" : "es");
	if (r == 0 && refused > 0)
		r = record_note(record, "%" PRIu64 " fork%s refused in nested runs, by their own "
				"limits", refused, refused == 1 ? "" : "s");
	return r;
}

static int note_memory(struct cg2_record *record, struct cg2_run *run)
{
	uint64_t n_max = count_reached(record, run, CG2_FIGURE_MEMORY_MAX_COUNT, "max");
	uint64_t n_high = count_reached(record, run, CG2_FIGURE_MEMORY_HIGH_COUNT, "high");
	uint64_t n_oom = count_reached(record, run, CG2_FIGURE_MEMORY_OOM_COUNT, "oom");
	int r = 0;

	if (n_max > 0 && limits_has(run->limits, CG2_LIMIT_MEMORY_MAX) && n_oom == 0)
		r = record_note(record, "memory.max reached %" PRIu64 " times, reclaimed", n_max);
	if (r == 0 && n_high > 0 && limits_has(run->limits, CG2_LIMIT_MEMORY_HIGH))
		r = record_note(record, "slowed %" PRIu64 " times by memory.high", n_high);
	return r;
}

/* It limits nothing that the machine would not. */
static int note_ram(struct cg2_record *record, struct cg2_run *run)
{
	_cleanup_free_ char *limit = NULL, *have = NULL;
	uint64_t max = CG2_MAX, ram = limits_ram_bytes();

	if (cg2_limits_get(run->limits, CG2_LIMIT_MEMORY_MAX, &max) <= 0 || max == CG2_MAX ||
	    ram == 0 || max <= ram)
		return 0;
	if (cg2_size_to_string(max, &limit) < 0 || cg2_size_to_string(ram / MIB * MIB, &have) < 0)
		return -ENOMEM;
	return record_note(record, "memory.max %s is more than the machine's RAM of %s", limit,
			   have);
}

static int note_tasks(struct cg2_record *record, struct cg2_run *run)
{
	uint64_t peak = figure(record, CG2_FIGURE_TASKS_PEAK_COUNT), max = 0;
	uint64_t refused = figure(record, CG2_FIGURE_TASKS_REFUSED_COUNT);
	int r = 0;

	if (refused > 0 && record->verdict.verdict != CG2_VERDICT_TASKS)
		r = record_note(record, "%" PRIu64 " forks were refused", refused);
	if (r == 0 && refused == 0 &&
	    cg2_limits_get(run->limits, CG2_LIMIT_TASKS_MAX, &max) > 0 && max != CG2_MAX &&
	    peak >= max - max / 10)
		r = record_note(record, "%" PRIu64 " tasks of %" PRIu64 " at the peak", peak, max);
	if (r == 0 && run->n_zombies != UNKNOWN && run->n_zombies > 0)
		r = record_note(record, "%" PRIu64 " of the tasks were zombies that their parent "
				"did not reap", run->n_zombies);
	return r;
}

static int note_bounds(struct cg2_record *record, struct cg2_run *run)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < N_BOUNDS; i++) {
		_cleanup_free_ char *text = NULL;
		const struct bound *bound = &run->bounds[i];

		if (!bound_is_there(bound) ||
		    cg2_limits_to_string(run->limits, bound->limit, &text) <= 0)
			continue;
		r = record_note(record, "%s %s is the caller's own, of %s",
				limit_row(bound->limit)->info.file, text, bound->cgroup);
	}
	return r;
}

static int note_keeping(struct cg2_record *record, struct cg2_run *run)
{
	_cleanup_free_ char *text = NULL;
	int r = run->state == RUN_OVER ? run_describe_keeping(run, &text) : 0;

	return r > 0 ? record_note(record, "%s", text) : r;
}

static int note_thresholds(struct cg2_record *record, struct cg2_run *run)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->n_thresholds; i++) {
		_cleanup_free_ char *text = NULL;
		const struct run_threshold *t = &run->thresholds[i];

		if (t->count > 0 && t->crossing == CG2_CROSSING_WARN &&
		    cg2_threshold_to_string(&t->threshold, &text) == 0)
			r = record_note(record, "%s reached %" PRIu64 " times", text, t->count);
	}
	return r;
}

int record_add_notes(struct cg2_record *record, struct cg2_run *run)
{
	int r = 0;

	if (run->backend == &run_backend_here)
		r = record_note(record, "no cgroup could be made: no limit but the time was in "
				"force, and the CPU time is that of the processes that were "
				"waited for");
	if (r == 0 && run->n_oom_kills_around > 0)
		r = record_note(record, "the OOM killer has killed %" PRIu64 " %s in the caller's "
				"cgroup meanwhile, which may be of this run",
				run->n_oom_kills_around,
				run->n_oom_kills_around == 1 ? "process" : "processes");
	if (r == 0 && run->left_for)
		r = record_note(record, "the command ended in %s, where these limits do not apply",
				run->left_for);
	if (r == 0 && run->elsewhere)
		r = record_note(record, "what %s starts in containers is not in this run, and is "
				"not counted", run->elsewhere->program);
	if (r == 0)
		r = note_bounds(record, run);
	if (r == 0)
		r = note_throttling(record, run);
	if (r == 0)
		r = note_memory(record, run);
	if (r == 0)
		r = note_tasks(record, run);
	if (r == 0)
		r = note_keeping(record, run);
	if (r == 0)
		r = note_nested(record);
	if (r == 0)
		r = note_ram(record, run);
	return r < 0 ? r : note_thresholds(record, run);
}
