/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rules about what somebody asked for: the question, and what systemd was told.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "check/check-internal.h"
#include "limit/limit.h"

/* ---- the question ---- */

/* Which resource a limit is a matter of. */
static bool resource_of(enum cg2_limit limit, enum cg2_resource *ret_resource)
{
	static const struct {
		enum cg2_limit limit;
		enum cg2_resource resource;
	} table[] = {
		{ CG2_LIMIT_MEMORY_MAX, CG2_RESOURCE_MEMORY },
		{ CG2_LIMIT_SWAP_MAX, CG2_RESOURCE_SWAP },
		{ CG2_LIMIT_TASKS_MAX, CG2_RESOURCE_TASKS },
		{ CG2_LIMIT_CPU_MAX, CG2_RESOURCE_CPU },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].limit == limit) {
			*ret_resource = table[i].resource;
			return true;
		}
	return false;
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

/* "memory.max of user.slice", "RLIMIT_NPROC" */
static char *blame_text(const struct cg2_check *check, const struct check_effective *e)
{
	if (e->level == SIZE_MAX)
		return text_format("%s", e->file);
	return text_format("%s of %s", e->file, check_level_name(&check->levels[e->level]));
}

static int answer_amount(struct cg2_check *check, const struct check_need *need,
			 const struct check_effective *e)
{
	const char *option = limit_row(need->limit)->info.option;
	uint64_t left = check_is_known(e->headroom) ? e->headroom : e->limit;
	_cleanup_free_ char *there = NULL, *blame = NULL;
	bool fits;

	if (!e->is_known)
		return check_add(check, CHECK_NEED, CG2_SEVERITY_ERROR, SIZE_MAX,
				 text_format("--%s %s: what there is cannot be found out", option,
					     need->text),
				 NULL);
	there = amount_text(need->limit, left);
	blame = blame_text(check, e);
	if (!there || !blame)
		return -ENOMEM;
	fits = need->value != CG2_MAX && need->value <= left;
	return check_add(check, CHECK_NEED, fits ? CG2_SEVERITY_INFO : CG2_SEVERITY_ERROR, e->level,
			 text_format("--%s %s %s: %s is there, by %s", option, need->text,
				     fits ? "fits" : "does not fit", there, blame),
			 fits || e->level == SIZE_MAX
				 ? NULL
				 : check_fix_limit(&check->levels[e->level], need->limit, "MORE"));
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
	const char *option = limit_row(need->limit)->info.option;
	unsigned int text = need->limit == CG2_LIMIT_CPUSET_CPUS ? CG2_LEVEL_CPUS : CG2_LEVEL_MEMS;

	for (size_t i = 0; i < check->n_levels; i++) {
		const struct check_level *level = &check->levels[i];
		bool fits;

		if (!level->texts[text])
			continue;
		fits = is_part(need->text, level->texts[text]);
		return check_add(check, CHECK_NEED, fits ? CG2_SEVERITY_INFO : CG2_SEVERITY_ERROR,
				 i,
				 text_format("--%s %s %s: %s may use %s", option, need->text,
					     fits ? "fits" : "does not fit",
					     check_level_name(level), level->texts[text]),
				 fits ? NULL : check_fix_limit(level, need->limit, "MORE"));
	}
	/* The CPUs of the machine were checked when the option was read. */
	return check_add(check, CHECK_NEED, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("--%s %s fits: nothing restricts it", option, need->text),
			 NULL);
}

static int answer_file(struct cg2_check *check, const struct check_need *need)
{
	const struct cg2_limit_info *info = &limit_row(need->limit)->info;

	if (!need->missing)
		return check_add(check, CHECK_NEED, CG2_SEVERITY_INFO, 0,
				 text_format("--%s can be set: %s has %s", info->option,
					     check_level_name(&check->levels[0]), info->file),
				 NULL);
	return check_add(check, CHECK_NEED, CG2_SEVERITY_ERROR, 0,
			 text_format("--%s cannot be set for %s: %s", info->option,
				     check_level_name(&check->levels[0]), need->missing),
			 need->missing_fix ? text_format("%s", need->missing_fix) : NULL);
}

int rule_need(struct cg2_check *check)
{
	for (size_t i = 0; i < check->n_needs; i++) {
		const struct check_need *need = &check->needs[i];
		enum cg2_resource resource;
		int r;

		if (resource_of(need->limit, &resource))
			r = answer_amount(check, need, &check->effective[resource]);
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
			 text_format("%s was told %s=%s, which has no effect: %s",
				     check_level_name(&check->levels[i]), info->property,
				     config->told_text, config->missing),
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
			 text_format("%s was told %s=%s, and the kernel has %s %s",
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
			 text_format("DefaultTasksMax= in /etc/systemd/%s.conf",
				     level->manager == CG2_MANAGER_USER ? "user" : "system"));
}

int rule_limit_source(struct cg2_check *check)
{
	return for_each_config(check, report_source);
}

int rule_systemd_unasked(struct cg2_check *check)
{
	if (!check->unasked)
		return 0;
	return check_add(check, CHECK_SYSTEMD_UNASKED, CG2_SEVERITY_INFO, SIZE_MAX,
			 text_format("what systemd was told is not known: %s", check->unasked),
			 NULL);
}
