/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about the process itself, and about what is left of others.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "check/check-internal.h"

static const char *process_name(const struct check_process *p)
{
	return p->name ? p->name : "unknown";
}

/* The least that a cgroup limits, or what is given if none does. */
static uint64_t lowest_limit(const struct cg2_check *check, enum cg2_level_figure figure,
			     uint64_t lowest)
{
	for (size_t i = 0; i < check->n_levels; i++)
		if (is_limit(check->levels[i].figures[figure]))
			lowest = MIN(lowest, check->levels[i].figures[figure]);
	return lowest;
}

/* Two ways to be in the way: below what the cgroups give, or nearly used up. */
int rule_rlimit_nproc(struct cg2_check *check)
{
	const struct check_process *p = &check->process;
	uint64_t lowest = lowest_limit(check, CG2_LEVEL_TASKS_MAX_COUNT, CG2_MAX);
	uint64_t left = p->nproc_limit - MIN(p->nproc_limit, p->nproc_current);
	bool is_low = is_known(p->nproc_current) && left < p->nproc_limit / 10;
	bool is_worth_a_warning;
	_cleanup_free_ char *use = NULL;

	if (!p->pid || p->is_privileged || !is_limit(p->nproc_limit))
		return 0;
	is_worth_a_warning = is_low || (lowest != CG2_MAX && p->nproc_limit < lowest);
	if (!is_worth_a_warning && !p->is_nproc_partial)
		return 0;
	use = is_known(p->nproc_current)
		      ? text_format("its user has %" PRIu64 " tasks%s", p->nproc_current,
				    p->is_nproc_partial
					    ? ", and those out of sight, in other PID namespaces"
					    : "")
		      : text_format("how many tasks its user has is unknown");
	if (!use)
		return -ENOMEM;
	return check_add(check, CHECK_RLIMIT_NPROC,
			 is_worth_a_warning ? CG2_SEVERITY_WARNING : CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("RLIMIT_NPROC of %s (%d) is %" PRIu64 "%s; %s",
				     process_name(p), (int)p->pid, p->nproc_limit,
				     p->nproc_limit < lowest && lowest != CG2_MAX
					     ? ", below what its cgroups allow"
					     : "",
				     use),
			 text_format("raise ulimit -u, nproc in /etc/security/limits.conf, or "
				     "LimitNPROC= of its unit, and restart it"));
}

int rule_rlimit_as(struct cg2_check *check)
{
	const struct check_process *p = &check->process;
	uint64_t lowest = check->machine.memory_total;
	char limit[CHECK_TEXT_MAX];

	if (!p->pid || !is_limit(p->as_limit))
		return 0;
	for (size_t i = 0; i < check->n_levels; i++)
		lowest = MIN(lowest, check->levels[i].figures[CG2_LEVEL_MEMORY_MAX_BYTES]);
	if (p->as_limit >= lowest)
		return 0;
	return check_add(
		check, CHECK_RLIMIT_AS, CG2_SEVERITY_WARNING, SIZE_MAX,
		text_format("RLIMIT_AS of %s (%d) is %s, below what its cgroups allow: allocations "
			    "fail before memory.max is reached",
			    process_name(p), (int)p->pid, check_size_text(p->as_limit, limit)),
		text_format("set ulimit -v unlimited, or LimitAS= of its unit, and restart it"));
}

int rule_rlimit_nofile(struct cg2_check *check)
{
	const struct check_process *p = &check->process;

	if (!p->pid || !is_limit(p->nofile_limit) || !is_known(p->nofile_current) ||
	    p->nofile_limit - MIN(p->nofile_limit, p->nofile_current) >= p->nofile_limit / 10)
		return 0;
	return check_add(
		check, CHECK_RLIMIT_NOFILE, CG2_SEVERITY_WARNING, SIZE_MAX,
		text_format("%s (%d) has %" PRIu64 " of %" PRIu64 " files open (RLIMIT_NOFILE)",
			    process_name(p), (int)p->pid, p->nofile_current, p->nofile_limit),
		text_format(
			"raise it with prlimit --pid %d --nofile=N, or by LimitNOFILE= of its unit",
			(int)p->pid));
}

int rule_zombies(struct cg2_check *check)
{
	const struct check_zombies *z = &check->zombies;
	const char *s = z->n == 1 ? "" : "s";

	if (z->n == 0)
		return 0;
	return check_add(check, CHECK_ZOMBIES, CG2_SEVERITY_WARNING, 0,
			 text_format("%s has %" PRIu64 " zombie process%s, which still count%s as "
				     "task%s; %s (%d) does not reap %s",
				     check_level_name(&check->levels[0]), z->n, *s ? "es" : "",
				     *s ? "" : "s", s, z->parent_name, (int)z->parent,
				     *s ? "them" : "it"),
			 text_format("end process %d, which has this bug; in a container, run an "
				     "init that reaps",
				     (int)z->parent));
}

int rule_oom_score_adj(struct cg2_check *check)
{
	const struct check_process *p = &check->process;

	if (!p->pid || !p->is_oom_known || p->oom_score_adj == 0)
		return 0;
	if (p->oom_score_adj == -1000)
		return check_add(
			check, CHECK_OOM_SCORE_ADJ, CG2_SEVERITY_WARNING, SIZE_MAX,
			text_format("oom_score_adj of %s (%d) is -1000: the kernel cannot kill it, "
				    "so at a memory limit it hangs or its allocations fail",
				    process_name(p), (int)p->pid),
			text_format("set OOMScoreAdjust= of its unit, or run choom -n 0 -p %d",
				    (int)p->pid));
	return check_add(check, CHECK_OOM_SCORE_ADJ, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("oom_score_adj of %s (%d) is %d: when memory runs out it is "
				     "killed %s others",
				     process_name(p), (int)p->pid, p->oom_score_adj,
				     p->oom_score_adj > 0 ? "before" : "after"),
			 text_format("set OOMScoreAdjust= of its unit, or run choom -n 0 -p %d",
				     (int)p->pid));
}

int rule_no_new_privs(struct cg2_check *check)
{
	const struct check_process *p = &check->process;

	if (!p->pid || !p->has_no_new_privs)
		return 0;
	return check_add(check, CHECK_NO_NEW_PRIVS, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("%s (%d) has NoNewPrivs: set-user-ID programs such as sudo "
				     "gain no privileges",
				     process_name(p), (int)p->pid),
			 text_format("if that is not wanted, set NoNewPrivileges=no in its unit"));
}

int rule_seccomp(struct cg2_check *check)
{
	const struct check_process *p = &check->process;

	if (!p->pid || p->seccomp == 0)
		return 0;
	return check_add(check, CHECK_SECCOMP, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("%s (%d) has a seccomp %s: system calls may fail or kill it, "
				     "unrelated to any limit",
				     process_name(p), (int)p->pid,
				     p->seccomp == 1 ? "mode of its own (strict)" : "filter"),
			 text_format("if that is not wanted, change SystemCallFilter= of its unit "
				     "or the container's profile"));
}

int rule_capabilities(struct cg2_check *check)
{
	const struct check_process *p = &check->process;
	int n = __builtin_popcountll(check->machine.capabilities & ~p->bounding);

	if (!p->pid || n == 0)
		return 0;
	return check_add(
		check, CHECK_CAPABILITIES, CG2_SEVERITY_INFO, SIZE_MAX,
		text_format("%s (%d) lacks %d capabilit%s in its bounding set: programs with file "
			    "capabilities may fail to start with EPERM",
			    process_name(p), (int)p->pid, n, n == 1 ? "y" : "ies"),
		text_format("if that is not wanted, change CapabilityBoundingSet= of its unit"));
}
