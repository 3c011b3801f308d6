/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is known of a unit's last start: its manager's timestamps, the jobs in the journal before
 * it, and what its cgroup has counted since.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cgroup/fsio.h"
#include "cgroup/group.h"
#include "explain/explain-internal.h"
#include "explain/explain-start.h"

/* Messages on jobs to look through, back to the boot. */
#define JOBS_MAX 2048

static const struct {
	size_t offset;
	const char *property;
} moments[] = {
	{ offsetof(struct explain_times, condition), "ConditionTimestampMonotonic" },
	{ offsetof(struct explain_times, begun), "InactiveExitTimestampMonotonic" },
	{ offsetof(struct explain_times, active), "ActiveEnterTimestampMonotonic" },
	{ offsetof(struct explain_times, inactive), "InactiveEnterTimestampMonotonic" },
	{ offsetof(struct explain_times, main), "ExecMainStartTimestampMonotonic" },
	{ offsetof(struct explain_times, handoff), "ExecMainHandoffTimestampMonotonic" },
};

static struct explain_times times_of(const struct explain_unit *about)
{
	const struct unit *unit = about->properties;
	struct explain_times times = {
		.now = now_usec(),
		.state = about->active_state,
		.type = about->type,
		.bus_name = about->bus_name,
		.condition_commands = unit_get_command(unit, "ExecCondition", 0),
		.pre_commands = unit_get_command(unit, "ExecStartPre", 0),
		.commands = unit_get_command(unit, "ExecStart", 0),
		.post_commands = unit_get_command(unit, "ExecStartPost", 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(moments); i++)
		unit_get_number(unit, moments[i].property,
				(void *)((char *)&times + moments[i].offset));
	return times;
}

/* ---- the queue ---- */

/* The entry by which the unit's last job is known. */
static const struct journal_entry *job_entry(const struct cg2_explanation *e)
{
	const struct explain_life *life = e->n_lives ? e->lives : NULL;

	if (!life)
		return NULL;
	if (life->starting)
		return life->starting;
	return life->started ? life->started : life->job_failed;
}

static int collect_jobs(void *userdata, struct journal_entry *entry)
{
	struct journal_list *list = userdata;
	int r = journal_list_add(list, entry);

	return r < 0 ? r : list->n < JOBS_MAX;
}

/* What managers of that user said of jobs before the newest start began, newest first. */
static int read_jobs(struct explain_work *work, const struct cg2_explanation *e,
		     struct journal_list *jobs)
{
	static const char *const ids[] = { "MESSAGE_ID=7d4958e842da4a758f6c1cdc7b36dcc5",
					   "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf",
					   "MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d" };
	const struct journal_entry *own = job_entry(e);
	struct journal_query query = { { ids[0], ids[1], ids[2] }, 0, UINT64_MAX };
	char boot[48], uid[24];

	if (!work->journal || !own || explain_job_of(own) == 0)
		return 0;
	snprintf(boot, sizeof(boot), "_BOOT_ID=%s", work->journal->boot);
	snprintf(uid, sizeof(uid), "_UID=%u", (unsigned int)e->about.uid);
	query.terms[3] = boot;
	query.terms[4] = uid;
	query.until_usec = own->real_usec;
	return work->journal->read(work->journal, &query, collect_jobs, jobs);
}

/* The first life of the journal may be the start that the manager knows. */
static int read_earlier(struct cg2_explanation *e, const struct journal_list *jobs)
{
	e->earlier = calloc(MAX(e->n_lives, (size_t)1), sizeof(*e->earlier));
	if (!e->earlier)
		return -ENOMEM;
	for (size_t i = 0; i < e->n_lives; i++) {
		const struct explain_life *life = &e->lives[i];

		if (strcmp(life->invocation, e->about.invocation) != 0 &&
		    explain_earlier_make(life, i + 1 < e->n_lives ? life + 1 : NULL, jobs,
					 &e->about, &e->earlier[e->n_earlier]))
			e->n_earlier++;
	}
	return 0;
}

/* ---- what its cgroup has counted ---- */

static uint64_t peek_stalled(struct cg2_group *group, const char *file)
{
	struct cg2_psi psi;
	char buf[256];
	size_t len;

	if (fsio_read_into(group->fd, file, buf, sizeof(buf), &len) < 0 ||
	    cg2_parse_psi(buf, len, &psi) < 0)
		return UNKNOWN;
	return psi.some.total_usec;
}

static void read_figures(const struct cg2_explanation *e, const struct explain_times *times,
			 struct explain_start *start)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = NULL;
	bool is_there = e->about.cgroup && *e->about.cgroup && text_is(start->result, "started");

	start->throttled_usec = start->cpu_stalled_usec = UNKNOWN;
	start->memory_stalled_usec = start->io_stalled_usec = UNKNOWN;
	/* Another start may have the cgroup by now, and then these are not its figures. */
	if ((!is_there && !text_is(start->result, "starting")) || !e->about.cgroup ||
	    cg2_group_open(e->ctx, e->about.cgroup, &group, NULL) < 0)
		return;
	start->alive_usec = times->now - MIN(times->now, times->begun);
	start->throttled_usec = group_peek_flat(group, "cpu.stat", "throttled_usec");
	start->cpu_stalled_usec = peek_stalled(group, "cpu.pressure");
	start->memory_stalled_usec = peek_stalled(group, "memory.pressure");
	start->io_stalled_usec = peek_stalled(group, "io.pressure");
}

/* The newest start, in *ret_start, and those before it. */
static int make_starts(struct explain_work *work, struct cg2_explanation *e,
		       const struct explain_times *times, struct explain_start *ret_start)
{
	struct explain_queue queue = { .since = 0 };
	struct journal_list jobs = { NULL, 0 };
	int r = read_jobs(work, e, &jobs);

	if (r == 0 && job_entry(e))
		r = explain_queue_find(&jobs, &e->about, explain_job_of(job_entry(e)), &queue);
	if (r == 0)
		r = read_earlier(e, &jobs);
	journal_list_clear(&jobs);
	if (r == 0)
		r = explain_start_make(times, &queue, ret_start);
	free(queue.behind);
	return r;
}

int explain_read_start(struct explain_work *work, struct cg2_explanation *e)
{
	const struct explain_times times = times_of(&e->about);
	struct explain_start start;
	int r = make_starts(work, e, &times, &start);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	unit_get_number(e->about.properties, "InactiveExitTimestamp", &start.begun_real_usec);
	read_figures(e, &times, &start);
	e->start = start;
	if (e->has_journal || e->about.manager == CG2_MANAGER_USER)
		return 0;
	return explain_add_unread(e, "journal", NULL,
				  "how long its job was queued: only the system's journal tells");
}
