/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which limit refused a process or a thread. Since kernel 6.11 a cgroup counts the refusals of its
 * own limit; before, it counts those of its own tasks, whoever refused. What no counter tells is
 * told by use beside limit, and is "probably": the others of the machine come and go.
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/group.h"
#include "trace/trace-limit-internal.h"
#include "verdict/limit-words.h"

/* Of PID numbers this many are given out only once. */
#define RESERVED_PIDS 300

/* Tasks of others come and go between the failure and the look. */
#define SLACK 8

/* ---- cgroups ---- */

/* The path of a level; buf has TRACE_PATH_MAX bytes. */
static const char *level_path(const struct finding *f, size_t i, char *buf)
{
	snprintf(buf, TRACE_PATH_MAX, "%.*s", (int)f->facts->levels[i].path_length,
		 f->facts->cgroup);
	return buf;
}

static bool is_within(const char *path, const char *top)
{
	return top && path_is_within(path, top);
}

/* Between the run's topmost cgroup and the command's: what limits of the run are written to. */
static bool is_of_run(const struct finding *f, const char *path)
{
	return is_within(path, f->place->own) && is_within(f->place->cgroup, path);
}

static void put_name(FILE *file, const struct finding *f, const char *path)
{
	if (!is_of_run(f, path))
		put_cgroup_name(file, path);
	else if (ends_with(f->place->own, ".scope"))
		fputs("this scope", file);
	else
		fputs("this run's cgroup", file);
}

static void put_pids_hint(struct finding *f, const char *path, uint64_t limit)
{
	if (!is_limit(limit))
		return;
	if (!is_of_run(f, path)) {
		put_raise_hint(f->hint, path, "pids.max", limit);
		return;
	}
	put_own_hint(f->hint, "pids.max", limit);
	f->out->advice.kind = CG2_ADVICE_RAISE_LIMIT;
	f->out->advice.limit = CG2_LIMIT_TASKS_MAX;
	f->out->advice.value = twice(limit);
}

static bool blame_level(struct finding *f, size_t i, enum cg2_certainty certainty)
{
	const struct trace_level *level = &f->facts->levels[i];
	char path[TRACE_PATH_MAX];

	level_path(f, i, path);
	f->out->cgroup = strdup(path);
	f->out->is_own = is_of_run(f, path);
	fputs("pids.max ", f->reason);
	if (is_limit(level->max))
		fprintf(f->reason, "%" PRIu64 " ", level->max);
	fputs("of ", f->reason);
	put_name(f->reason, f, path);
	put_pids_hint(f, path, level->max);
	return blame_limit(f, "pids.max", is_known(level->max) ? level->max : CG2_MAX,
			   level->current, certainty);
}

/* Nobody but the run's processes is counted there. */
static bool is_runs_alone(const struct finding *f, size_t i)
{
	char path[TRACE_PATH_MAX];

	return is_within(level_path(f, i, path), f->place->own);
}

static bool is_full(const struct trace_level *level)
{
	return is_limit(level->max) && is_known(level->current) && level->current >= level->max;
}

bool limit_pids_own(struct finding *f)
{
	for (size_t i = 0; i < f->facts->n_levels && is_runs_alone(f, i); i++)
		if (f->facts->levels[i].is_local && f->facts->levels[i].has_moved)
			return blame_level(f, i, CG2_CERTAINTY_CERTAIN);
	return false;
}

/* The lowest that is full, the kernel asks from the bottom; else the one that is nearest to it. */
static size_t likeliest_level(const struct finding *f)
{
	uint64_t least = UINT64_MAX;
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < f->facts->n_levels; i++) {
		const struct trace_level *level = &f->facts->levels[i];
		uint64_t room;

		if (!is_limit(level->max) || !is_known(level->current))
			continue;
		room = level->max - MIN(level->max, level->current);
		if (room < least) {
			least = room;
			best = i;
		}
	}
	return best;
}

/* Else another may have refused, before the lower one was full. */
static bool are_full_ones_runs(const struct finding *f)
{
	for (size_t i = 0; i < f->facts->n_levels; i++)
		if (is_full(&f->facts->levels[i]) && !is_runs_alone(f, i))
			return false;
	return true;
}

bool limit_pids_forker(struct finding *f)
{
	bool has_moved = false;
	size_t best;

	for (size_t i = 0; i < f->facts->n_levels; i++)
		has_moved = has_moved ||
			    (f->facts->levels[i].has_moved && !f->facts->levels[i].is_local);
	if (!has_moved)
		return false;
	best = likeliest_level(f);
	if (best != SIZE_MAX)
		return blame_level(f, best,
				   is_full(&f->facts->levels[best]) && are_full_ones_runs(f)
					   ? CG2_CERTAINTY_CERTAIN
					   : CG2_CERTAINTY_PROBABLE);
	fputs("pids.max of a cgroup above that cannot be seen from here", f->reason);
	return blame_limit(f, "pids.max", CG2_MAX, UNKNOWN, CG2_CERTAINTY_CERTAIN);
}

/* Others are refused there, too: what counts is that it is full as well. */
bool limit_pids_above(struct finding *f)
{
	for (size_t i = 0; i < f->facts->n_levels; i++) {
		const struct trace_level *level = &f->facts->levels[i];

		if (level->is_local && level->has_moved && !is_runs_alone(f, i) &&
		    level->current != UNKNOWN && is_limit(level->max) &&
		    level->current + SLACK >= level->max)
			return blame_level(f, i, CG2_CERTAINTY_PROBABLE);
	}
	return false;
}

/* Refused by one that was put down to another failure of that moment. */
bool limit_pids_full(struct finding *f)
{
	for (size_t i = 0; i < f->facts->n_levels; i++)
		if (is_full(&f->facts->levels[i]))
			return blame_level(f, i, CG2_CERTAINTY_PROBABLE);
	return false;
}

/* ---- the user, the machine ---- */

static bool blame_nproc(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	fprintf(f->reason, "RLIMIT_NPROC %" PRIu64, facts->rlimit_nproc);
	if (is_known(facts->uid))
		fprintf(f->reason, " of uid %" PRIu64, facts->uid);
	if (is_known(facts->user_tasks))
		fprintf(f->reason, " (%s%" PRIu64 " tasks)",
			facts->are_tasks_hidden ? "at least " : "", facts->user_tasks);
	/* The user may have many more by now, and twice 0 is nothing. */
	put_machine_hint(f->hint, "RLIMIT_NPROC",
			 is_known(facts->user_tasks) ? MAX(facts->rlimit_nproc, facts->user_tasks)
						     : facts->rlimit_nproc);
	return blame_limit(f, "RLIMIT_NPROC", facts->rlimit_nproc, facts->user_tasks,
			   CG2_CERTAINTY_PROBABLE);
}

bool limit_nproc(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	return is_limit(facts->rlimit_nproc) && !facts->is_nproc_exempt &&
	       is_known(facts->user_tasks) && facts->user_tasks + 1 >= facts->rlimit_nproc &&
	       blame_nproc(f);
}

/* Others of the user's may be where they cannot be seen: then it is the nearest. */
bool limit_nproc_hidden(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	return facts->are_tasks_hidden && is_limit(facts->rlimit_nproc) &&
	       !facts->is_nproc_exempt && is_known(facts->user_tasks) &&
	       facts->user_tasks + facts->rlimit_nproc / 4 + SLACK >= facts->rlimit_nproc &&
	       blame_nproc(f);
}

/* execve(2) fails with EAGAIN for nothing else: its user has too many tasks since a setuid(2). */
bool limit_setuid_nproc(struct finding *f)
{
	return is_limit(f->facts->rlimit_nproc) && blame_nproc(f);
}

static bool blame_machine(struct finding *f, const char *file, uint64_t limit, uint64_t slack)
{
	const uint64_t tasks = f->facts->tasks;

	if (!is_limit(limit) || !is_known(tasks) || tasks + slack < limit)
		return false;
	fprintf(f->reason, "%s %" PRIu64 " (%" PRIu64 " tasks)", file, limit, tasks);
	put_machine_hint(f->hint, file, limit);
	return blame_limit(f, file, limit, tasks, CG2_CERTAINTY_PROBABLE);
}

bool limit_threads_max(struct finding *f)
{
	return blame_machine(f, "kernel.threads-max", f->facts->threads_max, SLACK);
}

bool limit_pid_max(struct finding *f)
{
	return blame_machine(f, "kernel.pid_max", f->facts->pid_max, RESERVED_PIDS + SLACK);
}

static void put_candidate(FILE *f, const char *name, uint64_t limit, uint64_t use)
{
	if (!is_limit(limit))
		return;
	fprintf(f, ", %s %" PRIu64, name, limit);
	if (is_known(use))
		fprintf(f, " (%" PRIu64 ")", use);
}

bool limit_tasks_unknown(struct finding *f)
{
	const struct trace_facts *facts = f->facts;
	char path[TRACE_PATH_MAX];

	fputs("unknown: none of the limits is reached", f->reason);
	for (size_t i = 0; i < facts->n_levels; i++) {
		if (!is_limit(facts->levels[i].max))
			continue;
		fprintf(f->reason, ", pids.max %" PRIu64 " of ", facts->levels[i].max);
		put_name(f->reason, f, level_path(f, i, path));
		if (is_known(facts->levels[i].current))
			fprintf(f->reason, " (%" PRIu64 ")", facts->levels[i].current);
	}
	put_candidate(f->reason, "RLIMIT_NPROC", facts->is_nproc_exempt ? CG2_MAX
									: facts->rlimit_nproc,
		      facts->user_tasks);
	if (facts->are_tasks_hidden)
		fputs(" as far as can be seen from here", f->reason);
	put_candidate(f->reason, "kernel.threads-max", facts->threads_max, facts->tasks);
	put_candidate(f->reason, "kernel.pid_max", facts->pid_max, facts->tasks);
	f->out->certainty = CG2_CERTAINTY_POSSIBLE;
	return true;
}

/* ---- namespaces ---- */

static const struct {
	uint64_t flag;
	const char *name;
	const char *file;
} namespaces[] = {
	{ CLONE_NEWUSER, "user", "user.max_user_namespaces" },
	{ CLONE_NEWPID, "PID", "user.max_pid_namespaces" },
	{ CLONE_NEWNS, "mount", "user.max_mnt_namespaces" },
	{ CLONE_NEWNET, "network", "user.max_net_namespaces" },
	{ CLONE_NEWIPC, "IPC", "user.max_ipc_namespaces" },
	{ CLONE_NEWUTS, "UTS", "user.max_uts_namespaces" },
	{ CLONE_NEWCGROUP, "cgroup", "user.max_cgroup_namespaces" },
};

/* The first that was asked for, in the kernel's order: a user namespace is made before others. */
static size_t first_namespace(const struct finding *f)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(namespaces) && !(f->call->flags & namespaces[i].flag))
		i++;
	return i;
}

bool limit_namespaces(struct finding *f)
{
	const size_t i = first_namespace(f);
	const uint64_t limit = f->facts->namespaces_max;

	if (i == ARRAY_SIZE(namespaces))
		return false;
	fputs(namespaces[i].file, f->reason);
	if (is_limit(limit))
		fprintf(f->reason, " %" PRIu64, limit);
	fprintf(f->reason, ", or too many %s namespaces in each other", namespaces[i].name);
	fprintf(f->hint, "as root: sysctl %s=N", namespaces[i].file);
	return blame_limit(f, namespaces[i].file, is_limit(limit) ? limit : CG2_MAX, UNKNOWN,
			   CG2_CERTAINTY_PROBABLE);
}

bool limit_namespace_right(struct finding *f)
{
	const size_t i = first_namespace(f);

	if (i == ARRAY_SIZE(namespaces))
		return false;
	fprintf(f->reason, "it may not make a %s namespace", namespaces[i].name);
	fputs(f->call->flags & CLONE_NEWUSER
		      ? "see: sysctl kernel.unprivileged_userns_clone "
			"kernel.apparmor_restrict_unprivileged_userns"
		      : "it takes CAP_SYS_ADMIN, or a user namespace around it",
	      f->hint);
	f->out->certainty = CG2_CERTAINTY_CERTAIN;
	return true;
}

bool limit_namespace_dead(struct finding *f)
{
	if (!f->facts->is_namespace_dead)
		return false;
	fputs("the first process of its PID namespace has ended: no other can be made in it",
	      f->reason);
	fputs("unshare -f, or keep the first process", f->hint);
	f->out->certainty = CG2_CERTAINTY_CERTAIN;
	return true;
}

/* ---- memory ---- */

static bool blame_fork_commit(struct finding *f)
{
	const struct trace_facts *facts = f->facts;

	if (facts->overcommit != 2 || !is_known(facts->commit_limit) ||
	    !is_known(facts->committed) || !is_known(facts->vm_data) ||
	    facts->committed + facts->vm_data <= facts->commit_limit)
		return false;
	fputs("CommitLimit ", f->reason);
	put_about(f->reason, facts->commit_limit);
	fputs(" of the machine (Committed_AS ", f->reason);
	put_about(f->reason, facts->committed);
	fputs("; a copy of its memory, ", f->reason);
	put_about(f->reason, facts->vm_data);
	fputs(", would be over it)", f->reason);
	fputs("as root: sysctl vm.overcommit_memory=0, or add swap", f->hint);
	return blame_limit(f, "CommitLimit", facts->commit_limit, facts->committed,
			   CG2_CERTAINTY_PROBABLE);
}

bool limit_fork_memory(struct finding *f)
{
	if (blame_fork_commit(f))
		return true;
	fputs(f->facts->is_oom_moved ? "memory.max: nobody could be killed to make room"
				     : "the kernel had no memory for it",
	      f->reason);
	if (!f->facts->is_oom_moved)
		return true;
	f->out->is_own = f->place->own;
	return blame_limit(f, "memory.max", CG2_MAX, UNKNOWN, CG2_CERTAINTY_CERTAIN);
}
