/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A check: reads, reckons, and answers; and the one table of findings.
 */
#include "check/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "cgroup/group.h"
#include "limit/limit.h"
#include "scope/target.h"
#include "value/error.h"

#define INFO(id_, help_)                                                                 \
	{                                                                                \
		sizeof(struct cg2_finding_info), (id_), (help_)                          \
	}

/* An id never changes its meaning. */
static const struct {
	struct cg2_finding_info info;
	check_rule_fn rule;
} findings[] = {
	[CHECK_NEED] = { INFO("need", "the answer to a limit that was asked for"),
			 rule_need },
	[CHECK_FROZEN] = { INFO("frozen", "a cgroup on the way up is frozen"),
			   rule_frozen },
	[CHECK_TASKS_HEADROOM] = { INFO("tasks-headroom",
					"less than a tenth of pids.max is left"),
				   rule_tasks_headroom },
	[CHECK_MEMORY_HEADROOM] = { INFO("memory-headroom",
					 "less than a tenth of memory.max is left, clean "
					 "file cache "
					 "counted as free"),
				    rule_memory_headroom },
	[CHECK_TASKS_TINY] = { INFO("tasks-tiny", "pids.max under 64 of a slice or a "
						  "user's manager, or under 4"),
			       rule_tasks_tiny },
	[CHECK_MEMORY_TINY] = { INFO("memory-tiny",
				     "memory.max under 64M of a slice or a user's "
				     "manager, or under 4M"),
				rule_memory_tiny },
	[CHECK_CONTROLLER_MISSING] = { INFO("controller-missing",
					    "systemd was told a limit of a controller "
					    "that is not "
					    "delegated there"),
				       rule_controller_missing },
	[CHECK_LIMIT_DIFFERS] = { INFO("limit-differs", "systemd was told another limit "
							"than the kernel has"),
				  rule_limit_differs },
	[CHECK_SWAP_UNLIMITED] = { INFO("swap-unlimited",
					"memory is limited and swap is not"),
				   rule_swap_unlimited },
	[CHECK_HIGH_WITHOUT_SWAP] = { INFO("high-without-swap",
					   "memory.high on a machine without swap"),
				      rule_high_without_swap },
	[CHECK_CPU_UNDER_ONE] = { INFO("cpu-under-one", "there is less than one CPU"),
				  rule_cpu_under_one },
	[CHECK_RLIMIT_NPROC] = { INFO("rlimit-nproc",
				      "RLIMIT_NPROC allows fewer tasks than the cgroups"),
				 rule_rlimit_nproc },
	[CHECK_RLIMIT_AS] = { INFO("rlimit-as",
				   "RLIMIT_AS allows less memory than the cgroups"),
			      rule_rlimit_as },
	[CHECK_RLIMIT_NOFILE] = { INFO("rlimit-nofile",
				       "less than a tenth of RLIMIT_NOFILE is left"),
				  rule_rlimit_nofile },
	[CHECK_ZOMBIES] = { INFO("zombies",
				 "processes ended and nobody reaps them; they count as "
				 "tasks"),
			    rule_zombies },
	[CHECK_OOM_SCORE_ADJ] = { INFO("oom-score-adj",
				       "the OOM killer prefers or spares the process"),
				  rule_oom_score_adj },
	[CHECK_NO_NEW_PRIVS] = { INFO("no-new-privs",
				      "the process cannot gain rights by executing"),
				 rule_no_new_privs },
	[CHECK_SECCOMP] = { INFO("seccomp", "the process has a system call filter"),
			    rule_seccomp },
	[CHECK_CAPABILITIES] = { INFO("capabilities", "the capability bounding set of "
						      "the process is reduced"),
				 rule_capabilities },
	[CHECK_CPU_SHARE] = { INFO("cpu-share", "what a CPU weight gives beside the "
						"siblings that are there"),
			      rule_cpu_share },
	[CHECK_LIMIT_SOURCE] = { INFO("limit-source", "the file that sets a limit"),
				 rule_limit_source },
	[CHECK_PSI_DISABLED] = { INFO("psi-disabled", "pressure is not accounted"),
				 rule_psi_disabled },
	[CHECK_HIDDEN_ABOVE] = { INFO("hidden-above",
				      "there may be limits outside of the container"),
				 rule_hidden_above },
	[CHECK_SYSTEMD_UNASKED] = { INFO("systemd-unasked",
					 "a manager could not be asked"),
				    rule_systemd_unasked },
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

	return severity < ARRAY_SIZE(names) ? names[severity] : NULL;
}

CG2_EXPORT const char *cg2_source_to_string(unsigned int source)
{
	static const char *const names[] = { "cgroup", "rlimit", "kernel", "ram" };

	return source < ARRAY_SIZE(names) ? names[source] : NULL;
}

/* ---- what the rules are made of ---- */

const char *check_level_name(const struct check_level *level)
{
	return level->unit ? level->unit : level->path;
}

const char *check_size_text(uint64_t bytes, char *buf)
{
	static const char units[] = "BKMGTPE";
	size_t i = 0;

	while (bytes >= 10240 && i + 2 < sizeof(units)) {
		bytes = (bytes + 512) / 1024;
		i++;
	}
	snprintf(buf, CHECK_TEXT_MAX, "%" PRIu64 "%c", bytes, units[i]);
	return buf;
}

char *check_fix_limit(const struct check_level *level, enum cg2_limit limit,
		      const char *value)
{
	const struct cg2_limit_info *info = &limit_row(limit)->info;

	if (!level->unit)
		return text_format("write %s to %s of %s, or to that of whoever made it",
				   value, info->file, level->path);
	if (level->manager == CG2_MANAGER_USER)
		return text_format("systemctl --user set-property %s %s=%s", level->unit,
				   info->property, value);
	return text_format("as root: systemctl set-property %s %s=%s", level->unit,
			   info->property, value);
}

int check_add(struct cg2_check *check, enum check_id id, enum cg2_severity severity,
	      size_t level, char *text, char *fix)
{
	struct check_finding *grown = NULL;

	if (text)
		grown = reallocarray(check->findings, check->n_findings + 1,
				     sizeof(*grown));
	if (!grown) {
		free(text);
		free(fix);
		return -ENOMEM;
	}
	check->findings = grown;
	check->findings[check->n_findings++] =
		(struct check_finding){ id, severity, level, text, fix };
	return 0;
}

/* The worst first; of equals in the order of the table. */
static int compare(const void *a, const void *b)
{
	const struct check_finding *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->level > y->level) - (x->level < y->level);
}

int check_find_all(struct cg2_check *check)
{
	for (size_t i = 0; i < ARRAY_SIZE(findings); i++) {
		int r = findings[i].rule(check);

		if (r < 0)
			return r;
	}
	if (check->n_findings > 0)
		qsort(check->findings, check->n_findings, sizeof(*check->findings),
		      compare);
	return 0;
}

/* ---- the object ---- */

static int read_all(struct cg2_check *check, struct cg2_target *target,
		    struct cg2_limits *needs, struct cg2_error *err)
{
	struct cg2_group *group = target->group;
	int r;

	r = check_read_levels(check, group, err);
	if (r < 0)
		return r;
	r = check_read_machine(check, group);
	if (r == 0)
		r = check_read_process(check, target->ctx, target->pid);
	if (r == 0)
		r = check_read_zombies(check, group);
	if (r == 0)
		r = check_read_configs(check, group);
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
		return error_set(err, CG2_OP_READ, ENOMEM, target->name, NULL);
	check->n_ref = 1;
	r = read_all(check, target, needs, err);
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
	free(check);
	return NULL;
}

/* ---- getters ---- */

CG2_EXPORT const char *cg2_check_get_cgroup(struct cg2_check *check, size_t level)
{
	return level < check->n_levels ? check->levels[level].path : NULL;
}

CG2_EXPORT const char *cg2_check_get_unit(struct cg2_check *check, size_t level)
{
	return level < check->n_levels ? check->levels[level].unit : NULL;
}

CG2_EXPORT int cg2_check_get_figure(struct cg2_check *check, size_t level,
				    enum cg2_level_figure figure, uint64_t *ret_value)
{
	if (level >= check->n_levels || figure >= N_LEVEL_FIGURES ||
	    !check_is_known(check->levels[level].figures[figure]))
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

static const char *cgroup_of(const struct cg2_check *check, size_t level)
{
	return level < check->n_levels ? check->levels[level].path : NULL;
}

CG2_EXPORT int cg2_check_get_effective(struct cg2_check *check,
				       enum cg2_resource resource,
				       struct cg2_effective *effective)
{
	const struct check_effective *e;
	struct cg2_effective full;

	if (resource >= ARRAY_SIZE(check->effective) ||
	    !check->effective[resource].is_known)
		return 0;
	e = &check->effective[resource];
	full = (struct cg2_effective){
		.size = effective->size,
		.source = e->source,
		.file = e->file,
		.cgroup = cgroup_of(check, e->level),
		.limit = e->limit,
		.current = check_is_known(e->current) ? e->current : 0,
		.headroom = check_is_known(e->headroom) ? e->headroom : e->limit,
		.is_use_known = check_is_known(e->current),
	};
	memcpy(effective, &full, MIN(effective->size, sizeof(full)));
	return 1;
}

CG2_EXPORT int cg2_check_get_io(struct cg2_check *check, size_t i,
				struct cg2_io_effective *io)
{
	struct cg2_io_effective full;

	if (i >= check->n_io)
		return 0;
	full = (struct cg2_io_effective){
		.size = io->size,
		.device = check->io[i].device,
		.key = check->io[i].key,
		.limit = check->io[i].limit,
		.cgroup = cgroup_of(check, check->io[i].level),
	};
	memcpy(io, &full, MIN(io->size, sizeof(full)));
	return 1;
}

CG2_EXPORT int cg2_check_get_finding(struct cg2_check *check, size_t i,
				     struct cg2_finding *finding)
{
	const struct check_finding *f;
	struct cg2_finding full;

	if (i >= check->n_findings)
		return 0;
	f = &check->findings[i];
	full = (struct cg2_finding){
		.size = finding->size,
		.id = findings[f->id].info.id,
		.severity = f->severity,
		.cgroup = cgroup_of(check, f->level),
		.text = f->text,
		.fix = f->fix,
	};
	memcpy(finding, &full, MIN(finding->size, sizeof(full)));
	return 1;
}
