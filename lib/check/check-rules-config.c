/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about what somebody asked for: the question, and what systemd was told.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "check/check-internal.h"
#include "limit/limit.h"

/* ---- the question ---- */

/* The limits that are a matter of headroom. */
static const struct amount {
	enum cg2_limit limit;
	enum cg2_resource resource;
	const char *noun; /* after the amount */
	bool is_plural;
} amounts[] = {
	{ CG2_LIMIT_MEMORY_MAX, CG2_RESOURCE_MEMORY, " of memory", false },
	{ CG2_LIMIT_SWAP_MAX, CG2_RESOURCE_SWAP, " of swap", false },
	{ CG2_LIMIT_TASKS_MAX, CG2_RESOURCE_TASKS, " tasks", true },
	{ CG2_LIMIT_CPU_MAX, CG2_RESOURCE_CPU, " of a CPU", false },
};

static const struct amount *find_amount(enum cg2_limit limit)
{
	for (size_t i = 0; i < ARRAY_SIZE(amounts); i++)
		if (amounts[i].limit == limit)
			return &amounts[i];
	return NULL;
}

static const char *fit_words(bool fits, bool is_plural)
{
	if (is_plural)
		return fits ? "fit" : "do not fit";
	return fits ? "fits" : "does not fit";
}

static char *amount_text(enum cg2_limit limit, uint64_t value)
{
	char size[CHECK_TEXT_MAX];
	char *text;

	switch ((enum cg2_unit)limit_row(limit)->info.unit) {
	case CG2_UNIT_BYTES:
		return text_format("%s", check_size_text(value, size));
	case CG2_UNIT_PERMYRIAD:
		return cg2_percent_to_string(value, &text) < 0 ? NULL : text;
	case CG2_UNIT_TASKS:
	case CG2_UNIT_WEIGHT:
	case CG2_UNIT_BOOL:
	case CG2_UNIT_LIST:
	case CG2_UNIT_IO:
	case CG2_UNIT_USEC:
		break;
	}
	return text_format("%" PRIu64, value);
}

/* "memory.max of user.slice", "RLIMIT_NPROC", "the machine's RAM" */
static char *blame_text(const struct cg2_check *check, const struct check_effective *e)
{
	static const struct {
		const char *file;
		const char *words;
	} machine[] = {
		{ "ram", "the machine's RAM" },
		{ "swap", "the machine's swap" },
		{ "cpus", "the machine's CPUs" },
	};

	if (e->level != SIZE_MAX)
		return text_format("%s of %s", e->file, check_level_name(&check->levels[e->level]));
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++)
		if (strcmp(machine[i].file, e->file) == 0)
			return strdup(machine[i].words);
	return strdup(e->file);
}

static int answer_amount(struct cg2_check *check, const struct check_need *need,
			 const struct amount *amount)
{
	const struct check_effective *e = &check->effective[amount->resource];
	uint64_t left = is_known(e->headroom) ? e->headroom : e->limit;
	_cleanup_free_ char *what = NULL, *there = NULL, *blame = NULL;
	bool fits;

	what = text_format("%s%s", need->text, amount->noun);
	if (!what)
		return -ENOMEM;
	if (!e->is_known)
		return check_add(check, CHECK_NEED, CG2_SEVERITY_ERROR, SIZE_MAX,
				 text_format("%s: cannot determine how much is available", what),
				 NULL);
	there = amount_text(need->limit, left);
	blame = blame_text(check, e);
	if (!there || !blame)
		return -ENOMEM;
	fits = need->value != CG2_MAX && need->value <= left;
	return check_add(check, CHECK_NEED, fits ? CG2_SEVERITY_INFO : CG2_SEVERITY_ERROR, e->level,
			 text_format("%s %s: %s%s available, limited by %s", what,
				     fit_words(fits, amount->is_plural), fits ? "" : "only ", there,
				     blame),
			 fits || e->level == SIZE_MAX
				 ? NULL
				 : check_fix_limit(&check->levels[e->level], need->limit,
						   limit_row(need->limit)->info.metavar));
}

/* Whether all numbers of the list are in the other one. */
static bool is_part(const char *list, const char *of)
{
	uint8_t a[LIST_BITS / 8] = { 0 }, b[LIST_BITS / 8] = { 0 };

	if (cg2_list_from_string(list, a, LIST_BITS, NULL) < 0 ||
	    cg2_list_from_string(of, b, LIST_BITS, NULL) < 0)
		return false;
	for (size_t i = 0; i < sizeof(a); i++)
		if (a[i] & ~b[i])
			return false;
	return true;
}

/* The lowest level that knows tells for all above it. */
static int answer_list(struct cg2_check *check, const struct check_need *need)
{
	bool is_cpus = need->limit == CG2_LIMIT_CPUSET_CPUS;
	const char *what = is_cpus ? "CPUs" : "memory nodes";
	unsigned int text = is_cpus ? CG2_LEVEL_CPUS : CG2_LEVEL_MEMS;

	for (size_t i = 0; i < check->n_levels; i++) {
		const struct check_level *level = &check->levels[i];
		bool fits;

		if (!level->texts[text])
			continue;
		fits = is_part(need->text, level->texts[text]);
		return check_add(check, CHECK_NEED, fits ? CG2_SEVERITY_INFO : CG2_SEVERITY_ERROR,
				 i,
				 text_format("%s %s %s: %s may use %s", what, need->text,
					     fit_words(fits, true), check_level_name(level),
					     level->texts[text]),
				 fits ? NULL
				      : check_fix_limit(level, need->limit,
							limit_row(need->limit)->info.metavar));
	}
	/* The CPUs of the machine were checked when the list was read. */
	return check_add(check, CHECK_NEED, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("%s %s fit: nothing restricts them", what, need->text), NULL);
}

static int answer_file(struct cg2_check *check, const struct check_need *need)
{
	const char *file = limit_row(need->limit)->info.file;
	const char *name = check_level_name(&check->levels[0]);

	if (!need->missing)
		return check_add(check, CHECK_NEED, CG2_SEVERITY_INFO, 0,
				 text_format("%s can be set for %s", file, name), NULL);
	return check_add(check, CHECK_NEED, CG2_SEVERITY_ERROR, 0,
			 text_format("%s cannot be set for %s: %s", file, name, need->missing),
			 need->missing_fix ? strdup(need->missing_fix) : NULL);
}

int rule_need(struct cg2_check *check)
{
	for (size_t i = 0; i < check->n_needs; i++) {
		const struct check_need *need = &check->needs[i];
		const struct amount *amount = find_amount(need->limit);
		int r;

		if (amount)
			r = answer_amount(check, need, amount);
		else if (limit_row(need->limit)->info.unit == CG2_UNIT_LIST)
			r = answer_list(check, need);
		else
			r = answer_file(check, need);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- what systemd was told ---- */

/* Calls fn for each limit that a unit was told. */
static int for_each_config(struct cg2_check *check, int (*fn)(struct cg2_check *check, size_t level,
							      const struct check_config *config))
{
	for (size_t i = 0; i < check->n_levels; i++)
		for (size_t k = 0; k < check->levels[i].n_configs; k++) {
			int r = fn(check, i, &check->levels[i].configs[k]);

			if (r < 0)
				return r;
		}
	return 0;
}

static int report_missing(struct cg2_check *check, size_t i, const struct check_config *config)
{
	const struct cg2_limit_info *info = &limit_row(config->limit)->info;

	if (!config->missing)
		return 0;
	return check_add(check, CHECK_CONTROLLER_MISSING, CG2_SEVERITY_WARNING, i,
			 text_format("%s=%s of %s has no effect: %s", info->property,
				     config->told_text, check_level_name(&check->levels[i]),
				     config->missing),
			 config->missing_fix ? text_format("%s", config->missing_fix) : NULL);
}

int rule_controller_missing(struct cg2_check *check)
{
	return for_each_config(check, report_missing);
}

static int report_difference(struct cg2_check *check, size_t i, const struct check_config *config)
{
	const struct cg2_limit_info *info = &limit_row(config->limit)->info;
	const struct check_level *level = &check->levels[i];

	if (!config->is_different)
		return 0;
	return check_add(check, CHECK_LIMIT_DIFFERS,
			 config->is_weaker ? CG2_SEVERITY_WARNING : CG2_SEVERITY_INFO, i,
			 text_format("%s has %s=%s in systemd, but %s %s in the kernel",
				     check_level_name(level), info->property, config->told_text,
				     info->file, config->has_text),
			 check_fix_limit(level, config->limit, config->told_text));
}

int rule_limit_differs(struct cg2_check *check)
{
	return for_each_config(check, report_difference);
}

/* Which file says so; the manager's default has none. */
static int report_source(struct cg2_check *check, size_t i, const struct check_config *config)
{
	const struct cg2_limit_info *info = &limit_row(config->limit)->info;
	const struct check_level *level = &check->levels[i];

	if (config->told == CG2_MAX || config->missing)
		return 0;
	if (config->source)
		return check_add(check, CHECK_LIMIT_SOURCE, CG2_SEVERITY_INFO, i,
				 text_format("%s=%s of %s is set in %s", info->property,
					     config->told_text, check_level_name(level),
					     config->source),
				 NULL);
	if (config->limit != CG2_LIMIT_TASKS_MAX)
		return 0;
	return check_add(check, CHECK_LIMIT_SOURCE, CG2_SEVERITY_INFO, i,
			 text_format("TasksMax=%s of %s is the default of the %s manager",
				     config->told_text, check_level_name(level),
				     level->manager == CG2_MANAGER_USER ? "user" : "system"),
			 text_format("set DefaultTasksMax= in /etc/systemd/%s.conf",
				     level->manager == CG2_MANAGER_USER ? "user" : "system"));
}

int rule_limit_source(struct cg2_check *check)
{
	return for_each_config(check, report_source);
}

/* Of the service that the target is in; those further up run what has units of its own. */
int rule_delegate_subgroup(struct cg2_check *check, size_t i)
{
	if (!check->levels[i].lacks_subgroup)
		return 0;
	for (size_t below = 0; below < i; below++)
		if (check->levels[below].unit)
			return 0;
	return check_add(check, CHECK_DELEGATE_SUBGROUP, CG2_SEVERITY_INFO, i,
			 text_format("%s is delegated and has no DelegateSubgroup=: nested runs in "
				     "it move its processes, and back",
				     check_level_name(&check->levels[i])),
			 text_format("DelegateSubgroup=main below Delegate= in the [Service] "
				     "section"));
}

/* A restart that is older is history. */
#define RESTART_RECENT_USEC (3600 * USEC_PER_SEC)

/* "a.service was started again 3 times, last 5s ago: probably it ended with status 1" */
static char *restarts_text(const struct cg2_check *check)
{
	const struct check_restarts *restarts = &check->restarts;
	const char *name = check_level_name(&check->levels[restarts->level]);
	const char *times = restarts->n == 1 ? "time" : "times";
	bool is_certain = restarts->certainty == CG2_CERTAINTY_CERTAIN;
	_cleanup_free_ char *ago = NULL;

	if (!restarts->reason)
		return text_format("%s was started again %" PRIu64 " %s", name, restarts->n, times);
	if (cg2_duration_to_string(MAX(restarts->ago_usec / USEC_PER_SEC, UINT64_C(1)) *
					   USEC_PER_SEC, &ago) < 0)
		return NULL;
	return text_format("%s was started again %" PRIu64 " %s, last %s ago: %s%s%s", name,
			   restarts->n, times, ago,
			   is_certain ? "" : cg2_certainty_to_string(restarts->certainty),
			   is_certain ? "" : " ", restarts->reason);
}

int rule_unit_failed(struct cg2_check *check)
{
	const struct check_restarts *restarts = &check->restarts;
	bool is_recent = restarts->reason && restarts->ago_usec < RESTART_RECENT_USEC;

	if (restarts->n == 0)
		return 0;
	return check_add(check, CHECK_UNIT_FAILED,
			 is_recent ? CG2_SEVERITY_WARNING : CG2_SEVERITY_INFO, restarts->level,
			 restarts_text(check),
			 restarts->hint ? strdup(restarts->hint) : NULL);
}

int rule_systemd_unasked(struct cg2_check *check)
{
	if (!check->unasked)
		return 0;
	return check_add(check, CHECK_SYSTEMD_UNASKED, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("systemd's settings are unknown: %s", check->unasked), NULL);
}
