/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What rules make findings of.
 */
#include "check/check-internal.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/text.h"
#include "limit/limit.h"

const char *check_level_name(const struct check_level *level)
{
	return level->unit ? level->unit : level->path;
}

const char *check_size_text(uint64_t bytes, char *buf)
{
	static const char units[] = "BKMGTPE";
	uint64_t unit = 1, tenths;
	size_t i = 0;

	while (i + 2 < sizeof(units) && bytes / unit >= 1024) {
		unit <<= 10;
		i++;
	}
	tenths = bytes / unit * 10 + (bytes % unit * 10 + unit / 2) / unit;
	if (tenths < 1000 && tenths % 10 != 0)
		snprintf(buf, CHECK_TEXT_MAX, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10,
			 units[i]);
	else
		snprintf(buf, CHECK_TEXT_MAX, "%" PRIu64 "%c", (tenths + 5) / 10, units[i]);
	return buf;
}

char *check_fix_limit(const struct check_level *level, enum cg2_limit limit, const char *value)
{
	const struct cg2_limit_info *info = &limit_row(limit)->info;

	if (!level->unit)
		return text_format("write %s to %s of %s, or ask whoever created that cgroup",
				   value, info->file, level->path);
	if (level->manager == CG2_MANAGER_USER)
		return text_format("systemctl --user set-property %s %s=%s", level->unit,
				   info->property, value);
	return text_format("as root: systemctl set-property %s %s=%s", level->unit, info->property,
			   value);
}

int check_add(struct cg2_check *check, enum check_id id, enum cg2_severity severity, size_t level,
	      char *text, char *fix)
{
	struct check_finding *grown = NULL;

	assert(id < N_CHECKS && (level == SIZE_MAX || level < check->n_levels));
	if (text)
		grown = reallocarray(check->findings, check->n_findings + 1, sizeof(*grown));
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
