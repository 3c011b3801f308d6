/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A check: reads, reckons, and answers; and the one table of findings.
 */
#include "check/check-internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/copyout.h"
#include "cgroup/group.h"
#include "cgroup/mark.h"
#include "value/error.h"

#define INFO(id_, help_) { sizeof(struct cg2_finding_info), (id_), (help_) }
#define RULE(id_, help_, rule_) { .info = INFO(id_, help_), .rule = (rule_) }
#define LEVEL_RULE(id_, help_, rule_) { .info = INFO(id_, help_), .level_rule = (rule_) }

/* An id never changes its meaning. */
static const struct {
	struct cg2_finding_info info;
	/* One of the two: */
	int (*rule)(struct cg2_check *check);
	int (*level_rule)(struct cg2_check *check, size_t i);
} findings[N_CHECKS] = {
	[CHECK_NEED] = RULE("need", "whether a limit that was asked for fits", rule_need),
	[CHECK_FROZEN] = LEVEL_RULE("frozen", "the cgroup or one above it is frozen", rule_frozen),
	[CHECK_TASKS_HEADROOM] = LEVEL_RULE(
		"tasks-headroom", "less than a tenth of pids.max is left", rule_tasks_headroom),
	[CHECK_MEMORY_HEADROOM] = LEVEL_RULE(
		"memory-headroom",
		"less than a tenth of memory.max is left, clean file cache counted as free",
		rule_memory_headroom),
	[CHECK_UNIT_FAILED] = RULE(
		"unit-failed", "the unit has failed, or was started again after that",
		rule_unit_failed),
	[CHECK_TASKS_TINY] = LEVEL_RULE(
		"tasks-tiny", "a pids.max below 4, or below 64 for a slice or user manager",
		rule_tasks_tiny),
	[CHECK_MEMORY_TINY] = LEVEL_RULE(
		"memory-tiny", "a memory.max below 4M, or below 64M for a slice or user manager",
		rule_memory_tiny),
	[CHECK_CONTROLLER_MISSING] = RULE(
		"controller-missing", "a unit has a limit whose controller is not delegated to it",
		rule_controller_missing),
	[CHECK_LIMIT_DIFFERS] =
		RULE("limit-differs", "the limits in systemd and in the kernel differ",
		     rule_limit_differs),
	[CHECK_SWAP_UNLIMITED] =
		RULE("swap-unlimited", "memory is limited and swap is not", rule_swap_unlimited),
	[CHECK_HIGH_WITHOUT_SWAP] =
		LEVEL_RULE("high-without-swap", "memory.high on a machine without swap",
			   rule_high_without_swap),
	[CHECK_CPU_UNDER_ONE] =
		RULE("cpu-under-one", "less than one CPU is available", rule_cpu_under_one),
	[CHECK_RLIMIT_NPROC] =
		RULE("rlimit-nproc", "RLIMIT_NPROC allows fewer tasks than the cgroups",
		     rule_rlimit_nproc),
	[CHECK_RLIMIT_AS] =
		RULE("rlimit-as", "RLIMIT_AS allows less memory than the cgroups", rule_rlimit_as),
	[CHECK_RLIMIT_NOFILE] = RULE("rlimit-nofile", "less than a tenth of RLIMIT_NOFILE is left",
				     rule_rlimit_nofile),
	[CHECK_ZOMBIES] =
		RULE("zombies", "zombie processes, which still count as tasks", rule_zombies),
	[CHECK_OOM_SCORE_ADJ] =
		RULE("oom-score-adj", "the OOM killer prefers or spares the process",
		     rule_oom_score_adj),
	[CHECK_NO_NEW_PRIVS] =
		RULE("no-new-privs", "the process cannot gain privileges by executing",
		     rule_no_new_privs),
	[CHECK_SECCOMP] = RULE("seccomp", "the process has a system call filter", rule_seccomp),
	[CHECK_CAPABILITIES] =
		RULE("capabilities", "the capability bounding set of the process is reduced",
		     rule_capabilities),
	[CHECK_CPU_SHARE] =
		RULE("cpu-share", "the share of CPU time that a CPU weight gives", rule_cpu_share),
	[CHECK_LIMIT_SOURCE] =
		RULE("limit-source", "the file that sets a limit", rule_limit_source),
	[CHECK_DELEGATE_SUBGROUP] = LEVEL_RULE(
		"delegate-subgroup", "nested runs in a delegated service move its processes",
		rule_delegate_subgroup),
	[CHECK_PSI_DISABLED] =
		RULE("psi-disabled", "pressure (PSI) is not accounted", rule_psi_disabled),
	[CHECK_HIDDEN_ABOVE] =
		RULE("hidden-above", "limits outside of the container cannot be seen",
		     rule_hidden_above),
	[CHECK_SYSTEMD_UNASKED] =
		RULE("systemd-unasked", "a manager could not be asked", rule_systemd_unasked),
};

CG2_EXPORT const struct cg2_finding_info *cg2_finding_get_info(unsigned int finding)
{
	return finding < ARRAY_SIZE(findings) ? &findings[finding].info : NULL;
}

CG2_EXPORT const char *cg2_resource_to_string(unsigned int resource)
{
	static const char *const names[] = { "tasks", "memory", "swap", "cpu" };

	return resource < ARRAY_SIZE(names) ? names[resource] : NULL;
}

CG2_EXPORT const char *cg2_severity_to_string(unsigned int severity)
{
	static const char *const names[] = { "info", "warning", "error" };

	static_assert(ARRAY_SIZE(names) == CG2_SEVERITY_ERROR + 1, "a name each");
	return severity < ARRAY_SIZE(names) ? names[severity] : NULL;
}

CG2_EXPORT const char *cg2_source_to_string(unsigned int source)
{
	static const char *const names[] = { "cgroup", "rlimit", "kernel", "ram" };

	static_assert(ARRAY_SIZE(names) == CG2_SOURCE_RAM + 1, "a name each");
	return source < ARRAY_SIZE(names) ? names[source] : NULL;
}

/* The worst first; of equals in the order of the table. */
static int compare_findings(const void *a, const void *b)
{
	const struct check_finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

/* By one row of the table. */
static int apply_rule(struct cg2_check *check, size_t id)
{
	int r = 0;

	assert(!findings[id].rule != !findings[id].level_rule);
	if (findings[id].rule)
		return findings[id].rule(check);
	for (size_t i = 0; r == 0 && i < check->n_levels; i++)
		r = findings[id].level_rule(check, i);
	return r;
}

int check_find_all(struct cg2_check *check)
{
	int r = 0;

	for (size_t id = 0; r == 0 && id < N_CHECKS; id++)
		r = apply_rule(check, id);
	if (check->n_findings > 0)
		qsort(check->findings, check->n_findings, sizeof(*check->findings),
		      compare_findings);
	return r;
}

/* ---- the object ---- */

/*
 * Of a scope that a run made, the command's cgroup: that has the limits that were given, and the
 * scope above it has room for the holder on top. One named by its path is meant as it is.
 */
static struct cg2_group *group_of_command(struct cg2_target *target)
{
	struct cg2_group *group = cg2_target_get_group(target), *leaf = NULL;
	struct mark mark;

	mark_read(group->fd, ".", &mark);
	if (mark.kind == MARK_RUN && *cg2_target_get_name(target) != '/' &&
	    group_open_child(group, MARK_LEAF_RUN, &leaf, NULL) == 0)
		return leaf;
	return cg2_group_ref(group);
}

static int read_check(struct cg2_check *check, struct cg2_target *target, struct cg2_limits *needs,
		      struct cg2_error *err)
{
	_cleanup_(cg2_group_unrefp) struct cg2_group *group = group_of_command(target);
	int r;

	r = check_read_levels(check, group, err);
	if (r < 0)
		return r;
	r = check_read_machine(check, group);
	if (r == 0)
		r = check_read_process(check, group->ctx, cg2_target_get_pid(target));
	if (r == 0)
		r = check_read_zombies(check, group);
	if (r == 0)
		r = check_read_configs(check, group);
	if (r == 0)
		r = check_read_restarts(check, group->ctx);
	if (r == 0)
		r = check_read_needs(check, needs, group);
	if (r == 0)
		r = check_find_effective(check);
	if (r == 0)
		r = check_find_all(check);
	return r < 0 ? error_set(err, CG2_OP_READ, r, group->path, NULL) : 0;
}

CG2_EXPORT int cg2_check_read(struct cg2_target *target, struct cg2_limits *needs,
			      struct cg2_check **ret_check, struct cg2_error *err)
{
	_cleanup_(cg2_check_unrefp) struct cg2_check *check = calloc(1, sizeof(*check));
	int r;

	if (!check)
		return error_set(err, CG2_OP_READ, ENOMEM, cg2_target_get_name(target), NULL);
	check->n_ref = 1;
	r = read_check(check, target, needs, err);
	if (r < 0)
		return r;
	*ret_check = take_ptr(&check);
	return 0;
}

CG2_EXPORT struct cg2_check *cg2_check_ref(struct cg2_check *check)
{
	if (check)
		check->n_ref++;
	return check;
}

static void config_clear(struct check_config *config)
{
	free(config->told_text);
	free(config->has_text);
	free(config->source);
	free(config->missing);
	free(config->missing_fix);
}

static void level_clear(struct check_level *level)
{
	for (size_t i = 0; i < level->n_configs; i++)
		config_clear(&level->configs[i]);
	for (size_t i = 0; i < N_LEVEL_TEXTS; i++)
		free(level->texts[i]);
	free(level->configs);
	free(level->path);
	free(level->unit);
}

CG2_EXPORT struct cg2_check *cg2_check_unref(struct cg2_check *check)
{
	if (!check || --check->n_ref > 0)
		return NULL;
	for (size_t i = 0; i < check->n_levels; i++)
		level_clear(&check->levels[i]);
	for (size_t i = 0; i < check->n_needs; i++) {
		free(check->needs[i].text);
		free(check->needs[i].missing);
		free(check->needs[i].missing_fix);
	}
	for (size_t i = 0; i < check->n_findings; i++) {
		free(check->findings[i].text);
		free(check->findings[i].fix);
	}
	free(check->levels);
	free(check->needs);
	free(check->findings);
	free(check->io);
	free(check->unasked);
	free(check->process.name);
	free(check->zombies.parent_name);
	free(check->restarts.reason);
	free(check->restarts.hint);
	free(check);
	return NULL;
}

/* ---- getters ---- */

static const char *cgroup_of(const struct cg2_check *check, size_t level)
{
	return level < check->n_levels ? check->levels[level].path : NULL;
}

CG2_EXPORT const char *cg2_check_get_cgroup(struct cg2_check *check, size_t level)
{
	return cgroup_of(check, level);
}

CG2_EXPORT const char *cg2_check_get_unit(struct cg2_check *check, size_t level)
{
	return level < check->n_levels ? check->levels[level].unit : NULL;
}

CG2_EXPORT int cg2_check_get_figure(struct cg2_check *check, size_t level,
				    enum cg2_level_figure figure, uint64_t *ret_value)
{
	if (level >= check->n_levels || figure >= N_LEVEL_FIGURES ||
	    !is_known(check->levels[level].figures[figure]))
		return 0;
	*ret_value = check->levels[level].figures[figure];
	return 1;
}

CG2_EXPORT const char *cg2_check_get_text(struct cg2_check *check, size_t level,
					  enum cg2_level_text text)
{
	if (level >= check->n_levels || text >= N_LEVEL_TEXTS)
		return NULL;
	return check->levels[level].texts[text];
}

CG2_EXPORT int cg2_check_get_effective(struct cg2_check *check, enum cg2_resource resource,
				       struct cg2_effective *effective)
{
	const struct check_effective *e;
	struct cg2_effective full;

	if (resource >= ARRAY_SIZE(check->effective) || !check->effective[resource].is_known)
		return 0;
	e = &check->effective[resource];
	full = (struct cg2_effective){
		.source = e->source,
		.file = e->file,
		.cgroup = cgroup_of(check, e->level),
		.limit = e->limit,
		.current = is_known(e->current) ? e->current : 0,
		.headroom = is_known(e->headroom) ? e->headroom : e->limit,
		.is_use_known = is_known(e->current),
	};
	return copy_out(effective, &effective->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_check_get_io(struct cg2_check *check, size_t i, struct cg2_io_effective *io)
{
	struct cg2_io_effective full;

	if (i >= check->n_io)
		return 0;
	full = (struct cg2_io_effective){
		.device = check->io[i].device,
		.key = check->io[i].key,
		.limit = check->io[i].limit,
		.cgroup = cgroup_of(check, check->io[i].level),
	};
	return copy_out(io, &io->size, &full, sizeof(full));
}

CG2_EXPORT int cg2_check_get_finding(struct cg2_check *check, size_t i, struct cg2_finding *finding)
{
	const struct check_finding *f;
	struct cg2_finding full;

	if (i >= check->n_findings)
		return 0;
	f = &check->findings[i];
	full = (struct cg2_finding){
		.id = findings[f->id].info.id,
		.severity = f->severity,
		.cgroup = cgroup_of(check, f->level),
		.text = f->text,
		.fix = f->fix,
	};
	return copy_out(finding, &finding->size, &full, sizeof(full));
}
